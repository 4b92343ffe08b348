"""Counters in the database: numbers that are never given twice."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, insert_into


class Counter(Base):
    """A named counter; ``value`` is the last number given."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


async def next_numbers(session: AsyncSession, name: str, count: int, *, first: int = 1) -> range:
    """The next ``count`` numbers of counter ``name``, under the same promise as :func:`next_number`."""
    statement = (
        insert_into(session, Counter)
        .values(name=name, value=first + count - 1)
        .on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + count})
        .returning(Counter.value)
    )
    last = (await session.execute(statement)).scalar_one()
    return range(last - count + 1, last + 1)


async def next_number(session: AsyncSession, name: str, *, first: int = 1) -> int:
    """The next number of counter ``name``, starting at ``first``.

    The row stays locked until the transaction ends, so two transactions never get the same number; a number
    whose transaction is rolled back is given again.
    """
    return (await next_numbers(session, name, 1, first=first))[0]


async def last_number(session: AsyncSession, name: str) -> int:
    """The last number of counter ``name`` that was given; 0 before the first."""
    return await session.scalar(select(Counter.value).where(Counter.name == name)) or 0
