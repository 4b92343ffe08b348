"""What calls left that could not be stored at their end, or whose service was killed: taken over into their records.

At the start, a few seconds after an end could not be stored, once a minute, and before anybody draws conclusions from a
call's end (:mod:`channels.voice.pbx`).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import NoResultFound

from backoffice.calls import Ending, Outcome, file_at
from channels.exchange import Exchange
from channels.voice.journal import NAMELESS, SUFFIX, NoJournal, Told, folder_of, held, read
from channels.voice.leaving import End, store
from channels.voice.link import Announced, Link, Recorded
from channels.voice.phone_plan import RecordingKind
from channels.voice.recording import seconds_of_file
from core.contacts import Sender
from core.rounds import whenever_wanted
from core.runtime import Runtime
from core.tasks import cancel_all, within

_EVERY: Final = 60.0
_SOON: Final = 5.0
"""Seconds after an end that could not be stored."""
_STORING: Final = 10.0
_BEGUN: Final = timedelta(minutes=1)
"""In which a journal that is being begun has its name."""
_WAITED_FOR: Final = timedelta(hours=1)
"""After which conclusions are drawn without it: whoever waited in vain is not called back a week later."""
_GIVEN_UP: Final = timedelta(days=7)
"""After which a journal is not tried any more."""
log = structlog.get_logger(__name__)


class Journals:
    """The folder of journals while the service runs."""

    def __init__(self, runtime: Runtime, exchange: Exchange, left_behind: asyncio.Event) -> None:
        """``left_behind``: set when a call of this process could not store its end."""
        self._runtime, self._exchange, self._left_behind = runtime, exchange, left_behind
        self._folder = folder_of(runtime.settings)
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look."""
        looking = whenever_wanted(self._left_behind, "take over journals", _EVERY, _SOON, self.take_over)
        self._task = asyncio.create_task(looking)

    async def stop(self) -> None:
        """What is not taken over now is taken over at the next start."""
        await cancel_all([self._task] if self._task else [])

    async def take_over(self, call_id: str = "") -> None:
        """Everything that nobody holds; only that of one call where ``call_id`` is told."""
        async with self._one_at_a_time:
            if not call_id:
                self._name_those_left()
            for path in sorted(self._folder.glob(f"{call_id}*{SUFFIX}")):
                with held(path) as ours:
                    if ours:
                        await self._take(path)

    async def has_end(self, call_id: str) -> bool:
        """Whether nothing of how the call ended is on its way into its record any more, or for too long."""
        await self.take_over(call_id)
        return not any(map(self._is_waited_for, self._folder.glob(f"{call_id}*{SUFFIX}")))

    def _is_waited_for(self, path: Path) -> bool:
        try:
            return self._age(path) < _WAITED_FOR
        except FileNotFoundError:  # it is in the record this moment
            return False

    def _name_those_left(self) -> None:
        """Whoever began them was killed before they had their name."""
        for path in self._folder.glob("*"):
            with suppress(FileNotFoundError):  # it gets its name this moment
                if NAMELESS.fullmatch(path.name) and self._age(path) > _BEGUN:
                    with held(path) as ours:
                        if ours:
                            path.rename(f"{path}{SUFFIX}")

    async def _take(self, path: Path) -> None:
        """One that cannot be taken over does not hold up the others, and is tried again, but not for ever."""
        try:
            told = await asyncio.to_thread(read, path, self._runtime.keyring)
            await within(_STORING, self._store(told, path))
            await asyncio.to_thread(path.unlink)
        except NoJournal:
            await self._set_aside(path, ".unreadable", "a call's journal cannot be read; it is kept beside the others")
        except NoResultFound:  # not even at the end of time
            await self._set_aside(path, ".unstored", "a journal's call is not there; it is kept beside the others")
        except Exception as problem:
            log.error("a call's journal could not be taken over", journal=path.stem, error=type(problem).__name__)
            if self._age(path) > _GIVEN_UP:
                await self._set_aside(path, ".unstored", "a call's journal is given up; it is kept beside the others")

    @staticmethod
    async def _set_aside(path: Path, suffix: str, why: str) -> None:
        await asyncio.to_thread(path.rename, path.with_suffix(suffix))
        log.error(why, journal=path.stem)

    def _age(self, path: Path) -> timedelta:
        return self._runtime.clock.now() - datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)

    async def _store(self, told: Told, path: Path) -> None:
        call = told.head["call"]
        known = Sender(**call["known"]) if call["known"] else None
        link = Link(self._runtime, self._exchange, Announced(**{**call, "known": known}), alone=told.head["alone"])
        link.conversation_id, link.contact_id = told.head["conversation"], told.head["contact"]
        await store(link, self._end_of(told, path))

    def _end_of(self, told: Told, path: Path) -> End:
        lines, end, place = [line for _, line in sorted(told.lines.items())], told.end, told.head["recording"]
        if end is not None:
            outcome = Outcome(Ending(end["ending"]), place, end["seconds"], lines, told.measures)
            return End(outcome, datetime.fromisoformat(end["at"]), _recorded(end["left"]))
        recording = file_at(self._runtime.settings.media_dir, place) if place else None
        seconds = seconds_of_file(recording) if recording is not None else 0
        at = datetime.fromtimestamp((recording or path).stat().st_mtime, timezone.utc)  # both grow as long as the call
        return End(Outcome(Ending.FAILED, place, seconds, lines, told.measures, guessed=True), at)


def _recorded(left: dict[str, Any] | None) -> Recorded | None:
    return Recorded(**{**left, "kind": RecordingKind(**left["kind"])}) if left else None
