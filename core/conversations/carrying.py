"""What the dialogue remembers of a talk goes on in another one, on another channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.conversations.ownership import close
from core.conversations.tables import Conversation, DialogueState, Owner
from core.conversations.turns import remember


async def unfinished(session: AsyncSession, conversation: Conversation) -> DialogueState | None:
    """What the bot has taken down of a matter in an open talk of its own; None where there is none to go on with."""
    if conversation.owner != Owner.BOT.value or conversation.closed_at is not None:
        return None
    state = await session.get(DialogueState, conversation.id, populate_existing=True)
    return state if state is not None and state.draft.get("content") else None


async def carry_over(session: AsyncSession, source: Conversation, target: Conversation, now: datetime) -> bool:
    """Moves what was taken down in ``source`` to ``target``, both locked; ``source`` ends with it.

    False where there is nothing to move, or where ``target`` is with people or has a matter of its own.
    """
    state = await unfinished(session, source)
    if state is None or target.owner != Owner.BOT.value or await unfinished(session, target) is not None:
        return False
    await remember(session, target, state.tracker, state.draft, now)
    await close(session, source, "citizen", now)
    return True
