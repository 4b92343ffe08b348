"""Citizens who have to be called back (A6): missed calls, requests and messages; the one write door for them.

A follow-up waits, is taken by one person, and is done with a result; a citizen who did not answer waits again. The
number is shown to whoever has taken it, and that is kept like every unmasking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.calls import Call
from backoffice.duty import is_present
from backoffice.refusals import NotAllowed
from backoffice.staff import Role, Staff
from core import history
from core.database import after_commit
from core.live import DESK, live
from core.masking import mask_phone

REMARK_LIMIT: Final = 500
SHOWN: Final = 200
"""Follow-ups listed at once."""


class Result(str, Enum):
    """What came of calling back."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    """Tried in vain: the citizen waits again."""
    NOT_NEEDED = "not_needed"

    @property
    def label(self) -> str:
        """The words for it."""
        return {"reached": "已联系上", "no_answer": "没有人接", "not_needed": "不用回电"}[self.value]


@dataclass(frozen=True)
class FollowUpEntry:
    """One citizen who waits to be called back, or was."""

    call: Call
    number: str | None
    """Masked but for whoever has taken it."""
    waited: timedelta
    holder: Staff | None
    mine: bool


def _waiting() -> ColumnElement[bool]:
    return Call.follow_up.is_not(None) & Call.followed_at.is_(None)


async def waiting_count(session: AsyncSession, _staff: Staff, _now: datetime) -> int:
    """How many citizens wait to be called back."""
    return await session.scalar(select(func.count()).select_from(Call).where(_waiting())) or 0


async def waiting(session: AsyncSession, me: Staff, now: datetime) -> list[FollowUpEntry]:
    """Who waits to be called back: mine first, then the longest waiting."""
    found = list(await session.scalars(select(Call).where(_waiting()).order_by(Call.begun_at).limit(SHOWN)))
    entries = await _entries(session, found, me, now)
    return sorted(entries, key=lambda entry: not entry.mine)


async def done_lately(session: AsyncSession, me: Staff, now: datetime) -> list[FollowUpEntry]:
    """Who has been called back, the latest first."""
    statement = select(Call).where(Call.followed_at.is_not(None)).order_by(Call.followed_at.desc()).limit(SHOWN)
    return await _entries(session, list(await session.scalars(statement)), me, now)


async def latest_calls(session: AsyncSession, me: Staff, now: datetime) -> list[FollowUpEntry]:
    """All calls, the latest first."""
    statement = select(Call).order_by(Call.begun_at.desc()).limit(SHOWN)
    return await _entries(session, list(await session.scalars(statement)), me, now)


async def take(session: AsyncSession, staff: Staff, call_id: str, now: datetime) -> None:
    """``staff`` will call this citizen back. Raises :class:`NotAllowed` when a colleague who is there does already."""
    call = await _open(session, call_id)
    if call.taken_by == staff.id:
        return
    holder = await session.get(Staff, call.taken_by) if call.taken_by is not None else None
    may_take_over = staff.role in {Role.SUPERVISOR, Role.ADMINISTRATOR}
    if holder is not None and is_present(holder, now) and not may_take_over:
        raise NotAllowed(f"{holder.name}（工号 {holder.number}）正在回电。")
    call.taken_by, call.taken_at = staff.id, now
    await _write(session, call, staff, "follow_up_taken", now)


async def give_back(session: AsyncSession, staff: Staff, call_id: str, now: datetime) -> None:
    """``staff`` does not call back after all: the citizen waits for somebody else."""
    call = await _mine(session, staff, call_id)
    call.taken_by = call.taken_at = None
    await _write(session, call, staff, "follow_up_given_back", now)


async def finish(session: AsyncSession, staff: Staff, call_id: str, result: Result, remark: str, now: datetime) -> None:
    """``staff`` has called; a citizen who did not answer waits again. Raises :class:`NotAllowed`."""
    if len(remark) > REMARK_LIMIT:
        raise NotAllowed(f"说明不能超过 {REMARK_LIMIT} 个字。")
    call = await _mine(session, staff, call_id)
    call.attempts += 1
    call.follow_remark = remark.strip() or call.follow_remark
    call.follow_result = result.value
    if result is Result.NO_ANSWER:
        call.taken_by = call.taken_at = None
    else:
        call.followed_at, call.followed_by = now, staff.id
    await _write(session, call, staff, "follow_up_done", now, result=result.value)


async def _mine(session: AsyncSession, staff: Staff, call_id: str) -> Call:
    call = await _open(session, call_id)
    if call.taken_by != staff.id:
        raise NotAllowed("请先接下这个回电。")
    return call


async def _open(session: AsyncSession, call_id: str) -> Call:
    call = await session.scalar(select(Call).where(Call.id == call_id).with_for_update())
    if call is None or call.follow_up is None:
        raise NotAllowed("这个电话不用回。")
    if call.followed_at is not None:
        raise NotAllowed("这个电话已经有人回过了。")
    return call


async def _write(session: AsyncSession, call: Call, staff: Staff, action: str, now: datetime, **data: Any) -> None:
    actor = f"staff:{staff.id}"
    await history.append(session, subject="call", subject_id=call.id, action=action, actor=actor, at=now, data=data)
    after_commit(session, partial(live.signal, DESK))


async def _entries(session: AsyncSession, found: list[Call], me: Staff, now: datetime) -> list[FollowUpEntry]:
    ids = {call.followed_by or call.taken_by for call in found}
    people = {staff.id: staff for staff in await session.scalars(select(Staff).where(Staff.id.in_(ids - {None})))}
    entries = []
    for call in found:
        mine = call.followed_at is None and call.taken_by == me.id
        number = call.caller if mine or call.caller is None else mask_phone(call.caller)
        holder = people.get(call.followed_by or call.taken_by or 0)
        entries.append(FollowUpEntry(call, number, now - call.begun_at, holder, mine))
    return entries
