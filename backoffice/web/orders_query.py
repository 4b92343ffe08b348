"""The address of a list of orders, read and written: saved views, filters, sort, page. Pure.

Whatever somebody types into the address, the answer is a list: a value that means nothing is left out, and said so
where a person may have typed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TypeVar
from urllib.parse import urlencode

from backoffice.kinds import Kind
from backoffice.order_list import OrderFilter, Sort
from backoffice.staff import DEPARTMENT_ROLES, Role
from backoffice.time_left import Colour
from backoffice.workflow import Status
from backoffice.workload import OPEN_STATUSES, due_on, due_today
from core.clock import CHINA
from core.texts import tidy, whole_number

LIST = "/staff/orders"
TODAY = "today"
"""What the parameter ``due`` says beside a day."""
TEXT_LIMIT = 100
_LAST_PAGE = 100_000
_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class View:
    """A saved view: a tab above the list."""

    key: str
    label: str
    empty: str
    """What to say when there is nothing in it."""
    status: tuple[Status, ...] = ()
    colour: Colour | None = None
    mine: bool = False


VIEWS: dict[str, View] = {
    view.key: view
    for view in (
        View("open", "未办结", "没有未办结的工单。有了新的，这里会提示，不用守着刷新。", OPEN_STATUSES),
        View("pending_dispatch", "待派单", "没有等待派单的工单。", (Status.PENDING_DISPATCH,)),
        View("pending_sign", "待签收", "没有等待签收的工单。", (Status.PENDING_SIGN,)),
        View("handling", "办理中", "没有正在办理的工单。签收以后的工单会在这里。", (Status.HANDLING,)),
        View("yellow", "临期", "没有快要到期的工单。", colour=Colour.YELLOW),
        View("red", "逾期", "没有逾期的工单。", colour=Colour.RED),
        View("answered", "已答复", "没有已答复、等待办结的工单。", (Status.ANSWERED,)),
        View("mine", "我经办的", "您还没有签收过工单。由您签收的工单会一直列在这里。", mine=True),
        View("all", "全部", "还没有工单。"),
    )
}

_DEPARTMENT_TABS = ("open", "pending_sign", "handling", "yellow", "red", "answered", "mine", "all")
_DISPATCH_TABS = ("open", "pending_dispatch", "pending_sign", "handling", "yellow", "red", "answered", "all")
_AGENT_TABS = ("open", "yellow", "red", "answered", "all")


def views_for(role: Role) -> tuple[View, ...]:
    """The tabs of a role; the first is where it begins."""
    keys = _DEPARTMENT_TABS if role in DEPARTMENT_ROLES else _AGENT_TABS if role is Role.AGENT else _DISPATCH_TABS
    return tuple(VIEWS[key] for key in keys)


@dataclass(frozen=True)
class Query:
    """A list as asked for."""

    view: View
    wanted: OrderFilter
    """What was asked for beside the view."""
    sort: Sort = Sort.DUE
    page: int = 1
    given: Mapping[str, str] = field(default_factory=dict)
    """The parameters that mean something, as they stand in the address."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """What could not be understood: field → words."""

    def filter(self, now: datetime) -> OrderFilter:
        """View and filters together, at ``now``."""
        return replace(
            self.in_view(now),
            status=self.wanted.status or self.view.status,
            colour=self.wanted.colour or self.view.colour,
            mine=self.view.mine,
        )

    def in_view(self, now: datetime) -> OrderFilter:
        """The filters without what tells one view from another: what the numbers of the tabs count."""
        due = self._due(now)
        return replace(self.wanted, status=(), colour=None, due_since=due.due_since, due_until=due.due_until)

    def _due(self, now: datetime) -> OrderFilter:
        asked = self.given.get("due")
        if asked is None:
            return OrderFilter()
        return due_today(now) if asked == TODAY else due_on(date.fromisoformat(asked), now)

    def address(self, path: str = LIST, **changes: str | int) -> str:
        """The address of this list with ``changes``. Another list begins on page 1."""
        kept = {name: value for name, value in self.given.items() if name != "page"}
        changed = {name: str(value) for name, value in changes.items()}
        return f"{path}?{urlencode({'view': self.view.key, **kept, **changed})}"

    def without(self, *names: str) -> str:
        """The address of this list with fewer filters."""
        return replace(self, given={n: v for n, v in self.given.items() if n not in names}).address()


def read_query(role: Role, args: Mapping[str, str]) -> Query:
    """Reads the parameters of an address; ``args``: name → first value."""
    tabs = views_for(role)
    view = next((view for view in tabs if view.key == args.get("view")), tabs[0])
    given, problems = _given(args)
    status, colour = _one(Status, given, "status"), _one(Colour, given, "colour")
    if (status and view.status) or (colour and view.colour):  # asked for more exactly than the view says
        view = VIEWS["all"]
    since, until = _day(given, problems, "since"), _day(given, problems, "until")
    if since and until and until < since:
        problems["until"] = "结束日期早于开始日期，没有按时间筛选。"
        since = until = None
        _forget(given, "since", "until")
    wanted = OrderFilter(
        status=(status,) if status else (),
        colour=colour,
        kind=_one(Kind, given, "kind"),
        department=given.get("department"),
        category=given.get("category"),
        area=given.get("area"),
        text=given.get("text"),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )
    if given.get("due") != TODAY:
        _day(given, problems, "due")
    sort = _one(Sort, given, "sort") or Sort.DUE
    return Query(view, wanted, sort, _page(given), given, problems)


_NAMES = ("text", "kind", "status", "colour", "due", "department", "category", "area", "since", "until", "sort", "page")


def _given(args: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    given = {name: tidied for name in _NAMES if (tidied := tidy(args.get(name)))}
    problems = {}
    if len(given.get("text", "")) > TEXT_LIMIT:
        given["text"] = given["text"][:TEXT_LIMIT]
        problems["text"] = f"搜索的内容太长，只用了前 {TEXT_LIMIT} 个字。"
    return given, problems


Value = TypeVar("Value", bound=Enum)


def _one(values: type[Value], given: dict[str, str], name: str) -> Value | None:
    try:
        return values(given[name]) if name in given else None
    except ValueError:
        _forget(given, name)
        return None


def _forget(given: dict[str, str], *names: str) -> None:
    for name in names:
        given.pop(name, None)


def _day(given: dict[str, str], problems: dict[str, str], name: str) -> date | None:
    if name not in given:
        return None
    try:
        day = date.fromisoformat(given[name])
        if day.year in _YEARS:
            return day
    except ValueError:
        pass  # said below, together with years nobody means
    problems[name] = f"看不懂日期“{given[name][:20]}”，没有按它筛选。请写成 2026-11-16 的样子。"
    _forget(given, name)
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)


def _page(given: dict[str, str]) -> int:
    return min(max(whole_number(given.get("page", ""), 8) or 1, 1), _LAST_PAGE)


@dataclass(frozen=True)
class Chip:
    """A filter that is on, to be read aloud, and the address without it."""

    label: str
    value: str
    without: str


def chips(query: Query, name_of: Callable[[str, str], str | None]) -> list[Chip]:
    """The filters that are on. ``name_of``: name of a department, category or area by its code."""
    found = []
    if query.wanted.text:
        found.append(Chip("搜索", query.wanted.text, query.without("text")))
    if query.wanted.kind:
        found.append(Chip("类型", query.wanted.kind.label, query.without("kind")))
    if query.wanted.status:
        found.append(Chip("状态", query.wanted.status[0].label, query.without("status")))
    if query.wanted.colour:
        found.append(Chip("时限", query.wanted.colour.label, query.without("colour")))
    if "due" in query.given:
        due = query.given["due"]
        found.append(Chip("到期", "今天" if due == TODAY else due, query.without("due")))
    for name, label in (("department", "部门"), ("category", "分类"), ("area", "区域")):
        code = query.given.get(name)
        if code:
            found.append(Chip(label, name_of(name, code) or "（没有这一项）", query.without(name)))
    return [*found, *_period_chip(query)]


def _period_chip(query: Query) -> list[Chip]:
    since, until = query.given.get("since"), query.given.get("until")
    if not since and not until:
        return []
    words = f"{since} 至 {until}" if since and until else f"{since} 起" if since else f"到 {until} 为止"
    return [Chip("受理时间", words, query.without("since", "until"))]
