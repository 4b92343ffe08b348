"""The part of a conversation that belongs to one order: what led to it, and what the citizen was told of it since.

A citizen may have filed several orders in one conversation, one of them perhaps in confidence. Whoever has one of the
orders reads what was said for that one only (I1, C10, trap: 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.order_tables import Order
from core.conversations import Message

READ_BACK = 500
"""Messages looked through, from the end of the conversation backwards."""
SHOWN = 100
"""Messages shown at most, the last ones before filing."""


async def transcript(session: AsyncSession, order: Order) -> list[Message]:
    """The messages of its conversation that belong to ``order``, oldest first; empty when it came another way.

    The caller has got hold of the order by :mod:`backoffice.access` and knows that its conversation may be read.
    """
    if order.conversation_id is None:
        return []
    newest = select(Message).where(Message.conversation_id == order.conversation_id).order_by(Message.seq.desc())
    messages = list(reversed(list(await session.scalars(newest.limit(READ_BACK)))))
    return belonging(messages, order.number, _said_before(messages, order))


def belonging(messages: Sequence[Message], number: str, filed_at: int) -> list[Message]:
    """Of ``messages`` (in order): those after the last other order up to the filing, then notices of this order.

    ``filed_at``: how many of them had been said when the order was filed.
    """
    receipt = next((place for place, said in enumerate(messages) if order_of(said) == number), None)
    end = receipt if receipt is not None else filed_at
    before = messages[:end]
    start = max((place + 1 for place, said in enumerate(before) if order_of(said)), default=0)
    told = [said for said in messages[end:] if order_of(said) == number]
    return [*before[start:][-SHOWN:], *told]


def order_of(message: Message) -> str | None:
    """The number of the order a message of ours is about."""
    details = (message.payload or {}).get("details") or {}
    number: str | None = details.get("order")
    return number


def _said_before(messages: Iterable[Message], order: Order) -> int:
    return sum(message.created_at <= order.created_at for message in messages)
