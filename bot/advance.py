"""What an answer changes in an intake, and the words that tell it. Values alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NOTED = "好的，记下了。"
ALL_NOTED = "您说过的都记着，不会丢。"
STILL_MISSING = "好的，还差几项就登记好了。"
NO_HURRY = "不着急，您慢慢说。"
SECRECY_NOTED = "好的，会为您的身份保密。"
NOT_DONE = "这件事还没有登记完。接着登记请回答下面的问题，不登记了请说“取消”。"


@dataclass(frozen=True)
class Advance:
    """What an answer changes."""

    values: dict[str, Any] = field(default_factory=dict)
    """Fields that get another value; None: to be asked for again."""
    problem: str | None = None
    """What to tell the citizen about an answer that cannot be taken."""
    word: str | None = None
    """What else to tell before the next question."""
    kind: str | None = None
    """The kind of the matter, where only now it is told."""
    doubted: bool = False
    """The summary was refused without saying what is wrong."""
    leaves: bool = False
    """Not an answer: the dialogue's rules take the message."""
    asks: bool = False
    """Not an answer but a question, whatever else the message was guessed to be."""
