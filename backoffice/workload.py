"""How much waits where: the numbers of the start page (E3).

Every number begins with :func:`backoffice.access.orders_visible_to` (trap: 13).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access, order_list
from backoffice.departments import Department
from backoffice.order_list import OrderFilter
from backoffice.order_tables import Order
from backoffice.staff import DEPARTMENT_ROLES, Staff
from backoffice.time_left import Colour
from backoffice.workflow import OPEN, Status
from core.clock import CHINA, china_time

OPEN_STATUSES = tuple(status for status in Status if status in OPEN)

LATE = OrderFilter(status=OPEN_STATUSES, colour=Colour.RED)
TO_SIGN = OrderFilter(status=(Status.PENDING_SIGN,))


def due_today(now: datetime) -> OrderFilter:
    """What is due before this Chinese day ends, and not late yet."""
    midnight = datetime.combine(china_time(now).date() + timedelta(days=1), time(), tzinfo=CHINA)
    return OrderFilter(status=OPEN_STATUSES, due_since=now, due_until=midnight)


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
