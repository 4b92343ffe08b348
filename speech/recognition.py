"""Recognition as the rest of the house sees it: a recogniser takes one utterance at a time.

An utterance is begun when somebody starts to speak and finished when they have stopped (:mod:`speech.endpointing`).
What is expected of it (a yes, digits, anything) is told at the beginning.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Expecting(str, Enum):
    """What a speaker is expected to say, as far as it helps to hear it."""

    ANYTHING = "anything"
    YES_NO = "yes_no"
    DIGITS = "digits"
    MENU = "menu"


@dataclass(frozen=True)
class Word:
    """One recognised word."""

    text: str
    start: float
    """Seconds from the beginning of the utterance's audio."""
    end: float
    confidence: float
    """0…1, as the engine tells it."""


@dataclass(frozen=True)
class Heard:
    """One utterance as recognised."""

    text: str
    """Without blanks; empty when no word was recognised."""
    words: tuple[Word, ...] = ()

    @property
    def confidence(self) -> float:
        """Mean of the words, each by its length; 0 for nothing."""
        length = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / length if length else 0.0


class RecognitionFailed(Exception):
    """The recogniser cannot go on."""


class Utterance(Protocol):
    """One utterance while it is spoken. Not safe for several tasks at once."""

    async def feed(self, pcm: bytes) -> str:
        """Takes 8 kHz audio; what is understood so far. Raises :class:`RecognitionFailed`."""
        ...

    async def finish(self) -> Heard:
        """The whole utterance; nothing may be fed after. Raises :class:`RecognitionFailed`."""
        ...


class Recogniser(Protocol):
    """Understands speech."""

    def begin(self, expecting: Expecting, more: Collection[str] = ()) -> Utterance:
        """A new utterance. ``more``: phrases, without blanks, that may be said too where little is expected."""
        ...

    def close(self) -> None:
        """Gives back threads and memory."""
        ...
