"""Joining (并入反映): another citizen reports what an order is already about (B5, C5). Part of the write door.

The order is handled once and every reporter hears what comes of it. Each has a query code of their own, and learns
nothing of the others; what they said is kept with the order for whoever handles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.order_changes import BOT, Actor, Opened, open_for, take_step, write_history
from backoffice.order_fields import CONTENT_LIMIT, REMARK_LIMIT, optional, required, title_of
from backoffice.order_filing import OrderDraft, account_of, phone_index
from backoffice.order_tables import Order, OrderKey, OrderReporter
from backoffice.proof import new_query_code
from backoffice.refusals import NotAllowed
from backoffice.workflow import Action

LEAVE = "leave"
"""In an order's history: one who had joined took their report back."""


@dataclass(frozen=True)
class Joined:
    """An order somebody has joined, and the code by which they find it."""

    order: Order
    query_code: str


async def join(
    session: AsyncSession, number: str, draft: OrderDraft, *, key: str, now: datetime, actor: Actor = BOT
) -> Joined:
    """Adds who sent ``draft`` to the reporters of an open order; the same ``key`` joins once.

    Whoever reported the order themselves gets it back as it is. The caller tells the citizen number and code. Raises
    :class:`NotAllowed` when the order is no longer open, or one of both is confidential, and what :func:`open_for`
    raises.
    """
    content, told = required("content", "反映的内容", draft.content, CONTENT_LIMIT), all_said(draft)
    name = optional("reporter_name", "姓名", draft.reporter_name, 40)
    phone = optional("reporter_phone", "联系电话", draft.reporter_phone, 40)
    opened = await open_for(session, number, actor, Action.JOIN, key)
    order = opened.order
    known = await _known(session, order, draft.contact_id, opened.key)
    if known is not None:
        return Joined(order, known)
    if order.confidential or draft.confidential:
        raise NotAllowed("保密的反映要单独登记，不能并入。")
    reporter = OrderReporter(
        number=number,
        key=opened.key,
        at=now,
        query_code=new_query_code(),
        title=title_of(content, name),
        reporter_name=name,
        reporter_phone=phone,
        reporter_phone_index=phone_index(phone) if phone else None,
        channel=draft.channel,
        account=await account_of(session, draft.conversation_id),
        conversation_id=draft.conversation_id,
        contact_id=draft.contact_id,
    )
    session.add(reporter)
    if draft.attachments:
        await session.refresh(order, ["attachments"])  # left out of ordinary reads
        order.attachments = {"files": [*order.attachments["files"], *draft.attachments]}
    await take_step(session, opened, now, remark=told)
    return Joined(order, reporter.query_code)


def all_said(draft: OrderDraft) -> str:
    """What a draft says of the matter, place, time and target with it: words for whoever handles an order that has
    its own. As it was said; pages mask it when they show it. Raises :class:`BadField` for what is missing or too long.
    """
    facts = {
        "地点": optional("address", "地点", draft.address, 200),
        "时间": optional("happened", "时间", draft.happened, 100),
        "反映对象": optional("target", "反映对象", draft.target, 100),
    }
    content = required("content", "反映的内容", draft.content, CONTENT_LIMIT)
    return "\n".join([content, *(f"{label}：{said}" for label, said in facts.items() if said)])


def in_remarks(text: str) -> list[str]:
    """``text`` in as few pieces as remarks may be long: nothing of it is lost."""
    pieces = (text[at : at + REMARK_LIMIT].strip() for at in range(0, len(text), REMARK_LIMIT))
    return [piece for piece in pieces if piece]


async def leave(session: AsyncSession, opened: Opened, reporter: OrderReporter, now: datetime) -> None:
    """Takes back the report of one who had joined; the order goes on for the others."""
    reporter.left_at = now
    await write_history(session, opened.order, LEAVE, opened.actor, now, {})
    if opened.key is not None:
        session.add(OrderKey(key=opened.key, action=opened.action.value, number=opened.order.number))


async def has_joined(session: AsyncSession, number: str) -> bool:
    """Whether others reported the same matter and stand by it."""
    others = select(OrderReporter.id).where(OrderReporter.number == number, OrderReporter.left_at.is_(None))
    return await session.scalar(others.limit(1)) is not None


async def _known(session: AsyncSession, order: Order, contact_id: int | None, key: str | None) -> str | None:
    """The code of who has joined already, by this very request or before, or reported the order themselves."""
    by_key = select(OrderReporter).where(OrderReporter.number == order.number, OrderReporter.key == key)
    reporter = await session.scalar(by_key)
    if reporter is None and contact_id is not None:
        if order.contact_id == contact_id:
            return order.query_code
        reporter = await session.scalar(
            select(OrderReporter).where(
                OrderReporter.number == order.number,
                OrderReporter.contact_id == contact_id,
                OrderReporter.left_at.is_(None),
            )
        )
    return reporter.query_code if reporter is not None else None
