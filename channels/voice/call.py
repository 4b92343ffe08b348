"""One call while it is led: the line, the ear, the voice, the script and the conversation, put together.

Whatever of ours fails, the line is given back at once and the PBX sends the citizen to people: never silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import structlog

from backoffice.calls import Ending, Outcome
from channels.voice import script_words as s
from channels.voice.doing import Doing
from channels.voice.hearing import Hearing, Utterances
from channels.voice.incoming import Incoming
from channels.voice.journal import Journal, folder_of
from channels.voice.leaving import End, store
from channels.voice.link import Link, People, Recorded
from channels.voice.measures import Measures, calls_ended, calls_now
from channels.voice.media import Media
from channels.voice.message import Message
from channels.voice.metronome import Metronome
from channels.voice.outgoing import Outgoing
from channels.voice.patience import Excuse, Patience
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
"""Seconds in which a call's record must be open: that it is recorded, and the greeting, are being said meanwhile."""
_STORE_HANGS: Final = 1.5
"""Seconds anything of ours may take to store or look up while the citizen waits, where the database does nothing for
other calls either: then people take over…"""
_STORE_SLOWEST: Final = 5.0
"""…and in any case."""
_LAST_WORDS: Final = 2.0
"""Seconds the last words of a message may take to be understood when the citizen has put down."""
_LONGEST_CALL: Final = 3600.0
_STORING: Final = 10.0
"""Seconds the end of a call may take to be stored."""
_STORE_AGAIN: Final = (5.0, 30.0, 120.0)
"""Seconds after which the end of a call is stored again where a full disk took no journal."""


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
    left_behind: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a call could not store what it leaves: it is in its journal."""


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
    failed: bool = False
    """Whether the line goes to people because something of ours failed."""
    leaving: bool = False
    """Whether the line goes elsewhere once all has been said."""
    began: float = 0.0

    def __post_init__(self) -> None:
        self.script = CallScript(self.house.plan)
        self.events: asyncio.Queue[s.Event | None] = asyncio.Queue()
        """What the script is told, in order; None ends the call."""
        self.journal = Journal(self.link.call.id)
        self.measures = Measures(self.journal.note)
        self.patience = Patience(self.house.plan.patience["bot"], self.house.bot)
        self.transcript = Transcript(self.link.call.id, self.journal.note)
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
        self._excuse = Excuse(self.house.plan.patience["bot"][0])
        self._storing_since: float | None = None
        """Since when the citizen waits for the database."""

    async def run(self) -> str:
        """Leads the call; where the line goes next. Never raises but when cancelled."""
        self.began = self.house.clock()
        calls_now.inc()
        self.house.metronome.join(self, self._beat)
        try:
            await self._lead()
        except Exception as problem:  # whatever it was, the citizen goes to people
            log.error("a call failed", call=self.link.call.id, error=type(problem).__name__, place=place_of(problem))
            self.next, self.ending, self.failed = "queue", Ending.FAILED, True
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
        self.next, self.ending, self.failed = to, ending, ending is Ending.FAILED
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

    async def in_time(self, work: Coroutine[Any, Any, Result], *, looks: bool = False) -> Result:
        """What work on the database gives that the citizen waits for; ``looks``: it writes nothing.

        Raises what it raises, ``asyncio.TimeoutError`` where the database hangs.
        """
        self._storing_since, kind = self.house.clock(), "look" if looks else "write"
        try:
            return await self.house.store.within(_STORE_HANGS, _STORE_SLOWEST, work, kind=kind)
        finally:
            self._storing_since = None

    async def people(self) -> People:
        """Whether people can take the call; where they cannot, the bot has it. Raises as :meth:`in_time`."""
        people = await self.in_time(self.link.people(self.house.plan.hours), looks=True)
        if people.at_desk_only:
            await self.in_time(self.link.take_up_again())
        return people

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
            people = await self.people()
        self.journal.open(folder_of(runtime.settings), runtime.keyring, self.link.kept(self.transcript.place))
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
        for close in (self.hearing.close, self.mouth.speaker.close, self._closed, self.media.hang_up):
            await self._without_fail(close)
        kept = self.transcript
        outcome = Outcome(self.ending, kept.place, kept.seconds, kept.lines, self.measures.kept())
        left = self.recorded() if self.message.is_lost and self.next == "bye" else None
        if self.link.conversation_id:
            await self._store(End(outcome, self.link.runtime.clock.now(), left))
        else:  # no record was opened: nobody would find the recording again
            self.transcript.discard(self.link.runtime.settings.media_dir)

    async def _closed(self) -> None:
        self.transcript.close()
        self.decided(self.next)

    async def _without_fail(self, close: Callable[[], Awaitable[None]]) -> None:
        """Whatever fails to close, the rest is closed and what was said is stored."""
        try:
            await close()
        except Exception as problem:
            log.error("a part of a call could not be closed", call=self.link.call.id, place=place_of(problem))

    async def _store(self, end: End) -> None:
        """What the call leaves; where the database does not take it, its journal, which is taken over when it does."""
        self.journal.ended(end)
        for pause in (0.0, *(() if self.journal.is_whole else _STORE_AGAIN)):
            await asyncio.sleep(pause)
            try:
                await within(_STORING, store(self.link, end))
            except Exception as problem:
                log.error("a call's end could not be stored", call=self.link.call.id, error=type(problem).__name__)
            else:
                self.journal.forget()
                return
        self.journal.leave()
        self.house.left_behind.set()

    async def _watch(self) -> None:
        """What the bot answers, and who takes the conversation."""
        with live.listen(conversation_topic(self.link.conversation_id)) as changed:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    news = await self.house.store.within(_STORE_HANGS, _STORE_SLOWEST, self.link.news(), kind="look")
                except Exception:
                    self.broken("database")
                    return
                if news.replies:
                    self.house.bot.beat(self.house.clock(), begun=self.patience.answered())
                    self.measures.answered(self.house.clock())
                    self.events.put_nowait(s.Answered(news.replies))
                if news.taken_by is not None:
                    self.events.put_nowait(s.Taken(news.taken_by))

    def _beat(self, now: float) -> None:
        """20 ms: one frame out, one on record, and whatever time has come for."""
        try:
            self._incoming.go_on()
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
        silent = (done or self.mouth.speaker.held) and not (self.hearing.speaking or self.message.taken or self.leaving)
        if self._excuse.due(now, self.hearing.understands_since, self._storing_since, silent=silent):
            self.mouth.speaker.aside(self.script.line("moment"))
        if self.leaving and done:
            self.leaving = False
            self.events.put_nowait(None)
