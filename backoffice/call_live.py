"""Who is on the telephone now: with the bot, in the line, with whom of the staff, and since when (F5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.calls import Call, Ending
from backoffice.listening import may_be_live
from backoffice.staff import Staff
from core.conversations import Conversation, Owner
from core.masking import mask_phone

_LONGEST: Final = timedelta(hours=2)
"""A call that began earlier and of whose end nobody heard is over."""


@dataclass(frozen=True)
class LiveEntry:
    """One call that goes on."""

    call: Call
    number: str | None
    """Masked."""
    stand: str
    """Where it is, in words."""
    since: datetime
    """…and since when."""
    may_listen: bool


async def live_calls(session: AsyncSession, now: datetime) -> list[LiveEntry]:
    """All calls that go on, the oldest first."""
    in_line = and_(Conversation.owner == Owner.WAITING.value, Conversation.closed_at.is_(None))
    statement = (
        select(Call, Conversation, Staff)
        .outerjoin(Conversation, Conversation.id == Call.conversation_id)
        .outerjoin(Staff, Staff.id == Call.with_staff)
        .where(
            Call.begun_at > now - _LONGEST,
            or_(
                Call.ended_at.is_(None),
                Call.with_staff.is_not(None),
                and_(Call.ending == Ending.TRANSFERRED.value, in_line),
            ),
        )
        .order_by(Call.begun_at)
    )
    return [_entry(call, talk, staff, now) for call, talk, staff in await session.execute(statement)]


def _entry(call: Call, conversation: Conversation | None, staff: Staff | None, now: datetime) -> LiveEntry:
    stand, since = _stand(call, conversation, staff)
    number = mask_phone(call.caller) if call.caller is not None else None
    return LiveEntry(call, number, stand, since, may_be_live(call, now))


def _stand(call: Call, conversation: Conversation | None, staff: Staff | None) -> tuple[str, datetime]:
    ended = call.ended_at or call.begun_at
    if staff is not None:
        who = f"{staff.name}（工号 {staff.number}）"
        talks = call.answered_by == staff.id and call.answered_at is not None
        return (f"和{who}通话", call.answered_at or ended) if talks else (f"{who}的话机在响", ended)
    if call.ended_at is not None:
        return "在等话务员", (conversation.waiting_since if conversation else None) or ended
    return "和机器人通话", call.begun_at
