"""The one open conversation of a contact on a channel, and the lock under which it changes."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.contacts import Contact
from core.conversations.tables import Conversation, Owner
from core.database import insert_into


async def open_conversation(
    session: AsyncSession, contact: Contact, channel: str, account: str, now: datetime
) -> Conversation:
    """The open conversation of a contact on a channel, locked until commit; begun if there is none."""
    statement = (
        select(Conversation)
        .where(
            Conversation.contact_id == contact.id,
            Conversation.channel == channel,
            Conversation.account == account,
            Conversation.closed_at.is_(None),
        )
        .with_for_update(key_share=True)
    )
    conversation = await session.scalar(statement)
    if conversation is not None:
        return conversation
    fresh = insert_into(session, Conversation).values(
        id=str(uuid.uuid4()),
        contact_id=contact.id,
        channel=channel,
        account=account,
        created_at=now,
        last_message_at=now,
        owner=Owner.BOT.value,
        epoch=0,
        last_seq=0,
    )
    await session.execute(fresh.on_conflict_do_nothing())
    return (await session.scalars(statement)).one()


async def lock(session: AsyncSession, conversation_id: str) -> Conversation:
    """The conversation, locked until the transaction ends.

    Every lock on it leaves its key alone (FOR NO KEY UPDATE): rows that refer to it are added meanwhile, and with
    a full lock PostgreSQL finds deadlocks between them and two who wait for the conversation.
    """
    statement = select(Conversation).where(Conversation.id == conversation_id).with_for_update(key_share=True)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()
