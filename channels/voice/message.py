"""A message the citizen leaves: its audio, its words, and when it has ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from speech.audio import BYTES_PER_SECOND, RATE, seconds_of, silence

SHORTEST: Final = 1.0
"""Seconds a message has at least."""
_TONE_HERTZ: Final = 800
_TONE_SECONDS: Final = 0.3
_TONE_LEVEL: Final = 6000


def tone() -> bytes:
    """The beep after which one speaks."""
    time = np.arange(int(RATE * _TONE_SECONDS)) / RATE
    edge = np.minimum(1, np.minimum(time, _TONE_SECONDS - time) / 0.01)
    beep = (np.sin(2 * np.pi * _TONE_HERTZ * time) * edge * _TONE_LEVEL).astype("<i2")
    return silence(0.2) + bytes(beep.tobytes())


class Message:
    """One message at a time; a new one replaces the last."""

    def __init__(self, limits: Mapping[str, Any], ended: Callable[[float], None]) -> None:
        """``limits``: ``longest`` and ``silence`` in seconds. ``ended``: called with the seconds spoken."""
        self._longest, self._silence = float(limits["longest"]), float(limits["silence"])
        self._ended = ended
        self.prepared = False
        """Whether it will be, when the prompt before it has been said."""
        self._pcm = bytearray()
        self._words: list[str] = []
        self._last_words = 0.0
        self._spoken_until = 0
        self.on = False
        """Whether it is being recorded, or its last words are still being understood."""
        self.ending = False
        """Whether nothing more is taken: it ends as soon as what was said is understood."""
        self.kept = True
        """Whether all has been done with it: filed, kept to be listened to, or cancelled."""
        self.id = ""
        """Another one for every message."""

    def prepare(self) -> bytes:
        """The tone; recording begins when it has been heard."""
        self.prepared = True
        return tone()

    def may_begin(self, now: float) -> None:
        """All has been said, the tone too."""
        if self.prepared:
            self.prepared, self.on, self.ending = False, True, False
            self.kept, self.id = False, uuid.uuid4().hex
            self._pcm, self._words, self._spoken_until, self._last_words = bytearray(), [], 0, now

    def add(self, frame: bytes) -> None:
        """A frame of the citizen's."""
        if self.on and not self.ending:
            self._pcm += frame

    def words(self, text: str) -> None:
        """Something was understood; empty: a sound without words."""
        if text:
            self._words.append(text)
            self.spoken()

    def spoken(self) -> None:
        """The citizen is speaking, understood or not."""
        if self.on:
            self._spoken_until = len(self._pcm)
            self.activity()

    def wait(self, seconds: float) -> None:
        """The citizen looks for something: so much silence does not end the message."""
        self._last_words = max(self._last_words, self._now + seconds - self._silence)

    def activity(self) -> None:
        """The citizen is there."""
        self._last_words = max(self._last_words, self._now)

    def beat(self, now: float, *, busy: bool) -> bool:
        """Time passes; whether the message has been long or quiet enough and is to end. ``busy``: so is the ear."""
        self._now = now
        if not self.on:
            return False
        if self.ending:
            if not busy:
                self.on = self.ending = False
                self._ended(self.seconds)
            return False
        return now - self._last_words >= self._silence or len(self._pcm) >= self._longest * BYTES_PER_SECOND

    def end(self) -> None:
        """Nothing more is taken; a message that has not begun ends empty."""
        if self.prepared:
            self.prepared = False
            self._pcm, self._words, self._spoken_until = bytearray(), [], 0
            self._ended(0.0)
        self.ending = self.on

    @property
    def taken(self) -> bool:
        """Whether the citizen speaks on record now, or is about to."""
        return self.on or self.prepared

    @property
    def is_lost(self) -> bool:
        """Whether something was said of which nobody would know."""
        return not self.kept and self.seconds >= SHORTEST

    @property
    def pcm(self) -> bytes:
        """The audio."""
        return bytes(self._pcm)

    @property
    def seconds(self) -> float:
        """How long it is, to the last thing said."""
        return seconds_of(bytes(self._pcm[: self._spoken_until]))

    @property
    def text(self) -> str:
        """Its words, as far as they were understood."""
        return "，".join(self._words)

    _now = 0.0
