"""Odd callers and lines: what no PBX should send, one call too many, a service without ears. In real time."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from backoffice.calls import Call
from channels.voice.audiosocket import PCM_8K, PCM_16K, UUID, frame
from core.clock import SystemClock
from core.settings import Settings
from speech.audio import resample, silence
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import running_app
from tests.fixtures.kannel import until
from tests.fixtures.voices import said
from tests.phone.conftest import Exchange
from tests.phone.led import ANNOUNCED, stored
from tests.phone.line import CITIZEN, SECRET, announce, line, words_in
from tests.phone.ports import with_phone

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.usefixtures("nothing_stays"),
]


async def test_wide_audio_in_a_frame_for_it_is_understood(phone: Exchange, engine: ScriptedEngine) -> None:
    async with line(phone.base, phone.port) as call:
        call._paused = True
        wide = resample(silence(0.5) + said("我要投诉") + silence(1.5), 8000, 16000)
        for at in range(0, len(wide), 640):
            call.writer.write(frame(PCM_16K, wide[at : at + 640]))
            await asyncio.sleep(0.02)
        await until(lambda: engine.heard, "the bot was told nothing")
    assert engine.heard[0].text == "我要投诉"


async def test_wide_audio_declared_as_narrow_goes_to_people(phone: Exchange) -> None:
    async with line(phone.base, phone.port) as call:
        call._paused = True
        wide = resample(said("我要投诉幸福小区半夜施工噪音太大"), 8000, 16000) * 4
        for at in range(0, len(wide), 640):
            if call.given_back.is_set():
                break
            call.writer.write(frame(PCM_8K, wide[at : at + 640]))
            await asyncio.sleep(0.02)
        assert await call.next() == "queue"
    assert (await stored(phone, call.call_id)).ending == "failed"


@pytest.mark.parametrize(
    "odd",
    [frame(PCM_8K, b"x" * 321), frame(0x03, b"Q"), frame(0xFF), frame(0x03, b"")],
    ids=["half", "key", "error", "none"],
)
async def test_a_frame_that_cannot_be_goes_to_people(phone: Exchange, odd: bytes) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > 0.3, "no greeting")
        call.writer.write(odd)
        assert await call.next() == "queue"


async def test_frames_of_any_even_length_are_audio(phone: Exchange, engine: ScriptedEngine) -> None:
    async with line(phone.base, phone.port) as call:
        call._paused = True
        pcm, at, size = silence(0.5) + said("我要投诉") + silence(1.5), 0, 2
        while at < len(pcm):
            call.writer.write(frame(PCM_8K, pcm[at : at + size]))
            await asyncio.sleep(size / 16000)
            at, size = at + size, (size * 7) % 1998 + 2
        await until(lambda: engine.heard, "the bot was told nothing")
    assert engine.heard[0].text == "我要投诉"


@pytest.mark.parametrize(
    "first",
    [frame(UUID, uuid.uuid4().bytes), frame(UUID, b"short"), frame(PCM_8K, bytes(320)), b"GET / HTTP/1.1\r\n\r\n"],
    ids=["unknown", "short", "audio", "http"],
)
async def test_a_line_nobody_announced_is_given_back(phone: Exchange, first: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", phone.port)
    writer.write(first)
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer in {b"", frame(0x00)}
    writer.close()


async def test_a_call_is_led_once_only(phone: Exchange) -> None:
    async with line(phone.base, phone.port) as first:
        await until(lambda: first.seconds > 0.2, "no greeting")
        async with line(phone.base, phone.port, call_id=first.call_id, known=False) as second:
            await asyncio.wait_for(second.given_back.wait(), 5)
        assert not first.given_back.is_set()


async def test_one_call_too_many_goes_to_people(sqlite_settings: Settings, engine: ScriptedEngine) -> None:
    settings = with_phone(sqlite_settings, calls_at_once=1)
    async with running_app(settings, SystemClock(), engine) as app, line(app.base, settings.audiosocket_port) as first:
        await until(lambda: first.seconds > 0.2, "no greeting")
        async with line(app.base, settings.audiosocket_port, caller="13900139000") as second:
            assert await second.next() == "queue"
        assert not first.given_back.is_set()


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_only_the_pbx_may_announce(phone: Exchange, secret: str) -> None:
    assert await announce(phone.base, str(uuid.uuid4()), secret=secret) == 403
    assert await announce(phone.base, "not-a-uuid") == 403


async def test_without_ears_the_phone_works_by_keys(
    sqlite_settings: Settings, engine: ScriptedEngine, recogniser: VoskRecogniser, tmp_path: Any
) -> None:
    settings = with_phone(sqlite_settings, asr_model=tmp_path / "nothing")
    async with running_app(settings, SystemClock(), engine) as app, line(app.base, settings.audiosocket_port) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        call.say("我要投诉")
        await asyncio.sleep(2.5)
        await call.press("2")
        start = len(call.heard)
        await asyncio.sleep(1)
        await call.prompt()
        assert "投诉" in await words_in(recogniser, bytes(call.heard[start:]))
    assert not engine.heard


async def test_a_citizen_who_puts_down_while_waiting_is_on_the_list_to_call_back(phone: Exchange) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        await call.press("0")
        await asyncio.sleep(ANNOUNCED)
        await call.hang_up()
    await stored(phone, call.call_id)
    form = {"uuid": call.call_id, "secret": SECRET, "answered": "0"}
    async with aiohttp.ClientSession() as session, session.post(f"{phone.base}/voice/pbx/ended", data=form) as got:
        assert await got.text() == "ok"
    async with phone.app.runtime.database.read() as session:
        waiting = list(await session.scalars(select(Call).where(Call.follow_up.is_not(None))))
    assert [(one.id, one.caller, one.follow_up) for one in waiting] == [(call.call_id, CITIZEN, "missed")]
