"""待办: where staff begin the day. What is late or due today, what waits to be signed, dispatched or reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import dispatch_desk, knowledge_todo, order_list, workload
from backoffice.dispatch_desk import DISPATCH_ROLES
from backoffice.order_list import OrderFilter, OrderRow, Sort
from backoffice.staff import DEPARTMENT_ROLES, ORDER_ROLES, Role, Staff
from backoffice.web.guard import PREFIX, SignedIn, for_roles
from backoffice.web.layout import staff_page
from backoffice.web.orders_query import LIST, TODAY
from backoffice.web.orders_words import COLOUR_ICONS, clock_name
from backoffice.workload import DueDay, Load
from core.web.site import runtime_of

TODO_ROLES = frozenset(Role) - {Role.AGENT}
"""Agents begin at the desk: their work is who waits there."""
OVERVIEW_ROLES = frozenset({Role.HEAD, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Who answers for others, and sees how each department stands."""

SHOWN = 5
DAYS_AHEAD = 10
"""Working days the chart of what falls due looks ahead."""
MOST_DEPARTMENTS = 10

blueprint = Blueprint("staff_orders_todo", url_prefix=f"{PREFIX}/todo")


@dataclass(frozen=True)
class Pile:
    """Some of what waits, how much there is of it, and where all of it is."""

    key: str
    title: str
    rows: Sequence[OrderRow]
    total: int
    all_at: str
    nothing: str
    """What to say when there is nothing."""
    all_words: str = ""
    """What the link to all of it says, where not simply how many there are."""


@blueprint.get("/")
@for_roles(TODO_ROLES)
async def todo(request: Request, me: SignedIn) -> HTTPResponse:
    """The page."""
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        piles = await _piles(session, me.staff, now) if me.role in ORDER_ROLES else []
        tasks = await knowledge_todo.piles(session, me.staff, now)
        loads = await workload.loads(session, me.staff, now) if me.role in OVERVIEW_ROLES else None
        due = await workload.due_by_day(session, me.staff, now, DAYS_AHEAD) if loads is not None else []
    return await staff_page(
        request,
        me,
        "staff/orders/todo.html",
        place="todo",
        piles=piles,
        tasks=tasks,
        loads=loads[:MOST_DEPARTMENTS] if loads is not None else None,
        more=max(len(loads or ()) - MOST_DEPARTMENTS, 0),
        sentence=situation(loads) if loads is not None else "",
        due=[DueLine(day_name(one.day, due[0].day), f"{LIST}?view=open&due={one.day}", one.count) for one in due],
        outlook=outlook(due),
        late=sum(load.red for load in loads or ()),
        most=max((load.red + load.yellow for load in loads or ()), default=0),
        icons=COLOUR_ICONS,
        clock_name=clock_name,
    )


async def _piles(session: AsyncSession, staff: Staff, now: datetime) -> list[Pile]:
    async def pile(key: str, title: str, wanted: OrderFilter, all_at: str, nothing: str, all_words: str = "") -> Pile:
        found = await order_list.list_orders(session, staff, wanted, now, sort=Sort.DUE, page_size=SHOWN)
        return Pile(key, title, found.rows, found.total, all_at, nothing, all_words)

    late = await pile("late", "已经逾期", workload.LATE, f"{LIST}?view=red", "没有逾期的工单。")
    today = await pile(
        "today", "今天到期", workload.due_today(now), f"{LIST}?view=open&due={TODAY}", "今天没有到期的工单。"
    )
    if staff.role in DEPARTMENT_ROLES:
        nothing = "没有等待签收的工单。"
        sign = await pile("sign", "等待签收", workload.TO_SIGN, f"{LIST}?view=pending_sign", nothing)
        nothing = "没有别的工单在办。签收以后的工单会在这里，最急的在前。"
        handling = f"{LIST}?view=handling"
        later = await pile("later", "在办，以后到期", workload.due_later(now), handling, nothing, "看办理中的全部工单")
        return [late, today, sign, later]
    if staff.role in DISPATCH_ROLES:
        nothing = "没有等待派单的工单。"
        at = f"{PREFIX}/dispatch"
        dispatch = await pile("dispatch", "等待派单", dispatch_desk.WAITING, at, nothing, "去派单")
        return [dispatch, late, today] if staff.role is Role.DISPATCHER else [late, today, dispatch]
    return [late, today]


@dataclass(frozen=True)
class DueLine:
    """One day of the chart and of the table beside it."""

    label: str
    address: str
    count: int


def day_name(day: date, today: date) -> str:
    """今天, or 11月27日 周五."""
    return "今天" if day == today else f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"


def outlook(due: Sequence[DueDay]) -> str:
    """The chart in one sentence: what today brings, and the fullest day after it."""
    if not any(one.count for one in due):
        return f"今天和往后 {DAYS_AHEAD} 个工作日没有到期的工单。"
    today, *later = due
    said = f"今天到期 {today.count} 件" if today.count else "今天没有到期的"
    most = max(later, key=lambda one: one.count)
    if not most.count:
        return f"{said}，往后 {DAYS_AHEAD} 个工作日没有到期的。"
    total = sum(one.count for one in later)
    fullest = f"最多的一天是{day_name(most.day, today.day)}，{most.count} 件"
    return f"{said}，往后 {DAYS_AHEAD} 个工作日到期 {total} 件，{fullest}。"


def situation(loads: Sequence[Load]) -> str:
    """The numbers of the table in one sentence."""
    red, yellow = sum(load.red for load in loads), sum(load.yellow for load in loads)
    if not red and not yellow:
        return "现在没有逾期的工单，也没有快要到期的工单。"
    worst = next((load for load in loads if load.red), None)
    where = f"逾期最多的是{worst.name}，{worst.red} 件。" if worst and len(loads) > 1 else ""
    late = f"逾期 {red} 件" if red else "没有逾期"
    soon = f"快要到期 {yellow} 件" if yellow else "没有快要到期的"
    return f"现在{late}，{soon}。{where}"
