"""Who is there to take a conversation over (F1): 在岗 and 离岗, and where a waiting citizen stands.

On duty counts only for somebody whose page has been heard of lately: a closed lid is 离岗, whatever the button says
(trap 19).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.staff import Role, Staff, lock, record
from core import conversations, waiting
from core.conversations import Conversation, Owner
from core.database import after_commit
from core.live import DESK, live

DESK_ROLES = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Roles that take conversations over."""

PRESENCE = timedelta(minutes=3)
"""An open page is heard of every half minute; after this long without it nobody is in front of it."""

ABANDONED = timedelta(minutes=10)
"""…and after this long their conversations go back into the line, for the citizens' sake."""


def is_present(staff: Staff, now: datetime) -> bool:
    """Whether ``staff`` is on duty and there."""
    return staff.active and staff.on_duty_since is not None and is_at_desk(staff, now)


def is_at_desk(staff: Staff, now: datetime) -> bool:
    """Whether a page of ``staff`` has been heard of lately, on duty or not."""
    return staff.seen_at is not None and staff.seen_at > now - PRESENCE


def _present(now: datetime) -> ColumnElement[bool]:
    return and_(
        Staff.active,
        Staff.role.in_(DESK_ROLES),
        Staff.on_duty_since.is_not(None),
        Staff.seen_at > now - PRESENCE,
    )


async def on_duty_count(session: AsyncSession, now: datetime) -> int:
    """How many people are on duty and there."""
    return await session.scalar(select(func.count()).select_from(Staff).where(_present(now))) or 0


async def queue_position(session: AsyncSession, conversation_id: str) -> int | None:
    """Place of a waiting conversation in the line, from 1; None when it does not wait."""
    conversation = await session.get(Conversation, conversation_id)
    return None if conversation is None else await waiting.position(session, conversation)


@dataclass(frozen=True)
class Outlook:
    """What a citizen who wants a person may be told."""

    on_duty: int
    """People on duty and there; 0: nobody."""
    position: int | None
    """Place in the line, from 1; None: not waiting (yet)."""


async def outlook(session: AsyncSession, conversation_id: str, now: datetime) -> Outlook:
    """Whether somebody is there for this conversation, and how many stand before it."""
    return Outlook(await on_duty_count(session, now), await queue_position(session, conversation_id))


async def go_on_duty(session: AsyncSession, staff_id: int, now: datetime) -> None:
    """上岗: the person takes conversations from now on."""
    staff = await lock(session, staff_id)
    if staff.on_duty_since is None:
        staff.on_duty_since = now
        await record(session, staff, "on_duty", f"staff:{staff_id}", now)
    staff.seen_at = now
    after_commit(session, lambda: live.signal(DESK))


async def go_off_duty(session: AsyncSession, staff_id: int, now: datetime) -> int:
    """离岗: what the person had taken goes back into the line, for somebody who is there; how many there were."""
    staff = await lock(session, staff_id)
    if staff.on_duty_since is not None:
        staff.on_duty_since = None
        await record(session, staff, "off_duty", f"staff:{staff_id}", now)
    found = await _locked(session, await _held_by(session, staff_id))
    held = [conversation for conversation in found if conversation.staff_id == staff_id]  # the others, until now
    for conversation in held:
        await conversations.release(session, conversation, f"staff:{staff_id}", now)
    after_commit(session, lambda: live.signal(DESK))
    return len(held)


async def release_abandoned(session: AsyncSession, now: datetime) -> int:
    """Puts back into the line what is held by people who have long gone without saying so; how many there were."""
    statement = (
        select(Conversation.id, Conversation.staff_id)
        .join(Staff, Staff.id == Conversation.staff_id)
        .where(
            Conversation.owner == Owner.PERSON.value,
            Conversation.closed_at.is_(None),
            Staff.seen_at.is_(None) | (Staff.seen_at <= now - ABANDONED) | ~Staff.active,
        )
        .order_by(Conversation.id)
    )
    holders = {conversation_id: staff_id for conversation_id, staff_id in await session.execute(statement)}
    found = await _locked(session, list(holders))
    abandoned = [conversation for conversation in found if conversation.staff_id == holders[conversation.id]]
    for conversation in abandoned:
        await conversations.release(session, conversation, "system", now)
    return len(abandoned)


async def _locked(session: AsyncSession, ids: Sequence[str]) -> list[Conversation]:
    """All of them locked before the first is written to.

    Writing locks the chain of history until commit: who held it and then waited for a conversation would wait for
    somebody who holds that and waits for the chain. The chain of staff comes before both, as in :func:`desk.take`.
    """
    return [await conversations.lock(session, conversation_id) for conversation_id in ids]


async def held_count(session: AsyncSession, staff_id: int) -> int:
    """How many conversations the person holds."""
    return len(await _held_by(session, staff_id))


async def _held_by(session: AsyncSession, staff_id: int) -> list[str]:
    statement = (
        select(Conversation.id)
        .where(
            Conversation.staff_id == staff_id,
            Conversation.owner == Owner.PERSON.value,
            Conversation.closed_at.is_(None),
        )
        .order_by(Conversation.id)
    )
    return list(await session.scalars(statement))
