"""Who sees which order, and what of it (I1, C10): the only way to get one for a member of staff.

Handlers and heads see the orders of their own department and of those below it. The citizens' desk, dispatchers,
supervisors and administrators see all, knowledge editors none. Of a confidential order departments do not see the
reporter, and do not find it by the reporter's number.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments
from backoffice.order_fields import is_number
from backoffice.order_tables import Order
from backoffice.refusals import NoSuchOrder
from backoffice.staff import DEPARTMENT_ROLES, ORDER_ROLES, Staff


def sees_all(staff: Staff) -> bool:
    """Whether ``staff`` sees the orders of every department, reporters included."""
    return staff.role in ORDER_ROLES - DEPARTMENT_ROLES


def orders_visible_to(staff: Staff) -> ColumnElement[bool]:
    """A WHERE clause over :class:`Order`: every query of orders for ``staff`` carries it."""
    if not staff.active or staff.role not in ORDER_ROLES:
        return false()
    if sees_all(staff):
        return true()
    if staff.department_id is None:
        return false()
    return Order.department_id.in_(departments.ids_within(staff.department_id))


async def order_for(session: AsyncSession, staff: Staff, number: str, *, lock: bool = False) -> Order:
    """The order, locked until the transaction ends if asked for.

    Raises :class:`NoSuchOrder` when there is none, or none that ``staff`` may see.
    """
    if not is_number(number):
        raise NoSuchOrder
    statement = select(Order).where(Order.number == number, orders_visible_to(staff))
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    order: Order | None = await session.scalar(statement)
    if order is None:
        raise NoSuchOrder
    return order


def conceals_reporter(staff: Staff, order: Order) -> bool:
    """Whether who reported it is hidden from ``staff``."""
    return order.confidential and not sees_all(staff)


def reporter_searchable_by(staff: Staff) -> ColumnElement[bool]:
    """A WHERE clause: the orders that may be found by their reporter's number."""
    return true() if sees_all(staff) else ~Order.confidential
