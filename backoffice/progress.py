"""What a citizen may see of their order (A4, H2): status, department, timeline, answer. Nobody's name, no internals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.departments import Department
from backoffice.kinds import Kind
from backoffice.notices import Answer
from backoffice.order_clocks import SUBJECT
from backoffice.order_fields import is_number
from backoffice.order_tables import Order, OrderAnswer, OrderReporter
from backoffice.proof import REPORTER, CitizenProof, joined_as, proves
from backoffice.workflow import OPEN, Action, Status
from core import history
from core.history import HistoryEntry


@dataclass(frozen=True)
class ProgressView:
    """How far an order is."""

    number: str
    kind: str
    """咨询, 投诉 …"""
    title: str
    status: str
    """The citizen's word: 已受理, 正在办理 …"""
    department: str | None
    created_at: datetime
    due_at: datetime | None
    """By when an answer is promised; None once there is nothing to wait for."""
    timeline: tuple[tuple[datetime, str], ...]
    answer: Answer | None


async def progress(session: AsyncSession, number: str, proof: CitizenProof) -> ProgressView | None:
    """How far the order is; None when there is none **or** the proof is not its own: strangers learn nothing."""
    if not is_number(number):
        return None
    order = await session.scalar(select(Order).where(Order.number == number))
    own = proves(proof, order)
    joined = None if own else await joined_as(session, proof, number, left_too=True)
    if order is None or not (own or joined):
        return None
    if joined is not None and joined.left_at is not None:
        return _left(order, joined)
    names = {code: name for code, name in await session.execute(select(Department.code, Department.name))}
    holder = await session.get_one(Department, order.department_id)
    status = Status(order.status)
    return ProgressView(
        number=order.number,
        kind=Kind(order.kind).label,
        title=joined.title if joined is not None else order.title,
        status=status.citizen_word,
        department=None if status is Status.PENDING_DISPATCH else holder.name,
        created_at=joined.at if joined is not None else order.created_at,
        due_at=order.promised_at if status in OPEN else None,
        timeline=tuple(_seen_by(joined, await history.of(session, SUBJECT, number), names)),
        answer=await standing_answer(session, order),
    )


def _left(order: Order, joined: OrderReporter) -> ProgressView:
    """What there is to tell one who had joined the order and took their report back: that they did."""
    assert joined.left_at is not None
    return ProgressView(
        number=order.number,
        kind=Kind(order.kind).label,
        title=joined.title,
        status=Status.WITHDRAWN.citizen_word,
        department=None,
        created_at=joined.at,
        due_at=None,
        timeline=((joined.at, _WORDS[Action.FILE]), (joined.left_at, _WORDS[Action.WITHDRAW])),
        answer=None,
    )


async def standing_answer(session: AsyncSession, order: Order) -> Answer | None:
    """The answer that stands; None before it is given and after the order was opened again."""
    if order.answered_at is None:
        return None
    statement = select(OrderAnswer).where(OrderAnswer.number == order.number).order_by(OrderAnswer.id.desc())
    given = (await session.scalars(statement.limit(1))).one()
    return Answer(given.unit, given.handled_on, given.situation, given.result)


_WORDS = {
    Action.FILE: "您的诉求已受理登记",
    Action.DISPATCH: "已转交{department}",
    Action.SIGN: "{department}已签收，正在办理",
    Action.ANSWER: "{department}已答复",
    Action.CLOSE: "已办结",
    Action.REOPEN: "{department}重新办理",
    Action.WITHDRAW: "您撤回了诉求",
    Action.REFUSE: "不予受理",
    Action.URGE: "已催办",
    Action.SUPPLEMENT: "已补充情况",
}
"""Sending back is between departments and dispatchers: citizens see the next department instead."""


def _seen_by(
    joined: OrderReporter | None, entries: Iterable[HistoryEntry], names: dict[str, str]
) -> list[tuple[datetime, str]]:
    """The timeline of the first reporter (``joined`` None) or of one who joined: theirs begins with their joining.
    What citizens did is told to the one who did it."""
    me = joined.id if joined is not None else None
    theirs = [entry for entry in entries if entry.action not in _OWN_DEEDS or entry.data.get(REPORTER) == me]
    if joined is None:
        return timeline(theirs, names)
    since = [entry for entry in theirs if entry.at >= joined.at and entry.action != Action.FILE.value]
    return [(joined.at, _WORDS[Action.FILE]), *timeline(since, names)]


_OWN_DEEDS = frozenset({Action.URGE.value, Action.SUPPLEMENT.value})


def timeline(entries: Iterable[HistoryEntry], names: dict[str, str]) -> list[tuple[datetime, str]]:
    """What happened, in the citizen's words, oldest first. ``names``: of departments by code."""
    told = {action.value: words for action, words in _WORDS.items()}
    return [
        (entry.at, told[entry.action].format(department=names.get(entry.data.get("department", ""), "承办单位")))
        for entry in entries
        if entry.action in told
    ]
