"""Calls over the wire the PBX speaks, in real time, with the real recogniser and voice and a bot that obeys the test.

Every call, however it goes, has a defined end, and nothing of it stays behind.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.calls import recording_path
from backoffice.order_tables import Order
from bot.turns import TurnRequest
from channels.voice.call import LiveCall
from channels.voice.link import Link
from channels.voice.phone_plan import load_phone_plan
from channels.voice.script import CallScript
from channels.voice.transcript import Transcript
from core.clock import SystemClock
from core.conversations import TurnOutcome
from core.messages import InboundMessage
from core.settings import Settings
from core.tasks import cancel_all
from speech.audio import FRAME_BYTES, silence
from speech.recognition import Heard, RecognitionFailed
from speech.synthesis import SynthesisFailed
from speech.vosk_recognition import VoskRecogniser, VoskUtterance
from tests.channels.scripted import ScriptedEngine
from tests.conftest import BUSY
from tests.fixtures.app import running_app
from tests.fixtures.kannel import until
from tests.fixtures.voices import said
from tests.phone.conftest import Exchange
from tests.phone.led import ANNOUNCED, asks, lines, stored, talking
from tests.phone.line import CITIZEN, Line, level, line, words_in
from tests.phone.ports import with_phone

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.usefixtures("nothing_stays"),
]

PLAN = load_phone_plan()
# ---------------------------------------------------------------------------------------------- talking


async def test_what_is_said_reaches_the_bot_and_what_it_answers_is_heard(
    phone: Exchange, engine: ScriptedEngine, recogniser: VoskRecogniser
) -> None:
    engine.script = asks
    async with talking(phone) as call:
        await until(lambda: engine.heard, "the bot was told nothing")
        start = len(call.heard)
        await asyncio.sleep(2.5)
        await call.prompt()
        assert "什么时候发生的" in await words_in(recogniser, bytes(call.heard[start:]))
    told = engine.heard[0]
    assert (told.text, told.channel, told.sender_phone) == ("我要投诉", "voice", CITIZEN)


async def test_a_call_is_recorded_both_ways_and_its_words_have_their_times(
    phone: Exchange, engine: ScriptedEngine, recogniser: VoskRecogniser
) -> None:
    engine.script = asks
    async with talking(phone) as call:
        await until(lambda: engine.heard, "the bot was told nothing")
        await asyncio.sleep(2.0)
        await call.hang_up()
    record = await stored(phone, call.call_id)
    path = recording_path(phone.app.runtime.settings.media_dir, record)
    assert path is not None
    assert path.stat().st_mode & 0o077 == 0
    audio = path.read_bytes()[44:]
    citizen = b"".join(audio[at : at + 2] for at in range(0, len(audio), 4))
    ours = b"".join(audio[at + 2 : at + 4] for at in range(0, len(audio), 4))
    assert await words_in(recogniser, citizen) == "我要投诉"
    spoken = await lines(phone, call.call_id)
    assert [one.speaker for one in spoken][:3] == ["bot", "bot", "citizen"]
    told = next(one for one in spoken if one.speaker == "citizen")
    assert level(citizen[told.starts * 16 : told.ends * 16]) > 10 * level(citizen[: told.starts * 16 - 3200])
    assert [word for word, *_ in told.words["words"]] == ["我", "要", "投诉"]
    announced = spoken[0]
    assert "录音" in await words_in(recogniser, ours[announced.starts * 16 : announced.ends * 16])
    assert record.ending == "hung_up"
    [turn] = record.measures["turns"]
    assert set(turn) == {"at", "recognition", "answer", "synthesis", "turn"}
    assert turn["turn"] >= turn["recognition"] > 0
    assert abs(turn["at"] - told.starts) < 1000
    assert record.measures["interruptions"]


async def test_words_stop_the_bot_within_half_a_second(phone: Exchange, engine: ScriptedEngine) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > ANNOUNCED and not call.is_quiet(0.1), "no greeting")
        spoken_at = call.seconds
        call.say("我要投诉幸福小区半夜施工噪音太大")
        await until(lambda: call.is_quiet(0.3), "the bot went on")
        assert call.seconds - 0.3 - spoken_at < 0.75  # a busy machine; the histogram has the true figure
        await call.hang_up()
    interruptions = (await stored(phone, call.call_id)).measures["interruptions"]
    assert min(one["barge_in"] for one in interruptions) < 0.35


async def test_keys_stop_the_bot_and_lead_on(phone: Exchange, recogniser: VoskRecogniser) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        await call.press("2")
        start = len(call.heard)
        await asyncio.sleep(1)
        await call.prompt()
        assert "投诉" in await words_in(recogniser, bytes(call.heard[start:]))


async def test_two_calls_from_one_number_never_share_a_conversation(phone: Exchange, engine: ScriptedEngine) -> None:
    async with talking(phone) as first, talking(phone) as second:
        await until(lambda: len(engine.heard) == 2, "the bot was told too little")
        assert len({told.conversation_id for told in engine.heard}) == 2
        assert {told.sender_phone for told in engine.heard} == {CITIZEN, None}
        await first.hang_up()
        await second.hang_up()


async def test_a_call_that_broke_off_goes_on_in_the_same_conversation(phone: Exchange, engine: ScriptedEngine) -> None:
    engine.script = asks
    for _ in range(2):
        before = len(engine.heard)
        async with talking(phone) as call:
            await until(lambda before=before: len(engine.heard) > before, "the bot was told nothing")  # type: ignore[misc]
            await asyncio.sleep(0.5)
            await call.hang_up()
        await stored(phone, call.call_id)
    assert len({told.conversation_id for told in engine.heard}) == 1


async def test_what_was_recorded_is_an_order_with_its_words(phone: Exchange, recogniser: VoskRecogniser) -> None:
    from backoffice.city import load_city

    runtime = phone.app.runtime
    async with runtime.database.write() as session:
        await load_city(session, runtime.settings.city_dir, runtime.clock.now())
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > ANNOUNCED, "no greeting")
        [led] = phone.app.app.ctx.gateway.house.metronome._beats
        await call.press("2", "2")
        await until(lambda: led.message.prepared, "nothing is to be recorded")
        await call.press("5")  # enough of the prompt
        await until(lambda: led.message.on, "nothing is recorded")
        call.say("幸福小区半夜施工噪音太大")
        await until(lambda: call.has_said_all and led.message.text, "it is not understood")
        await call.press("#")
        await until(lambda: "确认提交" in told_in(led), "it is not read back")
        await call.press("1")
        await until(lambda: "受理编号" in told_in(led), "it is not filed")
        await call.hang_up()
    await stored(phone, call.call_id)
    async with runtime.database.read() as session:
        order = (await session.scalars(select(Order))).one()
        await session.refresh(order, ["content", "reporter_phone"])
    assert "幸福小区半夜施工噪音太大" in order.content
    assert (order.channel, order.reporter_phone, order.kind) == ("voice", CITIZEN, "complain")
    told = [one.text for one in await lines(phone, call.call_id) if one.speaker == "bot"]
    assert any("受理编号" in text for text in told)


def told_in(led: LiveCall) -> str:
    """All that the bot has begun to say."""
    return "".join(one.text for one in led.transcript.lines if one.speaker == "bot")


# ---------------------------------------------------------------------------------------------- what fails


def nobody_hears(*_: Any) -> Any:
    raise RecognitionFailed("gone")


async def no_words(*_: Any) -> str:
    raise RecognitionFailed("gone")


async def no_end(*_: Any) -> None:
    await asyncio.sleep(60)


async def no_voice(*_: Any, **__: Any) -> AsyncIterator[bytes]:
    raise SynthesisFailed("gone")
    yield b""


async def no_database(*_: Any) -> None:
    await asyncio.sleep(60)


def no_bot(_: Any) -> TurnOutcome:
    raise RuntimeError("the bot is broken")


def breaks(phone: Exchange, engine: ScriptedEngine, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks one part of the service, for good."""
    if part == "bot":
        engine.script = no_bot
        return
    if part == "bot that hangs":
        engine.gate.clear()
        return
    ctx = phone.app.app.ctx
    place: tuple[Any, str, Any] = {
        "ear": (VoskUtterance, "feed", no_words),
        "ear that hangs": (VoskUtterance, "finish", no_end),
        "voice": (ctx.gateway.house.synthesiser, "speak", no_voice),
        "database": (ctx.exchange, "receive", no_database),
        "script": (CallScript, "_heard", lambda *_: 1 / 0),
        "clock": (Transcript, "beat", lambda *_: 1 / 0),
    }[part]
    monkeypatch.setattr(*place)


@pytest.mark.parametrize(
    "part", ["ear", "ear that hangs", "voice", "database", "bot", "bot that hangs", "script", "clock"]
)
async def test_whatever_fails_in_a_call_the_line_goes_to_people_within_two_seconds(
    phone: Exchange, engine: ScriptedEngine, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > 1.5 and not call.is_quiet(0.1), "no greeting")
        breaks(phone, engine, part, monkeypatch)
        pcm = said("我要投诉")
        call.speak(pcm)
        spoken = time.monotonic() + len(pcm) / 16000 + 0.6  # the end of what was said, and the pause after it
        assert await call.next() == "queue"
        assert time.monotonic() - spoken < 2 + BUSY
    assert (await stored(phone, call.call_id)).ending in {"failed", "transferred"}


@pytest.mark.parametrize("part", ["ear", "database", "bot"])
async def test_what_hangs_for_one_call_alone_is_noticed_though_another_is_served_all_the_time(
    phone: Exchange, engine: ScriptedEngine, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with line(phone.base, phone.port) as call, line(phone.base, phone.port, caller="13900139000") as other:
        await until(lambda: call.seconds > ANNOUNCED and other.seconds > ANNOUNCED, "no greeting")
        with hanging_for_one(phone, engine, part, monkeypatch):
            pcm = said("我要投诉")
            call.speak(pcm)
            spoken = time.monotonic() + len(pcm) / 16000 + 0.6
            talking = asyncio.create_task(goes_on_talking(other))
            assert await call.next() == "queue"
            assert time.monotonic() - spoken < 2 + BUSY
            assert not other.given_back.is_set()
            await cancel_all([talking])
    told = [one.text for one in await lines(phone, (await stored(phone, call.call_id)).id) if one.speaker == "bot"]
    assert any("稍等" in text for text in told), "nothing was said meanwhile"


async def goes_on_talking(call: Line) -> None:
    """Says one thing after the other."""
    await asyncio.sleep(0.4)
    while True:
        call.say("社保卡丢了怎么补办")
        await asyncio.sleep(2.4)


@contextmanager
def hanging_for_one(
    phone: Exchange, engine: ScriptedEngine, part: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """One part does nothing for the citizen's number, or for whoever is understood first, until the block ends."""
    over, first = asyncio.Event(), list[object]()
    exchange = phone.app.app.ctx.exchange
    finish, receive, turn = VoskUtterance.finish, exchange.receive, engine.turn

    async def finishes(utterance: VoskUtterance) -> Heard:
        if not first:
            first.append(utterance)
            await over.wait()
        return await finish(utterance)

    async def receives(inbound: InboundMessage) -> Any:
        if inbound.sender.phone == CITIZEN:
            await over.wait()
        return await receive(inbound)

    async def turns(request: TurnRequest) -> Any:
        if request.sender_phone == CITIZEN:
            await over.wait()
        return await turn(request)

    places: dict[str, tuple[Any, str, Any]] = {
        "ear": (VoskUtterance, "finish", finishes),
        "database": (exchange, "receive", receives),
        "bot": (engine, "turn", turns),
    }
    monkeypatch.setattr(*places[part])
    try:
        yield
    finally:
        over.set()


async def test_a_database_that_hangs_before_the_record_is_open_takes_nobody_the_announcement(
    phone: Exchange, recogniser: VoskRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Link, "open", no_database)
    begun = time.monotonic()
    async with line(phone.base, phone.port) as call:
        await call.press("0")
        assert await call.next() == "queue"
        assert time.monotonic() - begun < 3 + BUSY
        assert "录音" in await words_in(recogniser, bytes(call.heard))


async def test_a_stopping_service_gives_its_lines_to_people(sqlite_settings: Settings, engine: ScriptedEngine) -> None:
    settings = with_phone(sqlite_settings)
    async with running_app(settings, SystemClock(), engine) as app:
        opened = line(app.base, settings.audiosocket_port)
        call = await opened.__aenter__()
        await until(lambda: call.seconds > 1, "no greeting")
    assert call.given_back.is_set()
    await opened.__aexit__(None, None, None)


# ---------------------------------------------------------------------------------------------- nothing stays


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def one_after_another(works: Iterable[Awaitable[None]]) -> None:
    for work in works:
        await work


async def test_whenever_a_citizen_hangs_up_nothing_of_the_call_stays(phone: Exchange, engine: ScriptedEngine) -> None:
    engine.script = asks
    before = [0]

    async def at_greeting(_: Line) -> None:
        return

    async def while_speaking(call: Line) -> None:
        call.say("我要投诉")
        await asyncio.sleep(0.4)

    async def in_the_menu(call: Line) -> None:
        await call.press("2")

    async def while_keying(call: Line) -> None:
        await call.press("2", "3", "2", "0")

    async def while_recording(call: Line) -> None:
        await call.press("2", "2")
        await asyncio.sleep(0.3)

    async def after_an_answer(call: Line) -> None:
        call.say("我要投诉")
        await until(lambda: len(engine.heard) > before[0], "the bot was told nothing")
        before[0] = len(engine.heard)

    async def leave(number: int, when: Any) -> None:
        async with line(phone.base, phone.port, caller=f"1380013800{number}") as call:
            await until(lambda: call.seconds > 0.3, "no greeting")
            await when(call)
            await call.hang_up()
        await stored(phone, call.call_id)

    moments = (at_greeting, while_speaking, in_the_menu, while_keying, while_recording, after_an_answer)
    await one_after_another(leave(number, when) for number, when in enumerate(moments))  # pools grow to their size
    await asyncio.sleep(0.5)
    tasks, threads, files = len(asyncio.all_tasks()), threading.active_count(), open_files()
    await one_after_another(leave(number, when) for number, when in enumerate(moments))
    await until(lambda: len(asyncio.all_tasks()) <= tasks, "tasks stay")
    assert threading.active_count() <= threads + 1
    await until(lambda: open_files() <= files + 2, "files stay open")
    assert not phone.app.app.ctx.gateway.house.metronome._beats


async def test_ten_minutes_of_talk_are_heard_to_the_end(
    phone: Exchange, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten minutes at forty times the speed of time: straight into the ear."""
    from channels.voice.hearing import Hearing, Utterances

    texts: list[str] = []
    house = phone.app.app.ctx.gateway.house
    ear = Hearing(
        house.recogniser,
        Utterances(lambda _: None, lambda heard, *_: texts.append(heard.text), nobody_hears),
        lambda: 0,
        house.ear,
    )
    story, now = said("我要投诉幸福小区半夜施工噪音太大") + silence(1.0), 0.0
    while now < 600:
        for at in range(0, len(story) // FRAME_BYTES * FRAME_BYTES, FRAME_BYTES):
            now += 0.02
            ear.frame(story[at : at + FRAME_BYTES], now)
        await until(lambda: not ear.busy, "the ear does not keep up")
    assert len(texts) > 80
    assert sum(text == "我要投诉幸福小区半夜施工噪音太大" for text in texts) > 0.95 * len(texts)
    await ear.close()
