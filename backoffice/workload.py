"""How much waits where: the numbers of the start page (E3).

Every number begins with :func:`backoffice.access.orders_visible_to` (trap: 13).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access, order_list
from backoffice.departments import Department
from backoffice.order_list import OrderFilter
from backoffice.order_tables import Order
from backoffice.staff import DEPARTMENT_ROLES, Staff
from backoffice.time_left import Colour
from backoffice.workflow import OPEN, Status
from core.calendar import WorkCalendar, load_calendar
from core.clock import CHINA, china_time

OPEN_STATUSES = tuple(status for status in Status if status in OPEN)

LATE = OrderFilter(status=OPEN_STATUSES, colour=Colour.RED)
TO_SIGN = OrderFilter(status=(Status.PENDING_SIGN,))


def due_today(now: datetime) -> OrderFilter:
    """What is due before this Chinese day ends, and not late yet."""
    return due_on(china_time(now).date(), now)


def due_on(day: date, now: datetime) -> OrderFilter:
    """What is due on a Chinese day, and not late yet."""
    midnight = _midnight(day)
    return OrderFilter(status=OPEN_STATUSES, due_since=max(midnight, now), due_until=midnight + timedelta(days=1))


def due_later(now: datetime) -> OrderFilter:
    """What is being handled and not due before tomorrow."""
    return OrderFilter(status=(Status.HANDLING,), due_since=due_today(now).due_until)


async def late_count(session: AsyncSession, staff: Staff, now: datetime) -> int:
    """How many orders are late."""
    statement = select(func.count()).select_from(Order)
    scope = (access.orders_visible_to(staff), Order.status.in_([s.value for s in OPEN]), Order.due_at < now)
    return await session.scalar(statement.where(*scope)) or 0


async def to_sign_count(session: AsyncSession, staff: Staff, now: datetime) -> int:
    """How many orders wait to be signed for; nothing for those who sign for none."""
    if staff.role not in DEPARTMENT_ROLES:
        return 0
    return (await order_list.count_orders(session, staff, TO_SIGN, now)).by_status[Status.PENDING_SIGN]


@dataclass(frozen=True)
class DueDay:
    """How much is due on one Chinese day."""

    day: date
    count: int


async def due_by_day(session: AsyncSession, staff: Staff, now: datetime, working_days: int) -> list[DueDay]:
    """What is due, and not late yet, on this and the following days: so many working days, and others with something.

    The first is today, whatever day it is.
    """
    calendar = await load_calendar(session)
    days = _days_ahead(calendar, china_time(now).date(), working_days)
    counts = [
        func.coalesce(
            func.sum(case((and_(Order.due_at >= day.due_since, Order.due_at < day.due_until), 1), else_=0)), 0
        )
        for day in (due_on(day, now) for day in days)
    ]
    statement = select(*counts).where(
        access.orders_visible_to(staff), Order.status.in_([status.value for status in OPEN])
    )
    found = zip(days, (await session.execute(statement)).one(), strict=True)
    return [DueDay(day, n) for day, n in found if n or day == days[0] or calendar.is_workday(day)]


def _days_ahead(calendar: WorkCalendar, today: date, working_days: int) -> list[date]:
    days = [today]
    worked = 0
    while worked < working_days:
        days.append(days[-1] + timedelta(days=1))
        worked += calendar.is_workday(days[-1])
    return days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


@dataclass(frozen=True)
class Load:
    """What one department has in hand."""

    code: str
    name: str
    red: int
    yellow: int
    open: int
    """All that is not answered, late or not."""


async def loads(session: AsyncSession, staff: Staff, now: datetime) -> list[Load]:
    """Every department ``staff`` sees that has something in hand, the worst first."""
    red = func.sum(case((Order.due_at < now, 1), else_=0))
    yellow = func.sum(case((Order.due_at < now, 0), (Order.yellow_at <= now, 1), else_=0))
    statement = (
        select(Department.code, Department.name, red, yellow, func.count())
        .join(Order, Order.department_id == Department.id)
        .where(access.orders_visible_to(staff), Order.status.in_([status.value for status in OPEN]))
        .group_by(Department.id, Department.code, Department.name)
    )
    found = [Load(code, name, late, soon, total) for code, name, late, soon, total in await session.execute(statement)]
    return sorted(found, key=lambda load: (-load.red, -load.yellow, -load.open, load.code))
