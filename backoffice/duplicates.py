"""Orders that are likely of the same matter (B5, C5): for a citizen before filing, for a dispatcher on an order's page.

A citizen is offered open orders that are not confidential, and learns of one only its kind of matter, the place that
they named themselves, and the day. Staff are shown orders they may see anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from backoffice import access, likeness, routing
from backoffice.categories import Category
from backoffice.kinds import Kind
from backoffice.likeness import SAME, WITHIN, WORTH_A_LOOK, Report
from backoffice.order_fields import routing_text
from backoffice.order_filing import OrderDraft
from backoffice.order_tables import Order
from backoffice.own_orders import open_numbers
from backoffice.router import Router, load_router
from backoffice.staff import Staff
from backoffice.workflow import OPEN

OF_A_PLACE = frozenset({Kind.COMPLAIN, Kind.REPORT, Kind.HELP})
"""Kinds of matter that happen somewhere, to several people at once."""
MOST_COMPARED = 100
MOST_SHOWN = 3


@dataclass(frozen=True)
class Offer:
    """An order a citizen may join, and all they learn of it."""

    number: str
    about: str
    """The name of its category; empty when it has none."""
    place: str
    """As the citizen named it."""
    at: datetime
    own: bool = False
    """Whether the citizen reported it, or joined it, themselves."""


@dataclass(frozen=True)
class Alike:
    """An order a dispatcher may look at."""

    number: str
    title: str
    status: str
    at: datetime
    percent: int


async def offer_for(session: AsyncSession, draft: OrderDraft, now: datetime) -> Offer | None:
    """The open order most likely of the same matter as ``draft``, the citizen's own before all others; None when none
    is likely enough to ask. What is to be kept secret is compared with nothing."""
    if draft.confidential or draft.kind not in OF_A_PLACE:
        return None
    router = await load_router(session)
    said = routing_text(draft.content, draft.target)
    report = _report(router, said, draft.address, None, now, draft.happened_at)
    wanted = [
        Order.status.in_([status.value for status in OPEN]),
        Order.kind.in_([kind.value for kind in OF_A_PLACE]),
        ~Order.confidential,
        ~Order.demo,  # an invented order is nobody's matter
    ]
    ranked = await _ranked(session, router, report, wanted, SAME)
    if not ranked:
        return None
    own = await open_numbers(session, draft.contact_id)
    order, category, _, other = min(ranked, key=lambda entry: entry[0].number not in own)
    place = next(iter(sorted(report.sites & other.sites) or sorted(report.roads & other.roads)))
    return Offer(order.number, category or "", place, order.created_at, own=order.number in own)


async def alike(session: AsyncSession, staff: Staff, order: Order) -> list[Alike]:
    """Orders ``staff`` may see that are likely of the same matter as ``order``, the likeliest first."""
    await session.refresh(order, ["search_text"])
    router = await load_router(session)
    code = await session.scalar(select(Category.code).where(Category.id == order.category_id))
    report = _report(router, order.search_text, order.address, code, order.created_at, order.happened_at)
    wanted = [Order.number != order.number, access.orders_visible_to(staff)]
    ranked = await _ranked(session, router, report, wanted, WORTH_A_LOOK)
    return [
        Alike(other.number, other.title, other.status, other.created_at, round(score * 100))
        for other, _, score, _ in ranked[:MOST_SHOWN]
    ]


async def _ranked(
    session: AsyncSession,
    router: Router,
    report: Report,
    wanted: list[ColumnElement[bool]],
    least: float,
) -> list[tuple[Order, str | None, float, Report]]:
    """Orders, the name of their category, their likeness to ``report`` and what was read in them."""
    places = [*report.sites] or [*report.roads]
    if not places:
        return []  # without a place nothing can be told to be the same
    near = or_(*(column.contains(name) for name in places for column in (Order.address, Order.search_text)))
    statement = (
        select(Order, Category.code, Category.name)
        .outerjoin(Category, Category.id == Order.category_id)
        .options(undefer(Order.search_text))
        .where(_about_the_time_of(report), near, *wanted)
        .order_by(Order.created_at.desc())
        .limit(MOST_COMPARED)
    )
    rows = (await session.execute(statement)).all()
    # up to a hundred readings of a text: not on the loop that everybody else is served by
    return await asyncio.to_thread(_compared, router, report, rows, least)


def _about_the_time_of(report: Report) -> ColumnElement[bool]:
    """Orders filed at about the time of ``report``, and those that happened at about the same time."""
    filed = Order.created_at.between(report.at - WITHIN, report.at + WITHIN)
    if report.happened_at is None:
        return filed
    return or_(filed, Order.happened_at.between(report.happened_at - WITHIN, report.happened_at + WITHIN))


def _compared(
    router: Router, report: Report, rows: Sequence[Row[tuple[Order, str, str]]], least: float
) -> list[tuple[Order, str | None, float, Report]]:
    """Of orders read whole, with code and name of their category: those at least ``least`` like it, likest first."""
    found: list[tuple[Order, str | None, float, Report]] = []
    for order, code, name in rows:
        other = _report(router, order.search_text, order.address, code, order.created_at, order.happened_at)
        score = likeness.likeness(report, other)
        if score >= least:
            found.append((order, name, score, other))
    return sorted(found, key=lambda entry: (-entry[2], entry[0].number))


def _report(
    router: Router, text: str, address: str | None, category: str | None, at: datetime, happened_at: datetime | None
) -> Report:
    known = router.knowledge
    code = category or known.classifier.classify(text).code
    path = routing.path_of(known.category_parents, code)
    return likeness.read(text, address, path, at, known.gazetteer, happened_at)
