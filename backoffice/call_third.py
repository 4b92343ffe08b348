"""A third party in a call (F4): an agent asks a department or a colleague aside, holds a three-way call, or leaves.

The PBX does it and tells what came of it; what was wanted and what happened stands in the history of the call, from
which it follows who is in the call now and what may be done next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_people
from backoffice.call_people import talk_of
from backoffice.call_transfer import departments_with_telephone, number_of
from backoffice.calls import Call
from backoffice.departments import Department
from backoffice.desk import DeskRefused
from backoffice.duty import DESK_ROLES, is_present
from backoffice.staff import Staff
from backoffice.third_party import MAY, Event, Stand, Third, Wish, moves, outcome, third_in
from core import conversations, history
from core.conversations import Conversation
from core.database import after_commit
from core.live import DESK, live
from core.messages import Reply
from core.texts import whole_number


@dataclass(frozen=True)
class Asked:
    """A wish on its way to the PBX."""

    call_id: str
    staff_id: int
    wish: Wish
    number: str = ""
    who: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """What the dialplan is told."""
        return f"{self.wish.value}/{self.number}" if self.number else self.wish.value


@dataclass(frozen=True)
class Panel:
    """What the desk shows to whoever is talking to the citizen by telephone."""

    third: Third
    name: str
    may: frozenset[Wish]
    departments: Sequence[Department]
    colleagues: Sequence[Staff]


async def ask(
    session: AsyncSession, conversation_id: str, staff: Staff, wish: Wish, chosen: str, now: datetime
) -> Asked:
    """What the PBX is to do. Raises :class:`DeskRefused`: not in the call, nobody to call, or not as things stand.

    ``chosen``: who is invited, ``department:<id>`` or ``staff:<id>``.
    """
    call = await talk_of(session, conversation_id, staff)
    if wish not in MAY[(await _third_of(session, call.id)).stand]:
        raise DeskRefused("not_now", "通话的情况已经变了，请看现在能做什么。")
    if wish is not Wish.INVITE:
        return Asked(call.id, staff.id, wish)
    number, who = await _number_of(session, staff, chosen, now)
    return Asked(call.id, staff.id, wish, number, who)


async def is_taken(session: AsyncSession, asked: Asked, now: datetime) -> bool:
    """The PBX does what was asked; False where it cannot be any more: who is there has changed meanwhile."""
    call = await session.get_one(Call, asked.call_id, with_for_update=True)
    if asked.wish not in MAY[(await _third_of(session, call.id)).stand]:
        return False
    if asked.wish is Wish.INVITE:
        call.transfer_to = None
    if asked.wish is not Wish.LEAVE:  # kept when they have left
        await _keep(session, call, asked.wish.value, f"staff:{asked.staff_id}", now, asked.who)
    return True


async def happens(session: AsyncSession, call_id: str, event: Event, why: str, now: datetime) -> None:
    """The PBX tells what has happened; what does not fit what is known moves nothing, and is not kept."""
    call = await session.get(Call, call_id, with_for_update=True)
    if call is None:
        return
    third = await _third_of(session, call_id)
    if not moves(third, event):
        return
    leaves = event is Event.AGENT_LEAVES
    actor = f"staff:{call.with_staff}" if leaves and call.with_staff is not None else "system"
    await _keep(session, call, event.value, actor, now, {**third.who, **({"why": why} if why else {})})
    if leaves:
        await _pass_on(session, call, third, now)


async def panel_of(session: AsyncSession, me: Staff, conversation: Conversation, now: datetime) -> Panel | None:
    """What is shown at the desk of ``me``; None unless they are talking to the citizen by telephone."""
    try:
        call = await talk_of(session, conversation.id, me)
    except DeskRefused:
        return None
    third = await _third_of(session, call.id)
    may = MAY[third.stand]
    can_invite = Wish.INVITE in may
    return Panel(
        third,
        await name_of(session, third.who),
        may,
        await departments_with_telephone(session) if can_invite else [],
        await _colleagues(session, me, now) if can_invite else [],
    )


async def stand_at(session: AsyncSession, conversation_id: str, me: Staff) -> str:
    """By what the desk notices that something has changed; empty: no third party has been invited."""
    try:
        call = await talk_of(session, conversation_id, me)
    except DeskRefused:
        return ""
    third = await _third_of(session, call.id)
    return f"{third.stand.value if third.stand else ''}{third.outcome}"


async def name_of(session: AsyncSession, who: Mapping[str, Any]) -> str:
    """What a third party is called."""
    if "department" in who:
        found = await session.scalar(select(Department).where(Department.code == who["department"]))
        return found.name if found is not None else str(who["department"])
    if "extension" in who:
        colleague = await session.scalar(select(Staff).where(Staff.number == who["extension"]))
        return f"{colleague.name}（工号 {colleague.number}）" if colleague is not None else str(who["extension"])
    return ""


# ---------------------------------------------------------------------------------------------------- parts


async def _third_of(session: AsyncSession, call_id: str) -> Third:
    """That of the talk with the agent who has the call now: one that was left to an earlier agent's is nobody's."""
    call = await session.get_one(Call, call_id)
    since = call.answered_at
    entries = [one for one in await history.of(session, "call", call_id) if since is None or one.at >= since]
    third = third_in([(entry.action, entry.data) for entry in entries])
    taken_over = third.stand is Stand.LEFT and call.with_staff is not None
    return Third() if taken_over else third


async def _number_of(session: AsyncSession, me: Staff, chosen: str, now: datetime) -> tuple[str, Mapping[str, Any]]:
    kind, _, key = chosen.partition(":")
    row_id = whole_number(key) or 0
    if kind == "department":
        department = await session.get(Department, row_id)
        number = number_of(department) if department is not None and department.is_open else None
        if department is not None and number is not None:
            return number, {"department": department.code}
    if kind == "staff":
        for colleague in await _colleagues(session, me, now):
            if colleague.id == row_id:
                return colleague.number, {"extension": colleague.number}
    raise DeskRefused("no_third", "请选一个有电话的部门，或者在岗的同事。")


async def _colleagues(session: AsyncSession, me: Staff, now: datetime) -> list[Staff]:
    """Those who are there and have an extension: a number of three or four digits."""
    found = await session.scalars(
        select(Staff).where(Staff.active, Staff.role.in_(DESK_ROLES), Staff.id != me.id).order_by(Staff.number)
    )
    return [one for one in found if is_present(one, now) and one.number.isdigit() and len(one.number) in (3, 4)]


_TOLD: Final = {
    Wish.INVITE.value: "话务员正在呼叫{name}，市民在听音乐等候。",
    Wish.JOIN.value: "{name}加入通话，三方通话开始。",
    Event.UNREACHED.value: "{name}{outcome}，话务员和市民继续通话。",
    Event.LEAVES.value: "{name}退出了通话。",
    Event.AGENT_LEAVES.value: "话务员退出，市民和{name}继续通话。",
}
"""What the talk at the desk says of it."""


async def _keep(
    session: AsyncSession, call: Call, action: str, actor: str, now: datetime, data: Mapping[str, Any]
) -> None:
    who = data or (await _third_of(session, call.id)).who
    await history.append(session, subject="call", subject_id=call.id, action=action, actor=actor, at=now, data=who)
    after_commit(session, partial(live.signal, DESK))
    words = _TOLD.get(action)
    conversation = await session.get(Conversation, call.conversation_id) if call.conversation_id else None
    if words is None or conversation is None or conversation.closed_at is not None:
        return
    name = await name_of(session, who)
    told = Reply(words.format(name=name, outcome=outcome(action, data)))
    locked = await conversations.lock(session, conversation.id)
    await conversations.say(session, locked, "system", told, now, kind="notice")


async def _pass_on(session: AsyncSession, call: Call, third: Third, now: datetime) -> None:
    """The agent has left: a colleague has the call now; nobody of ours, where it is a department's."""
    if "extension" in third.who and third.stand is not Stand.CALLED:
        await call_people.answered(session, call.id, third.who["extension"], now)
    else:
        await call_people.with_nobody(session, call.id)
