"""A line as a PBX opens it: AudioSocket over TCP at the pace of real time, with somebody at the other end."""

from __future__ import annotations

import asyncio
import io
import uuid
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import numpy as np

from channels.voice.audiosocket import DTMF, HANG_UP, PCM_8K, UUID, frame, read_frame
from speech.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE
from speech.recognition import Expecting
from speech.vosk_recognition import VoskRecogniser
from tests.fixtures.voices import WHISTLE, said

SECRET = "pbx-s3cret"
CITIZEN = "13800138000"
_LOUD = 600
_PAUSE = 0.7
"""Seconds of quiet after which the other side has finished speaking."""


@dataclass
class Line:
    """One call, seen from the citizen's end."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    call_id: str
    base: str
    heard: bytearray = field(default_factory=bytearray)
    """All that was heard, 8 kHz."""
    given_back: asyncio.Event = field(default_factory=asyncio.Event)
    """The bot has given the line back."""
    gaps: list[float] = field(default_factory=list)
    """Seconds between frames that came."""
    _outgoing: bytearray = field(default_factory=bytearray)
    _paused: bool = False

    def speak(self, pcm: bytes) -> None:
        """Puts audio into the line; silence goes out otherwise."""
        self._outgoing += pcm

    def say(self, text: str, variant: str = "m3") -> None:
        """Says something by espeak-ng."""
        self.speak(said(text, variant=variant))

    async def press(self, *keys: str) -> None:
        """Presses keys; no audio goes out meanwhile, as with a real PBX."""
        for key in keys:
            self._paused = True
            await asyncio.sleep(0.1)
            self.writer.write(frame(DTMF, key.encode()))
            self._paused = False
            await asyncio.sleep(0.06)

    async def hang_up(self) -> None:
        """The citizen puts down."""
        self.writer.close()

    @property
    def has_said_all(self) -> bool:
        """Whether all that was said has gone out."""
        return not self._outgoing

    @property
    def seconds(self) -> float:
        """How much has been heard."""
        return len(self.heard) / 16000

    def is_quiet(self, seconds: float = _PAUSE) -> bool:
        """Whether nothing was heard lately."""
        return is_quiet(bytes(self.heard[-int(seconds * 16000) :]))

    async def prompt(self, limit: float = 20) -> bytes:
        """Waits until the bot speaks and has finished; what was heard since the call of this."""
        start, loop = len(self.heard), asyncio.get_running_loop()
        until = loop.time() + limit
        while self.is_quiet(0.1) and not self.given_back.is_set():
            assert loop.time() < until, "nothing was said"
            await asyncio.sleep(0.02)
        while not self.is_quiet() and not self.given_back.is_set():
            assert loop.time() < until, "it goes on and on"
            await asyncio.sleep(0.02)
        return bytes(self.heard[start:])

    async def next(self, limit: float = 15) -> str:
        """Waits until the line is given back, and asks as the dialplan does."""
        await asyncio.wait_for(self.given_back.wait(), limit)
        params = {"uuid": self.call_id, "secret": SECRET}
        async with aiohttp.ClientSession() as session, session.get(f"{self.base}/voice/pbx/next", params=params) as got:
            return await got.text()

    async def _talk(self) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time()
        while not self.writer.is_closing():
            pcm = bytes(self._outgoing[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0") if self._outgoing else SILENCE
            del self._outgoing[:FRAME_BYTES]
            if not self._paused:
                self.writer.write(frame(PCM_8K, pcm))
            at += FRAME_SECONDS
            await asyncio.sleep(max(0, at - loop.time()))

    async def _listen(self) -> None:
        loop, last = asyncio.get_running_loop(), 0.0
        while (got := await read_frame(self.reader)) is not None and got[0] != HANG_UP:
            if got[0] == PCM_8K:
                if last:
                    self.gaps.append(loop.time() - last)
                last = loop.time()
                self.heard += got[1]
        self.given_back.set()


async def announce(base: str, call_id: str, caller: str = CITIZEN, *, secret: str = SECRET) -> int:
    """What the dialplan does first; the status of the answer."""
    form = {"uuid": call_id, "from": caller, "to": "12345", "channel": "PJSIP/trunk-1", "secret": secret}
    async with aiohttp.ClientSession() as session, session.post(f"{base}/voice/pbx/call", data=form) as got:
        return got.status


@asynccontextmanager
async def line(
    base: str, port: int, *, caller: str = CITIZEN, call_id: str = "", known: bool = True
) -> AsyncIterator[Line]:
    """A call until the block ends. ``known``: it is announced first."""
    call_id = call_id or str(uuid.uuid4())
    if known:
        assert await announce(base, call_id, caller) == 200
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(UUID, uuid.UUID(call_id).bytes))
    opened = Line(reader, writer, call_id, base)
    tasks = [asyncio.create_task(opened._talk()), asyncio.create_task(opened._listen())]
    try:
        yield opened
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()


def level(pcm: bytes) -> float:
    """Root mean square."""
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float64)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def is_quiet(pcm: bytes) -> bool:
    """Whether there is no sound anywhere in it."""
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.int32)
    return len(samples) == 0 or int(np.abs(samples).max()) < _LOUD


def seconds_of_whistle(pcm: bytes) -> float:
    """For how long :func:`~tests.fixtures.voices.whistle` is heard, alone or beside other sound."""
    frames = np.frombuffer(pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES], dtype=np.int16).reshape(-1, FRAME_BYTES // 2)
    wave_of_it = np.exp(-2j * np.pi * WHISTLE / 8000 * np.arange(FRAME_BYTES // 2))
    loudness = np.abs(frames @ wave_of_it) / len(wave_of_it) * 2
    return int((loudness > _LOUD).sum()) * FRAME_SECONDS


def citizens_side(wav: bytes) -> bytes:
    """8 kHz audio of the citizen's channel, the first, of a WAV file."""
    with wave.open(io.BytesIO(wav)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, file.getnchannels())
    return bytes(both[:, 0].tobytes())


async def words_in(recogniser: VoskRecogniser, pcm: bytes, expecting: Expecting = Expecting.ANYTHING) -> str:
    """What a recogniser makes of audio that was heard."""
    utterance = recogniser.begin(expecting)
    await utterance.feed(bytes(6400) + pcm + bytes(8000))
    return (await utterance.finish()).text
