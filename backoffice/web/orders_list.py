"""The list of orders: tabs with live counts, filters, pages, and signing for several at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access, order_list, orders
from backoffice.kinds import Kind
from backoffice.order_entry import ENTRY_ROLES
from backoffice.order_list import OrderPage, Sort
from backoffice.refusals import NoSuchOrder, Refused
from backoffice.staff import DEPARTMENT_ROLES, ORDER_ROLES, Staff
from backoffice.time_left import Colour
from backoffice.web import orders_choices
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_fragment, staff_page
from backoffice.web.orders_columns import COLUMNS, columns_of
from backoffice.web.orders_forms import done_words, fresh_key
from backoffice.web.orders_query import LIST, Chip, Query, View, chips, read_query, views_for
from backoffice.web.orders_views import LONGEST_NAME, views_of
from backoffice.web.orders_words import COLOUR_ICONS, SORTS, clock_name
from backoffice.workflow import Status
from core.web.site import runtime_of

blueprint = Blueprint("staff_orders_list", url_prefix=f"{PREFIX}/orders")

MOST_SIGNED_AT_ONCE = 100


@blueprint.get("/")
@for_roles(ORDER_ROLES)
async def list_page(request: Request, me: SignedIn) -> HTTPResponse:
    """The list; the number of an order in the search box leads straight to its page."""
    query = query_of(request, me)
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        number = query.wanted.text or ""
        if await _is_visible(session, me.staff, number):
            return redirect(f"{LIST}/{number}", status=303)
        values = await _shown(session, me, query, request)
        done, of = request.args.get("done", ""), request.args.get("number", "")
        values |= {"done": await done_words(session, me.staff, done, of), "done_number": of}
    return await staff_page(request, me, "staff/orders/list.html", place="orders", **values)


@blueprint.get("/live")
@for_roles(ORDER_ROLES, by_itself=True)
async def live_part(request: Request, me: SignedIn) -> HTTPResponse:
    """Fresh counts for the tabs, and whether the rows have changed since they were shown; the rows stay in place."""
    query = query_of(request, me)
    async with runtime_of(request).database.read() as session:
        values = await _shown(session, me, query, request)
    since = request.args.get("seen", "")
    return staff_fragment(request, me, "staff/orders/live.html", since=since, changed=values["seen"] != since, **values)


@blueprint.get("/filters")
@for_roles(ORDER_ROLES)
async def filters_part(request: Request, me: SignedIn) -> HTTPResponse:
    """The filter panel, fetched when somebody opens it: its lists are long."""
    query = query_of(request, me)
    async with runtime_of(request).database.read() as session:
        values = await _panel(session, me.staff)
    return staff_fragment(request, me, "staff/orders/filters.html", query=query, **values)


@blueprint.post("/sign")
@for_roles(DEPARTMENT_ROLES)
async def sign_several(request: Request, me: SignedIn) -> HTTPResponse:
    """签收 of everything ticked; what cannot be signed for (any more) is told and keeps nothing else back."""
    runtime = runtime_of(request)
    numbers = list(dict.fromkeys(_ticked(request)))[:MOST_SIGNED_AT_ONCE]
    signed, refused = 0, []
    for number in numbers:
        try:
            async with runtime.database.write() as session:
                await orders.sign(
                    session, number, me.staff, key=field(request, "key")[:64] or None, now=runtime.clock.now()
                )
            signed += 1
        except Refused as problem:
            refused.append((number, problem.reason))
    refused = refused if numbers else [("", "还没有选中工单。先在左边打勾，再点“签收”。")]
    done = f"已签收 {signed} 件。" if signed else ""
    status = 409 if refused and not signed else 200
    return await show_list(request, me, query_of(request, me), status=status, done=done, refused=refused)


async def show_list(request: Request, me: SignedIn, query: Query, *, status: int, **said: Any) -> HTTPResponse:
    """The page of a list. ``said``: what to tell above it, ``done`` and ``refused``."""
    async with runtime_of(request).database.read() as session:
        values = await _shown(session, me, query, request)
    return await staff_page(request, me, "staff/orders/list.html", place="orders", status=status, **values | said)


def _ticked(request: Request) -> list[str]:
    chosen = request.form.getlist("number") if request.form else None
    return [number for number in chosen or () if isinstance(number, str)]


def query_of(request: Request, me: SignedIn) -> Query:
    """The list the address asks for."""
    return read_query(me.role, {name: request.args.get(name, "") for name in request.args})


async def _is_visible(session: AsyncSession, staff: Staff, number: str) -> bool:
    """Whether ``number`` is an order's that ``staff`` may see."""
    if len(number) != 8 or not number.isdigit():
        return False
    try:
        await access.order_for(session, staff, number)
    except NoSuchOrder:
        return False
    return True


async def _shown(session: AsyncSession, me: SignedIn, query: Query, request: Request) -> dict[str, Any]:
    now = runtime_of(request).clock.now()
    page = await order_list.list_orders(session, me.staff, query.filter(now), now, sort=query.sort, page=query.page)
    return {
        "query": query,
        "page": page,
        "tabs": await _tabs(session, me.staff, query, now),
        "columns": await columns_of(session, me.staff),
        "all_columns": COLUMNS,
        "view_name_length": LONGEST_NAME,
        "chips": await _chips(session, query),
        "seen": fingerprint(page),
        "sorts": SORTS,
        "may_enter": me.role in ENTRY_ROLES,
        "may_sign": me.role in DEPARTMENT_ROLES,
        "key": fresh_key(),
        "done": "",
        "done_number": "",
        "refused": [],
        "panel": await _panel(session, me.staff) if request.args.get("filters") else None,
        "icons": COLOUR_ICONS,
        "clock_name": clock_name,
        "Status": Status,
        "Sort": Sort,
    }


@dataclass(frozen=True)
class Tab:
    """One list above the table."""

    label: str
    address: str
    count: int
    current: bool
    own: bool = False
    """Saved by this person."""


async def _tabs(session: AsyncSession, staff: Staff, query: Query, now: datetime) -> list[Tab]:
    own = [
        Tab(
            view.name,
            view.query.address(),
            await order_list.how_many(session, staff, view.query.filter(now), now),
            current=view.is_of(query),
            own=True,
        )
        for view in await views_of(session, staff)
    ]
    elsewhere = any(tab.current for tab in own)
    usual = [
        Tab(view.label, query.address(view=view.key), count, current=view is query.view and not elsewhere)
        for view, count in await _counted(session, staff, query, now)
    ]
    return [*usual, *own]


async def _counted(session: AsyncSession, staff: Staff, query: Query, now: datetime) -> list[tuple[View, int]]:
    counts = await order_list.count_orders(session, staff, query.in_view(now), now)
    mine = await order_list.count_orders(session, staff, replace(query.in_view(now), mine=True), now)

    def count(view: View) -> int:
        if view.mine:
            return mine.total
        if view.colour:
            return counts.by_colour[view.colour]
        return sum(counts.by_status[status] for status in view.status or Status)

    return [(view, count(view)) for view in views_for(staff.role)]


async def _chips(session: AsyncSession, query: Query) -> list[Chip]:
    names = {
        (what, query.given[what]): await orders_choices.name_of(session, what, query.given[what])
        for what in ("department", "category", "area")
        if what in query.given
    }
    return chips(query, lambda what, code: names[what, code])


async def _panel(session: AsyncSession, staff: Staff) -> dict[str, Any]:
    return {
        "departments": await orders_choices.departments_seen_by(session, staff),
        "categories": await orders_choices.category_options(session),
        "areas": await orders_choices.area_options(session),
        "kinds": list(Kind),
        "statuses": list(Status),
        "colours": list(Colour),
    }


def fingerprint(page: OrderPage) -> str:
    """Changes whenever a row of the page does."""
    rows = [(row.number, row.status.value, row.left.colour.value, row.updated_at.isoformat()) for row in page.rows]
    return hashlib.sha256(repr((rows, page.total)).encode()).hexdigest()[:16]
