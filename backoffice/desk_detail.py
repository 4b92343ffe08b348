"""All about one conversation: what was said, who the citizen is, what the bot has taken down, what they have open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.access import orders_visible_to
from backoffice.call_third import Panel, panel_of
from backoffice.departments import Department
from backoffice.desk import may_release
from backoffice.desk_lists import group_of, names_filed, title_of
from backoffice.duty import is_present
from backoffice.kinds import Kind
from backoffice.order_tables import Order
from backoffice.staff import Staff, by_id
from core import history
from core.contacts import Contact
from core.conversations import Conversation, DialogueState, Message
from core.history import HistoryEntry
from core.masking import mask_phone, mask_text

PAGE = 100
"""Messages shown at once."""
_MOST_RELATED = 10

DRAFT_LABELS = {
    "kind": "类型",
    "content": "内容",
    "address": "地点",
    "time": "时间",
    "target": "对象",
    "name": "姓名",
    "phone": "电话",
    "confidential": "保密",
}
"""What the bot may take down, in the order people ask for it, and the words for it."""


@dataclass(frozen=True)
class Detail:
    """What the desk shows beside and around the messages of one conversation."""

    conversation: Conversation
    contact: Contact
    title: str
    phone: str | None
    """The number the channel vouches for; masked unless it was asked for."""
    draft: list[tuple[str, str]]
    """Label and words, in the order of :data:`DRAFT_LABELS`."""
    group: str
    """mine, waiting, colleagues, bot or closed."""
    holder: Staff | None
    holder_present: bool
    may_release: bool
    earlier: list[Conversation]
    orders: list[Order]
    transfers: Sequence[Department]
    """Departments the call can be transferred to; none unless ``me`` is talking to the citizen by telephone."""
    panel: Panel | None
    """Who is in the call, where ``me`` is talking to the citizen by telephone."""
    unmasked: bool
    """Beside the talk everything is shown in full: it was asked for, or there is nothing to mask."""


async def detail(
    session: AsyncSession, me: Staff, conversation: Conversation, now: datetime, *, unmasked: bool = False
) -> Detail:
    """Everything about ``conversation`` that ``me`` may see; phone numbers masked unless ``unmasked``."""
    contact = await session.get_one(Contact, conversation.contact_id)
    state = await session.get(DialogueState, conversation.id)
    draft = state.draft if state else {}
    holder = await by_id(session, conversation.staff_id) if conversation.staff_id is not None else None
    closed = conversation.closed_at is not None
    phone = contact.phone if unmasked or contact.phone is None else mask_phone(contact.phone)
    lines = draft_lines(draft, unmasked=unmasked)
    panel = await panel_of(session, me, conversation, now)
    return Detail(
        conversation=conversation,
        contact=contact,
        title=title_of(contact, draft, (await names_filed(session, [conversation.id])).get(conversation.id)),
        phone=phone,
        draft=lines,
        group="closed" if closed else group_of(conversation, me),
        holder=holder,
        holder_present=holder is not None and is_present(holder, now),
        may_release=not closed and may_release(me, holder, now),
        earlier=await _earlier(session, conversation),
        orders=await _orders(session, me, conversation.contact_id),
        transfers=panel.departments if panel else [],
        panel=panel,
        unmasked=phone == contact.phone and lines == draft_lines(draft, unmasked=True),
    )


def draft_lines(draft: dict[str, str], *, unmasked: bool) -> list[tuple[str, str]]:
    """What the bot has taken down, in words; numbers masked unless ``unmasked``."""
    lines = []
    for name, label in DRAFT_LABELS.items():
        value = str(draft.get(name) or "").strip()
        if name == "kind" and value in set(Kind):
            value = Kind(value).label
        if value:
            lines.append((label, value if unmasked else mask_text(value)))
    return lines


async def messages(
    session: AsyncSession, conversation_id: str, *, after: int = 0, before: int | None = None
) -> list[Message]:
    """The last :data:`PAGE` messages above ``after`` (and below ``before``), oldest first."""
    wanted = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after)
    if before is not None:
        wanted = wanted.where(Message.seq < before)
    newest = wanted.order_by(Message.seq.desc()).limit(PAGE)
    return list(reversed(list(await session.scalars(newest))))


async def has_unmasked(session: AsyncSession, conversation_id: str, staff: Staff) -> bool:
    """Whether ``staff`` has asked to see this conversation in full: asked once, it stays so for them."""
    statement = select(HistoryEntry.id).where(
        HistoryEntry.subject == "conversation",
        HistoryEntry.subject_id == conversation_id,
        HistoryEntry.action == "unmask",
        HistoryEntry.actor == f"staff:{staff.id}",
    )
    return await session.scalar(statement.limit(1)) is not None


async def note_unmasking(session: AsyncSession, conversation_id: str, staff: Staff, now: datetime) -> None:
    """Writes down that ``staff`` asked to see what is masked (I3)."""
    await history.append(
        session, subject="conversation", subject_id=conversation_id, action="unmask", actor=f"staff:{staff.id}", at=now
    )


async def _earlier(session: AsyncSession, conversation: Conversation) -> list[Conversation]:
    statement = (
        select(Conversation)
        .where(Conversation.contact_id == conversation.contact_id, Conversation.id != conversation.id)
        .order_by(Conversation.created_at.desc())
        .limit(_MOST_RELATED)
    )
    return list(await session.scalars(statement))


async def _orders(session: AsyncSession, me: Staff, contact_id: int) -> list[Order]:
    statement = (
        select(Order)
        .where(Order.contact_id == contact_id, orders_visible_to(me))
        .order_by(Order.created_at.desc())
        .limit(_MOST_RELATED)
    )
    return list(await session.scalars(statement))
