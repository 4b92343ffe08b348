"""Calls on a clock of their own: everything of a call but its line, as quick as the machine, to the frame.

Time stands still while something is being understood, made, stored or answered, so that what is measured is what the
call waits for of itself.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from unittest.mock import patch

from backoffice import duty
from backoffice.staff import NewStaff, Role, create
from channels.exchange import Exchange
from channels.voice import call as leading
from channels.voice import hearing
from channels.voice import script_words as s
from channels.voice.call import House, LiveCall
from channels.voice.link import Announced, Link
from channels.voice.media import Key, Sound
from channels.voice.metronome import Metronome
from channels.voice.phone_plan import PhonePlan, load_phone_plan
from core.runtime import Runtime
from core.tasks import cancel_all
from speech import espeak
from speech.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE
from speech.recognition import Recogniser
from speech.setting_up import make_synthesiser
from speech.synthesis import Synthesiser
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.voices import said
from tests.phone.line import CITIZEN, is_quiet

_PATIENCE: Final = 20.0
"""Seconds of the machine anything may take."""
_LONGEST: Final = 240.0
"""…and a whole test."""
_TURNS: Final = 20
"""So many turns of the loop settle what needs no other thread; …"""
_A_MOMENT: Final = 0.001
"""…what needs one is not looked at all the time: that would take the processor from the thread that is awaited."""


class ByHand(Metronome):
    """Beats when it is told to."""

    def start(self) -> None:
        """Nothing: the test beats."""

    def beat(self, now: float) -> None:
        """One beat for all."""
        for beat in list(self._beats.values()):
            beat(now)


class Handset:
    """The line, with nothing behind it."""

    line = "asterisk"

    def __init__(self) -> None:
        self.heard = bytearray()
        """All that was heard, 8 kHz."""
        self.given_back = False
        self.coming: asyncio.Queue[Sound | Key | None] = asyncio.Queue()

    async def incoming(self) -> AsyncIterator[Sound | Key]:
        """What the test puts in."""
        while (item := await self.coming.get()) is not None:
            yield item

    def send(self, frame: bytes) -> None:
        """A frame to the citizen."""
        self.heard += frame

    def flush(self) -> None:
        """Nothing waits."""

    async def hang_up(self) -> None:
        """The line is given back."""
        self.given_back = True


@dataclass
class Time:
    """Seconds since the call began."""

    now: float = 1000.0


@dataclass
class FastCall:
    """One call, and the citizen in it."""

    call: LiveCall
    handset: Handset
    time: Time
    metronome: ByHand
    engine: ScriptedEngine
    exchange: Exchange
    task: asyncio.Task[str]
    _outgoing: bytearray = field(default_factory=bytearray)

    @property
    def over(self) -> bool:
        """Whether the line was given back."""
        return self.handset.given_back

    @property
    def told(self) -> str:
        """All that the bot has begun to say, in the words it is read in."""
        return "".join(line.text for line in self.call.transcript.lines if line.speaker == "bot")

    async def says(self, text: str, *, pause: float = 0.0) -> None:
        """Says something to its end, and is silent for ``pause`` seconds."""
        await self.sounds(said(text))
        await self.waits(pause)

    def speaks(self, pcm: bytes) -> None:
        """Begins to say something: it is heard as time passes."""
        self._outgoing += pcm

    async def sounds(self, pcm: bytes) -> None:
        """Puts audio into the line and lets it be heard."""
        self._outgoing += pcm
        while self._outgoing and not self.over:
            await self._step()

    async def presses(self, *keys: str) -> None:
        """Presses keys."""
        for key in keys:
            self.handset.coming.put_nowait(Key(key))
            await self._step()

    async def waits(self, seconds: float) -> None:
        """Says nothing for a while."""
        until = self.time.now + seconds - FRAME_SECONDS / 2
        while self.time.now < until and not self.over:
            await self._step()

    async def until(self, condition: Callable[[], object], limit: float = 60.0) -> float:
        """Lets time pass until ``condition()``; seconds it took. Fails after ``limit`` of them."""
        begun = self.time.now
        while not condition():
            assert self.time.now - begun < limit, f"not within {limit} s"
            assert not self.over or condition(), "the call has ended"
            await self._step()
        return self.time.now - begun

    async def prompt(self, limit: float = 60.0) -> str:
        """Waits until something is said and all of it has been; it, in the words it is read in."""
        before = len(self.told)
        await self.until(lambda: self.over or not self.call.mouth.speaker.done, limit)
        await self.until(lambda: self.over or self.call.mouth.speaker.done, limit)
        return self.told[before:]

    async def hangs_up(self) -> str:
        """Puts down; where the line went."""
        self.handset.coming.put_nowait(None)
        return await self.end()

    async def end(self) -> str:
        """Waits until the call has ended and is stored; where the line went."""
        return await asyncio.wait_for(self.task, _PATIENCE)

    @property
    def is_speaking(self) -> bool:
        """Whether the citizen hears something now."""
        return not is_quiet(bytes(self.handset.heard[-int(0.1 * 16000) :]))

    async def _step(self) -> None:
        """20 ms."""
        self.time.now += FRAME_SECONDS
        pcm = bytes(self._outgoing[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0") if self._outgoing else SILENCE
        del self._outgoing[:FRAME_BYTES]
        self.handset.coming.put_nowait(Sound(pcm))
        await self._settle()
        self.metronome.beat(self.time.now)
        await self._settle()

    async def _settle(self) -> None:
        until, looked = time.monotonic() + _PATIENCE, 0
        await asyncio.sleep(0)
        while not self._is_settled():
            assert time.monotonic() < until, "something takes for ever"
            looked += 1
            await asyncio.sleep(0 if looked < _TURNS else _A_MOMENT)

    def _is_settled(self) -> bool:
        if self.over or self.task.done():
            return True
        call, speaker = self.call, self.call.mouth.speaker
        heard = self.handset.coming.empty() and bool(self.handset.coming._getters)  # type: ignore[attr-defined]
        done = call.events.empty() and bool(call.events._getters)  # type: ignore[attr-defined]
        fed = call.hearing._audio is None or call.hearing._audio.empty()
        understood = fed and len(call.hearing._working) <= call.hearing._endpointer.speaking
        answered = call.patience._told_at is None or not self.engine.gate.is_set()
        spoken = not speaker._busy or not call.mouth._player.empty
        return heard and done and understood and answered and spoken


@asynccontextmanager
async def calling(
    runtime: Runtime,
    recogniser: Recogniser | None,
    engine: ScriptedEngine | None = None,
    *,
    caller: str | None = CITIZEN,
    mobile: bool = False,
    plan: PhonePlan | None = None,
    leg: s.Leg = s.Leg.FIRST,
    call_id: str = "",
    voice: Synthesiser | None = None,
) -> AsyncIterator[FastCall]:
    """A call that has just been answered; it has ended when the block has."""
    engine = engine or ScriptedEngine()
    exchange, clock, metronome, handset = Exchange(runtime, engine), Time(), ByHand(), Handset()
    house = House(
        plan or load_phone_plan(),
        voice or make_synthesiser(runtime.settings),
        recogniser,
        metronome,
        clock=lambda: clock.now,
    )
    announced = Announced(call_id or str(uuid.uuid4()), "asterisk", caller, mobile=mobile)
    call = LiveCall(house, handset, Link(runtime, exchange, announced, alone=True), leg=leg)
    task = asyncio.create_task(call.run())
    current = asyncio.current_task()
    assert current is not None
    watchdog = asyncio.get_running_loop().call_later(_LONGEST, current.cancel)
    opened = FastCall(call, handset, clock, metronome, engine, exchange, task)
    try:
        with (  # time stands still, the machine does not
            patch.object(hearing, "_HANGS", _PATIENCE),
            patch.object(hearing, "_SLOWEST", _PATIENCE),
            patch.object(leading, "_STORE_HANGS", _PATIENCE),
            patch.object(leading, "_STORE_SLOWEST", _PATIENCE),
            patch.object(leading, "_OPEN_PATIENCE", _PATIENCE),
            patch.object(espeak, "_TIME_LIMIT", _PATIENCE),
        ):
            await opened._settle()
            yield opened
    finally:
        engine.gate.set()
        if not task.done():
            handset.coming.put_nowait(None)
        await asyncio.wait([task], timeout=_PATIENCE)
        await cancel_all([task])
        await exchange.stop()
        watchdog.cancel()


async def somebody_comes_on_duty(runtime: Runtime) -> None:
    """An agent."""
    async with runtime.database.write() as session:
        now = runtime.clock.now()
        new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
        agent = await create(session, new, "Correct-Horse-9", "test", now)
        await duty.go_on_duty(session, agent.id, now)
