"""Who may hear a call (F6, I1): the only way to get one for a member of staff; that somebody heard it is kept.

The citizens' desk and those who read along there hear every call. Departments hear a call when every order it led to
is one they see with its reporter: what was said for somebody else's order, or in confidence, is not theirs to hear.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import calls
from backoffice.access import orders_visible_to, reporter_searchable_by
from backoffice.calls import Call
from backoffice.desk import READERS
from backoffice.order_tables import Order, OrderReporter
from backoffice.refusals import Refused
from backoffice.staff import Staff
from core.history import HistoryEntry

HEARD: Final = "recording"
"""What history calls it when somebody hears a recording."""
ONE_HEARING: Final = timedelta(hours=1)
"""What one person asks of one recording within this time is one hearing: players fetch it in many pieces."""


class NoSuchCall(Refused):
    """There is no such call, or not for whoever asks: both look the same from outside."""

    code = "no_such_call"

    def __init__(self) -> None:
        super().__init__("没有找到这次通话。")


async def call_for(session: AsyncSession, staff: Staff, call_id: str) -> Call:
    """The call. Raises :class:`NoSuchCall` when there is none, or none that ``staff`` may hear."""
    call = await session.get(Call, call_id)
    if call is None or not await may_hear(session, staff, call.conversation_id):
        raise NoSuchCall
    return call


async def may_hear(session: AsyncSession, staff: Staff, conversation_id: str | None) -> bool:
    """Whether ``staff`` may hear the calls of a conversation."""
    if staff.role in READERS:
        return staff.active
    if conversation_id is None:
        return False
    theirs = orders_visible_to(staff) & reporter_searchable_by(staff)
    of_the_call = select(func.count()).select_from(Order).where(led_to(conversation_id))
    all_orders = await session.scalar(of_the_call) or 0
    return all_orders > 0 and all_orders == await session.scalar(of_the_call.where(theirs))


def led_to(conversation_id: str | None) -> ColumnElement[bool]:
    """A WHERE clause: the orders filed, or joined, in a conversation; also those left since, for the words remain."""
    if conversation_id is None:
        return false()  # and not the orders that came without one
    joined = select(OrderReporter.number).where(OrderReporter.conversation_id == conversation_id)
    return or_(Order.conversation_id == conversation_id, Order.number.in_(joined))


async def calls_to_hear(session: AsyncSession, staff: Staff, conversation_id: str | None) -> list[Call]:
    """The calls of a conversation, oldest first, as far as ``staff`` may hear them."""
    if conversation_id is None or not await may_hear(session, staff, conversation_id):
        return []
    return await calls.of_conversation(session, conversation_id)


async def note_hearing(session: AsyncSession, staff: Staff, call: Call, now: datetime) -> None:
    """Writes down that ``staff`` hears the recording of ``call``, once for each hearing."""
    await session.execute(select(Call.id).where(Call.id == call.id).with_for_update())
    lately = select(HistoryEntry.id).where(
        HistoryEntry.subject == "call",
        HistoryEntry.subject_id == call.id,
        HistoryEntry.action == HEARD,
        HistoryEntry.actor == f"staff:{staff.id}",
        HistoryEntry.at > now - ONE_HEARING,
    )
    if await session.scalar(lately.limit(1)) is None:
        await calls.note_listening(session, staff, call.id, HEARD, now)
