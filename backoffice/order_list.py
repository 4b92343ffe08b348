"""Finding orders (H1): the list of staff with its filters, and the counts above it.

Every query begins with :func:`backoffice.access.orders_visible_to`: a list, a count or a search never tells of an
order its reader may not see (trap: 13).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access, areas, categories, departments
from backoffice.areas import Area
from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.kinds import Kind
from backoffice.order_fields import is_number
from backoffice.order_filing import phone_index
from backoffice.order_tables import Order, OrderReporter
from backoffice.staff import Staff
from backoffice.time_left import Colour, TimeLeft, time_left
from backoffice.workflow import Status
from core.calendar import load_calendar
from core.texts import tidy

PAGE_SIZE = 20
LARGEST_PAGE = 100


class Sort(str, Enum):
    """In what order a list stands."""

    DUE = "due"
    """What is due first; what no clock runs for comes last, the newest of it first."""
    NEWEST = "newest"
    OLDEST = "oldest"
    UPDATED = "updated"


@dataclass(frozen=True)
class OrderFilter:
    """What to look for; every part narrows the list further."""

    status: tuple[Status, ...] = ()
    colour: Colour | None = None
    department: str | None = None
    """Code; departments below it count too."""
    category: str | None = None
    """Code; categories below it count too."""
    kind: Kind | None = None
    area: str | None = None
    """Code; a district's streets count too."""
    text: str | None = None
    """Words of the matter or the place, a number of an order, or a reporter's phone number."""
    since: datetime | None = None
    until: datetime | None = None
    """Filed from ``since`` up to, not including, ``until``."""
    due_since: datetime | None = None
    due_until: datetime | None = None
    """Due from ``due_since`` up to, not including, ``due_until``."""
    mine: bool = False
    """Only what the reader has signed for."""


@dataclass(frozen=True)
class OrderRow:
    """One line of the list. Nothing in it identifies a reporter."""

    number: str
    title: str
    kind: Kind
    status: Status
    department: str
    category: str | None
    area: str | None
    created_at: datetime
    updated_at: datetime
    clock: str | None
    left: TimeLeft
    urges: int
    send_backs: int
    confidential: bool
    handler_id: int | None
    demo: bool


@dataclass(frozen=True)
class OrderPage:
    """A page of the list."""

    rows: tuple[OrderRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class OrderCounts:
    """How many orders there are, by status and by colour; both sum up to ``total``."""

    by_status: dict[Status, int]
    by_colour: dict[Colour, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_status.values())


_ROW = (
    Order.id,
    Order.number,
    Order.title,
    Order.kind,
    Order.status,
    Order.created_at,
    Order.updated_at,
    Order.clock,
    Order.due_at,
    Order.yellow_at,
    Order.urges,
    Order.send_backs,
    Order.confidential,
    Order.handler_id,
    Order.demo,
    Department.short.label("department"),
    Category.name.label("category"),
    Area.name.label("area"),
)

_SORTS: dict[Sort, tuple[ColumnElement[Any], ...]] = {
    Sort.DUE: (Order.due_at.is_(None), Order.due_at.asc(), Order.id.desc()),
    Sort.NEWEST: (Order.created_at.desc(), Order.id.desc()),
    Sort.OLDEST: (Order.created_at.asc(), Order.id.asc()),
    Sort.UPDATED: (Order.updated_at.desc(), Order.id.desc()),
}


async def list_orders(
    session: AsyncSession,
    staff: Staff,
    wanted: OrderFilter,
    now: datetime,
    *,
    sort: Sort = Sort.DUE,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> OrderPage:
    """The ``page``-th page of what ``staff`` may see and ``wanted`` names; a page beyond the last is the last."""
    page_size = min(max(page_size, 1), LARGEST_PAGE)
    where = _where(staff, wanted, now)
    total = await how_many(session, staff, wanted, now)
    pages = max(ceil(total / page_size), 1)
    page = min(max(page, 1), pages)
    # the page is found first and looked up then: joining and reading wide rows before the cut is ten times the work
    found = select(Order.id).where(where).order_by(*_SORTS[sort]).limit(page_size).offset((page - 1) * page_size)
    ids = list(await session.scalars(found))
    by_id = {row.id: row for row in await session.execute(_rows().where(Order.id.in_(ids)))}
    calendar = await load_calendar(session)
    rows = tuple(
        OrderRow(
            number=row.number,
            title=row.title,
            kind=Kind(row.kind),
            status=Status(row.status),
            department=row.department,
            category=row.category,
            area=row.area,
            created_at=row.created_at,
            updated_at=row.updated_at,
            clock=row.clock,
            left=time_left(row.due_at, row.yellow_at, now, calendar),
            urges=row.urges,
            send_backs=row.send_backs,
            confidential=row.confidential,
            handler_id=row.handler_id,
            demo=row.demo,
        )
        for row in (by_id[order_id] for order_id in ids)
    )
    return OrderPage(rows, total, page, pages)


async def how_many(session: AsyncSession, staff: Staff, wanted: OrderFilter, now: datetime) -> int:
    """How many orders ``wanted`` names of those ``staff`` may see."""
    return await session.scalar(select(func.count()).select_from(Order).where(_where(staff, wanted, now))) or 0


async def count_orders(session: AsyncSession, staff: Staff, wanted: OrderFilter, now: datetime) -> OrderCounts:
    """Counts by status and colour of what ``wanted`` names, its own status and colour left aside; one query."""
    where = _where(staff, replace(wanted, status=(), colour=None), now)
    colour = _colour(now)
    rows = await session.execute(
        select(Order.status, colour.label("colour"), func.count()).where(where).group_by(Order.status, colour)
    )
    by_status = dict.fromkeys(Status, 0)
    by_colour = dict.fromkeys(Colour, 0)
    for status, name, count in rows:
        by_status[Status(status)] += count
        by_colour[Colour(name)] += count
    return OrderCounts(by_status, by_colour)


def _rows() -> Select[Any]:
    return (
        select(*_ROW)
        .join(Department, Department.id == Order.department_id)
        .outerjoin(Category, Category.id == Order.category_id)
        .outerjoin(Area, Area.code == Order.area_code)
    )


def _colour(now: datetime) -> ColumnElement[str]:
    """:func:`backoffice.time_left.colour_at` in SQL."""
    return case(
        (Order.due_at.is_(None), Colour.STOPPED.value),
        (Order.due_at < now, Colour.RED.value),
        (Order.yellow_at <= now, Colour.YELLOW.value),
        else_=Colour.GREEN.value,
    )


def _where(staff: Staff, wanted: OrderFilter, now: datetime) -> ColumnElement[bool]:
    return and_(access.orders_visible_to(staff), *_conditions(staff, wanted, now))


def _conditions(staff: Staff, wanted: OrderFilter, now: datetime) -> Iterable[ColumnElement[bool]]:
    yield from _tree_conditions(wanted)
    if wanted.status:
        yield Order.status.in_([status.value for status in wanted.status])
    if wanted.colour:
        yield _colour(now) == wanted.colour.value
    if wanted.kind:
        yield Order.kind == wanted.kind.value
    if text := tidy(wanted.text):
        yield _text_condition(staff, text)
    yield from _time_conditions(wanted)
    if wanted.mine:
        yield Order.handler_id == staff.id


def _tree_conditions(wanted: OrderFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.department:
        top = select(Department.id).where(Department.code == tidy(wanted.department)).scalar_subquery()
        yield Order.department_id.in_(departments.ids_within(top))
    if wanted.category:
        yield Order.category_id.in_(categories.ids_within(tidy(wanted.category)))
    if wanted.area:
        yield Order.area_code.in_(areas.codes_within(tidy(wanted.area)))


def _time_conditions(wanted: OrderFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.since:
        yield Order.created_at >= wanted.since
    if wanted.until:
        yield Order.created_at < wanted.until
    if wanted.due_since:
        yield Order.due_at >= wanted.due_since
    if wanted.due_until:
        yield Order.due_at < wanted.due_until


_PHONE = re.compile(r"[0-9\- ]{7,20}")


def _text_condition(staff: Staff, text: str) -> ColumnElement[bool]:
    """Every word must occur, in the matter or in its place."""
    if is_number(text):
        return Order.number == text
    reporter = access.reporter_searchable_by(staff)
    if _PHONE.fullmatch(text):
        return and_(reporter, Order.number.in_(_reported_from(text)))
    return and_(
        *(
            or_(
                Order.search_text.contains(word, autoescape=True),
                Order.address.contains(word, autoescape=True),
            )
            for word in text.split()
        )
    )


def _reported_from(phone: str) -> CompoundSelect[Any]:
    """Numbers of the orders reported, or joined, under a phone number. Two look-ups by index and not one OR."""
    index = phone_index(phone)
    joined = select(OrderReporter.number).where(
        OrderReporter.reporter_phone_index == index, OrderReporter.left_at.is_(None)
    )
    return select(Order.number).where(Order.reporter_phone_index == index).union(joined)
