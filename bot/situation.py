"""What was said, and where an intake stands when it is said: the values the intake's rules work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backoffice.kinds import Kind

CONFIRM = "confirm"
"""The last field of every intake: the citizen's yes to what was taken down."""
DUPLICATE = "duplicate"
"""Asked before it where the same matter has likely been reported: whether it is the same."""
DISTRICT = "district"
"""Where the part of an address is kept that is not enough by itself: 城东区."""


@dataclass(frozen=True)
class Part:
    """One of several things said in one message."""

    text: str
    intent: str
    confidence: float


@dataclass(frozen=True)
class Utterance:
    """What the citizen said, as Rasa's NLU understood it."""

    text: str
    intent: str
    confidence: float
    entities: Mapping[str, Any] = field(default_factory=dict)
    matter: str | None = None
    """The likeliest intent of those that begin an order, whatever else is likelier."""
    parts: tuple[Part, ...] = ()
    """What the message speaks of, where that is several things."""


@dataclass(frozen=True)
class Situation:
    """Where an intake stands."""

    kind: Kind
    category: str | None
    values: Mapping[str, Any]
    requested: str | None
    tries: int
    now: datetime
    sender_phone: str | None = None
    before: str = ""
    """What the citizen said last before this message."""
    repeated: bool = False
    """The citizen says word for word what they said last: it is meant, however it was taken."""
    passed_over: bool = False
    """What is asked for has been asked for before, and something else was told."""
    likely: bool = False
    """There is an order that is likely about the same matter."""
    doubted: bool = False
    """The citizen has said that something in the summary is wrong, not yet what."""
