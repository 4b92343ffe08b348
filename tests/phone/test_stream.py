"""A cloud telephony provider in Twilio's manner: its signed questions and its socket, spoken as documented."""

from __future__ import annotations

import asyncio
import audioop
import base64
import gc
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np
import pytest
from pydantic import SecretStr

from channels.voice.stream_calls import signature
from core.clock import SystemClock
from core.settings import Settings
from speech import mulaw
from speech.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.kannel import until
from tests.fixtures.voices import said
from tests.phone.conftest import Exchange
from tests.phone.led import asks, stored
from tests.phone.line import CITIZEN, is_quiet, words_in
from tests.phone.ports import with_phone

pytestmark = pytest.mark.real_time

TOKEN, PUBLIC, PEOPLE = "provider-token", "https://hotline.example", "+861055512345"
CALL = {"CallSid": "CA0000000000000000000000000000000001", "From": f"+86{CITIZEN}", "To": "+8612345"}
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


@pytest.fixture
async def cloud(sqlite_settings: Settings, engine: ScriptedEngine) -> AsyncIterator[AppServer]:
    settings = with_phone(
        sqlite_settings,
        audiosocket_port=0,
        stream_token=SecretStr(TOKEN),
        stream_people=PEOPLE,
        public_url=PUBLIC,
    )
    async with running_app(settings, SystemClock(), engine) as app:
        yield app


async def ask(app: AppServer, path: str, fields: dict[str, str], *, token: str = TOKEN) -> tuple[int, str]:
    headers = {"X-Twilio-Signature": signature(token, PUBLIC + path, fields)}
    async with aiohttp.ClientSession() as session, session.post(app.base + path, data=fields, headers=headers) as got:
        return got.status, await got.text()


class Stream:
    """The provider's end of a socket: sends at the pace of real time what the citizen says."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.heard, self.cleared = socket, bytearray(), 0
        self.ended = asyncio.Event()
        self._outgoing = bytearray()

    def say(self, text: str) -> None:
        self._outgoing += said(text)

    async def start(self, call_id: str, media_format: dict[str, Any] = FORMAT, given: Any = None) -> None:
        await self.socket.send_json({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "accountSid": "AC1",
            "streamSid": "MZ1",
            "callSid": CALL["CallSid"],
            "tracks": ["inbound"],
            "mediaFormat": media_format,
            "customParameters": given or {"call": call_id},
        }
        await self.socket.send_json({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": "MZ1"})

    async def send(self, event: str, **more: Any) -> None:
        await self.socket.send_json({"event": event, "sequenceNumber": "2", "streamSid": "MZ1", **more})

    async def talk(self) -> None:
        loop, chunk = asyncio.get_running_loop(), 0
        at = loop.time()
        while not self.socket.closed:
            pcm = bytes(self._outgoing[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0") if self._outgoing else SILENCE
            del self._outgoing[:FRAME_BYTES]
            payload, chunk = base64.b64encode(audioop.lin2ulaw(pcm, 2)).decode(), chunk + 1
            media = {"track": "inbound", "chunk": str(chunk), "timestamp": str(chunk * 20), "payload": payload}
            await self.send("media", media=media)
            at += FRAME_SECONDS
            await asyncio.sleep(max(0, at - loop.time()))

    async def listen(self) -> None:
        async for got in self.socket:
            message = json.loads(got.data)
            assert message["streamSid"] == "MZ1"
            if message["event"] == "media":
                self.heard += audioop.ulaw2lin(base64.b64decode(message["media"]["payload"]), 2)
            else:
                assert message["event"] == "clear"
                self.cleared += 1
        self.ended.set()


async def test_a_call_by_the_provider_is_understood_answered_interrupted_and_sent_to_people(
    cloud: AppServer, engine: ScriptedEngine, recogniser: VoskRecogniser
) -> None:
    engine.script = asks
    status, twiml = await ask(cloud, "/voice/stream/call", CALL)
    assert status == 200
    assert 'url="wss://hotline.example/voice/stream/socket"' in twiml
    call_id = re.findall(r'name="call" value="([^"]+)"', twiml)[0]
    async with aiohttp.ClientSession(cloud.base) as session, session.ws_connect("/voice/stream/socket") as socket:
        stream = Stream(socket)
        await stream.start(call_id)
        tasks = [asyncio.create_task(stream.talk()), asyncio.create_task(stream.listen())]
        await until(lambda: len(stream.heard) > 24000 and not is_quiet(bytes(stream.heard[-1600:])), "no greeting")
        await stream.send("mark", mark={"name": "anything"})
        stream.say("我要投诉")
        await until(lambda: engine.heard, "the bot was told nothing")
        assert (engine.heard[0].text, engine.heard[0].sender_phone) == ("我要投诉", CITIZEN)
        assert stream.cleared >= 1
        start = len(stream.heard)
        await until(lambda: len(stream.heard) - start > 5 * 16000, "no answer")
        assert "什么时候发生的" in await words_in(recogniser, bytes(stream.heard[start:]))
        await stream.send("stop", stop={"accountSid": "AC1", "callSid": CALL["CallSid"]})
        await asyncio.wait_for(stream.ended.wait(), 5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    call = await stored(Exchange(cloud, 0), call_id)
    assert (call.line, call.ending, call.channel) == ("stream", "hung_up", CALL["CallSid"])
    _, twiml = await ask(cloud, f"/voice/stream/next?call={call_id}", CALL)
    assert "<Hangup/>" in twiml


async def test_whatever_goes_wrong_with_the_stream_the_provider_dials_people_and_comes_back(cloud: AppServer) -> None:
    _, twiml = await ask(cloud, "/voice/stream/call", CALL)
    call_id = re.findall(r'name="call" value="([^"]+)"', twiml)[0]
    assert f'<Redirect method="POST">{PUBLIC}/voice/stream/next?call={call_id}</Redirect>' in twiml
    async with aiohttp.ClientSession(cloud.base) as session, session.ws_connect("/voice/stream/socket") as socket:
        stream = Stream(socket)
        await stream.start(call_id)
        await socket.receive()
        await socket.send_str('{"event": "media", "media": {"payload": "%%%"}}')
        await asyncio.wait_for(stream.listen(), 5)
    _, twiml = await ask(cloud, f"/voice/stream/next?call={call_id}", CALL)
    assert f">{PEOPLE}</Dial>" in twiml
    _, twiml = await ask(cloud, f"/voice/stream/back?call={call_id}", {**CALL, "DialCallStatus": "no-answer"})
    assert "<Stream" in twiml


@pytest.mark.parametrize("call_id", ["", "0b5e4a3c-3f65-4c86-8f7e-000000000000"])
async def test_a_stream_nobody_announced_or_of_another_format_gets_no_line(cloud: AppServer, call_id: str) -> None:
    async with aiohttp.ClientSession(cloud.base) as session:
        for media_format in (FORMAT, {**FORMAT, "sampleRate": 16000}):
            async with session.ws_connect("/voice/stream/socket") as socket:
                await Stream(socket).start(call_id, media_format)
                assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_stream_that_is_refused_leaves_nothing_running(
    cloud: AppServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with aiohttp.ClientSession(cloud.base) as session:
        for given in ({"call": "nobody announced it"}, ["call"], "call"):
            async with session.ws_connect("/voice/stream/socket") as socket:
                await Stream(socket).start("", given=given)
                closed = await socket.receive()
                assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1000)
    gc.collect()
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_fields_left_blank_are_signed_too(cloud: AppServer) -> None:
    status, twiml = await ask(cloud, "/voice/stream/call", {**CALL, "CallerName": "", "ForwardedFrom": ""})
    assert (status, "<Stream" in twiml) == (200, True)


async def test_where_no_people_can_be_dialled_the_bot_is_asked_once_more_and_then_the_call_ends_in_words(
    sqlite_settings: Settings, engine: ScriptedEngine
) -> None:
    alone = with_phone(sqlite_settings, audiosocket_port=0, stream_token=SecretStr(TOKEN), public_url=PUBLIC)
    async with running_app(alone, SystemClock(), engine) as app:
        _, twiml = await ask(app, "/voice/stream/call", CALL)
        call_id = re.findall(r'name="call" value="([^"]+)"', twiml)[0]
        _, twiml = await ask(app, f"/voice/stream/next?call={call_id}", CALL)
        assert "<Stream" in twiml
        for call in (call_id, "unknown"):
            _, twiml = await ask(app, f"/voice/stream/next?call={call}", CALL)
            assert re.search(r'<Response><Say language="zh-CN">.*没有话务员.*</Say><Hangup/></Response>', twiml)


async def test_unsigned_questions_are_refused_and_it_is_off_unless_a_token_is_set(
    cloud: AppServer, sqlite_settings: Settings
) -> None:
    for path in ("call", "next?call=x", "back?call=x", "ended"):
        assert (await ask(cloud, f"/voice/stream/{path}", CALL, token="guessed"))[0] == 403
    async with running_app(sqlite_settings, SystemClock()) as off:
        assert (await ask(off, "/voice/stream/call", CALL, token=""))[0] == 403
        async with aiohttp.ClientSession(off.base) as session, session.ws_connect("/voice/stream/socket") as socket:
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


def test_the_signature_is_that_of_the_documentation() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature("12345", address, fields) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_mu_law_is_that_of_the_standard() -> None:
    every = bytes(range(256))
    assert mulaw.decode(every) == audioop.ulaw2lin(every, 2)
    samples = np.arange(-32768, 32768, 7, dtype="<i2").tobytes()
    mine = np.frombuffer(mulaw.decode(mulaw.encode(samples)), dtype="<i2").astype(int)
    theirs = np.frombuffer(audioop.ulaw2lin(audioop.lin2ulaw(samples, 2), 2), dtype="<i2").astype(int)
    true = np.frombuffer(samples, dtype="<i2").astype(int)
    assert np.abs(mine - true).sum() <= np.abs(theirs - true).sum() * 1.01
