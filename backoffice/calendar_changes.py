"""Editing the working calendar (E2, I2): a changed day changes every deadline it lies in, at once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.order_clocks import recompute_open
from core import calendar
from core.calendar import DayKind


async def set_calendar_day(
    session: AsyncSession, day: date, kind: DayKind | None, name: str, *, actor: str, now: datetime
) -> int:
    """Makes ``day`` a holiday, a make-up workday, a half day or (None) ordinary; returns how many orders moved."""
    await calendar.set_day(session, day, kind, name, actor=actor, now=now)
    return await recompute_open(session)
