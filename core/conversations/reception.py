"""A citizen's word comes in: stored once, in the conversation it belongs to, in one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import contacts
from core.contacts import Identity
from core.conversations.opening import open_conversation
from core.conversations.speaking import append
from core.conversations.tables import Conversation, InboundReceipt, Message, Owner
from core.conversations.turns import lease_turns
from core.messages import InboundMessage


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
    message = append(
        session,
        conversation,
        author="citizen",
        kind=inbound.kind,
        body=inbound.text,
        payload=_payload(inbound),
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


async def leave_to_bot(session: AsyncSession, message_id: int) -> None:
    """Gives a message said in the line its turn after all: nobody is there whom the bot would talk over."""
    await session.execute(update(Message).where(Message.id == message_id).values(handled_at=None))


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


def _payload(inbound: InboundMessage) -> dict[str, Any]:
    more = {"attachment": inbound.attachment, "about": inbound.about}
    return {name: asdict(value) for name, value in more.items() if value is not None}
