"""The page of a call: who hears it, in which parts it is sent, what is masked, and that every hearing is kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from backoffice import call_people, call_transfer, calls, orders
from backoffice.calls import Ending, SpokenLine, recording_path
from backoffice.departments import open_departments
from backoffice.kinds import Kind
from backoffice.listening import Tickets
from backoffice.orders import OrderDraft
from core import history
from core.clock import FrozenClock
from core.conversations import Conversation
from tests.backoffice.web.bureau import Bureau
from tests.backoffice.web.office import Answer, Office
from tests.fixtures.calls import CALLER, call_that_was

BYTES = 44 + 8 * 8000 * 4


async def told(bureau: Bureau, *, who: str = "caller") -> Conversation:
    return await bureau.says("我要投诉噪音", who=who)


async def heard_by(bureau: Bureau, call_id: str) -> list[str]:
    async with bureau.town.runtime.database.read() as session:
        return [entry.actor for entry in await history.of(session, "call", call_id)]


async def audio(bureau: Bureau, who: str, call_id: str, **headers: str) -> Answer:
    async with bureau.browser_of(who) as browser:
        path = f"/staff/calls/{call_id}/audio"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with browser.session.get(path, headers=sent) as response:
            body = await response.read()
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, f"{len(body)}", found, body[:4].decode("latin1"))


async def test_the_order_and_the_conversation_show_the_call_with_its_words_by_time(bureau: Bureau) -> None:
    conversation = await told(bureau)
    call_id = await call_that_was(bureau.town.runtime, conversation.id)
    number = (await bureau.town.file(conversation_id=conversation.id, channel="voice")).order.number
    async with bureau.town.runtime.database.write() as session:
        for grade, words in ((2, "满意"), (4, "不满意")):  # the first one counts
            await calls.rate(session, call_id, grade, words)
    async with bureau.browser_of("agent") as browser:
        for path in (f"/staff/orders/{number}", f"/staff/desk/{conversation.id}", f"/staff/calls/{call_id}"):
            page = await browser.get(path)
            assert f'src="/staff/calls/{call_id}/audio"' in page.text, path
            assert '<span data-from="3100" data-to="3900">投诉</span>' in page.text
            assert "您好" in page.words
        page = await browser.get(f"/staff/calls/{call_id}")
    assert "市民说完到听见回答 3 0.83 秒 1.40 秒" in page.words
    assert "机器人，等了 0.71 秒 请留下您的电话。" in page.words
    assert number in page.words
    assert "正常结束" in page.words
    assert "市民评价：满意" in page.words


async def test_numbers_are_masked_also_as_they_are_spoken_until_somebody_asks_which_is_kept(bureau: Bureau) -> None:
    conversation = await told(bureau)
    call_id = await call_that_was(bureau.town.runtime, conversation.id)
    async with bureau.browser_of("agent") as browser:
        page = await browser.get(f"/staff/calls/{call_id}")
        assert "幺三八****八零零零" in page.words
        assert "138****8000" in page.words
        assert CALLER not in page.text
        assert (await browser.post(f"/staff/calls/{call_id}/unmask")).status == 303
        page = await browser.get(f"/staff/calls/{call_id}")
        assert "幺三八零零幺三八零零零" in page.words
        assert CALLER in page.words
    async with bureau.town.runtime.database.read() as session:
        entries = await history.of(session, "conversation", conversation.id)
    assert [entry.action for entry in entries if entry.action == "unmask"] == ["unmask"]


async def test_a_recording_is_sent_in_the_parts_a_player_asks_for_and_one_hearing_is_kept_once(
    bureau: Bureau, clock: FrozenClock
) -> None:
    call_id = await call_that_was(bureau.town.runtime, (await told(bureau)).id)
    whole = await audio(bureau, "agent", call_id)
    assert (whole.status, whole.text, whole.url) == (200, str(BYTES), "RIFF")
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["cache-control"] == "no-store"
    part = await audio(bureau, "agent", call_id, Range="bytes=1000-1999")
    assert (part.status, part.text) == (206, "1000")
    assert part.headers["content-range"] == f"bytes 1000-1999/{BYTES}"
    rest = await audio(bureau, "agent", call_id, Range="bytes=-500")
    assert (rest.status, rest.text) == (206, "500")
    beyond = await audio(bureau, "agent", call_id, Range=f"bytes={BYTES}-")
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{BYTES}")
    assert len(await heard_by(bureau, call_id)) == 1
    clock.move(timedelta(hours=2))
    await audio(bureau, "agent", call_id)
    actors = await heard_by(bureau, call_id)
    assert actors == [f"staff:{bureau.town.staff['agent'].id}"] * 2
    async with bureau.browser_of("supervisor") as browser:
        page = await browser.get(f"/staff/calls/{call_id}")
    assert page.words.count("听录音") == 2


@pytest.mark.parametrize(
    ("header", "status"),
    [("bytes=5-2", 200), ("bytes=0-1,5-6", 200), ("lines=1-2", 200), ("bytes=-0", 416), ("bytes=0-99999999999", 206)],
)
async def test_ranges_that_mean_nothing_do_no_harm(bureau: Bureau, header: str, status: int) -> None:
    call_id = await call_that_was(bureau.town.runtime, (await told(bureau)).id)
    assert (await audio(bureau, "agent", call_id, Range=header)).status == status


async def test_a_department_hears_the_call_of_its_order_and_of_no_other(bureau: Bureau) -> None:
    conversation = await told(bureau)
    call_id = await call_that_was(bureau.town.runtime, conversation.id)
    mine, other = "east.urban handler", "west handler"
    assert (await audio(bureau, mine, call_id)).status == 404
    number = (await bureau.town.file(conversation_id=conversation.id, channel="voice")).order.number
    assert (await audio(bureau, mine, call_id)).status == 200
    assert (await audio(bureau, other, call_id)).status == 404
    async with bureau.browser_of(mine) as browser:
        assert call_id in (await browser.get(f"/staff/orders/{number}")).text
    await bureau.town.file(conversation_id=conversation.id, channel="voice", content="西区某工地半夜施工噪音太大")
    assert (await audio(bureau, mine, call_id)).status == 404
    async with bureau.browser_of(mine) as browser:
        assert (await browser.get(f"/staff/calls/{call_id}")).status == 404
        assert call_id not in (await browser.get(f"/staff/orders/{number}")).text
    assert (await audio(bureau, "agent", call_id)).status == 200


async def test_an_order_joined_in_a_call_counts_as_one_it_led_to(bureau: Bureau) -> None:
    lines = (SpokenLine("citizen", 0, 2000, "我叫李小红也被吵"),)
    conversation = await told(bureau)
    call_id = await call_that_was(bureau.town.runtime, conversation.id, lines=lines)
    mine = "east.urban handler"
    await bureau.town.file(conversation_id=conversation.id, channel="voice")
    assert (await audio(bureau, mine, call_id)).status == 200
    number = (await bureau.town.file(content="西区某工地半夜施工噪音太大")).order.number
    said = {"content": "也被吵", "reporter_name": "李小红", "channel": "voice", "conversation_id": conversation.id}
    async with bureau.town.runtime.database.write() as session:
        draft = OrderDraft(kind=Kind.COMPLAIN, **said)
        await orders.join(session, number, draft, key="k", now=bureau.town.clock.now())
    assert (await audio(bureau, mine, call_id)).status == 404
    async with bureau.browser_of("agent") as browser:
        page = await browser.get(f"/staff/calls/{call_id}")
    assert number in page.words
    assert "我叫李**也被吵" in page.words
    assert "李小红" not in page.text


async def test_a_call_without_a_conversation_shows_no_orders(bureau: Bureau) -> None:
    number = (await bureau.town.file(channel="letter")).order.number
    call_id = await call_that_was(bureau.town.runtime, None)
    async with bureau.browser_of("agent") as browser:
        page = await browser.get(f"/staff/calls/{call_id}")
    assert page.status == 200
    assert number not in page.words


async def test_a_call_in_confidence_is_not_for_departments(bureau: Bureau) -> None:
    conversation = await told(bureau)
    call_id = await call_that_was(bureau.town.runtime, conversation.id)
    number = (await bureau.town.file(conversation_id=conversation.id, confidential=True)).order.number
    async with bureau.browser_of("east.urban handler") as browser:
        page = await browser.get(f"/staff/orders/{number}")
        assert page.status == 200
        assert call_id not in page.text
        assert (await browser.get(f"/staff/calls/{call_id}")).status == 404


async def test_a_recording_that_is_not_there_says_so_and_nobody_has_heard_it(bureau: Bureau) -> None:
    conversation = await told(bureau)
    runtime = bureau.town.runtime
    call_id = await call_that_was(runtime, conversation.id)
    never = await call_that_was(runtime, conversation.id, recorded=False)
    async with runtime.database.read() as session:
        path = recording_path(runtime.settings.media_dir, await session.get_one(calls.Call, call_id))
    assert path is not None
    path.unlink()
    async with bureau.browser_of("agent") as browser:
        assert "录音文件不在了" in (await browser.get(f"/staff/calls/{call_id}")).words
        assert "没有录音" in (await browser.get(f"/staff/calls/{never}")).words
    assert (await audio(bureau, "agent", call_id)).status == 404
    assert await heard_by(bureau, call_id) == []


async def test_only_who_supervises_gets_a_ticket_for_a_live_call_and_its_number_holds_two_minutes_and_once(
    bureau: Bureau, clock: FrozenClock
) -> None:
    runtime = bureau.town.runtime
    over = await call_that_was(runtime, (await told(bureau)).id)
    call_id = await call_that_was(runtime, (await told(bureau)).id, ending=Ending.TRANSFERRED)
    async with bureau.browser_of("agent") as browser:
        assert (await browser.post(f"/staff/calls/{call_id}/listen", {"way": "spy"})).status == 403
    tickets: Tickets = bureau.server.app.ctx.listening
    async with bureau.browser_of("supervisor") as browser:
        assert "监听" not in (await browser.get(f"/staff/calls/{over}")).words
        assert (await browser.post(f"/staff/calls/{over}/listen", {"way": "spy"})).status == 409
        assert (await browser.post(f"/staff/calls/{call_id}/listen", {"way": "shout"})).status == 422
        codes = []
        for _ in range(2):
            page = await browser.post(f"/staff/calls/{call_id}/listen", {"way": "spy"})
            codes.append(re.findall(r"\*9(\d{6})", page.words)[0])
    mine = bureau.town.staff["supervisor"].number
    assert tickets.use(codes[0], bureau.town.staff["agent"].number, clock.now()) is None
    assert tickets.use(codes[0], mine, clock.now()) is not None
    assert tickets.use(codes[0], mine, clock.now()) is None
    assert tickets.use(codes[1], mine, clock.now() + timedelta(minutes=3)) is None


async def test_who_talks_to_a_citizen_by_telephone_may_transfer_the_call_to_a_department_and_nobody_else(
    office: Office,
) -> None:
    conversation_id = await office.waiting("半夜施工太吵")
    runtime, agent = office.server.runtime, office.people["agent"]
    call_id = await call_that_was(runtime, conversation_id)
    async with office.browser_of("agent") as browser, office.browser_of("supervisor") as other:
        desk = f"/staff/desk/{conversation_id}"
        async with runtime.database.write() as session:
            await call_people.rings(session, call_id, agent.number)
        assert "转给部门" not in (await browser.get(desk)).words
        async with runtime.database.write() as session:
            await call_people.answered(session, call_id, agent.number, office.now)
            department = (await open_departments(session))[0]
            department.phone = "0837-8000101"
        assert department.name in (await browser.get(desk)).words
        assert "转给部门" not in (await other.get(desk)).words
        fields = {"department": str(department.id)}
        assert "没有和这位市民通电话" in (await other.post(f"{desk}/transfer", fields)).words
        assert "请选一个有电话的部门" in (await browser.post(f"{desk}/transfer", {"department": "x"})).words
        assert (await browser.post(f"{desk}/transfer", fields)).status == 303
    async with runtime.database.write() as session:
        assert await call_transfer.target(session, call_id) == "08378000101"
        assert await call_transfer.target(session, call_id) is None
