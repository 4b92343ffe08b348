"""The dispatcher's desk (D1): orders without a sure department, why they are there, and where they may belong.

What routing proposes is worked out anew from the words of the order, by rules and learnt models as they are now; why
the order came to the desk is what its history says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from backoffice import access, order_list
from backoffice.categories import Category
from backoffice.departments import Department, by_code, is_within
from backoffice.order_clocks import SUBJECT
from backoffice.order_fields import routing_text
from backoffice.order_list import OrderFilter, OrderRow, Sort
from backoffice.order_tables import Order, OrderRemark
from backoffice.origins import Origin
from backoffice.router import Routed, Router, Suggestion, load_router
from backoffice.staff import Role, Staff
from backoffice.workflow import Action, Status
from core.history import HistoryEntry

DISPATCH_ROLES = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Roles that work at the desk."""

WAITING = OrderFilter(status=(Status.PENDING_DISPATCH,))
MOST_CHOICES = 3
PAST_ORDERS = "以往类似工单"
MOST_WORDS = 3
MOST_SURE = 99
"""Per cent."""
PAGE_SIZE = 10


@dataclass(frozen=True)
class Choice:
    """A department an order may belong to."""

    code: str
    name: str
    percent: int
    """How sure routing is of it; never 100: an order that waits here is not certain."""
    reason: str
    """Name of the category that speaks for it, or that past orders do."""
    words: tuple[str, ...]
    """The words of the order that decided, the weightiest few."""
    returned: bool
    """It has sent the order back before."""


@dataclass(frozen=True)
class LikelyCategory:
    """A category an order may be of, by what was learnt from past orders."""

    name: str
    percent: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Returned:
    """The order was sent back."""

    department: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Undecided:
    """An order a dispatcher has to decide on."""

    row: OrderRow
    content: str
    address: str | None
    target: str | None
    why: str
    """Code of :class:`backoffice.routing.Decision`, ``returned``, ``sure_by_now`` or ``sure_by_category``."""
    choices: tuple[Choice, ...]
    returned: tuple[Returned, ...]
    category: str | None
    """Code of the category it has, or that has just been chosen for it."""
    category_name: str | None
    category_origin: Origin | None
    category_words: tuple[str, ...]
    """The words that spoke for it when it was filed."""
    likely_categories: tuple[LikelyCategory, ...] = ()
    """Where no person chose one: what past orders speak for, though not for sure."""


@dataclass(frozen=True)
class DeskPage:
    """A page of the desk."""

    orders: tuple[Undecided, ...]
    total: int
    page: int
    pages: int


async def waiting_count(session: AsyncSession, staff: Staff, now: datetime) -> int:
    """How many orders wait to be dispatched."""
    return (await order_list.count_orders(session, staff, WAITING, now)).by_status[Status.PENDING_DISPATCH]


async def desk_page(
    session: AsyncSession, staff: Staff, now: datetime, *, page: int = 1, chosen: Mapping[str, str] | None = None
) -> DeskPage:
    """The orders that wait for a dispatcher, what is due first on top. ``chosen``: categories not sent yet."""
    found = await order_list.list_orders(session, staff, WAITING, now, sort=Sort.DUE, page=page, page_size=PAGE_SIZE)
    undecided = await _undecided(session, staff, found.rows, chosen or {})
    return DeskPage(undecided, found.total, found.page, found.pages)


async def undecided_order(
    session: AsyncSession, staff: Staff, number: str, now: datetime, *, category: str = ""
) -> Undecided | None:
    """One order of the desk; None when it does not wait there (any more). ``category``: chosen for it, not sent yet."""
    wanted = OrderFilter(status=(Status.PENDING_DISPATCH,), text=number)
    found = await order_list.list_orders(session, staff, wanted, now)
    return next(iter(await _undecided(session, staff, found.rows, {number: category})), None)


async def choices_for(session: AsyncSession, staff: Staff, number: str) -> tuple[Choice, ...]:
    """Where an order may belong. Raises :class:`backoffice.refusals.NoSuchOrder`."""
    order = await access.order_for(session, staff, number)
    await session.refresh(order, ["content"])
    entries = await _entries(session, [number])
    names = await _names(session)
    return _choices(await load_router(session), order, entries.get(number, []), names, _persons(order, names))


async def rules_point_to(session: AsyncSession, order: Order) -> Department | None:
    """The department the rules would send an order to by the category a person gave it, where another one has it. It is
    not moved for that: somebody may be at work already, and whoever changed the category is asked."""
    with_department = order.status in (Status.PENDING_SIGN.value, Status.HANDLING.value)
    if not with_department or order.category_origin != Origin.PERSON.value:
        return None
    await session.refresh(order, ["content"])
    category = _persons(order, await _names(session))
    decision = _routed(await load_router(session), order, category).decision
    wanted = await by_code(session, decision.department) if decision.why == "rule" else None
    if wanted is None or await is_within(session, order.department_id, wanted.id):
        return None  # also when it was passed down from there
    return wanted


async def _undecided(
    session: AsyncSession, staff: Staff, rows: Sequence[OrderRow], chosen: Mapping[str, str]
) -> tuple[Undecided, ...]:
    numbers = [row.number for row in rows]
    statement = select(Order).options(undefer(Order.content))
    statement = statement.where(Order.number.in_(numbers), access.orders_visible_to(staff))
    orders = {order.number: order for order in await session.scalars(statement)}
    entries = await _entries(session, numbers)
    reasons = await _reasons(session, numbers)
    names = await _names(session)
    router = await load_router(session)

    def undecided(row: OrderRow) -> Undecided:
        order, told = orders[row.number], entries[row.number]
        now_has, wanted = names.codes.get(order.category_id or 0), chosen.get(row.number, "")
        wanted = wanted if wanted in names.categories and wanted != now_has else ""
        persons = wanted or _persons(order, names)
        has = wanted or now_has
        as_filed = not wanted and order.category_origin is not None
        return Undecided(
            row=row,
            content=order.content,
            address=order.address,
            target=order.target,
            why=_why(router, order, told, persons),
            choices=_choices(router, order, told, names, persons),
            returned=tuple(_returned(told, names, reasons)),
            category=has,
            category_name=names.categories.get(has or ""),
            category_origin=Origin(order.category_origin) if as_filed else None,
            category_words=words_for(told, has) if as_filed else (),
            likely_categories=() if persons else _likely_categories(router, order, names),
        )

    return tuple(map(undecided, rows))


@dataclass(frozen=True)
class _Names:
    departments: dict[str, str]
    categories: dict[str, str]
    codes: dict[int, str]
    """Of categories."""


async def _names(session: AsyncSession) -> _Names:
    return _Names(
        {code: name for code, name in await session.execute(select(Department.code, Department.name))},
        {code: name for code, name in await session.execute(select(Category.code, Category.name))},
        {key: code for key, code in await session.execute(select(Category.id, Category.code))},
    )


async def _entries(session: AsyncSession, numbers: Sequence[str]) -> dict[str, list[HistoryEntry]]:
    """What of the orders' history says why they lie here: filed, sent back."""
    wanted = select(HistoryEntry).where(
        HistoryEntry.subject == SUBJECT,
        HistoryEntry.subject_id.in_(numbers),
        HistoryEntry.action.in_([Action.FILE.value, Action.SEND_BACK.value]),
    )
    found: dict[str, list[HistoryEntry]] = {number: [] for number in numbers}
    for entry in await session.scalars(wanted.order_by(HistoryEntry.position)):
        found[entry.subject_id].append(entry)
    return found


async def _reasons(session: AsyncSession, numbers: Sequence[str]) -> dict[int, str]:
    wanted = select(OrderRemark).where(OrderRemark.number.in_(numbers), OrderRemark.action == Action.SEND_BACK.value)
    return {remark.id: remark.text for remark in await session.scalars(wanted)}


def words_for(entries: Sequence[HistoryEntry], category: str | None) -> tuple[str, ...]:
    """The words that spoke for an order's category when it was filed, the weightiest few; none if it is another now."""
    routing = entries[0].data.get("routing", {}) if entries else {}
    if routing.get("category") != category or routing.get("why") == "learned":  # those spoke for the department
        return ()
    return tuple(str(word).replace("*", "…") for word in routing.get("words", [])[:MOST_WORDS])


def _persons(order: Order, names: _Names) -> str | None:
    """The category, if a person gave it: routing believes it then."""
    by_person = order.category_origin == Origin.PERSON.value and order.category_id is not None
    return names.codes.get(order.category_id or 0) if by_person else None


def _routed(router: Router, order: Order, category: str | None) -> Routed:
    text, at = routing_text(order.content, order.target), order.happened_at or order.created_at
    return router.route(text, order.address, at, category=category)


def _why(router: Router, order: Order, entries: Sequence[HistoryEntry], category: str | None) -> str:
    if any(entry.action == Action.SEND_BACK.value for entry in entries):
        return "returned"
    decision = _routed(router, order, category).decision
    if category:
        return "sure_by_category" if decision.why == "rule" else decision.why
    if decision.sure:  # rules and models have learnt since it was filed
        return "sure_by_now"
    routing = entries[0].data.get("routing", {}) if entries else {}
    return str(routing.get("why", "unsure"))


def _returned(entries: Iterable[HistoryEntry], names: _Names, reasons: dict[int, str]) -> Iterable[Returned]:
    for entry in entries:
        if entry.action == Action.SEND_BACK.value:
            code = str(entry.data.get("from", ""))
            yield Returned(names.departments.get(code, code), entry.at, reasons.get(entry.data.get("remark", 0), ""))


def _choices(
    router: Router, order: Order, entries: Iterable[HistoryEntry], names: _Names, category: str | None
) -> tuple[Choice, ...]:
    """The best few, those that have sent it back after those that have not."""
    text, at = routing_text(order.content, order.target), order.happened_at or order.created_at
    suggested = router.suggest(text, order.address, at, category=category)
    refused = {entry.data.get("from") for entry in entries}
    suggested.sort(key=lambda suggestion: suggestion.department in refused)  # stable: evidence counts within
    return tuple(_choice(suggestion, refused, names) for suggestion in suggested[:MOST_CHOICES])


def _likely_categories(router: Router, order: Order, names: _Names) -> tuple[LikelyCategory, ...]:
    found = router.suggest_categories(routing_text(order.content, order.target))
    return tuple(
        LikelyCategory(names.categories[g.label], min(round(g.confidence * 100), MOST_SURE), g.words[:MOST_WORDS])
        for g in found[:MOST_CHOICES]
    )


def _choice(suggestion: Suggestion, refused: set[object], names: _Names) -> Choice:
    category = suggestion.category
    return Choice(
        code=suggestion.department,
        name=names.departments[suggestion.department],
        percent=min(round(suggestion.confidence * 100), MOST_SURE),
        reason=names.categories.get(category, category) if category else PAST_ORDERS,
        words=tuple(word.replace("*", "…") for word in suggestion.words[:MOST_WORDS]),
        returned=suggestion.department in refused,
    )
