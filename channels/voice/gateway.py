"""Where lines come in: calls that were announced are led, all others given back, and the PBX asks what comes next."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from channels.exchange import Exchange
from channels.voice.audiosocket import AudioSocketMedia, read_uuid
from channels.voice.call import House, LiveCall
from channels.voice.link import Announced, Link
from channels.voice.media import Media, MediaBroken
from channels.voice.metronome import Metronome
from channels.voice.phone_plan import PhonePlan
from channels.voice.script_words import Leg
from core.live import heard
from core.runtime import Runtime
from core.tasks import cancel_all
from speech.recognition import Recogniser
from speech.synthesis import Synthesiser

log = structlog.get_logger(__name__)

PEOPLE: Final = "queue"
"""What comes next when nothing else is known."""
_FIRST_FRAME: Final = 2.0
"""Seconds a line has to say which call it is."""
_STORING: Final = 0.6
"""Seconds in which the end of a call is stored; the PBX waits a second for an answer."""
_LEAVING: Final = 15.0
"""Seconds a service that stops gives its calls to store their ends."""
_KEPT: Final = 2000
"""Calls remembered; older ones have long ended."""


@dataclass
class Expected:
    """A call that was announced, and how far it is."""

    call: Announced
    leg: Leg = Leg.FIRST
    next: str = PEOPLE
    connected: bool = False
    live: bool = False
    failed: bool = True
    """Something of ours failed, or nobody knows better: whoever can be reached is to ring."""
    stored: asyncio.Event | None = None
    """Set when what it leaves has been stored; None: it has not been led."""

    def decide(self, to: str, *, failed: bool) -> None:
        """The line is about to be given back."""
        self.next, self.failed, self.live = to, failed, False


class Gateway:
    """All lines of this process."""

    def __init__(
        self,
        runtime: Runtime,
        exchange: Exchange,
        plan: PhonePlan,
        synthesiser: Synthesiser,
        recogniser: Recogniser | None,
    ) -> None:
        """``recogniser``: None: the phone works by keys and recordings alone."""
        self.runtime, self._exchange = runtime, exchange
        self._recogniser = recogniser
        self.house = House(plan, synthesiser, recogniser, Metronome())
        self.telephones: tuple[str, ...] | None = None
        """Extensions that can be reached, as the PBX told last; None: it has not."""
        self._expected: dict[str, Expected] = {}
        self._running: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to take calls; AudioSocket only where a port is set."""
        self.house.metronome.start()
        settings = self.runtime.settings
        if settings.audiosocket_port:
            host, port = settings.audiosocket_host, settings.audiosocket_port
            self._server = await asyncio.start_server(self._connected, host, port)

    async def stop(self) -> None:
        """Gives every line back: who is talking goes to people."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await cancel_all(self._running)
        if self.house.endings:
            await asyncio.wait(self.house.endings, timeout=_LEAVING)
        await self.house.metronome.stop()
        if self._recogniser is not None:
            await asyncio.to_thread(self._recogniser.close)

    # ---------------------------------------------------------------------------------- what the PBX tells and asks

    def announce(self, call: Announced) -> None:
        """A call will come in on a line; the same announcement twice is one."""
        if call.id not in self._expected:
            self._expected[call.id] = Expected(call)
        while len(self._expected) > _KEPT:
            self._expected.pop(next(iter(self._expected)))

    def comes_back(self, call_id: str, *, answered: bool) -> bool:
        """A call that was sent to people comes back to the bot; False for one we do not know."""
        expected = self._expected.get(call_id)
        if expected is None or expected.live:
            return False
        expected.leg = Leg.AFTER_PERSON if answered else Leg.UNANSWERED
        expected.connected, expected.next, expected.failed = False, PEOPLE, True
        return True

    def next_of(self, call_id: str) -> str:
        """Where a line goes that we have given back."""
        expected = self._expected.get(call_id)
        return expected.next if expected is not None else PEOPLE

    def has_failed(self, call_id: str) -> bool:
        """Whether a call goes to people because something of ours failed; one we do not know does."""
        expected = self._expected.get(call_id)
        return expected is None or expected.failed

    def leg_of(self, call_id: str) -> Leg | None:
        """How far a call is; None for one we do not know."""
        expected = self._expected.get(call_id)
        return expected.leg if expected is not None else None

    def is_alive(self) -> bool:
        """Whether the calls of this process are beaten for: nobody hears silence."""
        return self.house.metronome.is_beating(asyncio.get_running_loop().time())

    def standing(self, channel: str) -> tuple[str, bool, bool]:
        """The id of the call on ``channel``, whether it was sent to people, and whether they have talked to it."""
        for call_id, expected in self._expected.items():
            if channel and expected.call.channel == channel:
                sent = not expected.live and expected.connected and expected.next != "bye"
                return call_id, sent, expected.leg is Leg.AFTER_PERSON
        return "", False, False

    def live(self, line: str) -> list[Announced]:
        """The calls on lines of this kind that are led now."""
        return [expected.call for expected in self._expected.values() if expected.live and expected.call.line == line]

    def beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Does something nobody waits for; it is given up when the service stops."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._expected.pop(call_id, None)

    async def put_down(self, call_id: str) -> bool:
        """The citizen has put down: whether all that we have led of the call has ended and is stored, or soon is."""
        expected = self._expected.get(call_id)
        if expected is not None and expected.stored is not None and not await heard(expected.stored, _STORING):
            return False
        self.forget(call_id)
        return True

    # ---------------------------------------------------------------------------------- lines

    async def lead(self, media: Media, call_id: str) -> str:
        """Leads an announced call on ``media`` until the line goes elsewhere; where it goes.

        Raises :class:`MediaBroken` for a call that was not announced, is being led already, or is one too many.
        """
        expected = self._expected.get(call_id)
        if expected is None or expected.connected:
            raise MediaBroken("nobody announced this call")
        if sum(other.live for other in self._expected.values()) >= self.runtime.settings.calls_at_once:
            raise MediaBroken("too many calls")
        expected.connected = expected.live = True
        expected.stored = stored = asyncio.Event()
        link = Link(self.runtime, self._exchange, expected.call, alone=self._is_alone(expected))
        if expected.call.line == "asterisk":
            link.telephones = lambda: self.telephones
        call = LiveCall(self.house, media, link, leg=expected.leg)
        call.decided = lambda to: expected.decide(to, failed=call.failed)
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            return await call.run()
        finally:
            expected.live = False
            stored.set()
            self._running.discard(task)

    def _is_alone(self, mine: Expected) -> bool:
        number = mine.call.caller
        others = (other for other in self._expected.values() if other is not mine and other.live)
        return all(other.call.caller != number for other in others)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        media = AudioSocketMedia(reader, writer)
        try:
            call_id = await asyncio.wait_for(read_uuid(reader), _FIRST_FRAME)
            await self.lead(media, call_id)
        except (MediaBroken, asyncio.TimeoutError) as problem:
            log.warning("a line was given back", problem=str(problem) or "silent")
        except Exception as problem:  # a fault of ours must not leave the citizen in silence
            log.error("a line failed", error=type(problem).__name__)
        finally:  # also when the service stops
            with suppress(Exception):
                await asyncio.shield(media.hang_up())


def shortened(call: Announced) -> Announced:
    """The announcement with everything the PBX tells cut to what is kept."""
    return replace(call, called=call.called[:40], channel=call.channel[:120])
