"""The forms by which staff act on an order: what each asks for, what it leads to, and how it is carried out."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments, orders
from backoffice.notices import Answer
from backoffice.order_changes import staff_actor
from backoffice.order_clocks import SUBJECT
from backoffice.order_tables import Order
from backoffice.refusals import BadField, NotAllowed
from backoffice.staff import Staff
from backoffice.workflow import Action
from core import history


@dataclass(frozen=True)
class Deed:
    """One thing staff may do to an order, as its page offers it."""

    action: Action
    icon: str
    submit: str
    """The words on the button that does it."""
    consequence: str
    """What happens then, said before it does; ``{department}``: who has the order now."""
    notice: str = ""
    """What the citizen gets, if anything."""
    fields: tuple[str, ...] = ()
    at_once: bool = False
    """Done by one press: nothing to fill in, nothing that cannot be mended."""
    aside: bool = False
    """Never what the page is opened for: its button is not the main one."""
    name: str = ""
    """What its button says, where that is not simply the action."""

    @property
    def label(self) -> str:
        """What its button says."""
        return self.name or self.action.label


DEEDS: dict[Action, Deed] = {
    deed.action: deed
    for deed in (
        Deed(Action.SIGN, "user-check", "签收", "签收以后由您经办。", "“正在办理”的通知", at_once=True),
        Deed(
            Action.DISPATCH,
            "send",
            "确认派单",
            "工单会转到所选的部门，等待签收。",
            "转办的通知",
            ("department", "note"),
        ),
        Deed(
            Action.ANSWER,
            "message",
            "发出答复",
            "答复发出以后不能修改，计时随之停止。",
            "下面的全部内容",
            ("unit", "handled_on", "situation", "result"),
        ),
        Deed(
            Action.SEND_BACK,
            "arrow-back-up",
            "确认退回",
            "工单会离开{department}，回到派单台重新派单。退回会被计数，理由派单员看得到。",
            fields=("reason",),
        ),
        Deed(
            Action.CLOSE,
            "circle-check",
            "确认办结",
            "办结以后工单归档；市民不满意的，热线可以要求重新办理。",
            "办结的通知",
        ),
        Deed(
            Action.REOPEN,
            "refresh",
            "确认重新办理",
            "原来的答复不再算数，工单回到{department}重新办理、重新计时。",
            "重新办理的通知",
            ("reason",),
        ),
        Deed(
            Action.REFUSE,
            "x",
            "确认不予受理",
            "工单就此结束，不会再有部门办理，也不能恢复。",
            "不予受理的通知和下面写的原因",
            ("reason",),
        ),
        Deed(Action.URGE, "bell", "确认催办", "催办会记入工单并计数，承办部门看得到。", fields=("note",), aside=True),
        Deed(
            Action.SUPPLEMENT,
            "plus",
            "加到工单里",
            "补充的内容会加到工单里，承办部门看得到。",
            fields=("text",),
            aside=True,
        ),
        Deed(
            Action.CLASSIFY, "pencil", "确认分类", "只改分类，工单不转走，时限不变。", fields=("category",), aside=True
        ),
        Deed(
            Action.WITHDRAW,
            "x",
            "确认撤回",
            "按市民的要求撤回：工单就此结束，不会再有部门办理，也不能恢复。",
            fields=("note",),
            aside=True,
        ),
    )
}
"""In the order of the buttons."""


def elsewhere(deed: Deed) -> Deed:
    """Dispatching what a department has already: it is taken away from there, which nobody does by the way."""
    taken = "工单会离开{department}，转到所选的部门，等待签收。"
    return replace(deed, name="改派", submit="确认改派", consequence=taken, aside=True)


FIELD_LABELS = {
    "department": "派往哪个部门",
    "category": "属于哪一类",
    "unit": "办理单位",
    "handled_on": "办理时间",
    "situation": "办理情况",
    "result": "办理结果",
    "text": "补充的内容",
}
_REASON_LABELS = {
    Action.SEND_BACK: "退回的理由和依据",
    Action.REOPEN: "为什么要重新办理",
    Action.REFUSE: "不予受理的原因，以及市民该找谁",
}
_OPTIONAL = frozenset({"note"})
_TO_CHOOSE = {"department": "请选择部门。", "category": "请选择分类。"}


def label_of(action: Action, name: str) -> str:
    """The label of a field of a form."""
    if name == "reason":
        return _REASON_LABELS[action]
    if name == "note":
        return {Action.DISPATCH: "派单说明", Action.URGE: "催办说明"}.get(action, "说明")
    return FIELD_LABELS[name]


def fresh_key() -> str:
    """An idempotency key for a form that is about to be shown."""
    return secrets.token_urlsafe(12)


def missing(deed: Deed, values: Mapping[str, str]) -> dict[str, str]:
    """Every field that has to be filled in and is not: all of them at once, not one after the other."""
    return {
        name: _TO_CHOOSE.get(name) or f"请填写{label_of(deed.action, name).split('，')[0]}。"
        for name in deed.fields
        if name not in _OPTIONAL and not values.get(name, "").strip()
    }


@dataclass(frozen=True)
class Wish:
    """A form as it was sent."""

    number: str
    staff: Staff
    values: Mapping[str, str]
    key: str
    now: datetime


async def carry_out(session: AsyncSession, action: Action, wish: Wish) -> Order:
    """Does it, through the write door. Raises :class:`backoffice.refusals.Refused`."""
    doing = _DOING.get(action)
    if doing is None:
        raise NotAllowed("这里不能这样做。")
    return await doing(session, wish)


async def _sign(session: AsyncSession, wish: Wish) -> Order:
    return await orders.sign(session, wish.number, wish.staff, key=wish.key, now=wish.now)


async def _close(session: AsyncSession, wish: Wish) -> Order:
    return await orders.close(session, wish.number, wish.staff, key=wish.key, now=wish.now)


async def _dispatch(session: AsyncSession, wish: Wish) -> Order:
    code, note = wish.values.get("department", ""), wish.values.get("note")
    return await orders.dispatch(session, wish.number, wish.staff, code, note=note, key=wish.key, now=wish.now)


async def _answer(session: AsyncSession, wish: Wish) -> Order:
    values = wish.values
    try:
        day = date.fromisoformat(values.get("handled_on", "").strip())
    except ValueError as unreadable:
        raise BadField("handled_on", "请写成 2026-11-16 这样的日期。") from unreadable
    given = Answer(values.get("unit", ""), day, values.get("situation", ""), values.get("result", ""))
    return await orders.answer(session, wish.number, wish.staff, given, key=wish.key, now=wish.now)


async def _send_back(session: AsyncSession, wish: Wish) -> Order:
    return await orders.send_back(session, *_with_reason(wish), key=wish.key, now=wish.now)


async def _reopen(session: AsyncSession, wish: Wish) -> Order:
    return await orders.reopen(session, *_with_reason(wish), key=wish.key, now=wish.now)


async def _refuse(session: AsyncSession, wish: Wish) -> Order:
    return await orders.refuse(session, *_with_reason(wish), key=wish.key, now=wish.now)


def _with_reason(wish: Wish) -> tuple[str, Staff, str]:
    return wish.number, wish.staff, wish.values.get("reason", "")


async def _urge(session: AsyncSession, wish: Wish) -> Order:
    note = wish.values.get("note")
    return await orders.urge(session, wish.number, wish.staff, text=note, key=wish.key, now=wish.now)


async def _supplement(session: AsyncSession, wish: Wish) -> Order:
    text = wish.values.get("text", "")
    return await orders.supplement(session, wish.number, wish.staff, text, key=wish.key, now=wish.now)


async def _classify(session: AsyncSession, wish: Wish) -> Order:
    code = wish.values.get("category", "")
    return await orders.classify(session, wish.number, wish.staff, code, key=wish.key, now=wish.now)


async def _withdraw(session: AsyncSession, wish: Wish) -> Order:
    note = wish.values.get("note")
    return await orders.withdraw(session, wish.number, wish.staff, reason=note, key=wish.key, now=wish.now)


_DOING: dict[Action, Callable[[AsyncSession, Wish], Awaitable[Order]]] = {
    Action.SIGN: _sign,
    Action.CLOSE: _close,
    Action.DISPATCH: _dispatch,
    Action.ANSWER: _answer,
    Action.SEND_BACK: _send_back,
    Action.REOPEN: _reopen,
    Action.REFUSE: _refuse,
    Action.URGE: _urge,
    Action.SUPPLEMENT: _supplement,
    Action.WITHDRAW: _withdraw,
    Action.CLASSIFY: _classify,
}

_FIELD_NAMES = {Action.URGE: {"text": "note"}, Action.WITHDRAW: {"reason": "note"}}


def field_of(action: Action, name: str) -> str:
    """The form's name for the field a :class:`BadField` names."""
    return _FIELD_NAMES.get(action, {}).get(name, name)


_DONE = {
    Action.SIGN: "工单 {number} 已签收，现在由您经办。",
    Action.DISPATCH: "工单 {number} 已派往{department}。",
    Action.ANSWER: "工单 {number} 的答复已经发出。",
    Action.SEND_BACK: "工单 {number} 已退回派单台。",
    Action.CLOSE: "工单 {number} 已办结。",
    Action.REOPEN: "工单 {number} 已重新办理。",
    Action.REFUSE: "工单 {number} 已按不予受理结束。",
    Action.URGE: "工单 {number} 已催办。",
    Action.SUPPLEMENT: "补充的内容已加到工单 {number}。",
    Action.WITHDRAW: "工单 {number} 已撤回。",
    Action.CLASSIFY: "工单 {number} 的分类已确定。",
}


async def done_words(session: AsyncSession, staff: Staff, action_name: str, number: str) -> str:
    """What ``staff`` has just done to an order, in words; empty unless it is the last thing that happened to it."""
    try:
        action = Action(action_name)
    except ValueError:
        return ""
    entries = await history.of(session, SUBJECT, number)
    last = entries[-1] if entries else None
    if last is None or (last.action, last.actor) != (action.value, staff_actor(staff).label) or action not in _DONE:
        return ""
    holder = await departments.by_code(session, str(last.data.get("department", "")))
    return _DONE[action].format(number=number, department=holder.name if holder else "新的部门")
