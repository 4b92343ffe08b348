"""What a call waits for, and what it means when it does not come. Pure: the loop's time in seconds in, events out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from channels.voice.pulse import Pulse
from channels.voice.script_words import Broken, Event, Late, Quiet

_STOOD_STILL: Final = 0.1
"""Seconds between two looks from which the loop did not run: what the bot did meanwhile is not known yet."""
_PASSED_OVER: Final = 1.0
"""Seconds the bot may still think about what was said before something it has answered."""
IDLE: Final = 5.0
"""Seconds in which nothing at all is waited for, after which something must have gone wrong."""


class Excuse:
    """A word where something of ours keeps the citizen waiting in silence: once for each wait."""

    def __init__(self, after: float) -> None:
        """``after``: seconds of waiting."""
        self._after, self._said = after, False

    def due(self, now: float, *since: float | None, silent: bool) -> bool:
        """Whether it is to be said now. ``since``: when each of the waits began that there are."""
        begun = min((one for one in since if one is not None), default=None)
        due = begun is not None and silent and not self._said and now - begun >= self._after
        self._said = begun is not None and (self._said or due)
        return due


class Patience:
    """The waiting of one call."""

    def __init__(self, limits: Sequence[float], bot: Pulse) -> None:
        """``limits``: seconds without an answer of the bot until the citizen is asked to wait; until a person takes
        over, where the bot answers nobody, or others that came later; until one does in any case. ``bot``: when it
        answered anybody.
        """
        self._late_after, self._hangs_after, self._longest = limits
        self._bot = bot
        self._seconds: float | None = None
        """Silence until Quiet; None: nothing is waited for."""
        self._since = 0.0
        self._told_at: float | None = None
        self._late = False
        self._idle_since: float | None = None
        self._looked_at: float | None = None

    def wait(self, seconds: float, now: float) -> None:
        """An answer of the citizen's is waited for."""
        self._seconds, self._since = seconds, now

    def stir(self, now: float) -> None:
        """The citizen made themselves heard: the waiting begins anew."""
        self._since = now

    def rest(self) -> None:
        """No word of the citizen's is waited for."""
        self._seconds = None

    def told(self, now: float) -> None:
        """The bot was told something and has to answer."""
        self._seconds, self._told_at, self._late = None, now, False

    def answered(self) -> float | None:
        """…and has answered; when it was told."""
        told_at, self._told_at = self._told_at, None
        return told_at

    def due(self, now: float, *, talk: bool, held: bool) -> list[Event]:
        """What has to happen by now. ``talk``: somebody is speaking; ``held``: something else ends the silence."""
        if talk:
            self._since = now
        self._leave_out(now)
        events = self._bot_is_due(now)
        if self._seconds is not None and now - self._since >= self._seconds:
            self._seconds = None
            events.append(Quiet())
        waiting = self._seconds is not None or self._told_at is not None
        if talk or held or waiting or events or self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > IDLE:  # nothing is said, heard or waited for: that must not be
            self._idle_since = now
            events.append(Broken("script"))
        return events

    def _leave_out(self, now: float) -> None:
        """Time in which the loop stood still is not the bot's: its answer may be there, and not looked at yet."""
        still = now - self._looked_at if self._looked_at is not None else 0.0
        self._looked_at = now
        if self._told_at is not None and still > _STOOD_STILL:
            self._told_at = min(now, self._told_at + still)

    def _bot_is_due(self, now: float) -> list[Event]:
        if self._told_at is None:
            return []
        waited = now - self._told_at
        overtaken = self._bot.overtaken(self._told_at)
        passed_over = overtaken is not None and now - overtaken >= _PASSED_OVER
        hangs = waited >= self._hangs_after and (passed_over or not self._bot.beats(now, self._hangs_after))
        if hangs or waited >= self._longest:
            self._told_at = None
            return [Broken("bot")]
        if waited >= self._late_after and not self._late:
            self._late = True
            return [Late()]
        return []
