"""Which member of staff a call is with (part of F2): the PBX tells whose telephone rings and who has answered.

Whoever answers has the conversation from that moment, so that it is on their screen before the first word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_served, desk
from backoffice.calls import Call
from backoffice.desk import DeskRefused
from backoffice.duty import DESK_ROLES
from backoffice.staff import Staff
from core.conversations import Conversation
from core.database import after_commit
from core.live import DESK, live


@dataclass(frozen=True)
class AtTelephone:
    """The call at somebody's telephone."""

    conversation_id: str
    talks: bool
    """They have answered; otherwise it rings."""


async def rings(session: AsyncSession, call_id: str, extension: str) -> None:
    """The telephone with ``extension``, which is the number of a member of staff, rings for a call."""
    found = await _found(session, call_id, extension)
    if found is not None:
        _is_with(session, *found)


async def answered(session: AsyncSession, call_id: str, extension: str, now: datetime) -> None:
    """Whoever has ``extension`` has answered: the conversation is theirs, however many others they hold."""
    found = await _found(session, call_id, extension)
    if found is None:
        return
    call, staff = found
    await call_served.by_a_person(session, call, staff, now)  # first: it locks calls, this one among them, in one order
    _is_with(session, call, staff)
    call.answered_by, call.answered_at = staff.id, now
    if call.conversation_id is not None:
        await desk.answer(session, call.conversation_id, staff, now)


async def with_nobody(session: AsyncSession, call_id: str) -> None:
    """No telephone of ours has the call any more, nor rings for it."""
    call = await session.get(Call, call_id)
    if call is not None and call.with_staff is not None:
        call.with_staff = None
        after_commit(session, partial(live.signal, DESK))


async def at_telephone_of(session: AsyncSession, staff: Staff) -> AtTelephone | None:
    """The call that rings at the telephone of ``staff`` or that they have answered; None without a conversation."""
    statement = (
        select(Call.conversation_id, Call.answered_by)
        .join(Conversation, Conversation.id == Call.conversation_id)
        .where(Call.with_staff == staff.id, Conversation.closed_at.is_(None))
        .order_by(Call.begun_at.desc())
        .limit(1)
    )
    found = (await session.execute(statement)).first()
    return AtTelephone(found[0], found[1] == staff.id) if found is not None else None


async def talk_of(session: AsyncSession, conversation_id: str, staff: Staff) -> Call:
    """The call in which ``staff`` talks to the citizen now. Raises :class:`DeskRefused`: they do not."""
    call = await session.scalar(
        select(Call).where(
            Call.conversation_id == conversation_id, Call.with_staff == staff.id, Call.answered_by == staff.id
        )
    )
    if call is None:
        raise DeskRefused("not_taken", "您现在没有和这位市民通电话。")
    return call


async def _found(session: AsyncSession, call_id: str, extension: str) -> tuple[Call, Staff] | None:
    call = await session.get(Call, call_id)
    staff = await session.scalar(select(Staff).where(Staff.number == extension, Staff.active))
    if call is None or staff is None or staff.role not in DESK_ROLES:
        return None
    return call, staff


def _is_with(session: AsyncSession, call: Call, staff: Staff) -> None:
    call.with_staff = staff.id
    after_commit(session, partial(live.signal, DESK))
