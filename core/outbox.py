"""The outbox: side effects written in the transaction that causes them, carried out after it.

At least once, in order per shard, never silently never: a row is leased to a worker for a limited time; a worker
that dies loses its lease; a failure is tried again with doubling pauses; after :data:`MAX_ATTEMPTS` the row is a dead
letter, which people see and may send again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import BigInteger, Index, Integer, String, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from core.clock import Clock
from core.database import Base, Database, Instant, after_commit, insert_into
from core.live import OUTBOX, heard, live
from core.privacy import EncryptedJson

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
"""With doubling pauses from two seconds on: a good hour."""
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
LEASE = timedelta(seconds=60)
BATCH = 20

PENDING, DONE, DEAD = "pending", "done", "dead"


class OutboxRow(Base):
    """One side effect to carry out."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "status", "available_at"),
        Index("ix_outbox_shard", "shard", "status", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    """Which handler carries it out: ``sms``…"""
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Idempotency key: enqueuing the same effect twice is one row."""
    shard: Mapped[str] = mapped_column(String(80))
    """Rows of one shard go out in order."""
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    status: Mapped[str] = mapped_column(String(10), default=PENDING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    available_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Undeliverable(Exception):
    """Raised by a handler when trying again cannot help: the row becomes a dead letter at once."""


Handler = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Carries out one payload; returns when it is done, raises when it is not."""


async def enqueue(
    session: AsyncSession, *, topic: str, key: str, shard: str, payload: Mapping[str, Any], now: datetime
) -> None:
    """Adds a side effect to the caller's transaction; a second one with the same ``key`` is ignored."""
    statement = insert_into(session, OutboxRow).values(
        topic=topic,
        key=key,
        shard=shard,
        payload=dict(payload),
        status=PENDING,
        attempts=0,
        available_at=now,
        created_at=now,
    )
    await session.execute(statement.on_conflict_do_nothing())
    after_commit(session, lambda: live.signal(OUTBOX))


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failure (from 1)."""
    doublings = float(2 ** (attempts - 1))
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


async def claim(session: AsyncSession, topics: list[str], now: datetime) -> list[OutboxRow]:
    """Leases the rows that are due, at most one per shard, oldest first."""
    earlier = aliased(OutboxRow)
    free = (OutboxRow.leased_until.is_(None)) | (OutboxRow.leased_until <= now)
    statement = (
        select(OutboxRow)
        .where(
            OutboxRow.status == PENDING,
            OutboxRow.topic.in_(topics),
            OutboxRow.available_at <= now,
            free,
            ~exists().where(earlier.shard == OutboxRow.shard, earlier.status == PENDING, earlier.id < OutboxRow.id),
        )
        .order_by(OutboxRow.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.scalars(statement))
    for row in rows:
        row.leased_until = now + LEASE
    return rows


async def settle(session: AsyncSession, row_id: int, error: Exception | None, now: datetime) -> None:
    """Writes down how an attempt ended."""
    row = await session.get_one(OutboxRow, row_id)
    row.leased_until = None
    row.attempts += 1
    if error is None:
        row.status, row.last_error = DONE, None
        return
    row.last_error = f"{type(error).__name__}: {error}"[:300]
    if isinstance(error, Undeliverable) or row.attempts >= MAX_ATTEMPTS:
        row.status = DEAD
        log.error("outbox row is a dead letter", row=row.id, topic=row.topic, error=type(error).__name__)
    else:
        row.available_at = now + pause_after(row.attempts)


async def dead_letters(session: AsyncSession) -> list[OutboxRow]:
    """What was given up and waits for somebody to look at it, oldest first."""
    return list(await session.scalars(select(OutboxRow).where(OutboxRow.status == DEAD).order_by(OutboxRow.id)))


async def revive(session: AsyncSession, row_id: int, now: datetime) -> bool:
    """Sends a dead letter again; what is not dead is left alone. Returns whether it was one."""
    statement = update(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.status == DEAD)
    values = statement.values(status=PENDING, attempts=0, available_at=now).returning(OutboxRow.id)
    revived = (await session.execute(values)).first()
    after_commit(session, lambda: live.signal(OUTBOX))
    return revived is not None


class OutboxWorker:
    """Carries out what is in the outbox, from :meth:`run` to :meth:`stop`."""

    def __init__(self, database: Database, clock: Clock, handlers: Mapping[str, Handler], *, poll: float = 1.0) -> None:
        """``handlers`` by topic; ``poll``: seconds between looks when nobody signals."""
        self._database = database
        self._clock = clock
        self._handlers = dict(handlers)
        self._poll = poll
        self._stopping = False

    async def run(self) -> None:
        """Works until it is stopped; a database that is away for a while holds it up, but does not end it."""
        with live.listen(OUTBOX) as news:
            while not self._stopping:
                news.clear()
                if not await self._work_somehow() and not self._stopping:
                    await heard(news, self._poll)

    def stop(self) -> None:
        """Lets :meth:`run` return once the batch under way is carried out and written down."""
        self._stopping = True
        live.signal(OUTBOX)

    async def _work_somehow(self) -> bool:
        """Carries out one batch; whether there may be more to do at once."""
        try:
            return await self.work_once() > 0
        except Exception as problem:  # whatever it is: rows keep their leases, and when these have expired come again
            log.error("the outbox could not be worked on", error=type(problem).__name__)
            return False

    async def work_once(self) -> int:
        """Carries out one batch side by side; returns how many rows it took."""
        if not self._handlers:
            return 0
        async with self._database.write() as session:
            rows = await claim(session, list(self._handlers), self._clock.now())
        ended = await asyncio.gather(*(self._carry_out(row) for row in rows), return_exceptions=True)
        for problem in ended:  # only now: no row of the batch is given up because another could not be written down
            if isinstance(problem, Exception):
                raise problem
        return len(rows)

    async def _carry_out(self, row: OutboxRow) -> None:
        error: Exception | None = None
        try:
            await asyncio.wait_for(self._handlers[row.topic](row.payload), LEASE.total_seconds() / 2)
        except Exception as problem:  # whatever a handler raises is a failed attempt, written down below
            error = problem
            log.warning("delivery failed", row=row.id, topic=row.topic, error=type(problem).__name__)
        async with self._database.write() as session:
            await settle(session, row.id, error, self._clock.now())
