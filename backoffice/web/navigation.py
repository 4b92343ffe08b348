"""The left navigation: what there is, whom it serves, and how much waits there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_backs, desk, dispatch_desk, knowledge_todo, workload
from backoffice.dispatch_desk import DISPATCH_ROLES
from backoffice.learning_runs import LEARNING_ROLES
from backoffice.polls import POLL_ROLES
from backoffice.staff import ORDER_ROLES, Role, Staff

Count = Callable[[AsyncSession, Staff, datetime], Awaitable[int]]

_NOT_AGENTS = frozenset(Role) - {Role.AGENT}


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    key: str
    label: str
    icon: str
    address: str
    roles: frozenset[Role]
    count: Count | None = None
    """How much waits there for this person; None: nothing is counted."""
    count_label: str = ""
    """What the number means, for screen readers: ``个会话在等待``."""


PLACES: tuple[Place, ...] = (
    Place("todo", "待办", "checklist", "/staff/todo", _NOT_AGENTS, workload.late_count, "件工单逾期"),
    Place("orders", "工单", "list-details", "/staff/orders", ORDER_ROLES, workload.to_sign_count, "件工单等待签收"),
    Place("dispatch", "派单", "send", "/staff/dispatch", DISPATCH_ROLES, dispatch_desk.waiting_count, "件工单等待派单"),
    Place("learning", "学习", "history", "/staff/learning", LEARNING_ROLES),
    Place("desk", "会话", "messages", "/staff/desk", desk.READERS, desk.waiting_count, count_label="个会话在等待人工"),
    Place("calls", "电话", "phone", "/staff/calls", desk.READERS, call_backs.waiting_count, "位市民在等回电"),
    Place("knowledge", "知识库", "book", "/staff/knowledge", frozenset(Role), knowledge_todo.count, "件知识要处理"),
    Place("polls", "民调", "chart-bar", "/staff/polls", POLL_ROLES),
)
"""In the order shown; a page that does not exist yet is not here."""


@dataclass(frozen=True)
class Entry:
    """A place as one person sees it."""

    place: Place
    count: int


async def entries_for(session: AsyncSession, staff: Staff, now: datetime) -> list[Entry]:
    """The places ``staff`` may open, with what waits there."""
    return [
        Entry(place, await place.count(session, staff, now) if place.count else 0)
        for place in PLACES
        if staff.role in place.roles
    ]


def home_of(staff: Staff) -> str:
    """Where ``staff`` begins the day: agents with who waits, all others with what waits."""
    return "/staff/desk" if staff.role is Role.AGENT else "/staff/todo"
