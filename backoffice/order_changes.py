"""The one way an order changes: checked against the table of moves, written into history, its clocks read anew,
its citizen told — in one transaction, or not at all. Used by :mod:`backoffice.orders` only.

Locks are taken in one order everywhere: idempotency key, order, conversation, history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access
from backoffice.deadlines import Event
from backoffice.departments import Department
from backoffice.notices import Told
from backoffice.order_clocks import SUBJECT, set_clocks
from backoffice.order_tables import Order, OrderKey, OrderRemark
from backoffice.proof import CitizenProof, proves
from backoffice.refusals import BadField, KeyReused, NoSuchOrder, NotAllowed, NotForYou
from backoffice.staff import Staff
from backoffice.workflow import Action, MoveRefused, Status, Who, move
from core import conversations, history
from core.database import after_commit, insert_into
from core.live import live
from core.messages import Reply

ORDERS = "orders"
"""Topic of :mod:`core.live`: some order changed."""

KEY_LIMIT = 120


@dataclass(frozen=True)
class Actor:
    """Who changes an order: the person or machine, and how history calls them."""

    who: Who
    label: str
    staff: Staff | None = None


CITIZEN = Actor(Who.CITIZEN, "citizen")
BOT = Actor(Who.BOT, "bot")
SYSTEM = Actor(Who.SYSTEM, "system")


def staff_actor(staff: Staff) -> Actor:
    """A member of staff as an actor."""
    return Actor(Who(staff.role.value), f"staff:{staff.id}", staff)


@dataclass(frozen=True)
class Opened:
    """An order got hold of for a change. ``repeated``: the change was made before, under the same key."""

    order: Order
    actor: Actor
    repeated: bool


async def open_for(
    session: AsyncSession, number: str, by: Staff | CitizenProof | Actor, action: Action, key: str | None
) -> Opened:
    """Locks the order for ``by`` to do ``action`` to it.

    Raises :class:`NoSuchOrder` (also for a wrong proof and for an order out of scope) and :class:`KeyReused`.
    """
    actor = by if isinstance(by, Actor) else staff_actor(by) if isinstance(by, Staff) else CITIZEN
    if not await first_use(session, key, action, actor, number):
        done = await session.scalar(select(Order).where(Order.number == number))
        if done is None:
            raise NoSuchOrder
        return Opened(done, actor, repeated=True)
    if isinstance(by, Staff):
        return Opened(await access.order_for(session, by, number, lock=True), actor, repeated=False)
    statement = select(Order).where(Order.number == number).with_for_update()
    order = await session.scalar(statement.execution_options(populate_existing=True))
    if isinstance(by, CitizenProof) and not proves(by, order):
        raise NoSuchOrder
    if order is None:
        raise NoSuchOrder
    return Opened(order, actor, repeated=False)


async def first_use(session: AsyncSession, key: str | None, action: Action, actor: Actor, number: str | None) -> bool:
    """Claims ``key`` for an action of ``actor``; False when it was claimed before for the very same.

    Waits for a transaction that is claiming it at this moment. Raises :class:`KeyReused` when it stands for
    another order.
    """
    if key is None:
        return True
    stored = stored_key(key, action, actor)
    claim = insert_into(session, OrderKey).values(key=stored, action=action.value, number=number)
    claimed = await session.execute(claim.on_conflict_do_nothing().returning(OrderKey.key))
    if claimed.scalar_one_or_none() is not None:
        return True
    known = await session.get_one(OrderKey, stored)
    if number is not None and known.number != number:
        raise KeyReused
    return False


def stored_key(key: str, action: Action, actor: Actor) -> str:
    """A key belongs to one action of one actor. Raises :class:`BadField` for one that is empty or too long."""
    if not key or len(key) > KEY_LIMIT:
        raise BadField("key", "提交编号不正确,请刷新页面后再试。")
    return f"{action.value}:{actor.label}:{key}"


def check_move(order: Order, action: Action, actor: Actor) -> Status:
    """The status ``action`` leads to. Raises :class:`NotAllowed` or :class:`NotForYou`."""
    try:
        return move(Status(order.status), action, actor.who)
    except MoveRefused as refused:
        if refused.by_person:
            raise NotForYou(f"您的岗位不能对这件工单做“{action.label}”。") from refused
        status = Status(order.status)
        word = status.citizen_word if actor.who is Who.CITIZEN else status.label
        raise NotAllowed(f"这件工单目前是“{word}”,不能{action.label}。") from refused


async def take_step(
    session: AsyncSession,
    order: Order,
    action: Action,
    actor: Actor,
    now: datetime,
    *,
    department: Department | None = None,
    remark: str | None = None,
    data: Mapping[str, Any] | None = None,
    notice: Callable[[Told], Reply] | None = None,
) -> Order:
    """Takes one step, whole: status, clocks, the citizen told by ``notice``, history.

    ``department``: where the order goes, if it goes elsewhere; ``remark``: what somebody wrote, kept beside the
    history; ``data``: codes for the history. Raises :class:`NotAllowed` or :class:`NotForYou`.
    """
    order.status = check_move(order, action, actor).value
    order.updated_at = now
    if department is not None:
        order.department_id = department.id
        order.handler_id = None
    said = dict(data or {})
    if remark:
        said["remark"] = await _keep_remark(session, order, action, remark, now)
    holder = department if department is not None else await session.get_one(Department, order.department_id)
    said |= {"status": order.status, "department": holder.code}
    await set_clocks(session, order, Event(action, now))
    if notice is not None:
        await _tell(session, order, notice(told_of(order, holder)), now)
    await write_history(session, order, action.value, actor, now, said)
    return order


async def write_history(
    session: AsyncSession, order: Order, action: str, actor: Actor, now: datetime, data: Mapping[str, Any]
) -> None:
    """Adds to the order's history, and lets open pages know after commit."""
    await history.append(
        session, subject=SUBJECT, subject_id=order.number, action=action, actor=actor.label, at=now, data=data
    )
    after_commit(session, lambda: live.signal(ORDERS))


def told_of(order: Order, holder: Department) -> Told:
    """What a citizen may be told of an order in the hands of ``holder``."""
    status = Status(order.status)
    nobody = status is Status.PENDING_DISPATCH
    return Told(order.number, order.title, status, None if nobody else holder.name, order.promised_at)


async def _tell(session: AsyncSession, order: Order, reply: Reply, now: datetime) -> None:
    """Orders taken down from a letter or a visit have nobody to tell on a channel."""
    if order.contact_id is not None and order.account is not None:
        await conversations.notify(session, order.contact_id, order.channel, order.account, reply, now)


async def _keep_remark(session: AsyncSession, order: Order, action: Action, text: str, now: datetime) -> int:
    remark = OrderRemark(number=order.number, at=now, action=action.value, text=text)
    session.add(remark)
    await session.flush()
    return remark.id
