"""All calls: found by when they came, from which number, how they ended and who answered (A6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.call_backs import FollowUpEntry, entries_of
from backoffice.call_numbers import LAST_DIGITS, end_of, index_of
from backoffice.calls import Call, Ending
from backoffice.duty import DESK_ROLES
from backoffice.staff import Staff

PAGE_SIZE: Final = 20
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class CallFilter:
    """What to look for; every part narrows the list further."""

    since: datetime | None = None
    until: datetime | None = None
    """Begun from ``since`` up to, not including, ``until``."""
    number: str = ""
    """Digits: a whole number, or the last four of it."""
    ending: Ending | None = None
    staff_id: int | None = None
    """Who answered."""


@dataclass(frozen=True)
class CallPage:
    """A page of the list."""

    entries: tuple[FollowUpEntry, ...]
    total: int
    page: int
    pages: int


async def list_calls(session: AsyncSession, me: Staff, wanted: CallFilter, now: datetime, page: int = 1) -> CallPage:
    """The ``page``-th page, the latest call first; a page beyond the last is the last."""
    where = and_(True, *_conditions(wanted))
    total = await session.scalar(select(func.count()).select_from(Call).where(where)) or 0
    pages = max(ceil(total / PAGE_SIZE), 1)
    page = min(max(page, 1), pages)
    # the page is found first and looked up then: of the rows before it only the index is read
    found = select(Call.id).where(where).order_by(Call.begun_at.desc(), Call.id.desc())
    ids = list(await session.scalars(found.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)))
    by_id = {call.id: call for call in await session.scalars(select(Call).where(Call.id.in_(ids)))}
    entries = await entries_of(session, [(by_id[call_id],) for call_id in ids], me, now)
    return CallPage(tuple(entries), total, page, pages)


async def who_answers(session: AsyncSession) -> list[Staff]:
    """Staff who may have answered a call."""
    return list(await session.scalars(select(Staff).where(Staff.role.in_(DESK_ROLES)).order_by(Staff.number)))


def not_findable() -> Select[tuple[Call]]:
    """Calls from before numbers could be found."""
    return select(Call).where(Call.caller_index.is_(None), Call.caller.is_not(None))


async def make_findable(session: AsyncSession) -> int:
    """Makes some of them findable; how many there were."""
    found = list(await session.scalars(not_findable().limit(_AT_ONCE)))
    for call in found:
        assert call.caller is not None
        call.caller_index, call.caller_end = index_of(call.caller), end_of(call.caller)
    return len(found)


def _conditions(wanted: CallFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.since:
        yield Call.begun_at >= wanted.since
    if wanted.until:
        yield Call.begun_at < wanted.until
    if wanted.number:
        short = len(wanted.number) == LAST_DIGITS
        yield Call.caller_end == end_of(wanted.number) if short else Call.caller_index == index_of(wanted.number)
    if wanted.ending:
        yield Call.ending == wanted.ending.value
    if wanted.staff_id is not None:
        yield Call.answered_by == wanted.staff_id
