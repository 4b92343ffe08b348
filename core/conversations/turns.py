"""The bot's turns: one worker at a conversation, and a turn's end kept whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.contacts import Contact
from core.conversations.ownership import hand_over
from core.conversations.speaking import write
from core.conversations.tables import Conversation, DialogueState, Message
from core.database import Insert, insert_for
from core.messages import Reply

TURN_LEASE = timedelta(seconds=30)
"""A worker that has not finished by then is taken for dead; longer than any turn may take."""


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
        await remember(session, conversation, outcome.tracker, outcome.draft, now)
    message.handled_at = now
    for reply in outcome.replies:
        await write(session, conversation, "bot", reply, now)
    if outcome.handoff is not None:
        await hand_over(session, conversation, outcome.handoff, now)
    return FinishedTurn(conversation, kept=True, more=more)


def _remembering(dialect: str) -> Insert:
    insert = insert_for(dialect, DialogueState)
    newer = {name: insert.excluded[name] for name in ("tracker", "draft", "updated_at")}
    return insert.on_conflict_do_update(index_elements=[DialogueState.conversation_id], set_=newer)


_REMEMBERING = {dialect: _remembering(dialect) for dialect in ("sqlite", "postgresql")}


async def remember(
    session: AsyncSession, conversation: Conversation, tracker: str, draft: Mapping[str, str], now: datetime
) -> None:
    """Keeps the dialogue's memory of a conversation, and what has been taken down in it."""
    state = {"conversation_id": conversation.id, "tracker": tracker, "draft": dict(draft), "updated_at": now}
    dialect = session.get_bind().dialect.name
    await session.execute(_REMEMBERING[dialect], state)
