"""A citizen's own orders: which one they mean who ask after it without its number (H2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.categories import Category
from backoffice.order_tables import Order, OrderReporter
from backoffice.proof import CitizenProof, joined_as, proves
from backoffice.workflow import OPEN, Status

LATELY = timedelta(days=30)
"""How long after it was filed or answered an order that is not open is still asked after without its number."""
_IS_OPEN = Order.status.in_([status.value for status in OPEN])


@dataclass(frozen=True)
class OwnOrder:
    """An order of a citizen's, as it is offered to them."""

    number: str
    title: str
    created_at: datetime
    category: str | None
    """Code of what it is about."""


async def likely_meant(session: AsyncSession, contact_id: int | None, now: datetime) -> list[OwnOrder]:
    """The orders a contact may mean, newest first: all that are open, or else the newest of the last
    :data:`LATELY`. Empty for a stranger."""
    if contact_id is None:
        return []
    since = now - LATELY
    late = or_(Order.created_at >= since, Order.answered_at >= since)
    statement = (
        select(Order)
        .where(_reported_or_joined_by(contact_id), or_(_IS_OPEN, late))
        .order_by(Order.created_at.desc(), Order.number.desc())
    )
    found = list(await session.scalars(statement))
    titles = select(OrderReporter.number, OrderReporter.title).where(OrderReporter.contact_id == contact_id)
    codes = {row.id: row.code for row in await session.execute(select(Category.id, Category.code))}
    own_words = {number: title for number, title in await session.execute(titles)}
    meant = [order for order in found if Status(order.status) in OPEN] or found[:1]
    return [
        OwnOrder(
            order.number,
            order.title if order.contact_id == contact_id else own_words[order.number],
            order.created_at,
            codes.get(order.category_id),
        )
        for order in meant
    ]


async def open_numbers(session: AsyncSession, contact_id: int | None) -> list[str]:
    """Numbers of the open orders of a contact, newest first; empty for a stranger."""
    if contact_id is None:
        return []
    statement = select(Order.number).where(_reported_or_joined_by(contact_id), _IS_OPEN)
    return list(await session.scalars(statement.order_by(Order.created_at.desc())))


def _reported_or_joined_by(contact_id: int) -> ColumnElement[bool]:
    joined = select(OrderReporter.number).where(OrderReporter.contact_id == contact_id, OrderReporter.left_at.is_(None))
    return or_(Order.contact_id == contact_id, Order.number.in_(joined))


async def belongs_to(session: AsyncSession, number: str, contact_id: int | None) -> bool:
    """Whether an order, open or not, is of a contact that reported or joined it."""
    if contact_id is None:
        return False
    proof = CitizenProof(contact_id=contact_id)
    order = await session.scalar(select(Order).where(Order.number == number))
    return proves(proof, order) or await joined_as(session, proof, number, left_too=True) is not None
