"""The one way an order changes: checked against the table of moves, written into history, its clocks read anew,
its citizen told — in one transaction, or not at all. Used by :mod:`backoffice.orders` only.

Locks are taken in one order everywhere: order, conversations (by contact), history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access
from backoffice.deadlines import Event
from backoffice.departments import Department
from backoffice.notices import Told
from backoffice.order_clocks import SUBJECT, set_clocks
from backoffice.order_fields import is_number
from backoffice.order_tables import Order, OrderKey, OrderRemark, OrderReporter
from backoffice.proof import CitizenProof, joined_as, proves
from backoffice.refusals import BadField, NoSuchOrder, NotAllowed, NotForYou
from backoffice.staff import Staff
from backoffice.workflow import Action, MoveRefused, Status, Who, move
from core import conversations, history
from core.database import after_commit
from core.live import live
from core.messages import Reply
from core.texts import tidy

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
    """An order got hold of for one action of one actor."""

    order: Order
    action: Action
    actor: Actor
    key: str | None = None
    """Idempotency key as stored; claimed with the step itself."""
    repeated: bool = False
    """The action was taken before, under the same key: there is nothing left to do."""


async def open_for(
    session: AsyncSession, number: str, by: Staff | CitizenProof | Actor, action: Action, key: str | None
) -> Opened:
    """Locks the order for ``by`` to do ``action`` to it.

    Raises :class:`NoSuchOrder` (also for a wrong proof and for an order out of scope), :class:`NotAllowed`,
    :class:`NotForYou`, and :class:`BadField` for a key that is none. A member of staff who repeats what took the order
    out of their scope is told of the repeat.
    """
    actor = by if isinstance(by, Actor) else staff_actor(by) if isinstance(by, Staff) else CITIZEN
    if not is_number(number):
        raise NoSuchOrder
    stored = stored_key(key, action, actor, number) if key is not None else None
    statement = select(Order).where(Order.number == number).with_for_update(key_share=True)
    order = await session.scalar(statement.execution_options(populate_existing=True))
    repeated = stored is not None and await session.get(OrderKey, stored) is not None
    theirs = not isinstance(by, CitizenProof) or await _theirs(session, by, number, order, repeated)
    if order is None or not theirs:
        raise NoSuchOrder
    if repeated:
        return Opened(order, action, actor, stored, repeated=True)
    if isinstance(by, Staff):
        order = await access.order_for(session, by, number)
    opened = Opened(order, action, actor, stored)
    check_move(opened)
    return opened


async def _theirs(session: AsyncSession, proof: CitizenProof, number: str, order: Order | None, repeated: bool) -> bool:
    """Whether the order is the citizen's own or joined by them; what they ``repeated`` may have been to leave it. Asks
    the database as much for an order that does not exist."""
    own = proves(proof, order)
    return own or await joined_as(session, proof, number, left_too=repeated) is not None


def stored_key(key: str, action: Action, actor: Actor, number: str = "") -> str:
    """A key belongs to one action of one actor on one order. Raises :class:`BadField` when it is no key."""
    if not key or len(key) > KEY_LIMIT or tidy(key) != key:
        raise BadField("key", "提交编号不正确，请刷新页面后再试。")
    return f"{action.value}:{actor.label}:{number}:{key}"


def check_move(opened: Opened) -> Status:
    """The status the action leads to. Raises :class:`NotAllowed` or :class:`NotForYou`."""
    order, action, actor = opened.order, opened.action, opened.actor
    try:
        return move(Status(order.status), action, actor.who)
    except MoveRefused as refused:
        if refused.by_person:
            raise NotForYou(f"您的岗位不能对这件工单做“{action.label}”。") from refused
        status = Status(order.status)
        word = status.citizen_word if actor.who is Who.CITIZEN else status.label
        raise NotAllowed(f"这件工单目前是“{word}”，不能{action.label}。") from refused


async def take_step(
    session: AsyncSession,
    opened: Opened,
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
    order, action = opened.order, opened.action
    order.status = check_move(opened).value
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
        await _tell(session, order, notice, told_of(order, holder), now)
    await write_history(session, order, action.value, opened.actor, now, said)
    if opened.key is not None:
        session.add(OrderKey(key=opened.key, action=action.value, number=order.number))
        await session.flush()
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


async def _tell(
    session: AsyncSession, order: Order, notice: Callable[[Told], Reply], told: Told, now: datetime
) -> None:
    """Tells every reporter, each under the title of what they said themselves. Orders taken down from a letter or a
    visit have nobody to tell on a channel."""
    for one in sorted(await reached_by_us(session, order), key=lambda one: (one.contact_id, one.channel, one.account)):
        assert one.contact_id is not None
        assert one.account is not None
        reply = notice(replace(told, title=one.title))
        await conversations.notify(session, one.contact_id, one.channel, one.account, reply, now)


async def reached_by_us(session: AsyncSession, order: Order) -> list[Order | OrderReporter]:
    """Of those who reported an order, whoever has a contact and an account to be told on; who reported first, first."""
    joined = select(OrderReporter).where(OrderReporter.number == order.number, OrderReporter.left_at.is_(None))
    everybody = (order, *await session.scalars(joined.order_by(OrderReporter.id)))
    return [one for one in everybody if one.contact_id is not None and one.account is not None]


async def _keep_remark(session: AsyncSession, order: Order, action: Action, text: str, now: datetime) -> int:
    remark = OrderRemark(number=order.number, at=now, action=action.value, text=text)
    session.add(remark)
    await session.flush()
    return remark.id
