"""What became of the texts we sent: delivery reports, refusals, and texts we held back on purpose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.conversations import Message
from core.database import Base, Instant, after_commit, insert_into
from core.live import DESK, conversation_topic, live

DELIVERED: Final = "delivered"
"""The phone has it."""
FAILED: Final = "failed"
"""The network gave up."""
BUFFERED: Final = "buffered"
"""The network has it, the phone not yet."""
REJECTED: Final = "rejected"
"""Kannel or the network did not take it."""
WITHHELD: Final = "withheld"
"""We did not send it; the reason says why."""

_BY_MASK: Final = {1: DELIVERED, 2: FAILED, 4: BUFFERED, 8: BUFFERED, 16: REJECTED}
ALL_REPORTS: Final = sum(_BY_MASK)
"""``dlr-mask`` asking for every report. 8, taken by the network, comes at once and proves that Kannel has the text."""

_RANK: Final = (BUFFERED, DELIVERED, WITHHELD, REJECTED, FAILED)
_LONGEST_PART: Final = 64
_REASONS = (re.compile(r"stat:([A-Z]{1,12})"), re.compile(r"err:([0-9A-Za-z]{1,8})"), re.compile(r"^NACK/([^/]{1,24})"))


class SmsDelivery(Base):
    """One thing heard about one part of one message; a repeat of it is the same row."""

    __tablename__ = "sms_deliveries"
    __table_args__ = (UniqueConstraint("message_id", "part", "status"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    part: Mapped[str] = mapped_column(String(64))
    """The network's id of the part, empty when there is none. Kannel asks for a report on the last part only."""
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(60))
    """The network's code, or why we withheld it: opted_out, loop, no_number, no_text. Never the text itself."""
    at: Mapped[datetime] = mapped_column(Instant)


async def record(
    session: AsyncSession, message_id: int, status: str, now: datetime, *, part: str = "", reason: str = ""
) -> bool:
    """Writes down what was heard. False: there is no such message, nothing is written."""
    message = await session.get(Message, message_id)
    if message is None:
        return False
    statement = insert_into(session, SmsDelivery).values(
        message_id=message_id, part=part[:_LONGEST_PART], status=status, reason=reason[:60], at=now
    )
    await session.execute(statement.on_conflict_do_nothing())
    for topic in (conversation_topic(message.conversation_id), DESK):
        after_commit(session, partial(live.signal, topic))
    return True


async def statuses(session: AsyncSession, message_ids: Sequence[int]) -> dict[int, str]:
    """What is to be shown for each message of which anything was heard: the worst, else the furthest it got."""
    rows = await session.execute(
        select(SmsDelivery.message_id, SmsDelivery.status).where(SmsDelivery.message_id.in_(message_ids))
    )
    shown: dict[int, str] = {}
    for message_id, status in rows:
        shown[message_id] = max(shown.get(message_id, BUFFERED), status, key=_RANK.index)
    return shown


async def was_taken(session: AsyncSession, message_id: int) -> bool:
    """Whether a report proves that Kannel has the message, although its answer to us may have been lost."""
    found = await session.scalar(
        select(SmsDelivery.id)
        .where(SmsDelivery.message_id == message_id, SmsDelivery.status.in_((BUFFERED, DELIVERED)))
        .limit(1)
    )
    return found is not None


def status_of(mask: str) -> str | None:
    """The status in Kannel's ``%d``; None for what is no report."""
    return _BY_MASK.get(int(mask)) if mask.isascii() and mask.isdigit() and len(mask) <= 2 else None


def reason_in(reply: str) -> str:
    """The codes in the network's reply (``%A``), which may also quote the text: nothing else of it is kept."""
    found = (pattern.search(reply) for pattern in _REASONS)
    return " ".join(match.group(1) for match in found if match)
