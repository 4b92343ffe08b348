"""What a visitor may see: the messages of their own conversations, in order, from any place on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.duty import on_duty_count
from backoffice.staff import Staff
from channels.webchat.frames import State, message_frame
from core import contacts, waiting
from core.contacts import Identity, Sender
from core.conversations import Conversation, Message, Owner, Received

HISTORY = 50
"""Messages shown to somebody who comes back."""
BATCH = 200
"""Messages sent in one go to somebody who was away."""


@dataclass(frozen=True)
class Position:
    """How far somebody has read. Within one contact's talk, later messages have higher ids."""

    message_id: int
    since: datetime
    """When the conversation of that message was begun; older ones hold nothing new."""
    conversation: str | None = None
    seq: int = 0
    """Of that message; 0 where they are not known."""

    def is_right_before(self, received: Received) -> bool:
        """Whether nothing lies between this place and a message just stored."""
        return received.conversation_id == self.conversation and received.seq == self.seq + 1

    def at(self, received: Received) -> Position:
        """The place after a message just stored, right after this one."""
        return replace(self, message_id=received.message_id, seq=received.seq)


BEGINNING = Position(0, datetime.min.replace(tzinfo=timezone.utc))
"""Before the first message."""


@dataclass(frozen=True)
class News:
    """What has come since a position."""

    frames: list[dict[str, Any]]
    position: Position
    """After these messages."""
    newest: Conversation | None
    complete: bool
    """Whether that was all there is."""


Row = tuple[Conversation, Message | None]

_ON_CHANNEL: Final = and_(Conversation.channel == bindparam("channel"), Conversation.account == bindparam("account"))


def _own(which: ColumnElement[bool]) -> Select[Any]:
    """A visitor's conversations with those of their messages that ``which`` names."""
    return (
        select(Conversation, Message)
        .join(Identity, Identity.contact_id == Conversation.contact_id)
        .outerjoin(Message, and_(Message.conversation_id == Conversation.id, which))
        .where(contacts.IS_SENDER, _ON_CHANNEL)
    )


_OWN: Final = _own(true())
_SINCE: Final = (
    _own(Message.id > bindparam("last_id"))
    .where(Conversation.created_at >= bindparam("since"))
    .order_by(Conversation.created_at, Message.id)
    .limit(BATCH)
)


async def latest(session: AsyncSession, sender: Sender) -> News:
    """The last messages of a visitor's talk, and what stands after them."""
    statement = _OWN.where(Message.id.is_not(None)).order_by(Message.id.desc()).limit(HISTORY)
    rows = await _rows(session, statement, sender)
    return await _news(session, rows[::-1], BEGINNING, complete=True)


async def after(session: AsyncSession, sender: Sender, conversation_id: str | None, seq: int) -> News:
    """What has come since message ``seq`` of a conversation; the latest when that is not the visitor's."""
    position = None if conversation_id is None else await locate(session, sender, conversation_id, seq)
    return await latest(session, sender) if position is None else await since(session, sender, position)


async def since(session: AsyncSession, sender: Sender, position: Position) -> News:
    """What has come since ``position``."""
    asked = contacts.identity_of(sender) | {"last_id": position.message_id, "since": position.since}
    rows = [(conversation, message) for conversation, message in await session.execute(_SINCE, asked)]
    return await _news(session, rows, position, complete=len(rows) < BATCH)


async def before(session: AsyncSession, sender: Sender, conversation_id: str, seq: int) -> News:
    """The messages right before one of a visitor's own; none when it is not theirs."""
    place = await locate(session, sender, conversation_id, seq)
    if place is None:
        return News([], BEGINNING, None, complete=True)
    statement = _OWN.where(Message.id < place.message_id).order_by(Message.id.desc()).limit(HISTORY)
    rows = await _rows(session, statement, sender)
    return await _news(session, rows[::-1], BEGINNING, complete=len(rows) < HISTORY)


async def locate(session: AsyncSession, sender: Sender, conversation_id: str, seq: int) -> Position | None:
    """The position after message ``seq`` of a conversation; None when the conversation is not the visitor's."""
    conversation = await session.scalar(
        select(Conversation)
        .join(Identity, Identity.contact_id == Conversation.contact_id)
        .where(contacts.IS_SENDER, _ON_CHANNEL, Conversation.id == conversation_id),
        contacts.identity_of(sender),
    )
    if conversation is None:
        return None
    of_this = Message.conversation_id == conversation_id
    at = await session.scalar(
        select(Message.id).where(of_this, Message.seq <= seq).order_by(Message.seq.desc()).limit(1)
    )
    if at is None:
        first = await session.scalar(select(Message.id).where(of_this).order_by(Message.seq).limit(1))
        at = (first or 1) - 1
    return Position(at, conversation.created_at, conversation_id, seq)


async def one(session: AsyncSession, sender: Sender, conversation_id: str, seq: int) -> Message | None:
    """A message of a visitor's own conversation; None when there is none or it is somebody else's."""
    rows = await _rows(session, _OWN.where(Conversation.id == conversation_id, Message.seq == seq), sender)
    return rows[0][1] if rows else None


async def state_of(session: AsyncSession, conversation: Conversation | None, now: datetime) -> State:
    """Who answers, as the page shows it."""
    if conversation is None:
        return State(None, Owner.BOT.value)
    owned = conversation.owner == Owner.PERSON.value and conversation.closed_at is None
    position = await waiting.position(session, conversation)
    return State(
        conversation.id,
        conversation.owner if conversation.closed_at is None else Owner.BOT.value,
        agent=await _agent(session, conversation.staff_id) if owned else None,
        position=position,
        on_duty=await on_duty_count(session, now) > 0 if position else None,
        closed=conversation.closed_at is not None,
    )


async def _rows(session: AsyncSession, statement: Select[Any], sender: Sender) -> list[Row]:
    found = await session.execute(statement, contacts.identity_of(sender))
    return [(conversation, message) for conversation, message in found]


async def _news(session: AsyncSession, rows: list[Row], position: Position, *, complete: bool) -> News:
    frames = []
    for conversation, message in rows:
        if message is not None:
            frames.append(message_frame(conversation, message, await _agent(session, message.staff_id)))
            position = Position(message.id, conversation.created_at, conversation.id, message.seq)
    return News(frames, position, rows[-1][0] if rows else None, complete)


async def _agent(session: AsyncSession, staff_id: int | None) -> str | None:
    """A member of staff's number; it is all of them a citizen is told."""
    if staff_id is None:
        return None
    staff = await session.get(Staff, staff_id)
    return None if staff is None else staff.number
