"""A citizen who waited to be called back has called again and been served: nobody has to call them any more (A6).

A message they left is withdrawn only when a person has talked to them: what is in it the bot has not heard. What
somebody is calling back for now stays theirs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_backs
from backoffice.call_access import led_to
from backoffice.calls import Call, Ending, FollowUp
from backoffice.order_tables import Order
from backoffice.staff import Staff
from core.clock import china_time
from core.conversations import Message

_SETTLED_BY: Final = {"order": (FollowUp.MISSED, FollowUp.CALL_BACK), "answer": (FollowUp.MISSED,)}
"""What waits no more, by what came of the later call: an answer of the bot's is not what a call back was asked for."""


async def by_a_person(session: AsyncSession, call: Call, staff: Staff, now: datetime) -> None:
    """``staff`` has answered ``call``."""
    for one in await call_backs.to_withdraw(session, call, tuple(FollowUp)):
        again = "" if one is call else "又打来，"
        reason = f"{_when(now)}{again}{staff.name}（工号 {staff.number}）接听了。"
        await call_backs.withdraw(session, [one], reason, f"staff:{staff.id}", now, call=call.id, why="answered")


async def by_the_bot(session: AsyncSession, call_id: str, now: datetime) -> None:
    """A call is over: what waited before it is settled where an order was filed in it, or a question answered."""
    call = await session.get_one(Call, call_id)
    found = await _done_in(session, call) if call.follow_up is None and call.caller_index else None
    if found is not None:
        why, words = found
        waiting = await call_backs.to_withdraw(session, call, _SETTLED_BY[why])
        earlier = [one for one in waiting if one.id != call.id and one.taken_by is None]
        reason = f"{_when(call.begun_at)}又打来，{words}。"
        await call_backs.withdraw(session, earlier, reason, "bot", now, call=call.id, why=why)


async def _done_in(session: AsyncSession, call: Call) -> tuple[str, str] | None:
    if call.conversation_id is None or call.ending not in {Ending.BYE.value, Ending.HUNG_UP.value}:
        return None
    filed = select(Order.number).where(led_to(call.conversation_id), Order.created_at >= call.begun_at)
    number = await session.scalar(filed.order_by(Order.created_at.desc()).limit(1))
    if number is not None:
        return "order", f"登记了工单 {number}"
    if call.ending != Ending.BYE.value:  # put down in the middle of an answer: nobody knows
        return None
    said = select(Message).where(
        Message.conversation_id == call.conversation_id, Message.author == "bot", Message.created_at >= call.begun_at
    )
    cards = [(message.payload.get("card") or {}).get("kind") for message in await session.scalars(said)]
    return ("answer", "智能助手回答了他的问题") if "answer" in cards else None


def _when(instant: datetime) -> str:
    local = china_time(instant)
    return f"{local.month}月{local.day}日 {local:%H:%M} "
