"""What passes between citizens and us: values that know no channel and no database."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from core.contacts import Sender


@dataclass(frozen=True)
class Attachment:
    """A file a citizen sent, already checked and stored under ``data_dir/media``."""

    media_type: str
    path: str
    """Relative to the media folder; never the name the sender gave."""
    size: int
    sha256: str


@dataclass(frozen=True)
class Place:
    """Where a message stands."""

    conversation: str
    seq: int


@dataclass(frozen=True)
class InboundMessage:
    """One message of a citizen, as parsed by a channel adapter."""

    sender: Sender
    external_id: str
    """The channel's id of the message; a repeat of it is the same message."""
    text: str
    kind: str = "text"
    """``text`` or ``image``."""
    attachment: Attachment | None = None
    about: Place | None = None
    """The reply of ours whose button was pressed, where the channel can tell."""


@dataclass(frozen=True)
class QuickReply:
    """A reply offered as a button: what it shows and what it says when pressed."""

    title: str
    text: str = ""

    def said(self) -> str:
        """The words sent when it is pressed."""
        return self.text or self.title


@dataclass(frozen=True)
class Reply:
    """One message to a citizen. Channels without cards send ``text`` alone, so it must be complete by itself."""

    text: str
    card: dict[str, Any] | None = None
    """Structured form of the same content: ``kind`` and what belongs to it (docs/cards.md)."""
    quick_replies: tuple[QuickReply, ...] = ()
    asks: str | None = None
    """The field this reply asks the citizen for: ``phone``, ``address``, ``confirm``…"""
    outcome: str | None = None
    """What this reply settles: answered, order, refused, handoff, progress, urged, withdrawn…"""
    details: dict[str, Any] = field(default_factory=dict)
    """For machines only: article id, order number. Never personal data."""

    def payload(self) -> dict[str, Any]:
        """Everything but the text, as stored with the message."""
        stored = asdict(self)
        del stored["text"]
        stored["quick_replies"] = [{"title": q.title, "text": q.said()} for q in self.quick_replies]
        return {name: value for name, value in stored.items() if value}

    @classmethod
    def from_payload(cls, text: str, payload: dict[str, Any]) -> Reply:
        """Undoes :meth:`payload`."""
        values = dict(payload)
        quick = tuple(QuickReply(q["title"], q["text"]) for q in values.pop("quick_replies", ()))
        return cls(text=text, quick_replies=quick, **values)
