"""A citizen puts down, wherever the call is: how it ends, who is called back, and that nothing of it stays."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from backoffice import calls
from backoffice.calls import Call
from channels.voice.script_words import Leg
from core.conversations import TurnOutcome
from core.messages import Reply
from core.runtime import Runtime
from speech.setting_up import make_synthesiser
from speech.synthesis import Synthesiser
from speech.vosk_recognition import VoskRecogniser
from tests.backoffice.polls import hold_poll
from tests.fixtures.voices import said
from tests.phone.fast import FastCall, calling, somebody_comes_on_duty

STORY = "幸福小区半夜施工噪音太大"
LONG = "带身份证到社保窗口办理补卡。" * 12
Way = Callable[[FastCall], Awaitable[object]]


async def told(call: FastCall, text: str) -> None:
    await call.until(lambda: text in call.told)


async def all_told(call: FastCall, text: str) -> None:
    await told(call, text)
    await call.until(lambda: call.call.mouth.speaker.done)


async def greeted(call: FastCall) -> None:
    await call.until(lambda: call.is_speaking)


async def in_a_menu(call: FastCall) -> None:
    await call.presses("2")
    await told(call, "咨询")


async def keying(call: FastCall) -> None:
    await call.presses("2", "3", "2", "0")


async def number_read_back(call: FastCall) -> None:
    await call.presses("2", "3", *"20260417")
    await told(call, "您查询的编号是")


async def asked_to_record(call: FastCall) -> None:
    await call.presses("2", "2")


async def recording(call: FastCall) -> None:
    await call.presses("2", "2")
    await call.until(lambda: call.call.message.on)
    await call.says(STORY)


async def recorded(call: FastCall) -> None:
    await recording(call)
    await call.presses("#")
    await told(call, "确认提交")


async def hearing_it_again(call: FastCall) -> None:
    await recorded(call)
    await call.presses("3")
    await call.until(lambda: call.is_speaking)


async def filed(call: FastCall) -> None:
    await recorded(call)
    await call.presses("1")
    await told(call, "受理编号")


async def in_mid_word(call: FastCall) -> None:
    call.speaks(said("我要投诉"))
    await call.waits(0.4)


async def interrupting(call: FastCall) -> None:
    await greeted(call)
    await call.waits(1.2)
    call.speaks(said(STORY))
    await call.until(lambda: call.call.mouth.speaker.held)


async def says_something(call: FastCall) -> None:
    await greeted(call)
    await call.waits(1.2)
    await call.says("我要投诉")
    await call.until(lambda: call.engine.heard)


async def waiting_for_the_bot(call: FastCall) -> None:
    call.engine.gate.clear()
    await says_something(call)


async def answered(call: FastCall) -> None:
    await says_something(call)
    await call.until(lambda: call.told.endswith("我要投诉"))


async def offered_a_text(call: FastCall) -> None:
    reply = Reply(LONG, card={"kind": "answer", "summary": LONG}, outcome="answered")
    call.engine.script = lambda _: TurnOutcome((reply,), "{}")
    await says_something(call)
    await told(call, "还是发短信给您")


async def asked_for_more(call: FastCall) -> None:
    call.engine.script = lambda _: TurnOutcome((Reply("登记好了。", outcome="order"),), "{}")
    await says_something(call)
    await all_told(call, "还有什么可以帮您")


async def rating(call: FastCall) -> None:
    await asked_for_more(call)
    await told(call, "非常满意")


async def rated(call: FastCall) -> None:
    await rating(call)
    await call.presses("1")
    await told(call, "感谢您的评价")


async def nobody_there(call: FastCall) -> None:
    await call.presses("0")
    await told(call, "话务员都不在")


async def asked_for_a_message(call: FastCall) -> None:
    await nobody_there(call)
    await call.presses("1")


async def leaving_a_message(call: FastCall) -> None:
    await asked_for_a_message(call)
    await call.until(lambda: call.call.message.on)
    await call.says(STORY)


async def called_back(call: FastCall) -> None:
    await nobody_there(call)
    await call.presses("2")
    await told(call, "已经登记")


async def being_put_through(call: FastCall) -> None:
    await somebody_comes_on_duty(call.call.link.runtime)
    await call.presses("0")
    await told(call, "转接人工")


async def asked_in_a_poll(call: FastCall) -> None:
    await hold_poll(call.call.link.runtime)
    await call.presses("2", "5")
    await told(call, "赞成请按一")


async def asked_for_digits(call: FastCall, asks: str) -> None:
    call.engine.script = lambda _: TurnOutcome((Reply("请告诉我号码。", asks=asks),), "{}")
    await says_something(call)
    await all_told(call, "请告诉我号码")


async def keying_a_telephone_number(call: FastCall) -> None:
    await asked_for_digits(call, "phone")
    await call.presses("1", "3", "8")


async def saying_a_telephone_number(call: FastCall) -> None:
    await asked_for_digits(call, "phone")
    call.speaks(said("幺三八零零幺三八零零零"))
    await call.waits(0.8)


async def keying_a_query_code(call: FastCall) -> None:
    await asked_for_digits(call, "query_code")
    await call.presses("7", "2", "9")


STATES: list[tuple[Way, str, str | None]] = [
    (greeted, "hung_up", None),
    (in_a_menu, "hung_up", None),
    (keying, "hung_up", None),
    (number_read_back, "hung_up", None),
    (asked_to_record, "hung_up", None),
    (recording, "hung_up", "voicemail"),
    (recorded, "hung_up", "voicemail"),
    (hearing_it_again, "hung_up", "voicemail"),
    (filed, "hung_up", None),
    (in_mid_word, "hung_up", None),
    (interrupting, "hung_up", None),
    (waiting_for_the_bot, "hung_up", None),
    (answered, "hung_up", None),
    (offered_a_text, "hung_up", None),
    (asked_for_more, "hung_up", None),
    (rating, "hung_up", None),
    (rated, "bye", None),
    (nobody_there, "hung_up", "missed"),
    (asked_for_a_message, "hung_up", "missed"),
    (leaving_a_message, "hung_up", "voicemail"),
    (called_back, "call_back", "call_back"),
    (being_put_through, "unanswered", "missed"),
    (asked_in_a_poll, "hung_up", None),
    (keying_a_telephone_number, "hung_up", None),
    (saying_a_telephone_number, "hung_up", None),
    (keying_a_query_code, "hung_up", None),
]
"""Where the citizen puts down, how the call ends, and why somebody calls back."""


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Synthesiser:
    """One for all calls, as in a service."""
    from core.settings import Settings

    return make_synthesiser(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("voice")))  # type: ignore[call-arg]


def open_recordings() -> list[str]:
    """Recordings that are open in this process."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(descriptor.readlink()))
        except OSError:  # closed meanwhile
            continue
    return [name for name in found if name.endswith(".wav")]


async def leaves(call: FastCall, way: Way) -> None:
    """Puts down in a state; what the PBX tells then is told too."""
    await way(call)
    assert not call.over
    await call.hangs_up()
    runtime = call.call.link.runtime
    waited = call.call.leg is not Leg.FIRST
    answered_by = call.call.leg is Leg.AFTER_PERSON
    async with runtime.database.write() as session:
        now = runtime.clock.now()
        await calls.put_down(session, call.call.link.call.id, now, waited=waited, answered=answered_by)


async def record_of(runtime: Runtime) -> Call:
    async with runtime.database.read() as session:
        return (await session.scalars(select(Call))).one()


@pytest.mark.parametrize(("way", "ending", "follow_up"), STATES, ids=[way.__name__ for way, *_ in STATES])
async def test_wherever_a_citizen_puts_down_the_call_ends_as_it_should_and_nothing_stays(
    town: Runtime, recogniser: VoskRecogniser, voice: Synthesiser, way: Way, ending: str, follow_up: str | None
) -> None:
    tasks, threads = set(asyncio.all_tasks()), threading.active_count()
    async with calling(town, recogniser, mobile=True, voice=voice) as call:
        await leaves(call, way)
    record = await record_of(town)
    assert (record.ending, record.follow_up) == (ending, follow_up)
    assert record.ended_at is not None
    assert not call.metronome._beats
    assert not call.call.house.endings
    assert not open_recordings()
    await asyncio.sleep(0)
    assert set(asyncio.all_tasks()) <= tasks
    assert threading.active_count() <= threads + len(os.sched_getaffinity(0)) * 2 + 1  # pools that grow once


@pytest.mark.usefixtures("nothing_stays")
async def test_who_puts_down_in_a_call_that_was_resumed_leaves_one_conversation_and_nothing_else(
    town: Runtime, recogniser: VoskRecogniser, voice: Synthesiser
) -> None:
    async with calling(town, recogniser, voice=voice) as call:
        await leaves(call, answered)
    async with calling(town, recogniser, voice=voice) as again:
        await all_told(again, "刚才的通话断了")
        await again.hangs_up()
    async with town.database.read() as session:
        both = list(await session.scalars(select(Call)))
    assert [record.ending for record in both] == ["hung_up", "hung_up"]
    assert len({record.conversation_id for record in both}) == 1
    assert not open_recordings()


@pytest.mark.parametrize(
    ("leg", "ending", "follow_up"), [(Leg.UNANSWERED, "unanswered", "missed"), (Leg.AFTER_PERSON, "hung_up", None)]
)
async def test_who_puts_down_after_people_is_called_back_only_if_nobody_answered(
    town: Runtime, recogniser: VoskRecogniser, voice: Synthesiser, leg: Leg, ending: str, follow_up: str | None
) -> None:
    await somebody_comes_on_duty(town)
    async with calling(town, recogniser, voice=voice) as call:
        await call.presses("0")
        await call.until(lambda: call.over)
        assert await call.end() == "queue"
    call_id = call.call.link.call.id
    async with calling(town, recogniser, leg=leg, call_id=call_id, voice=voice) as call:
        await leaves(call, greeted)
    record = await record_of(town)
    assert (record.ending, record.follow_up) == (ending, follow_up)
    assert not call.metronome._beats
    assert not open_recordings()
