"""Who answers a conversation: bot, line, person; every change raises the epoch and stands in the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import history
from core.conversations.speaking import signal
from core.conversations.tables import Conversation, ConversationClosed, DialogueState, Message, NotOwner, Owner


async def hand_over(session: AsyncSession, conversation: Conversation, reason: str, now: datetime) -> None:
    """The bot steps back; the conversation waits for a person."""
    if conversation.owner != Owner.BOT.value:
        return
    conversation.owner = Owner.WAITING.value
    conversation.epoch += 1
    conversation.waiting_since = now
    conversation.handoff_reason = reason
    await _settle_open_turns(session, conversation, now)
    await _owner_changed(session, conversation, "hand_over", "bot", now, {"reason": reason})


async def take(session: AsyncSession, conversation: Conversation, staff_id: int, now: datetime) -> None:
    """A person takes the conversation. Raises :class:`NotOwner` when another person has it."""
    if conversation.closed_at is not None:
        raise ConversationClosed(conversation.id)
    if conversation.owner == Owner.PERSON.value:
        if conversation.staff_id == staff_id:
            return
        raise NotOwner(conversation.id)
    conversation.owner = Owner.PERSON.value
    conversation.epoch += 1
    conversation.staff_id = staff_id
    conversation.waiting_since = None
    await _settle_open_turns(session, conversation, now)
    await _owner_changed(session, conversation, "take", f"staff:{staff_id}", now)


async def release(session: AsyncSession, conversation: Conversation, actor: str, now: datetime) -> None:
    """Back into the line, for another person: whoever owned it has gone."""
    if conversation.owner != Owner.PERSON.value or conversation.closed_at is not None:
        return
    conversation.owner = Owner.WAITING.value
    conversation.epoch += 1
    conversation.staff_id = None
    conversation.waiting_since = now
    await _owner_changed(session, conversation, "release", actor, now)


async def hand_back(session: AsyncSession, conversation: Conversation, staff_id: int, now: datetime) -> None:
    """The person gives the conversation back to the bot, which starts afresh: no half-filled form is left."""
    if conversation.owner != Owner.PERSON.value or conversation.staff_id != staff_id:
        raise NotOwner(conversation.id)
    conversation.owner = Owner.BOT.value
    conversation.epoch += 1
    conversation.staff_id = None
    conversation.handoff_reason = None
    await _settle_open_turns(session, conversation, now)
    await _forget_dialogue(session, conversation)
    await _owner_changed(session, conversation, "hand_back", f"staff:{staff_id}", now)


async def take_up_again(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """Nobody took a conversation that waited: the bot goes on where it was."""
    if conversation.owner != Owner.WAITING.value or conversation.closed_at is not None:
        return
    conversation.owner = Owner.BOT.value
    conversation.epoch += 1
    conversation.waiting_since = None
    conversation.handoff_reason = None
    await _settle_open_turns(session, conversation, now)
    await _owner_changed(session, conversation, "take_up_again", "bot", now)


async def close(session: AsyncSession, conversation: Conversation, actor: str, now: datetime) -> None:
    """Ends a conversation; the citizen's next word begins another."""
    if conversation.closed_at is not None:
        return
    conversation.closed_at = now
    conversation.epoch += 1
    conversation.waiting_since = None
    await _settle_open_turns(session, conversation, now)
    await _forget_dialogue(session, conversation)
    await _owner_changed(session, conversation, "close", actor, now)


async def idle_since(session: AsyncSession, before: datetime) -> list[str]:
    """Conversations the bot owns in which nobody has said anything since ``before``."""
    statement = select(Conversation.id).where(
        Conversation.closed_at.is_(None),
        Conversation.owner == Owner.BOT.value,
        Conversation.last_message_at < before,
    )
    return list(await session.scalars(statement))


async def _owner_changed(
    session: AsyncSession,
    conversation: Conversation,
    action: str,
    actor: str,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    await history.append(
        session,
        subject="conversation",
        subject_id=conversation.id,
        action=action,
        actor=actor,
        at=now,
        data={"epoch": conversation.epoch, **(data or {})},
    )
    signal(session, conversation)


async def _settle_open_turns(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """What the citizen said before is for the new owner to read, not for the bot to answer later."""
    await session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.handled_at.is_(None))
        .values(handled_at=now)
        .execution_options(synchronize_session="fetch")
    )


async def _forget_dialogue(session: AsyncSession, conversation: Conversation) -> None:
    state = await session.get(DialogueState, conversation.id)
    if state is not None:
        await session.delete(state)
