"""The order as its page shows it to one member of staff: what they may see, and what they may do now.

Names and numbers of reporters are masked; :func:`unmask_reporter` shows them and says so in the history (I3, I4). Of a
confidential order a department sees neither reporter nor conversation, and what anybody wrote has lost the reporter's
name and every number (C10); the place of the matter it sees, for without it nothing can be done.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access
from backoffice.areas import Area
from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.dispatch_desk import words_for
from backoffice.kinds import Kind
from backoffice.notices import Answer
from backoffice.order_changes import staff_actor, write_history
from backoffice.order_clocks import SUBJECT, Timekeeping, events_of
from backoffice.order_fields import blotted
from backoffice.order_joining import LEAVE
from backoffice.order_tables import Order, OrderAnswer, OrderRemark, OrderReporter
from backoffice.origins import Origin
from backoffice.refusals import NotForYou
from backoffice.staff import Staff
from backoffice.time_left import TimeLeft, kept_or_late, time_left
from backoffice.workflow import Action, Status, Who, allowed_actions
from core import history
from core.history import HistoryEntry
from core.masking import mask_name, mask_phone

UNMASK = "unmask"
"""In an order's history: somebody looked at the reporter's name and number."""


@dataclass(frozen=True)
class Reporter:
    """Who reported it."""

    name: str | None
    phone: str | None
    others: tuple[Reporter, ...] = ()
    """Those who reported the same and stand by it, in the order they joined."""


@dataclass(frozen=True)
class Step:
    """One line of the timeline."""

    at: datetime
    action: str
    """An :class:`Action`'s value, ``routing_alarm`` or ``unmask``."""
    label: str
    actor: str
    """工号 and name of a member of staff, or 市民, 机器人, 系统."""
    department: str | None
    """Name of the department that had the order afterwards."""
    remark: str | None
    answer: Answer | None
    data: dict[str, Any]
    """The codes history keeps, such as why the order was routed where it was."""


@dataclass(frozen=True)
class ClockLine:
    """One clock, running or stopped."""

    label: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    paused: bool
    left: TimeLeft | None
    """Of a running clock."""
    kept: str | None
    """Of a stopped clock: 按期, or how late."""


@dataclass(frozen=True)
class OrderSheet:
    """Everything the page of an order shows."""

    number: str
    kind: Kind
    status: Status
    title: str
    content: str
    category: str | None
    category_code: str | None
    category_origin: Origin | None
    category_words: tuple[str, ...]
    """The words that spoke for it when it was filed."""
    area: str | None
    department: str
    department_code: str
    address: str | None
    """Where the matter is; departments need it, also when they may not know who reports."""
    happened: str | None
    happened_at: datetime | None
    target: str | None
    reporter: Reporter | None
    """Masked; None when it is concealed."""
    reporter_names: tuple[str, ...] = field(repr=False)
    """In full, of everybody who ever reported it: what pages mask in what was written."""
    confidential: bool
    concealed: bool
    attachments: tuple[dict[str, Any], ...]
    channel: str
    conversation_id: str | None
    created_at: datetime
    promised_at: datetime | None
    left: TimeLeft
    clocks: tuple[ClockLine, ...]
    answer: Answer | None
    """The answer that stands."""
    steps: tuple[Step, ...]
    actions: tuple[Action, ...]
    """What the reader may do now."""
    urges: int
    send_backs: int
    handler_id: int | None
    suggested: str | None
    """Code of the department routing would have chosen had it been sure."""
    demo: bool


async def sheet_for(session: AsyncSession, staff: Staff, number: str, now: datetime) -> OrderSheet:
    """The sheet of an order. Raises :class:`backoffice.refusals.NoSuchOrder` (also when it is out of scope)."""
    order = await access.order_for(session, staff, number)
    await session.refresh(order, ["content", "attachments"])
    entries = await history.of(session, SUBJECT, number)
    keeping = await Timekeeping.load(session)
    concealed = access.conceals_reporter(staff, order)
    joined = await _joined(session, number)
    names = _names(order, joined)
    steps = await _steps(session, order, entries, names if concealed else None)
    department = await session.get_one(Department, order.department_id)
    category = await session.get(Category, order.category_id) if order.category_id else None
    area = await session.get(Area, order.area_code) if order.area_code else None

    def words(text: str | None) -> str | None:
        return blotted(text, *names) if text and concealed else text

    routing = entries[0].data.get("routing", {}) if entries else {}
    return OrderSheet(
        number=number,
        kind=Kind(order.kind),
        status=Status(order.status),
        title=words(order.title) or "",
        content=words(order.content) or "",
        category=category.name if category else None,
        category_code=category.code if category else None,
        category_origin=Origin(order.category_origin) if order.category_origin else None,
        category_words=words_for(entries, category.code if category else None),
        area=area.name if area else None,
        department=department.name,
        department_code=department.code,
        address=words(order.address),
        happened=words(order.happened),
        happened_at=order.happened_at,
        target=words(order.target),
        reporter=None if concealed else _masked(_reporter(order, joined)),
        reporter_names=names,
        confidential=order.confidential,
        concealed=concealed,
        attachments=tuple(order.attachments["files"]),
        channel=order.channel,
        conversation_id=None if concealed else order.conversation_id,
        created_at=order.created_at,
        promised_at=order.promised_at,
        left=time_left(order.due_at, order.yellow_at, now, keeping.calendar),
        clocks=_clock_lines(keeping, order, entries, now),
        answer=next((s.answer for s in reversed(steps) if s.answer), None) if order.answered_at else None,
        steps=steps,
        actions=tuple(allowed_actions(Status(order.status), Who(staff.role.value))),
        urges=order.urges,
        send_backs=order.send_backs,
        handler_id=order.handler_id,
        suggested=routing.get("suggested"),
        demo=order.demo,
    )


async def unmask_reporter(session: AsyncSession, staff: Staff, number: str, now: datetime) -> Reporter:
    """Full name and number of the reporter and of all who joined; that somebody looked is written into history.

    Raises :class:`NotForYou` where the reporter is concealed, :class:`backoffice.refusals.NoSuchOrder`.
    """
    order = await access.order_for(session, staff, number, lock=True)
    if access.conceals_reporter(staff, order):
        raise NotForYou("这是保密件，反映人信息对承办部门不公开。")
    await write_history(session, order, UNMASK, staff_actor(staff), now, {})
    return _reporter(order, await _joined(session, number))


async def _joined(session: AsyncSession, number: str) -> list[OrderReporter]:
    joined = select(OrderReporter).where(OrderReporter.number == number).order_by(OrderReporter.id)
    return list(await session.scalars(joined))


def _names(order: Order, joined: list[OrderReporter]) -> tuple[str, ...]:
    names = [order.reporter_name, *(one.reporter_name for one in joined)]
    return tuple(dict.fromkeys(name for name in names if name))


def _reporter(order: Order, joined: list[OrderReporter]) -> Reporter:
    others = (Reporter(one.reporter_name, one.reporter_phone) for one in joined if one.left_at is None)
    return Reporter(order.reporter_name, order.reporter_phone, tuple(others))


def _masked(reporter: Reporter) -> Reporter:
    return Reporter(
        mask_name(reporter.name) if reporter.name else None,
        mask_phone(reporter.phone) if reporter.phone else None,
        tuple(map(_masked, reporter.others)),
    )


def _clock_lines(
    keeping: Timekeeping, order: Order, entries: list[HistoryEntry], now: datetime
) -> tuple[ClockLine, ...]:
    clocks = keeping.standing_of(order, events_of(entries)).clocks
    return tuple(
        ClockLine(
            label=clock.name.label,
            started_at=clock.started_at,
            due_at=clock.due_at,
            stopped_at=clock.stopped_at,
            paused=clock.paused_at is not None and clock.stopped_at is None,
            left=time_left(clock.due_at, clock.yellow_at, now, keeping.calendar) if clock.running else None,
            kept=kept_or_late(clock, keeping.calendar) if clock.stopped_at else None,
        )
        for clock in clocks
    )


_LABELS = {action.value: action.label for action in Action} | {
    "routing_alarm": "派单规则异常",
    UNMASK: "查看反映人信息",
    LEAVE: "并入的市民撤回反映",
}
_MACHINES = {"citizen": "市民", "bot": "机器人", "system": "系统"}


async def _steps(
    session: AsyncSession, order: Order, entries: list[HistoryEntry], concealed: tuple[str, ...] | None
) -> tuple[Step, ...]:
    """``concealed``: names that are blotted out with every number; None where nothing is to be concealed."""
    names = {code: name for code, name in await session.execute(select(Department.code, Department.name))}
    people = await _people(session, entries)
    remarks = {
        remark.id: remark.text
        for remark in await session.scalars(select(OrderRemark).where(OrderRemark.number == order.number))
    }
    answers = {
        given.id: Answer(given.unit, given.handled_on, given.situation, given.result)
        for given in await session.scalars(select(OrderAnswer).where(OrderAnswer.number == order.number))
    }

    def shown(text: str) -> str:
        return blotted(text, *concealed) if concealed is not None else text

    def shown_answer(given: Answer | None) -> Answer | None:
        if given is None or concealed is None:
            return given
        return replace(given, situation=shown(given.situation), result=shown(given.result))

    return tuple(
        Step(
            at=entry.at,
            action=entry.action,
            label=_LABELS.get(entry.action, entry.action),
            actor=people.get(entry.actor, _MACHINES.get(entry.actor, entry.actor)),
            department=names.get(entry.data.get("department", "")),
            remark=shown(remarks.get(entry.data.get("remark", 0), "")) or None,
            answer=shown_answer(answers.get(entry.data.get("answer", 0))),
            data=entry.data,
        )
        for entry in entries
    )


async def _people(session: AsyncSession, entries: list[HistoryEntry]) -> dict[str, str]:
    """How history's ``staff:<id>`` is shown: 工号 and name."""
    ids = {int(entry.actor.removeprefix("staff:")) for entry in entries if entry.actor.startswith("staff:")}
    rows = await session.execute(select(Staff.id, Staff.number, Staff.name).where(Staff.id.in_(ids)))
    return {f"staff:{staff_id}": f"{number} {name}" for staff_id, number, name in rows}
