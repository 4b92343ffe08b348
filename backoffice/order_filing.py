"""Filing (受理登记): a draft becomes an order with a number, a query code and a department. Part of the write door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import categories, departments
from backoffice.deadline_policies import load_policies
from backoffice.deadlines import policy_for
from backoffice.departments import Department
from backoffice.kinds import Kind
from backoffice.order_changes import BOT, SYSTEM, Actor, Opened, staff_actor, stored_key, take_step, write_history
from backoffice.order_clocks import set_clocks
from backoffice.order_fields import CONTENT_LIMIT, optional, required, routing_text, search_text, title_of
from backoffice.order_numbers import new_numbers
from backoffice.order_tables import Order, OrderKey
from backoffice.origins import Origin
from backoffice.proof import new_query_code
from backoffice.refusals import BadField
from backoffice.router import Routed, load_router
from backoffice.staff import Staff
from backoffice.workflow import Action, move
from core import conversations
from core.clock import china_time
from core.database import insert_into
from core.privacy import keys

log = structlog.get_logger(__name__)

PHONE_INDEX = "order_phone"
LEARNED_CATEGORY = "learned_category"
"""Why of a dispatch: by the rule for a category that was itself only learnt."""


@dataclass(frozen=True)
class OrderDraft:
    """What is to be filed."""

    kind: Kind | str
    content: str
    channel: str
    conversation_id: str | None = None
    contact_id: int | None = None
    address: str | None = None
    happened: str | None = None
    """When it happened, in the citizen's words."""
    happened_at: datetime | None = None
    target: str | None = None
    reporter_name: str | None = None
    reporter_phone: str | None = None
    confidential: bool = False
    attachments: tuple[dict[str, Any], ...] = ()
    category: str | None = None
    """Code of a category a person chose; None: found from the words."""


@dataclass(frozen=True)
class Filed:
    """A filed order. ``created`` is False when the same key had filed it before."""

    order: Order
    query_code: str
    created: bool


async def file(
    session: AsyncSession, draft: OrderDraft, *, key: str, now: datetime, actor: Staff | Actor = BOT
) -> Filed:
    """Files ``draft``: numbers it, finds its category, area and department, starts its clocks.

    The same ``key`` files once: a repeat, also one at the very same moment, gives back the first order. The caller
    tells the citizen number and query code. Raises :class:`BadField` for what is missing or too long.
    """
    filing = actor if isinstance(actor, Actor) else staff_actor(actor)
    order = await _order_from(session, draft, now)
    router = await load_router(session)
    routed = router.route(
        routing_text(draft.content, draft.target), order.address, draft.happened_at or now, category=draft.category
    )
    desk = await departments.default_department(session)
    order.department_id = desk.id
    await _place(session, order, routed)
    order.status = move(None, Action.FILE, filing.who).value
    stored = stored_key(key, Action.FILE, filing)
    if not await _claim(session, stored):
        known = await session.get_one(OrderKey, stored)
        first = (await session.scalars(select(Order).where(Order.number == known.number))).one()
        return Filed(first, first.query_code, created=False)
    order.number = str((await new_numbers(session, 1))[0])
    session.add(order)
    await session.flush()
    await session.execute(update(OrderKey).where(OrderKey.key == stored).values(number=order.number))
    await _start(session, order, desk, routed, filing, now)
    return Filed(order, order.query_code, created=True)


async def _claim(session: AsyncSession, stored: str) -> bool:
    """Claims a key; waits for a transaction that is claiming it at this moment. False: somebody was first."""
    claim = insert_into(session, OrderKey).values(key=stored, action=Action.FILE.value)
    claimed = await session.execute(claim.on_conflict_do_nothing().returning(OrderKey.key))
    return claimed.scalar_one_or_none() is not None


async def _start(
    session: AsyncSession, order: Order, desk: Department, routed: Routed, filing: Actor, now: datetime
) -> None:
    """The first entries of the order's history: filed; an alarm if a rule is broken; dispatched if that is sure."""
    said = {
        "status": order.status,
        "department": desk.code,
        "kind": order.kind,
        "channel": order.channel,
        "policy": order.policy_version,
        "routing": routed.reasons(),
    }
    await write_history(session, order, Action.FILE.value, filing, now, said)
    if routed.decision.alarm:
        await _alarm(session, order, routed, now)
    if not routed.decision.sure:
        await set_clocks(session, order)
        return
    department = await departments.by_code(session, routed.decision.department)
    assert department is not None  # the router only decides for departments it has just read
    order.department_origin = routed.department_origin.value
    step = Opened(order, Action.DISPATCH, SYSTEM)
    await take_step(session, step, now, department=department, data=_why(routed))


def _why(routed: Routed) -> dict[str, Any]:
    """Why it went there: by the rules; or by what was learnt of the department, or of the category a rule is for, with
    the words that decided."""
    decision = routed.decision
    if routed.department_origin is not Origin.LEARNED:
        return {"why": decision.why}
    why = decision.why if decision.why == "learned" else LEARNED_CATEGORY
    return {"why": why, "confidence": decision.confidence, "words": list(routed.words)}


async def _alarm(session: AsyncSession, order: Order, routed: Routed, now: datetime) -> None:
    """A rule that points nowhere is told to people and to the log, never swallowed (trap: 9)."""
    rule = routed.decision.rule
    said = {
        "department": routed.decision.alarm,
        "category": rule.category if rule else None,
        "area": rule.area if rule else None,
    }
    log.error("routing rule points at no open department", order=order.number, **said)
    await write_history(session, order, ROUTING_ALARM, SYSTEM, now, said)


ROUTING_ALARM = "routing_alarm"
"""In an order's history: a rule pointed at an unknown or closed department."""


async def _order_from(session: AsyncSession, draft: OrderDraft, now: datetime) -> Order:
    content = required("content", "反映的内容", draft.content, CONTENT_LIMIT)
    name = optional("reporter_name", "姓名", draft.reporter_name, 40)
    phone = optional("reporter_phone", "联系电话", draft.reporter_phone, 40)
    target = optional("target", "反映对象", draft.target, 100)
    policy = policy_for(await load_policies(session), china_time(now).date())
    return Order(
        query_code=new_query_code(),
        kind=_kind(draft.kind).value,
        title=title_of(content, name, confidential=draft.confidential),
        content=content,
        search_text=search_text(content, target, name, confidential=draft.confidential),
        address=optional("address", "地点", draft.address, 200),
        happened=optional("happened", "时间", draft.happened, 100),
        happened_at=draft.happened_at,
        target=target,
        reporter_name=name,
        reporter_phone=phone,
        reporter_phone_index=phone_index(phone) if phone else None,
        confidential=draft.confidential,
        attachments={"files": list(draft.attachments)},
        channel=draft.channel,
        account=await account_of(session, draft.conversation_id),
        conversation_id=draft.conversation_id,
        contact_id=draft.contact_id,
        created_at=now,
        updated_at=now,
        urges=0,
        send_backs=0,
        demo=False,
        policy_version=policy.version,
    )


async def _place(session: AsyncSession, order: Order, routed: Routed) -> None:
    """Writes down what the order is about and where."""
    if routed.decision.category is not None:
        category = await categories.by_code(session, routed.decision.category)
        if category is None or category.retired:
            raise BadField("category", "没有这个分类，请另选一个。")
        order.category_id, order.category_origin = category.id, routed.category_origin.value
    order.area_code = routed.location.area


async def account_of(session: AsyncSession, conversation_id: str | None) -> str | None:
    """Which of our numbers or pages the conversation is with; None without one."""
    if conversation_id is None:
        return None
    return (await session.get_one(conversations.Conversation, conversation_id)).account


def _kind(kind: Kind | str) -> Kind:
    try:
        return Kind(kind)
    except ValueError as unknown:
        raise BadField("kind", "请选择诉求类型：咨询、求助、建议、表扬、投诉或举报。") from unknown


def phone_index(phone: str) -> str:
    """The keyed digest by which orders of one reporter's number are found: digits only, so spacing is no matter."""
    digits = "".join(c for c in phone if c.isdigit())
    return keys().blind_index(PHONE_INDEX, digits)
