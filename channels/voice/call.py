"""One call while it is led: the line, the ear, the voice, the script and the conversation, put together.

Whatever of ours fails, the line is given back at once and the PBX sends the citizen to people: never silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog

from backoffice.calls import Ending, Outcome
from channels.voice import script_words as s
from channels.voice.doing import Doing
from channels.voice.hearing import Hearing, Utterances
from channels.voice.incoming import Incoming
from channels.voice.link import Link, People, Recorded
from channels.voice.measures import Measures, calls_ended, calls_now
from channels.voice.media import Media
from channels.voice.message import Message
from channels.voice.metronome import Metronome
from channels.voice.outgoing import Outgoing
from channels.voice.patience import Patience
from channels.voice.phone_plan import PhonePlan
from channels.voice.pulse import Pulse
from channels.voice.script import CallScript
from channels.voice.transcript import Transcript
from core.faults import place_of
from core.live import conversation_topic, live
from core.tasks import cancel_all, within
from speech.recognition import Recogniser
from speech.synthesis import Synthesiser

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_OPEN_PATIENCE: Final = 3.0
"""Seconds in which a call's record must be open: the greeting is being said meanwhile, and is longer."""
_STORE_HANGS: Final = 1.5
"""Seconds anything of ours may take to store or look up while the citizen waits, where the database does nothing for
other calls either: then people take over…"""
_STORE_SLOWEST: Final = 5.0
"""…and in any case."""
_LAST_WORDS: Final = 2.0
"""Seconds the last words of a message may take to be understood when the citizen has put down."""
_LONGEST_CALL: Final = 3600.0
_STORE_AGAIN: Final = (5.0, 30.0, 120.0, 0.0)
"""Seconds after which the end of a call is stored again when the database was away."""


@dataclass(frozen=True)
class House:
    """What all calls share."""

    plan: PhonePlan
    synthesiser: Synthesiser
    recogniser: Recogniser | None
    metronome: Metronome
    clock: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    """Seconds, from any beginning: the metronome's."""
    bot: Pulse = field(default_factory=Pulse)
    """When the bot answered anybody last."""
    ear: Pulse = field(default_factory=Pulse)
    """When the recogniser was heard of last."""
    store: Pulse = field(default_factory=Pulse)
    """When the database did anything for a call last."""
    endings: set[asyncio.Task[None]] = field(default_factory=set)
    """Calls that are storing what they leave: whoever led them may be gone already."""


@dataclass(eq=False)
class LiveCall:
    """A call that is being led."""

    house: House
    media: Media
    link: Link
    leg: s.Leg = s.Leg.FIRST
    decided: Callable[[str], None] = lambda _: None
    """Called with where the line goes, before it is given back: the PBX asks at once."""
    next: str = "queue"
    """Where the line goes when we give it back: what nobody decides ends at people."""
    ending: Ending = Ending.HUNG_UP
    leaving: bool = False
    """Whether the line goes elsewhere once all has been said."""
    began: float = 0.0

    def __post_init__(self) -> None:
        self.script = CallScript(self.house.plan)
        self.events: asyncio.Queue[s.Event | None] = asyncio.Queue()
        """What the script is told, in order; None ends the call."""
        self.measures, self.patience = Measures(), Patience(self.house.plan.patience["bot"], self.house.bot)
        self.transcript = Transcript(self.link.call.id)
        self.mouth = Outgoing(
            self.media, self.house.synthesiser, self.transcript, self.measures, lambda: self.broken("voice")
        )
        self.message = Message(
            self.house.plan.recording, lambda seconds: self.events.put_nowait(s.RecordingEnded(seconds))
        )
        self._incoming = Incoming(self)
        tell = Utterances(self._incoming.interrupted, self._incoming.said, lambda: self.broken("ear"))
        self.hearing = Hearing(self.house.recogniser, tell, lambda: self.transcript.milliseconds, self.house.ear)
        self._doing = Doing(self)
        self._tasks: list[asyncio.Task[Any]] = []

    async def run(self) -> str:
        """Leads the call; where the line goes next. Never raises but when cancelled."""
        self.began = self.house.clock()
        calls_now.inc()
        self.house.metronome.join(self, self._beat)
        try:
            await self._lead()
        except Exception as problem:  # whatever it was, the citizen goes to people
            log.error("a call failed", call=self.link.call.id, error=type(problem).__name__, place=place_of(problem))
            self.next, self.ending = "queue", Ending.FAILED
        finally:
            self.house.metronome.leave(self)
            calls_now.dec()
            calls_ended.labels(self.ending.value).inc()
            ending = asyncio.create_task(self._end())
            self.house.endings.add(ending)
            ending.add_done_callback(self.house.endings.discard)
            await asyncio.shield(ending)
        return self.next

    def finish(self, to: str, ending: Ending) -> None:
        """The call is over, whatever was being said; the line goes ``to``."""
        self.next, self.ending = to, ending
        self.events.put_nowait(None)

    def end_message(self, now: float) -> None:
        """The message is over: what was said last is understood without a pause after it."""
        self.message.end()
        if self.message.ending:
            self.hearing.end_now(now)

    def recorded(self, recording: str = "") -> Recorded:
        """The last message; ``recording``: which one of the plan it is."""
        kinds, message = self.house.plan.recordings, self.message
        kind = kinds[recording] if recording else next(iter(kinds.values()))
        return Recorded(message.id, kind, message.text, message.seconds)

    def broken(self, part: str) -> None:
        """A part of ours has failed: the citizen goes to people."""
        log.error("a part of a call failed", call=self.link.call.id, part=part)
        self.events.put_nowait(s.Broken(part))

    async def in_time(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What work on the database gives. Raises what it raises, ``asyncio.TimeoutError`` where the database hangs."""
        return await self.house.store.within(_STORE_HANGS, _STORE_SLOWEST, work)

    async def _lead(self) -> None:
        runtime = self.link.runtime
        self.transcript.open(runtime.settings.media_dir, runtime.clock.now())
        self._tasks = [asyncio.create_task(self._incoming.receive())]
        resumes, people = False, People(there=False)
        if self.leg is s.Leg.FIRST:
            await self._greet()
            resumes = await within(_OPEN_PATIENCE, self.link.open(self.transcript.place))
        else:
            unanswered = self.leg is s.Leg.UNANSWERED
            await self.in_time(self.link.reopen(unanswered=unanswered))
            people = await self.in_time(self.link.people(self.house.plan.hours))
        self._tasks.append(asyncio.create_task(self._watch()))
        connected = s.Connected(
            leg=self.leg,
            hears=self.house.recogniser is not None,
            resumes=resumes,
            mobile=self.link.call.mobile,
            reachable=self.link.call.caller is not None,
            writes=self.link.call.known is not None,
            busy=people.there,
            opens=people.opens,
        )
        event: s.Event | None = connected if self.house.synthesiser.can_speak else s.Broken("voice")
        while event is not None:
            for command in self.script.on(event):
                await self._doing.do(command)
            event = await self.events.get()

    async def _greet(self) -> None:
        """Says hello while the call's record is still being opened: many may call in one moment."""
        if self.house.synthesiser.can_speak:
            for command in self.script.hello():
                await self._doing.do(command)

    async def _end(self) -> None:
        await cancel_all(self._tasks)
        if self.message.on and self.ending is Ending.HUNG_UP:  # how most people end a message
            self.end_message(self.house.clock())
            await self.hearing.understood(_LAST_WORDS)
        await self.hearing.close()
        await self.mouth.speaker.close()
        self.transcript.close()
        self.decided(self.next)
        await self.media.hang_up()
        kept = self.transcript
        outcome = Outcome(self.ending, kept.place, kept.seconds, kept.lines, self.measures.kept())
        left = self.recorded() if self.message.is_lost and self.next == "bye" else None
        if self.link.conversation_id:
            await self._store(outcome, left)
        else:  # no record was opened: nobody would find the recording again
            self.transcript.discard(self.link.runtime.settings.media_dir)

    async def _store(self, outcome: Outcome, left: Recorded | None) -> None:
        """What the call leaves, as soon as the database takes it."""
        if self.link.call.known is not None:  # what is left open goes on in writing
            over = self.ending is Ending.BYE
        else:
            over = self.ending not in {Ending.TRANSFERRED, Ending.FAILED, Ending.HUNG_UP}
        for pause in _STORE_AGAIN:
            try:
                await within(10, self.link.close(outcome, over=over, left=left))
                break
            except Exception as problem:
                log.error("a call's end could not be stored", call=self.link.call.id, error=type(problem).__name__)
                await asyncio.sleep(pause)

    async def _watch(self) -> None:
        """What the bot answers, and who takes the conversation."""
        with live.listen(conversation_topic(self.link.conversation_id)) as changed:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    news = await self.in_time(self.link.news())
                except Exception:
                    self.broken("database")
                    return
                if news.replies:
                    self.patience.answered()
                    self.house.bot.beat(self.house.clock())
                    self.measures.answered(self.house.clock())
                    self.events.put_nowait(s.Answered(news.replies))
                if news.taken_by is not None:
                    self.events.put_nowait(s.Taken(news.taken_by))

    def _beat(self, now: float) -> None:
        """20 ms: one frame out, one on record, and whatever time has come for."""
        try:
            self.transcript.beat(self.mouth.beat(now))
            self.hearing.beat(now)
            if self.message.beat(now, busy=self.hearing.busy):
                self.end_message(now)
            self._check_time(now)
        except Exception as problem:  # a call without a clock would be silent for ever
            log.error("a call's beat failed", call=self.link.call.id, place=place_of(problem))
            self.house.metronome.leave(self)
            self.finish("queue", Ending.FAILED)

    def _check_time(self, now: float) -> None:
        if now - self.began > _LONGEST_CALL:
            self.began = now
            self.finish("queue", Ending.FAILED)
        done, busy = self.mouth.speaker.done, self.hearing.busy
        if not busy and self.mouth.has_just_ended():
            self.message.may_begin(now)
        for event in self.patience.due(now, talk=busy or not done, held=self.leaving or self.message.on):
            if isinstance(event, s.Broken):
                self.broken(event.part)
            else:
                self.events.put_nowait(event)
        if self.leaving and done:
            self.leaving = False
            self.events.put_nowait(None)
