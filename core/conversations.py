"""Conversations and their messages: the tables and the one door through which they change.

Rules kept here, by the database where it can keep them:

* one open conversation per contact, channel and account (unique partial index);
* an inbound message and its de-duplication row are one transaction (design: trap 1);
* messages carry a gapless sequence per conversation, by which clients resume;
* every change of owner raises ``epoch``; a reply is stored only under the epoch it was begun in.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    bindparam,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import contacts, history
from core.contacts import Contact, Identity
from core.database import Base, Insert, Instant, after_commit, insert_for, insert_into
from core.live import DESK, contact_topic, conversation_topic, live
from core.messages import InboundMessage, Reply
from core.outbox import enqueue
from core.privacy import EncryptedJson, EncryptedText

_BigId = BigInteger().with_variant(Integer, "sqlite")


class Owner(str, Enum):
    """Who answers a conversation."""

    BOT = "bot"
    WAITING = "waiting"
    """Handed over, no person has taken it yet."""
    PERSON = "person"


class Conversation(Base):
    """A talk with one citizen on one channel."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "uq_conversations_open",
            "contact_id",
            "channel",
            "account",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_conversations_owner", "owner", "closed_at", "waiting_since"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    account: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_message_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    owner: Mapped[str] = mapped_column(String(10), default=Owner.BOT.value)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    staff_id: Mapped[int | None] = mapped_column(Integer, index=True)
    """The person who owns it, while owner is ``person``."""
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    handoff_reason: Mapped[str | None] = mapped_column(String(40))

    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    turn_lease_until: Mapped[datetime | None] = mapped_column(Instant)
    """While in the future, one worker is at this conversation's turns."""
    turn_lease_holder: Mapped[str | None] = mapped_column(String(40))


class Message(Base):
    """One message in a conversation."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index(
            "ix_messages_unhandled",
            "conversation_id",
            "seq",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(10))
    """``citizen``, ``bot``, ``staff`` or ``system``."""
    staff_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    """``text``, ``image`` or ``notice`` (a line of ours in the middle of the page)."""
    text: Mapped[str] = mapped_column(EncryptedText)
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the turn of a citizen's message ended; messages of ours are born handled."""


class InboundReceipt(Base):
    """That a channel's message was taken in: the mark that makes a repeat harmless."""

    __tablename__ = "inbound_receipts"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    message: Mapped[Message] = relationship()


class DialogueState(Base):
    """The dialogue core's memory of one conversation (Rasa's tracker), as of the last finished turn."""

    __tablename__ = "dialogue_states"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    tracker: Mapped[str] = mapped_column(EncryptedText)
    draft: Mapped[dict[str, Any]] = mapped_column(EncryptedJson, default=dict)
    """What the bot has taken down so far, field → words, for the person who takes over."""
    updated_at: Mapped[datetime] = mapped_column(Instant)


TURN_LEASE = timedelta(seconds=30)
"""A worker that has not finished by then is taken for dead; longer than any turn may take."""

FETCHED_CHANNELS = frozenset({"webchat"})
"""Channels whose clients fetch messages by sequence number; all others are sent to through the outbox."""


class ConversationClosed(Exception):
    """Somebody writes into a conversation that has ended."""


class NotOwner(Exception):
    """A person acts in a conversation another person owns, or takes one that is taken."""


@dataclass(frozen=True)
class Received:
    """What became of an inbound message."""

    conversation_id: str
    message_id: int
    seq: int
    duplicate: bool


async def receive(
    session: AsyncSession, inbound: InboundMessage, now: datetime, *, lease: str | None = None
) -> tuple[Received, Conversation]:
    """Stores a citizen's message and its de-duplication row; a repeat gives back the first.

    ``lease``: the worker that would like to be at the conversation's turns next (:func:`lease_turns`). The
    conversation that comes back is locked, unless the message is a repeat.
    """
    conversation, known = await _place_of(session, inbound, now)
    if known is not None:
        first = await session.get_one(Message, known)
        return Received(first.conversation_id, first.id, first.seq, duplicate=True), conversation
    if lease is not None:
        lease_turns(conversation, lease, now)
    message = _append(
        session,
        conversation,
        author="citizen",
        kind=inbound.kind,
        body=inbound.text,
        payload=_attachment_payload(inbound),
        now=now,
        handled=conversation.owner != Owner.BOT.value,  # a person reads it: no turn of the bot waits for it
    )
    session.add(
        InboundReceipt(
            channel=inbound.sender.channel,
            account=inbound.sender.account,
            external_id=inbound.external_id,
            message=message,
        )
    )
    await session.flush()  # a repeat that came in beside this one fails here, whole
    return Received(conversation.id, message.id, message.seq, duplicate=False), conversation


_IS_REPEATED = (
    (InboundReceipt.channel == bindparam("channel"))
    & (InboundReceipt.account == bindparam("account"))
    & (InboundReceipt.external_id == bindparam("external_id"))
)
_PLACE = (  # statements of every turn are built once: building them costs more than SQLite takes to carry them out
    select(Conversation, InboundReceipt.message_id)
    .join(Identity, Identity.contact_id == Conversation.contact_id)
    .outerjoin(InboundReceipt, _IS_REPEATED)
    .where(
        contacts.IS_SENDER,
        Conversation.channel == bindparam("channel"),
        Conversation.account == bindparam("account"),
        Conversation.closed_at.is_(None),
    )
    .with_for_update(of=Conversation, key_share=True)
)
_REPEATED = select(Message).join(InboundReceipt).where(_IS_REPEATED)


async def _place_of(session: AsyncSession, inbound: InboundMessage, now: datetime) -> tuple[Conversation, int | None]:
    """The open conversation a message belongs to, locked; for a repeat the first one's conversation and its id."""
    sender = inbound.sender
    asked = contacts.identity_of(sender) | {"external_id": inbound.external_id}
    # the usual case, a known sender with an open conversation, in one statement
    row = (await session.execute(_PLACE, asked)).one_or_none()
    if row is not None:
        return row[0], row[1]
    repeated = await session.scalar(_REPEATED, asked)
    if repeated is not None:  # of a conversation that has ended since
        return await session.get_one(Conversation, repeated.conversation_id), repeated.id
    contact = await contacts.find_or_create(session, sender, now)
    return await open_conversation(session, contact, sender.channel, sender.account, now), None


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


# ------------------------------------------------------------------------------------------------- turns


def lease_turns(conversation: Conversation, holder: str, now: datetime) -> bool:
    """Makes ``holder`` the one worker at the turns of a locked conversation, if nobody else is; renews its lease."""
    until, other = conversation.turn_lease_until, conversation.turn_lease_holder
    if until is not None and until > now and other != holder:
        return False
    conversation.turn_lease_until, conversation.turn_lease_holder = now + TURN_LEASE, holder
    return True


def release_turns(conversation: Conversation, holder: str) -> None:
    """Gives the lease on a locked conversation back, if it is still ``holder``'s."""
    if conversation.turn_lease_holder == holder:
        conversation.turn_lease_until = conversation.turn_lease_holder = None


async def clear_turn_leases(session: AsyncSession) -> None:
    """Takes every lease back: at the start of the only process there is, whose predecessor is dead."""
    await session.execute(
        update(Conversation)
        .where(Conversation.turn_lease_holder.is_not(None))
        .values(turn_lease_until=None, turn_lease_holder=None)
    )


@dataclass(frozen=True)
class OpenTurn:
    """A citizen's message whose turn has not ended, and what the bot must know to answer it."""

    message: Message
    tracker: str | None
    """The dialogue's memory before it."""
    phone: str | None
    """The sender's number, where the channel vouches for it."""


_NEXT_UNHANDLED = (
    select(Message, DialogueState.tracker, Contact.phone)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .join(Contact, Contact.id == Conversation.contact_id)
    .outerjoin(DialogueState, DialogueState.conversation_id == Message.conversation_id)
    .where(Message.conversation_id == bindparam("conversation_id"), Message.handled_at.is_(None))
    .order_by(Message.seq)
    .limit(1)
)


async def next_unhandled(session: AsyncSession, conversation_id: str) -> OpenTurn | None:
    """The oldest message of a conversation whose turn has not ended."""
    row = (await session.execute(_NEXT_UNHANDLED, {"conversation_id": conversation_id})).one_or_none()
    return None if row is None else OpenTurn(*row)


async def with_unfinished_turns(session: AsyncSession, now: datetime) -> list[str]:
    """Conversations in which a message waits for its turn and no worker is at it (after a crash)."""
    statement = (
        select(Conversation.id)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(
            Message.handled_at.is_(None),
            Conversation.turn_lease_until.is_(None) | (Conversation.turn_lease_until <= now),
        )
        .distinct()
    )
    return list(await session.scalars(statement))


@dataclass(frozen=True)
class TurnOutcome:
    """What a bot turn leaves behind."""

    replies: Sequence[Reply]
    tracker: str | None
    handoff: str | None = None
    """Why a person is wanted; None: the bot goes on."""
    draft: Mapping[str, str] = field(default_factory=dict)
    """What has been taken down of the citizen's matter so far: kind, content, address, time, target, name, phone…"""


@dataclass(frozen=True)
class FinishedTurn:
    """How a turn ended."""

    conversation: Conversation
    """Locked until the transaction ends."""
    kept: bool
    """Whether the answer was stored."""
    more: bool
    """Whether something was said since that may wait for a turn."""


_TURN = (
    select(Message, Conversation)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(Message.id == bindparam("message_id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


async def finish_turn(
    session: AsyncSession, message_id: int, epoch: int, outcome: TurnOutcome, now: datetime
) -> FinishedTurn:
    """Ends a citizen's turn: replies, the dialogue's memory and a hand-over, in one transaction.

    Nothing is kept, neither reply nor memory, when somebody else took the conversation since ``epoch`` (the bot's
    answer is then dropped; the message stays for the person) or when the turn had already been finished.
    """
    message, conversation = (await session.execute(_TURN, {"message_id": message_id})).one()
    more = conversation.last_seq > message.seq
    if message.handled_at is not None:
        return FinishedTurn(conversation, kept=False, more=more)
    if conversation.epoch != epoch or conversation.closed_at is not None:
        message.handled_at = now
        return FinishedTurn(conversation, kept=False, more=more)
    if outcome.tracker is not None:
        await _remember(session, conversation, outcome.tracker, outcome.draft, now)
    message.handled_at = now
    for reply in outcome.replies:
        await _say(session, conversation, "bot", reply, now)
    if outcome.handoff is not None:
        await hand_over(session, conversation, outcome.handoff, now)
    return FinishedTurn(conversation, kept=True, more=more)


def _remembering(dialect: str) -> Insert:
    insert = insert_for(dialect, DialogueState)
    newer = {name: insert.excluded[name] for name in ("tracker", "draft", "updated_at")}
    return insert.on_conflict_do_update(index_elements=[DialogueState.conversation_id], set_=newer)


_REMEMBERING = {dialect: _remembering(dialect) for dialect in ("sqlite", "postgresql")}


async def _remember(
    session: AsyncSession, conversation: Conversation, tracker: str, draft: Mapping[str, str], now: datetime
) -> None:
    state = {"conversation_id": conversation.id, "tracker": tracker, "draft": dict(draft), "updated_at": now}
    dialect = session.get_bind().dialect.name
    await session.execute(_REMEMBERING[dialect], state)


# ------------------------------------------------------------------------------------------------ owners


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


# ---------------------------------------------------------------------------------------------- speaking


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
    message = await _say(session, conversation, author, reply, now, staff_id=staff_id, kind=kind)
    await session.flush()
    return message


async def _say(
    session: AsyncSession,
    conversation: Conversation,
    author: str,
    reply: Reply,
    now: datetime,
    *,
    staff_id: int | None = None,
    kind: str = "text",
) -> Message:
    message = _append(
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
    if conversation.channel not in FETCHED_CHANNELS:
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


async def idle_since(session: AsyncSession, before: datetime) -> list[str]:
    """Conversations the bot owns in which nobody has said anything since ``before``."""
    statement = select(Conversation.id).where(
        Conversation.closed_at.is_(None),
        Conversation.owner == Owner.BOT.value,
        Conversation.last_message_at < before,
    )
    return list(await session.scalars(statement))


def _append(
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
    _signal(session, conversation)
    return message


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
    _signal(session, conversation)


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


def _signal(session: AsyncSession, conversation: Conversation) -> None:
    for topic in (conversation_topic(conversation.id), contact_topic(conversation.contact_id), DESK):
        after_commit(session, partial(live.signal, topic))


def _attachment_payload(inbound: InboundMessage) -> dict[str, Any]:
    return {"attachment": asdict(inbound.attachment)} if inbound.attachment else {}
