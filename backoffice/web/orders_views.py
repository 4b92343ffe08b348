"""Views a person has saved: a list with its filters under a name, as a tab beside those everybody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.preferences import keep, preference
from backoffice.refusals import BadField
from backoffice.staff import Role, Staff
from backoffice.web.orders_query import Query, read_query
from core.texts import tidy

NAME = "order_views"
MOST_VIEWS = 6
LONGEST_NAME = 12
_NOT_OF_A_VIEW = frozenset({"page"})


@dataclass(frozen=True)
class SavedView:
    """A list somebody wants to find again."""

    name: str
    query: Query

    def is_of(self, query: Query) -> bool:
        """Whether ``query`` asks for this list, on whatever page."""
        return _asked(self.query) == _asked(query)


def _asked(query: Query) -> dict[str, str]:
    return {"view": query.view.key, **{n: v for n, v in query.given.items() if n not in _NOT_OF_A_VIEW}}


async def views_of(session: AsyncSession, staff: Staff) -> list[SavedView]:
    """The views ``staff`` has saved, in the order they were."""
    kept = await preference(session, staff, NAME)
    entries = kept if isinstance(kept, list) else []
    return [
        SavedView(entry["name"], _read(staff.role, entry["args"]))
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and isinstance(entry.get("args"), dict)
    ]


def _read(role: Role, args: Mapping[str, object]) -> Query:
    return read_query(role, {name: value for name, value in args.items() if isinstance(value, str)})


async def save_view(session: AsyncSession, staff: Staff, name: str, query: Query) -> None:
    """Saves the list of ``query``; a view of the same name gives way.

    Raises :class:`BadField` (field ``name``) without a name, with one that is too long, or when there are too many.
    """
    tidied = tidy(name)
    if not tidied:
        raise BadField("name", "请给视图起个名字。")
    if len(tidied) > LONGEST_NAME:
        raise BadField("name", f"名字太长，请控制在 {LONGEST_NAME} 个字以内。")
    others = [view for view in await views_of(session, staff) if view.name != tidied]
    if len(others) >= MOST_VIEWS:
        raise BadField("name", f"最多存 {MOST_VIEWS} 个视图，请先删除一个。")
    await _keep(session, staff, [*others, SavedView(tidied, query)])


async def forget_view(session: AsyncSession, staff: Staff, name: str) -> None:
    """Takes the view of that name away, if there is one."""
    await _keep(session, staff, [view for view in await views_of(session, staff) if view.name != name])


async def _keep(session: AsyncSession, staff: Staff, views: list[SavedView]) -> None:
    await keep(session, staff, NAME, [{"name": view.name, "args": _asked(view.query)} for view in views])
