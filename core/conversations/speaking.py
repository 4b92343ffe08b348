"""What is said into a conversation, in order, and read out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels import TELEPHONE, WEBCHAT
from core.contacts import Contact
from core.conversations.opening import open_conversation
from core.conversations.tables import Conversation, ConversationClosed, Message
from core.database import after_commit
from core.live import DESK, contact_topic, conversation_topic, live
from core.messages import Reply
from core.outbox import enqueue

_EVERYBODY = frozenset({"bot", "staff", "system"})
FETCHED: Mapping[str, frozenset[str]] = {WEBCHAT: _EVERYBODY, TELEPHONE: frozenset({"bot", "staff"})}
"""Whose words are not sent through the outbox: the client of the channel fetches them by sequence number.

A call fetches the bot's answers while it lasts. Staff speak to its citizen; what they write at the desk
goes out as a text of its own conversation, by the back office. What the house has to say is sent.
"""


async def say(
    session: AsyncSession,
    conversation: Conversation,
    author: str,
    reply: Reply,
    now: datetime,
    *,
    staff_id: int | None = None,
    kind: str = "text",
) -> Message:
    """Writes a message to the citizen into the conversation; its channel delivers it after commit."""
    message = await write(session, conversation, author, reply, now, staff_id=staff_id, kind=kind)
    await session.flush()
    return message


async def write(
    session: AsyncSession,
    conversation: Conversation,
    author: str,
    reply: Reply,
    now: datetime,
    *,
    staff_id: int | None = None,
    kind: str = "text",
) -> Message:
    """As :func:`say`, but the message has its id only once the caller flushes: a turn's replies go in one round."""
    message = append(
        session,
        conversation,
        author=author,
        kind=kind,
        body=reply.text,
        payload=reply.payload(),
        now=now,
        staff_id=staff_id,
        handled=True,
    )
    if author not in FETCHED.get(conversation.channel, ()):
        await session.flush()
        await enqueue(
            session,
            topic=conversation.channel,
            key=f"message:{message.id}",
            shard=f"conversation:{conversation.id}",
            payload={"conversation_id": conversation.id, "message_id": message.id},
            now=now,
        )
    return message


async def notify(
    session: AsyncSession, contact_id: int, channel: str, account: str, reply: Reply, now: datetime
) -> Message:
    """Tells a citizen something they did not ask for (A13), on the channel they used."""
    contact = await session.get_one(Contact, contact_id)
    conversation = await open_conversation(session, contact, channel, account, now)
    return await say(session, conversation, "system", reply, now)


async def messages_after(session: AsyncSession, conversation_id: str, seq: int, *, limit: int = 200) -> list[Message]:
    """Messages of a conversation with a sequence number above ``seq``, in order."""
    statement = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq > seq)
        .order_by(Message.seq)
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def message_at(session: AsyncSession, conversation_id: str, seq: int, contact_id: int | None) -> Message | None:
    """The message at a place of a conversation of this contact's; None where there is none."""
    statement = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.conversation_id == conversation_id, Message.seq == seq, Conversation.contact_id == contact_id)
    )
    return (await session.scalars(statement)).one_or_none()


def append(
    session: AsyncSession,
    conversation: Conversation,
    *,
    author: str,
    kind: str,
    body: str,
    payload: dict[str, Any],
    now: datetime,
    staff_id: int | None = None,
    handled: bool = False,
) -> Message:
    """Puts a message at the end of a locked conversation. Raises :class:`ConversationClosed` when it has ended."""
    if conversation.closed_at is not None:
        raise ConversationClosed(conversation.id)
    conversation.last_seq += 1
    conversation.last_message_at = now
    message = Message(
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        author=author,
        staff_id=staff_id,
        kind=kind,
        text=body,
        payload=payload,
        created_at=now,
        handled_at=now if handled else None,
    )
    session.add(message)
    signal(session, conversation)
    return message


def signal(session: AsyncSession, conversation: Conversation) -> None:
    """Wakes those who look at the conversation, its contact's pages or the desk, once the transaction is kept."""
    for topic in (conversation_topic(conversation.id), contact_topic(conversation.contact_id), DESK):
        after_commit(session, partial(live.signal, topic))
