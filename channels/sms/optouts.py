"""Numbers that want no unasked-for texts (A9). The number itself is not kept, only its blind index."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import String, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, insert_into
from core.privacy import keys

_INDEX: Final = "sms-opt-out"


class SmsOptOut(Base):
    """A number that has opted out, at one of our numbers."""

    __tablename__ = "sms_opt_outs"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    number_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


async def opt_out(session: AsyncSession, account: str, number: str, now: datetime) -> bool:
    """Opts ``number`` out. False: it had been already."""
    statement = insert_into(session, SmsOptOut).values(account=account, number_index=_index(number), at=now)
    added = await session.execute(statement.on_conflict_do_nothing().returning(SmsOptOut.account))
    return added.scalar_one_or_none() is not None


async def opt_in(session: AsyncSession, account: str, number: str) -> bool:
    """Takes the opt-out back. False: there was none."""
    statement = delete(SmsOptOut).where(SmsOptOut.account == account, SmsOptOut.number_index == _index(number))
    gone = await session.execute(statement.returning(SmsOptOut.account))
    return gone.scalar_one_or_none() is not None


async def has_opted_out(session: AsyncSession, account: str, number: str) -> bool:
    """Whether ``number`` wants nothing it did not ask for."""
    return await session.get(SmsOptOut, (account, _index(number))) is not None


def _index(number: str) -> str:
    return keys().blind_index(_INDEX, number)
