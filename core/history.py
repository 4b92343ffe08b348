"""What happened, by whom, when: append-only and hash-chained (C11, I3).

The database refuses UPDATE and DELETE on this table (triggers made by the first migration). Each row carries
the hash of the row before it in its chain, so that a row changed or taken out behind the database's back
shows in :func:`verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.counters import next_number, next_numbers
from core.database import Base, Instant, insert_all

GENESIS = "0" * 64


class HistoryEntry(Base):
    """One thing that happened to one subject."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_subject", "subject", "subject_id", "position"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(30))
    """What kind of thing: order, conversation, staff, article… Each kind is a chain of its own."""
    position: Mapped[int] = mapped_column(BigInteger)
    """Place in the chain, from 1, without gaps."""
    subject_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    """``citizen``, ``bot``, ``system`` or ``staff:<id>``."""
    at: Mapped[datetime] = mapped_column(Instant)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


Index("uq_history_chain", HistoryEntry.subject, HistoryEntry.position, unique=True)


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold."""

    subject: str
    position: int
    reason: str


def digest(entry: HistoryEntry) -> str:
    """The hash of everything an entry says, its predecessor's hash included."""
    said = [
        entry.subject,
        entry.position,
        entry.subject_id,
        entry.action,
        entry.actor,
        entry.at.astimezone(timezone.utc).isoformat(),
        entry.data,
        entry.previous_hash,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


async def append(
    session: AsyncSession,
    *,
    subject: str,
    subject_id: str,
    action: str,
    actor: str,
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Adds an entry to the chain of ``subject``, in the caller's transaction."""
    position = await next_number(session, f"history:{subject}")  # locks the chain until commit
    previous = await _hash_at(session, subject, position - 1)
    entry = HistoryEntry(
        subject=subject,
        position=position,
        subject_id=subject_id,
        action=action,
        actor=actor,
        at=at,
        data=dict(data or {}),
        previous_hash=previous,
    )
    entry.hash = digest(entry)
    session.add(entry)
    await session.flush()
    return entry


@dataclass(frozen=True)
class Happening:
    """Something to be added to a chain, together with others."""

    subject_id: str
    action: str
    actor: str
    at: datetime
    data: Mapping[str, Any]


async def append_all(session: AsyncSession, subject: str, happenings: Sequence[Happening]) -> None:
    """Adds many entries to the chain of ``subject``, in their order, as :func:`append` would one by one."""
    positions = await next_numbers(session, f"history:{subject}", len(happenings))
    previous = await _hash_at(session, subject, positions.start - 1)
    entries = []
    for position, happening in zip(positions, happenings, strict=True):
        entry = HistoryEntry(
            subject=subject,
            position=position,
            subject_id=happening.subject_id,
            action=happening.action,
            actor=happening.actor,
            at=happening.at,
            data=dict(happening.data),
            previous_hash=previous,
        )
        previous = entry.hash = digest(entry)
        entries.append(entry)
    await insert_all(session, entries)


async def _hash_at(session: AsyncSession, subject: str, position: int) -> str:
    statement = select(HistoryEntry.hash).where(HistoryEntry.subject == subject, HistoryEntry.position == position)
    return await session.scalar(statement) or GENESIS


async def of(session: AsyncSession, subject: str, subject_id: str) -> list[HistoryEntry]:
    """Everything that happened to one subject, oldest first."""
    statement = (
        select(HistoryEntry)
        .where(HistoryEntry.subject == subject, HistoryEntry.subject_id == subject_id)
        .order_by(HistoryEntry.position)
    )
    return list(await session.scalars(statement))


async def verify(session: AsyncSession, subject: str) -> Break | None:
    """Walks the chain of ``subject``; None when every row is there and unchanged."""
    previous, expected = GENESIS, 1
    rows = await session.stream_scalars(
        select(HistoryEntry).where(HistoryEntry.subject == subject).order_by(HistoryEntry.position)
    )
    async for entry in rows:
        if entry.position != expected:
            return Break(subject, expected, "row missing")
        if entry.previous_hash != previous or entry.hash != digest(entry):
            return Break(subject, entry.position, "row changed")
        previous, expected = entry.hash, expected + 1
    return None
