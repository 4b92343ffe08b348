"""Counters in the database: numbers that are never given twice."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, insert_into


class Counter(Base):
    """A named counter; ``value`` is the last number given."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


async def next_number(session: AsyncSession, name: str, *, first: int = 1) -> int:
    """The next number of counter ``name``, starting at ``first``.

    The row stays locked until the transaction ends, so two transactions never get the same number; a number
    whose transaction is rolled back is given again.
    """
    statement = (
        insert_into(session, Counter)
        .values(name=name, value=first)
        .on_conflict_do_update(index_elements=[Counter.name], set_={"value": Counter.value + 1})
        .returning(Counter.value)
    )
    return (await session.execute(statement)).scalar_one()
