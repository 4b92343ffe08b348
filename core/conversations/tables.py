"""The tables of conversations: who talks where, what was said, and what the dialogue core remembers."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.channels import TELEPHONE
from core.database import Base, Instant
from core.privacy import EncryptedJson, EncryptedText

_BigId = BigInteger().with_variant(Integer, "sqlite")


class Owner(str, Enum):
    """Who answers a conversation."""

    BOT = "bot"
    WAITING = "waiting"
    """Handed over, no person has taken it yet."""
    PERSON = "person"


class Conversation(Base):
    """A talk with one citizen on one channel."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "uq_conversations_open",
            "contact_id",
            "channel",
            "account",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_conversations_owner", "owner", "closed_at", "waiting_since"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_message_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    owner: Mapped[str] = mapped_column(String(10), default=Owner.BOT.value)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    staff_id: Mapped[int | None] = mapped_column(Integer, index=True)
    """The person who owns it, while owner is ``person``."""
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    handoff_reason: Mapped[str | None] = mapped_column(String(40))

    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    turn_lease_until: Mapped[datetime | None] = mapped_column(Instant)
    """While in the future, one worker is at this conversation's turns."""
    turn_lease_holder: Mapped[str | None] = mapped_column(String(40))

    @property
    def by_telephone(self) -> bool:
        """Whether it is spoken: what is written in it nobody hears."""
        return self.channel == TELEPHONE


class Message(Base):
    """One message in a conversation."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index(
            "ix_messages_unhandled",
            "conversation_id",
            "seq",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(10))
    """``citizen``, ``bot``, ``staff`` or ``system``."""
    staff_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    """``text``, ``image`` or ``notice`` (a line of ours in the middle of the page)."""
    text: Mapped[str] = mapped_column(EncryptedText)
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the turn of a citizen's message ended; messages of ours are born handled."""


class InboundReceipt(Base):
    """That a channel's message was taken in: the mark that makes a repeat harmless."""

    __tablename__ = "inbound_receipts"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    message: Mapped[Message] = relationship()


class DialogueState(Base):
    """The dialogue core's memory of one conversation (Rasa's tracker), as of the last finished turn."""

    __tablename__ = "dialogue_states"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    tracker: Mapped[str] = mapped_column(EncryptedText)
    draft: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    """What the bot has taken down so far, field → words, for the person who takes over."""
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ConversationClosed(Exception):
    """Somebody writes into a conversation that has ended."""


class NotOwner(Exception):
    """A person acts in a conversation another person owns, or takes one that is taken."""
