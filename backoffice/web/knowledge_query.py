"""The address of a list of knowledge, read and written: views, filters, page. Pure.

Whatever somebody types into the address, the answer is a list: a value that means nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from backoffice.editors import REVIEWER_ROLES, WRITER_ROLES
from backoffice.knowledge_list import TEXT_LIMIT, Wanted
from backoffice.knowledge_todo import HOME
from backoffice.staff import Role
from core.texts import tidy, whole_number

_LAST_PAGE = 100_000
_CODE_LENGTH = 60


@dataclass(frozen=True)
class View:
    """A tab above the list."""

    key: str
    label: str
    empty: str
    """What to say when there is nothing in it."""


VIEWS: dict[str, View] = {
    view.key: view
    for view in (
        View("live", "在用", "这里还没有知识。写一条，或者从文件导入。"),
        View("review", "待审核", "没有等待审核的稿子。"),
        View("mine", "我的稿子", "您没有正在写的稿子。写了一半的、等审核的、被退回的，都会列在这里。"),
        View("expiring", "快到期", "没有快到期的知识。到期前 14 天会在这里提醒，只提醒一次。"),
        View("poor", "市民说没用", "没有明显不好用的答案。有几个市民都说没用时，会列在这里。"),
        View("down", "已下架", "没有下架的知识。"),
        View("changes", "最近变动", "还没有变动。"),
    )
}
_READER_VIEWS = ("live", "changes")
_HANDLER_VIEWS = ("live", "mine", "review", "expiring", "poor", "down", "changes")
_REVIEWER_VIEWS = ("live", "review", "mine", "expiring", "poor", "down", "changes")


def views_for(role: Role) -> tuple[View, ...]:
    """The tabs of a role; the first is where it begins."""
    keys = _READER_VIEWS if role not in WRITER_ROLES else _HANDLER_VIEWS
    keys = _REVIEWER_VIEWS if role in REVIEWER_ROLES else keys
    return tuple(VIEWS[key] for key in keys)


@dataclass(frozen=True)
class Query:
    """A list as asked for."""

    view: View
    wanted: Wanted

    def address(self, **changes: str | int) -> str:
        """The address of this list with some parameters changed; another view begins at its first page."""
        given: dict[str, str | int] = {
            "view": self.view.key,
            "text": self.wanted.text,
            "department": self.wanted.department,
        }
        given.update(changes)
        kept = {name: value for name, value in given.items() if value and (name, value) != ("page", 1)}
        return f"{HOME}?{urlencode(kept)}"


def read_query(role: Role, given: Mapping[str, str]) -> Query:
    """The list that an address asks for."""
    views = {view.key: view for view in views_for(role)}
    number = whole_number(given.get("page", ""), 6) or 1
    return Query(
        views.get(given.get("view", ""), next(iter(views.values()))),
        Wanted(
            text=tidy(given.get("text"))[:TEXT_LIMIT],
            department=tidy(given.get("department"))[:_CODE_LENGTH],
            page=min(max(number, 1), _LAST_PAGE),
        ),
    )
