"""Orders close by themselves when their answer has stood for the term of their policy (E6, [S3]).

An order is closed like every other: through the write door, by :data:`backoffice.orders.SYSTEM`, told to its citizen.
A few at a time, so that not everybody's telephone rings at the end of the same office day.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import orders
from backoffice.order_clocks import Timekeeping
from backoffice.order_tables import Order
from backoffice.workflow import Status
from core.database import Database

MOST_AT_ONCE = 20
"""Orders closed in one round."""


async def close_answered(database: Database, now: datetime) -> int:
    """Closes the orders whose answer has stood long enough, the longest first; how many there were.

    One transaction each. An order that moves meanwhile (opened again, closed by somebody) is left alone.
    """
    async with database.read() as session:
        due = await due_for_closing(session, now)
    closed = 0
    for number, answered_at in due[:MOST_AT_ONCE]:
        async with database.write() as session:
            closed += await _close(session, number, answered_at, now)
    return closed


async def _close(session: AsyncSession, number: str, answered_at: datetime, now: datetime) -> bool:
    standing = select(Order.answered_at).where(Order.number == number, Order.status == Status.ANSWERED.value)
    if await session.scalar(standing.with_for_update(key_share=True)) != answered_at:
        return False
    await orders.close(session, number, orders.SYSTEM, now=now)
    return True


async def due_for_closing(session: AsyncSession, now: datetime) -> list[tuple[str, datetime]]:
    """Number and answering time of the orders whose answer has stood for the term, the longest first."""
    keeping = await Timekeeping.load(session)
    answered = (
        select(Order.number, Order.answered_at, Order.policy_version)
        .where(Order.status == Status.ANSWERED.value, Order.answered_at.is_not(None))
        .order_by(Order.answered_at, Order.id)
    )
    due = []
    for number, answered_at, version in await session.execute(answered):
        term = keeping.policies[version].close
        if term is not None and term.end(answered_at, keeping.calendar) <= now:
            due.append((number, answered_at))
    return due
