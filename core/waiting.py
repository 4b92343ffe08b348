"""Where a conversation stands in the line of those that wait for a person (F1)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.conversations import Conversation, Owner


async def position(session: AsyncSession, conversation: Conversation) -> int | None:
    """Place in the line, from 1; None for a conversation that does not wait."""
    if conversation.owner != Owner.WAITING.value or conversation.closed_at is not None:
        return None
    ahead = await session.scalar(
        select(func.count())
        .select_from(Conversation)
        .where(
            Conversation.owner == Owner.WAITING.value,
            Conversation.closed_at.is_(None),
            Conversation.waiting_since < conversation.waiting_since,
        )
    )
    return (ahead or 0) + 1
