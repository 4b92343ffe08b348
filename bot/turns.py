"""What goes into a turn of the dialogue core and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.conversations import TurnOutcome


@dataclass(frozen=True)
class TurnRequest:
    """One message of a citizen, with everything the dialogue core may know about where it comes from."""

    conversation_id: str
    message_id: int
    contact_id: int
    channel: str
    text: str
    now: datetime
    tracker: str | None = None
    """The dialogue's memory after the last finished turn; None at the first."""
    sender_phone: str | None = None
    """The sender's number where the channel vouches for it (SMS, calls)."""
    attachments: tuple[dict[str, Any], ...] = ()
    """Photos of this message, as stored."""
    cut: bool = False
    """Whether the message was longer than what of it is read."""
    about: dict[str, Any] | None = None
    """The reply whose button was pressed: ``conversation`` and ``seq``, as stored; None where the words were said."""


@dataclass(frozen=True)
class TurnResult:
    """What the dialogue core answers."""

    outcome: TurnOutcome


class Engine(Protocol):
    """The dialogue core as the channels see it."""

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Answers one message. Raises, or takes too long, when it cannot: the caller then calls a person."""
        ...
