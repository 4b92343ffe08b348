"""The progress page: for whoever holds number and code, and for nobody else (A4, H2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from backoffice import city, orders
from backoffice.kinds import Kind
from backoffice.orders import Filed, OrderDraft
from channels.progress import asking
from core.clock import FrozenClock
from core.conversations import Conversation
from tests.channels.chatting import chat, visitor
from tests.fixtures.app import AppServer

SMALL_CITY = Path(__file__).parent.parent / "backoffice" / "small_city"
NOT_FOUND = "没有找到这个工单"


async def file(app: AppServer, contact_id: int | None = None) -> Filed:
    draft = OrderDraft(
        kind=Kind.COMPLAIN,
        content="东区幸福小区旁边工地噪音<b>太大</b>",
        channel="webchat",
        contact_id=contact_id,
        reporter_name="王小明",
        reporter_phone="13800138000",
    )
    async with app.runtime.database.write() as session:
        await city.load_city(session, SMALL_CITY, app.runtime.clock.now())
        return await orders.file(session, draft, key="k1", now=app.runtime.clock.now())


async def ask(browser: ClientSession, number: str, code: str, accept: str = "text/html") -> tuple[int, str]:
    data = {"number": number, "code": code}
    async with browser.post("/progress", data=data, headers={"Accept": accept}) as answer:
        return answer.status, await answer.text()


async def test_number_and_code_show_how_far_it_is_and_nobodys_name(app: AppServer) -> None:
    filed = await file(app)
    async with visitor(app) as browser:
        status, page = await ask(browser, filed.order.number, filed.query_code)
    assert status == 200
    for words in (filed.order.number, "已受理", "您的诉求已受理登记"):
        assert words in page
    for words in ("王小明", "13800138000", "<b>", filed.query_code):
        assert words not in page


@pytest.mark.parametrize("way", ["lower", "spaced", "wide"])
async def test_how_the_code_is_written_makes_no_difference(app: AppServer, way: str) -> None:
    filed = await file(app)
    wide = "".join(chr(ord(character) + 0xFEE0) for character in filed.order.number)
    number, code = {
        "lower": (filed.order.number, filed.query_code.lower()),
        "spaced": (f" {filed.order.number[:4]} {filed.order.number[4:]}", "-".join(filed.query_code)),
        "wide": (wide, filed.query_code),
    }[way]
    async with visitor(app) as browser:
        assert (await ask(browser, number, code))[0] == 200


async def test_an_unknown_number_and_a_wrong_code_get_the_same_answer(app: AppServer) -> None:
    filed = await file(app)
    wrong = "222222" if filed.query_code != "222222" else "333333"
    async with visitor(app) as browser:
        status, page = await ask(browser, filed.order.number, wrong)
        other_status, other_page = await ask(browser, "99999999", wrong)
    assert (status, other_status) == (404, 404)
    assert NOT_FOUND in page
    assert page.replace(filed.order.number, "") == other_page.replace("99999999", "")


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("", "", "受理号是8位数字"),
        ("1234", "ABCDEF", "受理号是8位数字"),
        ("10000001", "1", "查询码是6位"),
        ("١٠٠٠٠٠٠١", "ABCDEF", "受理号是8位数字"),
        ("'; DROP TABLE orders; --", "<script>", "受理号是8位数字"),
    ],
)
async def test_what_cannot_be_is_said_at_the_field_and_nothing_is_lost(
    app: AppServer, number: str, code: str, words: str
) -> None:
    async with visitor(app) as browser:
        status, page = await ask(browser, number, code)
    assert status == 422
    assert words in page
    assert "<script>" not in page.lower().replace("<script src", "")


async def test_programs_get_json(app: AppServer) -> None:
    filed = await file(app)
    async with visitor(app) as browser:
        form = {"number": filed.order.number, "code": filed.query_code}
        async with browser.post("/progress", data=form, headers={"Accept": "application/json"}) as answer:
            card = await answer.json()
        form["code"] = "222222"
        async with browser.post("/progress", data=form, headers={"Accept": "application/json"}) as answer:
            refused = answer.status, await answer.json()
    assert (card["kind"], card["number"], card["status"]) == ("progress", filed.order.number, "已受理")
    assert card["timeline"][0]["what"] == "您的诉求已受理登记"
    assert refused[0] == 404
    assert refused[1]["error"] == "not_found"


async def test_guessing_ends_soon_also_without_cookies_and_another_number_is_free(
    app: AppServer, clock: FrozenClock
) -> None:
    filed = await file(app)
    async with visitor(app) as guesser:
        answers = [(await ask(guesser, filed.order.number, f"22222{n}"))[0] for n in range(2, 9)]
        assert answers == [404] * 6 + [429]
        assert (await ask(guesser, "99999999", "222222"))[0] == 404
    for _ in range(30):
        async with app.browser() as cookieless:
            status, page = await ask(cookieless, filed.order.number, "222222")
            if status == 429:
                break
    assert status == 429
    assert "太频繁" in page
    clock.move(timedelta(minutes=5))
    async with visitor(app) as owner:
        assert (await ask(owner, filed.order.number, filed.query_code))[0] == 200


async def test_whoever_filed_it_needs_no_code_and_nobody_else_gets_in_that_way(app: AppServer) -> None:
    async with visitor(app) as mine, visitor(app) as theirs:
        async with chat(mine) as open_chat:
            await open_chat.say("我要投诉")
            ack = await open_chat.next("ack")
        async with app.runtime.database.read() as session:
            conversation = await session.get_one(Conversation, ack["conversation"])
        filed = await file(app, contact_id=conversation.contact_id)
        async with mine.get(f"/progress?number={filed.order.number}") as answer:
            assert "您的诉求已受理登记" in await answer.text()
        for browser in (theirs, app.browser()):
            if browser is theirs:
                async with theirs.get(f"/progress?number={filed.order.number}") as answer:
                    page = await answer.text()
            else:
                async with app.browser() as stranger, stranger.get(f"/progress?number={filed.order.number}") as answer:
                    page = await answer.text()
            assert "您的诉求已受理登记" not in page
            assert filed.order.number in page, "the number stays in the form"


async def test_a_page_of_somebody_else_cannot_ask(app: AppServer) -> None:
    async with (
        visitor(app) as browser,
        browser.post("/progress", data={}, headers={"Origin": "https://evil.example"}) as answer,
    ):
        assert answer.status == 403


def test_what_is_typed_is_read_as_people_mean_it() -> None:
    asked = asking.read(" 1000-0001 ", "k7 m3xa")
    assert (asked.number, asked.code, asked.problems) == ("10000001", "K7M3XA", {})
