"""What the desk shows: the list of conversations by whose turn it is, and all about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backoffice.duty import is_present
from backoffice.order_tables import Order
from backoffice.staff import Staff
from core.contacts import Contact
from core.conversations import Conversation, DialogueState, Message, Owner
from core.masking import mask_phone, mask_text

BOT_SHOWN = 30
"""Of the conversations the bot holds only the latest are shown; there may be hundreds."""


@dataclass(frozen=True)
class Entry:
    """One conversation in the list."""

    conversation: Conversation
    title: str
    """Who it is, as far as known."""
    preview: str
    """What the citizen said last."""
    unanswered: int
    """Messages of the citizen since a person last spoke."""
    holder: Staff | None
    holder_present: bool


@dataclass(frozen=True)
class Overview:
    """The whole list. Within a group the order stays as it is while people talk: nothing jumps."""

    mine: list[Entry]
    waiting: list[Entry]
    colleagues: list[Entry]
    bot: list[Entry]
    bot_total: int


async def overview(session: AsyncSession, me: Staff, now: datetime) -> Overview:
    """The open conversations as ``me`` sees them: mine, waiting (longest first), colleagues', the bot's (latest)."""
    wanted = select(Conversation).where(Conversation.closed_at.is_(None))
    people = wanted.where(Conversation.owner != Owner.BOT.value)
    bots = wanted.where(Conversation.owner == Owner.BOT.value).order_by(Conversation.last_message_at.desc())
    held = list(await session.scalars(people.order_by(Conversation.waiting_since, Conversation.created_at)))
    talking = list(await session.scalars(bots.limit(BOT_SHOWN)))
    entries = await _entries(session, [*held, *talking], now)
    groups: dict[str, list[Entry]] = {"mine": [], "waiting": [], "colleagues": [], "bot": []}
    for entry in entries:
        groups[group_of(entry.conversation, me)].append(entry)
    total = await session.scalar(select(func.count()).select_from(bots.order_by(None).subquery()))
    return Overview(**groups, bot_total=total or 0)


def group_of(conversation: Conversation, me: Staff) -> str:
    """Which part of the list a conversation stands in."""
    if conversation.owner == Owner.WAITING.value:
        return "waiting"
    if conversation.owner == Owner.BOT.value:
        return "bot"
    return "mine" if conversation.staff_id == me.id else "colleagues"


async def _entries(session: AsyncSession, shown: Sequence[Conversation], now: datetime) -> list[Entry]:
    ids = [conversation.id for conversation in shown]
    names = await _titles(session, shown)
    previews = await _last_words(session, ids)
    unanswered = await _unanswered(session, ids)
    holder_ids = {conversation.staff_id for conversation in shown if conversation.staff_id is not None}
    holders = {staff.id: staff for staff in await session.scalars(select(Staff).where(Staff.id.in_(holder_ids)))}
    entries = []
    for conversation in shown:
        holder = holders.get(conversation.staff_id or 0)
        entries.append(
            Entry(
                conversation=conversation,
                title=names[conversation.id],
                preview=previews.get(conversation.id, ""),
                unanswered=unanswered.get(conversation.id, 0),
                holder=holder,
                holder_present=holder is not None and is_present(holder, now),
            )
        )
    return entries


async def _titles(session: AsyncSession, shown: Sequence[Conversation]) -> dict[str, str]:
    contacts = select(Contact).where(Contact.id.in_({conversation.contact_id for conversation in shown}))
    known = {contact.id: contact for contact in await session.scalars(contacts)}
    states = select(DialogueState.conversation_id, DialogueState.draft).where(
        DialogueState.conversation_id.in_([conversation.id for conversation in shown])
    )
    drafts = {row[0]: row[1] for row in await session.execute(states)}
    names = await names_filed(session, [conversation.id for conversation in shown])
    return {
        conversation.id: title_of(
            known[conversation.contact_id], drafts.get(conversation.id, {}), names.get(conversation.id)
        )
        for conversation in shown
    }


async def names_filed(session: AsyncSession, conversation_ids: Sequence[str]) -> dict[str, str]:
    """The names told for the orders filed in these conversations, the latest of each: a draft is empty by then. One to
    be kept secret is not among them."""
    filed = select(Order.conversation_id, Order.reporter_name).where(
        Order.conversation_id.in_(conversation_ids), Order.reporter_name.is_not(None), ~Order.confidential
    )
    return {conversation_id: name for conversation_id, name in await session.execute(filed.order_by(Order.number))}


def title_of(contact: Contact, draft: dict[str, str], filed: str | None = None) -> str:
    """Who somebody is, as far as known: the name they gave, also for an order that is ``filed``, the number they call
    from, or a visitor's number."""
    name = contact.name or draft.get("name") or filed
    if name:
        return name
    return mask_phone(contact.phone) if contact.phone else f"访客 {contact.id:04d}"


async def _last_words(session: AsyncSession, ids: Sequence[str]) -> dict[str, str]:
    """What the citizen of each conversation wrote last; a photo only where there is not a word."""
    last = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(ids), Message.author == "citizen")
        .group_by(Message.conversation_id, Message.kind)
    )
    found = await session.scalars(select(Message).where(Message.id.in_(last)).order_by(Message.kind == "text"))
    return {message.conversation_id: mask_text(message.text) or "［照片］" for message in found}


async def _unanswered(session: AsyncSession, ids: Sequence[str]) -> dict[str, int]:
    """How many messages of each citizen no person has answered."""
    by_staff = aliased(Message)
    answered = (
        select(func.coalesce(func.max(by_staff.seq), 0))
        .where(by_staff.conversation_id == Message.conversation_id, by_staff.author == "staff")
        .scalar_subquery()
    )
    statement = (
        select(Message.conversation_id, func.count())
        .where(Message.conversation_id.in_(ids), Message.author == "citizen", Message.seq > answered)
        .group_by(Message.conversation_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def fingerprint(session: AsyncSession) -> str:
    """Changes whenever anything in the list does; cheap enough to ask for at every signal."""
    statement = select(func.count(), func.sum(Conversation.last_seq), func.sum(Conversation.epoch)).where(
        Conversation.closed_at.is_(None)
    )
    return ".".join(str(value or 0) for value in (await session.execute(statement)).one())
