"""Real calls that end without a person: the key menu, recorded complaints, progress, messages, call-backs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from backoffice.order_tables import Order
from backoffice.poll_tables import PollAnswer, PollOption
from backoffice.proof import as_keyed
from core.conversations import Message
from core.messages import Reply
from core.privacy import use_keys
from core.tasks import cancel_all
from speech.numbers import spell_for_phone
from tests.backoffice.polls import hold_poll
from tests.backoffice.web.office import Browser
from tests.fixtures.baresip import running_baresip
from tests.fixtures.kannel import until
from tests.fixtures.voices import said
from tests.phone.city import PASSWORD, City, digits_in, nobody_is_on_duty, somebody_is_on_duty
from tests.phone.line import words_in
from tests.phone.ports import free_port

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="session")]

STORY = "幸福小区半夜施工噪音太大"
COMPLAINS, ASKS, LEAVES_A_MESSAGE, WANTS_A_CALL = "13500135000", "13600136000", "13400134000", "13300133000"
LANDLINE = "087162345678"


@dataclass(frozen=True)
class Calls:
    """All calls of this file, made in the same minute; each test awaits its own."""

    complaint: asyncio.Task[str]
    progress: asyncio.Task[None]
    message: asyncio.Task[None]
    call_back: asyncio.Task[str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def calls(one_hotline: City, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Calls]:
    city, start = one_hotline, asyncio.create_task
    use_keys(city.runtime.keyring)
    await nobody_is_on_duty(city)
    await hold_poll(city.runtime)
    made = Calls(
        start(records_a_complaint(city)),
        start(asks_for_progress(city)),
        start(leaves_a_message(city)),
        start(asks_to_be_called(city, tmp_path_factory.mktemp("baresip"))),
    )
    yield made
    await cancel_all([made.complaint, made.progress, made.message, made.call_back])


async def records_a_complaint(city: City) -> str:
    """By keys alone, asks how far it is, and votes, in one call; its number, as it was heard each time."""
    async with city.citizen(COMPLAINS) as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        await caller.call.rtp.press("2", "2")
        await caller.until_heard("反映的单位")
        caller.says(f"我要投诉{STORY}")
        await caller.call.rtp.said()
        await caller.call.rtp.press("#")
        await caller.until_heard("取消")
        await caller.call.rtp.press("1")
        number = digits_in(await caller.hears(40))[:8]
        await caller.call.rtp.press("*", "2", "3", *number)
        assert number in digits_in(await caller.until_heard("正确"))
        await caller.call.rtp.press("1")
        await caller.until_heard("工单")
        await caller.call.rtp.press("*", "2", "5")
        await caller.until_heard("电梯")
        await caller.call.rtp.press("2")
        await until(lambda: is_voted(city), "the answer is not kept")
        return number


async def is_voted(city: City) -> bool:
    async with city.runtime.database.read() as session:
        return await session.scalar(select(PollAnswer.option_id)) is not None


async def test_by_keys_a_complaint_is_recorded_its_number_heard_and_asked_about_and_a_poll_answered_in_one_call(
    city: City, calls: Calls
) -> None:
    number = await calls.complaint
    assert await is_told(city, number)
    async with city.runtime.database.read() as session:
        found = (await session.scalars(select(Order).where(Order.number == number))).one()
        await session.refresh(found, ["content", "reporter_phone"])
        votes = list(await session.scalars(select(PollOption.text).join(PollAnswer)))
    assert votes == ["不赞成"]
    assert f"我要投诉{STORY}" in found.content
    assert (found.channel, found.kind, found.reporter_phone) == ("voice", "complain", COMPLAINS)


async def asks_for_progress(city: City) -> None:
    """Records a complaint from a telephone no text goes to, and asks from another: by spoken number and keyed code."""
    async with city.citizen(LANDLINE) as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        await caller.call.rtp.press("2", "2")
        await caller.until_heard("反映的单位")
        caller.says(STORY)
        await caller.call.rtp.said()
        await caller.call.rtp.press("#")
        await caller.until_heard("取消")
        await caller.call.rtp.press("1")
        heard = digits_in(await caller.hears(40))
    number = heard[:8]
    async with city.runtime.database.read() as session:
        code = as_keyed((await session.scalars(select(Order.query_code).where(Order.number == number))).one())
    assert code in heard, "the code is spoken as it is keyed in"
    async with city.citizen(ASKS) as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        await caller.call.rtp.press("2")
        await caller.interrupts_with("查询进度")
        await caller.until_heard("编号")
        caller.says(spell_for_phone(number))
        await caller.until_heard("正确")
        caller.says("对")
        await until(lambda: is_asked_for(city, "query_code"), "no proof is asked for")
        await asyncio.sleep(0.5)
        await caller.call.rtp.press(*code)
        await until(lambda: is_told(city, number), "the progress is not told")


async def test_what_was_recorded_from_a_landline_is_asked_for_from_another_by_spoken_number_and_keyed_code(
    city: City, calls: Calls
) -> None:
    await calls.progress


async def of_the_bot(city: City) -> list[Message]:
    async with city.runtime.database.read() as session:
        return list(await session.scalars(select(Message).where(Message.author == "bot")))


async def is_asked_for(city: City, what: str) -> bool:
    return any(Reply.from_payload(said.text, said.payload).asks == what for said in await of_the_bot(city))


async def is_told(city: City, number: str) -> bool:
    return any((said.payload.get("card") or {}).get("number") == number for said in await of_the_bot(city))


async def leaves_a_message(city: City) -> None:
    """Asks for a person by key where nobody is there."""
    async with city.citizen(LEAVES_A_MESSAGE) as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        await caller.call.rtp.press("0")
        await caller.until_heard("都不在")
        await caller.call.rtp.press("1")
        await caller.hears()
        caller.says(STORY)
        await caller.call.rtp.said()
        await caller.call.rtp.press("#")
        await caller.until_heard("已经收到")
        await caller.until_ended()


async def asks_to_be_called(city: City, folder: Path) -> str:
    """By a telephone that is not ours: asks for a person by word, presses a key; what it heard."""
    words = said("转人工", before=3, after=60)
    ports = (free_port(), free_port(), 20000 + free_port() % 20000)
    server = city.asterisk.sip_port
    async with running_baresip(folder, words, caller=WANTS_A_CALL, user="citizen", server=server, ports=ports) as phone:
        await phone.dial("12345", server)
        await asyncio.sleep(7)
        phone.press("2")
        await asyncio.wait_for(phone.ended.wait(), 20)
    return await words_in(city.recogniser, phone.heard())


async def test_while_nobody_is_there_one_leaves_a_message_another_by_baresip_asks_to_be_called_and_both_are_listed(
    city: City, calls: Calls
) -> None:
    heard, _ = await asyncio.gather(calls.call_back, calls.message)
    assert "都不在" in heard
    assert "工作人员会尽快给您" in heard
    await somebody_is_on_duty(city)
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        words = re.sub(r"\s", "", (await browser.get("/staff/calls")).words)
        for number, why in (("134****4000", "有留言"), ("133****3000", "要求回电")):
            assert re.search(re.escape(number) + ".{0,40}" + why, words), words
