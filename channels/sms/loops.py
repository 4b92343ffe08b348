"""Machines that answer machines: how often we answer a number behind which a program sits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels import SMS
from core.conversations import Conversation, Message

ANSWERS_AN_HOUR: Final = 3
"""Answers of the bot to a short code, a service number or our own number in any hour."""
_HOUR: Final = timedelta(hours=1)
_OF_MACHINES: Final = ("bot", "system")


async def answers_spent(
    session: AsyncSession, contact_id: int, account: str, now: datetime, *, before: int | None = None
) -> bool:
    """Whether a contact has had its automatic answers of the last hour.

    ``before``: the id of one of these answers, of which only the earlier ones count.
    """
    statement = (
        select(func.count())
        .select_from(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.contact_id == contact_id,
            Conversation.channel == SMS,
            Conversation.account == account,
            Message.author.in_(_OF_MACHINES),
            Message.created_at > now - _HOUR,
        )
    )
    if before is not None:
        statement = statement.where(Message.id < before)
    return (await session.scalar(statement) or 0) >= ANSWERS_AN_HOUR
