"""Citizens who have to be called back (A6): missed calls, requests and messages; the one write door for them.

All calls of one number that wait are one citizen: taken, called and done with together. A follow-up waits, is taken by
one person, and is done with a result; a citizen who did not answer waits again. The number is shown to whoever has
taken it, and that is kept like every unmasking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.calls import Call, FollowUp
from backoffice.duty import is_present
from backoffice.refusals import NotAllowed
from backoffice.staff import Role, Staff
from core import history
from core.database import after_commit
from core.live import DESK, live
from core.masking import mask_phone

REMARK_LIMIT: Final = 500
SHOWN: Final = 200
"""Citizens listed at once."""


class Result(str, Enum):
    """What came of calling back."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    """Tried in vain: the citizen waits again."""
    NOT_NEEDED = "not_needed"
    CALLED_AGAIN = "called_again"
    """They have called again and been served: nobody had to call."""

    @property
    def label(self) -> str:
        """The words for it."""
        return {
            "reached": "已联系上",
            "no_answer": "没有人接",
            "not_needed": "不用回电",
            "called_again": "市民又打来了",
        }[self.value]


BY_HAND: Final = (Result.REACHED, Result.NO_ANSWER, Result.NOT_NEEDED)
"""Results somebody tells."""


@dataclass(frozen=True)
class FollowUpEntry:
    """One citizen who waits to be called back, or was; or a call."""

    call: Call
    """The latest of theirs."""
    calls: Sequence[Call]
    """All of theirs that wait, oldest first."""
    number: str | None
    """Masked but for whoever has taken it."""
    waited: timedelta
    """Since the first."""
    holder: Staff | None
    mine: bool

    @property
    def attempts(self) -> int:
        """How often somebody has tried."""
        return max(call.attempts for call in self.calls)

    @property
    def remark(self) -> str:
        """What was written down."""
        return next((call.follow_remark for call in reversed(self.calls) if call.follow_remark), "") or ""


_WHOSE: Final = func.coalesce(Call.caller_index, Call.id)


def _waiting() -> ColumnElement[bool]:
    return Call.follow_up.is_not(None) & Call.followed_at.is_(None)


def _same_number(call: Call) -> ColumnElement[bool]:
    return Call.id == call.id if call.caller_index is None else Call.caller_index == call.caller_index


async def waiting_count(session: AsyncSession, _staff: Staff, _now: datetime) -> int:
    """How many citizens wait to be called back."""
    return await session.scalar(select(func.count(_WHOSE.distinct())).where(_waiting())) or 0


async def waiting(session: AsyncSession, me: Staff, now: datetime) -> list[FollowUpEntry]:
    """Who waits to be called back: mine first, then the longest waiting; at most :data:`SHOWN`."""
    mine = func.max(case((Call.taken_by == me.id, 1), else_=0))
    first = select(_WHOSE).where(_waiting()).group_by(_WHOSE).order_by(mine.desc(), func.min(Call.begun_at))
    theirs = select(Call).where(_waiting(), _WHOSE.in_(first.limit(SHOWN))).order_by(Call.begun_at, Call.id)
    groups: dict[str, list[Call]] = {}
    for call in await session.scalars(theirs):
        groups.setdefault(call.caller_index or call.id, []).append(call)
    entries = await entries_of(session, groups.values(), me, now)
    return sorted(entries, key=lambda entry: not entry.mine)


async def done_lately(session: AsyncSession, me: Staff, now: datetime) -> list[FollowUpEntry]:
    """Who has been called back, the latest first; at most :data:`SHOWN`."""
    moments = select(Call.followed_at).where(Call.followed_at.is_not(None)).distinct()  # at each, one or more were
    latest = moments.order_by(Call.followed_at.desc()).limit(SHOWN).subquery()
    since = select(func.min(latest.c.followed_at)).scalar_subquery()
    theirs = select(Call).where(Call.followed_at >= since).order_by(Call.followed_at.desc(), Call.begun_at, Call.id)
    groups: dict[tuple[str, datetime | None], list[Call]] = {}
    for call in await session.scalars(theirs):
        groups.setdefault((call.caller_index or call.id, call.followed_at), []).append(call)
    return await entries_of(session, list(groups.values())[:SHOWN], me, now)


async def take(session: AsyncSession, staff: Staff, call_id: str, now: datetime) -> None:
    """``staff`` will call this citizen back. Raises :class:`NotAllowed` when a colleague who is there does already."""
    group = await _open(session, call_id)
    may_take_over = staff.role in {Role.SUPERVISOR, Role.ADMINISTRATOR}
    for holder_id in {call.taken_by for call in group} - {None, staff.id}:
        holder = await session.get(Staff, holder_id)
        if holder is not None and is_present(holder, now) and not may_take_over:
            raise NotAllowed(f"{holder.name}（工号 {holder.number}）正在回电。")
    for call in group:
        if call.taken_by != staff.id:
            call.taken_by, call.taken_at = staff.id, now
            await _write(session, call, f"staff:{staff.id}", "follow_up_taken", now)


async def give_back(session: AsyncSession, staff: Staff, call_id: str, now: datetime) -> None:
    """``staff`` does not call back after all: the citizen waits for somebody else."""
    for call in await _mine(session, staff, call_id, now):
        call.taken_by = call.taken_at = None
        await _write(session, call, f"staff:{staff.id}", "follow_up_given_back", now)


async def finish(session: AsyncSession, staff: Staff, call_id: str, result: Result, remark: str, now: datetime) -> None:
    """``staff`` has called; a citizen who did not answer waits again. ``now``: when that was. Raises
    :class:`NotAllowed`."""
    _check_remark(remark)
    for call in await _mine(session, staff, call_id, now):
        call.attempts += 1
        call.follow_remark = remark.strip() or call.follow_remark
        await _conclude(session, call, staff, result, now)


async def amend(
    session: AsyncSession, staff: Staff, call_id: str, remark: str, now: datetime, *, waits_again: bool
) -> None:
    """Adds to what ``staff`` has done; ``waits_again``: the citizen was not reached after all."""
    _check_remark(remark)
    call = await session.get(Call, call_id)
    if call is None or call.followed_at is None or call.followed_by != staff.id:
        raise NotAllowed("只能补写自己回过的电话。")
    together = await _locked(session, _same_number(call), Call.followed_at == call.followed_at)
    if call_id not in {one.id for one in together}:
        raise NotAllowed("这个电话又在等回电了。")
    for one in together:
        one.follow_remark = remark.strip() or None
        if waits_again:
            await _conclude(session, one, staff, Result.NO_ANSWER, now)
        else:
            await _write(session, one, f"staff:{staff.id}", "follow_up_amended", now)


async def lock(session: AsyncSession, call: Call) -> None:
    """Whatever is told of ``call`` and of those that wait with it waits now: to be done before it is written down."""
    await _locked(session, (Call.id == call.id) | (_waiting() & _same_number(call)))


async def withdraw(
    session: AsyncSession, calls: Iterable[Call], reason: str, actor: str, now: datetime, **data: Any
) -> None:
    """Nobody has to call these back any more, for ``reason``, which is shown."""
    for call in calls:
        call.followed_at, call.follow_result = now, Result.CALLED_AGAIN.value
        call.taken_by = call.taken_at = None
        call.follow_remark = "；".join(filter(None, (call.follow_remark, reason)))[:REMARK_LIMIT]
        await _write(session, call, actor, "follow_up_withdrawn", now, **data)


async def to_withdraw(session: AsyncSession, later: Call, kinds: Iterable[FollowUp]) -> list[Call]:
    """Calls of the number that ``later`` comes from, and itself, which wait to be called back; locked."""
    if later.caller_index is None:
        return []
    return await _locked(
        session,
        _waiting(),
        Call.caller_index == later.caller_index,
        Call.begun_at <= later.begun_at,
        Call.follow_up.in_([kind.value for kind in kinds]),
    )


async def entries_of(
    session: AsyncSession, groups: Iterable[Sequence[Call]], me: Staff, now: datetime
) -> list[FollowUpEntry]:
    """``groups``: each of one citizen's, oldest first."""
    groups = list(groups)
    ids = {call.followed_by or call.taken_by for group in groups for call in group}
    people = {staff.id: staff for staff in await session.scalars(select(Staff).where(Staff.id.in_(ids - {None})))}
    return [_entry(group, people, me, now) for group in groups]


def _entry(group: Sequence[Call], people: dict[int, Staff], me: Staff, now: datetime) -> FollowUpEntry:
    call = group[-1]
    mine = any(one.followed_at is None and one.taken_by == me.id for one in group)
    number = call.caller if mine or call.caller is None else mask_phone(call.caller)
    holders = (people.get(one.followed_by or one.taken_by or 0) for one in group)
    holder = next((one for one in holders if one is not None), None)
    return FollowUpEntry(call, group, number, now - group[0].begun_at, holder, mine)


# ---------------------------------------------------------------------------------------------------- parts


async def _conclude(session: AsyncSession, call: Call, staff: Staff, result: Result, now: datetime) -> None:
    call.follow_result = result.value
    if result is Result.NO_ANSWER:
        call.taken_by = call.taken_at = call.followed_at = call.followed_by = None
    else:
        call.followed_at, call.followed_by = now, staff.id
    await _write(session, call, f"staff:{staff.id}", "follow_up_done", now, result=result.value)


async def _mine(session: AsyncSession, staff: Staff, call_id: str, now: datetime) -> list[Call]:
    """Those calls of the number that ``staff`` has taken, and tries without a word since, until ``now``; a message or a
    wish that has come since waits for itself."""
    group = await _open(session, call_id)
    if all(call.taken_by != staff.id for call in group):
        raise NotAllowed("请先接下这个回电。")
    tried = [call for call in group if call.follow_up == FollowUp.MISSED.value and call.begun_at <= now]
    return [call for call in group if call.taken_by == staff.id or call in tried]


async def _open(session: AsyncSession, call_id: str) -> list[Call]:
    """All calls that wait of the number that ``call_id`` comes from; locked."""
    call = await session.get(Call, call_id)
    if call is None or call.follow_up is None:
        raise NotAllowed("这个电话不用回。")
    group = await _locked(session, _waiting(), _same_number(call))
    if call_id not in {one.id for one in group}:
        raise NotAllowed("这个电话已经有人回过了。")
    return group


async def _locked(session: AsyncSession, *which: ColumnElement[bool]) -> list[Call]:
    """Calls as they are now, locked in one order for everybody: whoever has locked one, or has written history, must
    not ask for more."""
    statement = select(Call).where(*which).order_by(Call.begun_at, Call.id).with_for_update()
    return list(await session.scalars(statement.execution_options(populate_existing=True)))


def _check_remark(remark: str) -> None:
    if len(remark) > REMARK_LIMIT:
        raise NotAllowed(f"说明不能超过 {REMARK_LIMIT} 个字。")


async def _write(session: AsyncSession, about: Call, actor: str, action: str, now: datetime, **data: Any) -> None:
    await history.append(session, subject="call", subject_id=about.id, action=action, actor=actor, at=now, data=data)
    after_commit(session, partial(live.signal, DESK))
