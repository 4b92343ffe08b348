"""When somebody begins to speak, means to interrupt, and has finished. Pure: frames of 20 ms in, signals out.

The engine's own endpointing is fixed in its model; how long a pause may be depends on what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from speech.audio import FRAME_SECONDS
from speech.recognition import Expecting


@dataclass(frozen=True)
class Pauses:
    """How long silence must last until an utterance is over, in seconds."""

    usual: float
    complete: float
    """…when what has been said is all that was asked for."""


PAUSES: Final = {
    Expecting.ANYTHING: Pauses(usual=0.6, complete=0.6),
    Expecting.MENU: Pauses(usual=0.6, complete=0.5),
    Expecting.YES_NO: Pauses(usual=0.6, complete=0.5),
    Expecting.DIGITS: Pauses(usual=1.2, complete=0.5),  # numbers are said in groups
}
TELLING: Final = Pauses(usual=1.0, complete=1.0)
"""For somebody who tells what happened: they think between sentences."""

_BEGINS: Final = 3
"""Frames of speech, within twice as many, that begin an utterance."""
_A_WORD: Final = 0.2
"""Seconds of speech from which it may be meant as an interruption [A5]…"""
_ARTICULATED: Final = 0.1
"""…if so much of it is articulated."""
_LONGEST: Final = 30.0
"""Seconds after which an utterance is taken as it is."""
_LONGEST_NOISE: Final = 4.0
"""…if nothing in it was articulated: noise that does not stop."""


class Signal(Enum):
    """What the endpointer tells."""

    BEGUN = "begun"
    INTERRUPTS = "interrupts"
    """Somebody speaks words, not a cough and not 嗯; told again with every frame of speech while they go on."""
    ENDED = "ended"
    TOO_LONG = "too_long"
    """Ended too, though they may still be speaking."""


class Endpointer:
    """Follows one line. Frames may be missing (no audio comes while a key is pressed): silence is counted by clock."""

    def __init__(self) -> None:
        self.pauses = PAUSES[Expecting.ANYTHING]
        self._recent: list[bool] = []
        self._spoken = self._articulated = 0.0
        self._begun_at: float | None = None
        self._last_speech = 0.0

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._begun_at is not None

    @property
    def in_doubt(self) -> bool:
        """Whether it has still to be told what is articulated: later frames decide nothing more."""
        return self._articulated < _ARTICULATED

    @property
    def last_speech(self) -> float:
        """When speech was heard last."""
        return self._last_speech

    def hear(self, now: float, *, speech: bool, articulated: bool, complete: bool = False) -> list[Signal]:
        """One frame that came at ``now`` (seconds). ``complete``: what has been said is all that was asked for."""
        signals = []
        self._recent = [*self._recent[-(2 * _BEGINS - 1) :], speech]
        if speech:
            self._last_speech = now
        if self._begun_at is None:
            if sum(self._recent) < _BEGINS:
                return []
            self._begin(now)
            signals.append(Signal.BEGUN)
        self._spoken += FRAME_SECONDS * speech
        self._articulated += FRAME_SECONDS * articulated
        if speech and self._spoken >= _A_WORD and self._articulated >= _ARTICULATED:
            signals.append(Signal.INTERRUPTS)
        return signals + self.tick(now, complete=complete)

    def tick(self, now: float, *, complete: bool = False) -> list[Signal]:
        """Time has passed, with or without a frame."""
        if self._begun_at is None:
            return []
        pause = self.pauses.complete if complete else self.pauses.usual
        ended = now - self._last_speech >= pause - FRAME_SECONDS / 2
        too_long = now - self._begun_at >= (_LONGEST if self._articulated >= _ARTICULATED else _LONGEST_NOISE)
        if not ended and not too_long:
            return []
        self.reset()
        return [Signal.ENDED if ended else Signal.TOO_LONG]

    def end(self) -> list[Signal]:
        """What is under way ends here, without a pause."""
        if self._begun_at is None:
            return []
        self.reset()
        return [Signal.ENDED]

    def reset(self) -> None:
        """Whatever was under way is over."""
        self._begun_at, self._recent = None, []
        self._spoken = self._articulated = 0.0

    def _begin(self, now: float) -> None:
        self._begun_at = now
        self._spoken = FRAME_SECONDS * (sum(self._recent) - 1)  # the present frame is counted by the caller
