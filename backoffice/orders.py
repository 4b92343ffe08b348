"""Orders: the one write door. Every change of an order goes through a function of this module.

Each runs in the caller's transaction, checks who may do it and whether the order's status allows it, writes history,
reads the clocks anew and tells the citizen where they should hear of it. ``key`` is an idempotency key: the same
change under the same key happens once, however often it is asked for. Refusals are
:class:`backoffice.refusals.Refused`, with a reason for people.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments, notices
from backoffice.departments import Department
from backoffice.notices import Answer
from backoffice.order_changes import (
    BOT,
    CITIZEN,
    ORDERS,
    SYSTEM,
    Actor,
    open_for,
    take_step,
)
from backoffice.order_fields import REMARK_LIMIT, checked_answer, optional, required, search_text
from backoffice.order_filing import Filed, OrderDraft, file
from backoffice.order_joining import Joined, all_said, has_joined, in_remarks, join, leave
from backoffice.order_placing import classify, dispatch
from backoffice.order_tables import Order, OrderAnswer
from backoffice.progress import ProgressView, progress
from backoffice.proof import REPORTER, CitizenProof, joined_as, proves
from backoffice.refusals import NotAllowed
from backoffice.staff import Staff
from backoffice.workflow import Action
from core.clock import china_time

__all__ = [
    "BOT",
    "CITIZEN",
    "ORDERS",
    "SYSTEM",
    "Actor",
    "Answer",
    "CitizenProof",
    "Filed",
    "Joined",
    "OrderDraft",
    "ProgressView",
    "add_report",
    "answer",
    "classify",
    "close",
    "dispatch",
    "file",
    "join",
    "progress",
    "refuse",
    "reopen",
    "send_back",
    "sign",
    "supplement",
    "urge",
    "withdraw",
]


async def sign(session: AsyncSession, number: str, actor: Staff, *, key: str | None = None, now: datetime) -> Order:
    """签收: the department takes it on; whoever signs handles it, and the citizen is told."""
    opened = await open_for(session, number, actor, Action.SIGN, key)
    if opened.repeated:
        return opened.order
    signed = await take_step(session, opened, now, notice=notices.accepted)
    signed.handler_id = actor.id
    return signed


async def send_back(
    session: AsyncSession, number: str, actor: Staff, reason: str, *, key: str | None = None, now: datetime
) -> Order:
    """退回: back to the dispatcher's desk, with reason and basis (D2). Counted; the citizen is not bothered with it."""
    opened = await open_for(session, number, actor, Action.SEND_BACK, key)
    if opened.repeated:
        return opened.order
    remark = required("reason", "退回理由", reason, REMARK_LIMIT)
    desk = await departments.default_department(session)
    sender = await session.get_one(Department, opened.order.department_id)
    opened.order.send_backs += 1
    opened.order.department_origin = None  # the desk is nobody's decision
    return await take_step(
        session,
        opened,
        now,
        department=desk,
        remark=remark,
        data={"from": sender.code},
    )


async def answer(
    session: AsyncSession, number: str, actor: Staff, given: Answer, *, key: str | None = None, now: datetime
) -> Order:
    """答复: the answer with its four parts; it stops the clocks and goes to the citizen at once."""
    opened = await open_for(session, number, actor, Action.ANSWER, key)
    if opened.repeated:
        return opened.order
    given = checked_answer(given, china_time(now).date())
    row = OrderAnswer(
        number=number,
        at=now,
        staff_id=actor.id,
        unit=given.unit,
        handled_on=given.handled_on,
        situation=given.situation,
        result=given.result,
    )
    session.add(row)
    await session.flush()
    order = await take_step(
        session,
        opened,
        now,
        data={"answer": row.id},
        notice=partial(notices.answered, answer=given),
    )
    order.answered_at = now
    return order


async def close(
    session: AsyncSession, number: str, actor: Staff | Actor, *, key: str | None = None, now: datetime
) -> Order:
    """办结: done with, by a member of staff or, after its time, by :data:`SYSTEM`; the citizen is told."""
    opened = await open_for(session, number, actor, Action.CLOSE, key)
    if opened.repeated:
        return opened.order
    order = await take_step(session, opened, now, notice=notices.closed)
    order.closed_at = now
    return order


async def reopen(
    session: AsyncSession, number: str, actor: Staff, reason: str, *, key: str | None = None, now: datetime
) -> Order:
    """重新办理: the citizen is not satisfied; the same department does it again within its own term (G3)."""
    opened = await open_for(session, number, actor, Action.REOPEN, key)
    if opened.repeated:
        return opened.order
    remark = required("reason", "重新办理的理由", reason, REMARK_LIMIT)
    order = await take_step(session, opened, now, remark=remark, notice=notices.reopened)
    order.answered_at = order.closed_at = None
    return order


async def refuse(
    session: AsyncSession, number: str, actor: Staff, reason: str, *, key: str | None = None, now: datetime
) -> Order:
    """不予受理: not a matter of the hotline; the citizen is told why and where to go (B3)."""
    opened = await open_for(session, number, actor, Action.REFUSE, key)
    if opened.repeated:
        return opened.order
    remark = required("reason", "不予受理的原因", reason, REMARK_LIMIT)
    return await take_step(
        session,
        opened,
        now,
        remark=remark,
        notice=partial(notices.refused, reason=remark),
    )


async def urge(
    session: AsyncSession,
    number: str,
    by: CitizenProof | Staff,
    *,
    text: str | None = None,
    key: str | None = None,
    now: datetime,
) -> Order:
    """催办: counted and shown to whoever has the order."""
    opened = await open_for(session, number, by, Action.URGE, key)
    if opened.repeated:
        return opened.order
    remark = optional("text", "催办说明", text, REMARK_LIMIT)
    opened.order.urges += 1
    return await take_step(session, opened, now, remark=remark, data=await _said_by(session, by, opened.order))


async def supplement(
    session: AsyncSession,
    number: str,
    by: CitizenProof | Staff,
    text: str,
    *,
    attachments: tuple[dict[str, Any], ...] = (),
    key: str | None = None,
    now: datetime,
) -> Order:
    """补充: adds what somebody forgot to say, and photos."""
    opened = await open_for(session, number, by, Action.SUPPLEMENT, key)
    if opened.repeated:
        return opened.order
    order = opened.order
    remark = required("text", "补充内容", text, REMARK_LIMIT)
    await session.refresh(order, ["search_text", "attachments"])  # both are left out of ordinary reads
    added = search_text(remark, None, order.reporter_name, confidential=order.confidential)
    order.search_text = f"{order.search_text}\n{added}"
    if attachments:
        order.attachments = {"files": [*order.attachments["files"], *attachments]}
    return await take_step(session, opened, now, remark=remark, data=await _said_by(session, by, order))


async def add_report(
    session: AsyncSession, number: str, by: CitizenProof, draft: OrderDraft, *, key: str, now: datetime
) -> None:
    """补充: adds all that a draft says to an order of its sender's, in as many remarks as it takes.

    The same ``key`` adds once. Raises what :func:`supplement` does.
    """
    for count, piece in enumerate(in_remarks(all_said(draft))):
        files = () if count else draft.attachments
        await supplement(session, number, by, piece, attachments=files, key=f"{key}+{count}" if count else key, now=now)


async def withdraw(
    session: AsyncSession,
    number: str,
    by: CitizenProof | Staff,
    *,
    reason: str | None = None,
    key: str | None = None,
    now: datetime,
) -> Order:
    """撤回: the citizen does not want it any more; nothing further is done, unless others reported it, too.

    Who had joined takes back their own report only. Raises :class:`NotAllowed` while others stand by theirs.
    """
    opened = await open_for(session, number, by, Action.WITHDRAW, key)
    if opened.repeated:
        return opened.order
    remark = optional("reason", "撤回原因", reason, REMARK_LIMIT)
    if isinstance(by, CitizenProof) and not proves(by, opened.order):
        reporter = await joined_as(session, by, number)
        assert reporter is not None  # the door has let them in
        await leave(session, opened, reporter, now)
        return opened.order
    if await has_joined(session, number):
        raise NotAllowed("还有其他市民反映同一件事，这件工单要继续办理，不能撤回。")
    return await take_step(session, opened, now, remark=remark)


async def _said_by(session: AsyncSession, by: CitizenProof | Staff, order: Order) -> dict[str, Any]:
    """For the history: which of those who joined did it; nothing when the first reporter or staff did."""
    if isinstance(by, Staff) or proves(by, order):
        return {}
    joined = await joined_as(session, by, order.number)
    return {REPORTER: joined.id} if joined is not None else {}
