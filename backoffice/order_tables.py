"""The tables of orders. Nothing changes them but :mod:`backoffice.orders` (and :mod:`backoffice.demo`, which adds).

What somebody wrote (content, answers, reasons, supplements) is encrypted and kept beside the history, not in it:
history is for ever, personal data is not. Search runs over ``search_text``, in which numbers and the reporter's
name are masked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from backoffice.areas import Area
from backoffice.categories import Category
from backoffice.departments import Department
from core.contacts import Contact
from core.conversations import Conversation
from core.database import Base, Instant
from core.privacy import EncryptedJson, EncryptedText

BigId = BigInteger().with_variant(Integer, "sqlite")


class Order(Base):
    """One order (工单)."""

    __tablename__ = "orders"
    __table_args__ = (
        # the list of a department, the list of everybody, the counts by colour of both
        Index("ix_orders_department", "department_id", "status", "due_at", "yellow_at"),
        Index("ix_orders_status", "status", "due_at", "yellow_at"),
        Index("ix_orders_created", "created_at", "number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(8), unique=True)
    query_code: Mapped[str] = mapped_column(EncryptedText)
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(80))
    content: Mapped[str] = deferred(mapped_column(EncryptedText))
    search_text: Mapped[str] = deferred(mapped_column(Text))
    address: Mapped[str | None] = mapped_column(String(200))
    area_code: Mapped[str | None] = mapped_column(ForeignKey(Area.code), index=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey(Category.id), index=True)
    category_origin: Mapped[str | None] = mapped_column(String(10))
    """An :class:`backoffice.origins.Origin`; None: it has no category, or nobody knows any more."""
    happened: Mapped[str | None] = mapped_column(String(100))
    """When it happened, in the citizen's words."""
    happened_at: Mapped[datetime | None] = mapped_column(Instant)
    target: Mapped[str | None] = mapped_column(String(100))
    """Whom or what it is about."""
    reporter_name: Mapped[str | None] = mapped_column(EncryptedText)
    reporter_phone: Mapped[str | None] = mapped_column(EncryptedText)
    reporter_phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    confidential: Mapped[bool] = mapped_column(Boolean)
    attachments: Mapped[dict[str, Any]] = deferred(mapped_column(EncryptedJson))
    """``{"files": […]}``, each as stored with its message."""

    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str | None] = mapped_column(String(64))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey(Conversation.id), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey(Contact.id), index=True)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)

    department_id: Mapped[int] = mapped_column(ForeignKey(Department.id))
    department_origin: Mapped[str | None] = mapped_column(String(10))
    """An :class:`backoffice.origins.Origin`; None: it was never sent anywhere, or was sent back."""
    handler_id: Mapped[int | None] = mapped_column(Integer, index=True)
    """The member of staff who signed for it."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the answer that stands was given; None again after reopening."""
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    urges: Mapped[int] = mapped_column(Integer, default=0)
    send_backs: Mapped[int] = mapped_column(Integer, default=0)

    policy_version: Mapped[int] = mapped_column(Integer)
    clock: Mapped[str | None] = mapped_column(String(10))
    """The clock that presses; this and the two below are read off the history anew at every change."""
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    yellow_at: Mapped[datetime | None] = mapped_column(Instant)
    promised_at: Mapped[datetime | None] = mapped_column(Instant)
    """By when the citizen was promised an answer."""


class OrderAnswer(Base):
    """An answer: by whom, when, how it was handled, what came of it (C8)."""

    __tablename__ = "order_answers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    staff_id: Mapped[int | None] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(80))
    handled_on: Mapped[date] = mapped_column(Date)
    situation: Mapped[str] = mapped_column(EncryptedText)
    result: Mapped[str] = mapped_column(EncryptedText)


class OrderRemark(Base):
    """What somebody wrote at a step: a reason, a supplement. History names it by id."""

    __tablename__ = "order_remarks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    action: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(EncryptedText)


class OrderReporter(Base):
    """Somebody else who reported what an order is about (B5, C5): they hear what comes of it, too."""

    __tablename__ = "order_reporters"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("orders.number"), index=True)
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    """Idempotency key under which they joined."""
    at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    """When they took their report back."""
    query_code: Mapped[str] = mapped_column(EncryptedText)
    title: Mapped[str] = mapped_column(String(80))
    """Of what they said themselves."""
    reporter_name: Mapped[str | None] = mapped_column(EncryptedText)
    reporter_phone: Mapped[str | None] = mapped_column(EncryptedText)
    reporter_phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str | None] = mapped_column(String(64))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey(Conversation.id), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey(Contact.id), index=True)


class OrderKey(Base):
    """An idempotency key and the order it was used on: the mark commits with the work (trap: 1)."""

    __tablename__ = "order_keys"

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    action: Mapped[str] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(String(8))
