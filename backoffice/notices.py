"""What citizens are told about their order without asking (A13). Pure: values in, replies out.

Every text is complete by itself, for an SMS; the card says the same for a page (docs/cards.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backoffice.workflow import Status
from core.clock import china_time
from core.messages import Reply


@dataclass(frozen=True)
class Answer:
    """An answer's four parts (C8): 办理单位, 办理时间, 办理情况, 办理结果."""

    unit: str
    handled_on: date
    situation: str
    result: str


@dataclass(frozen=True)
class Told:
    """What a notice says of an order."""

    number: str
    title: str
    status: Status
    department: str | None
    """Name of the department; None while nobody has it."""
    promised_at: datetime | None = None


def card(told: Told, answer: Answer | None = None) -> dict[str, Any]:
    """The ``order`` card."""
    return {
        "kind": "order",
        "number": told.number,
        "title": told.title,
        "status": told.status.citizen_word,
        "department": told.department,
        "due": told.promised_at.isoformat() if told.promised_at else None,
        "answer": answer_parts(answer) if answer else None,
    }


def answer_parts(answer: Answer) -> dict[str, str]:
    """An answer as it stands in cards and in JSON."""
    return {
        "unit": answer.unit,
        "handled_on": answer.handled_on.isoformat(),
        "situation": answer.situation,
        "result": answer.result,
    }


def handed_to(told: Told) -> Reply:
    """Another department has it now."""
    return _reply(told, f"您反映的事项（受理号 {told.number}）已转交{told.department}办理{_by_when(told)}。")


def accepted(told: Told) -> Reply:
    """The department signed for it."""
    return _reply(told, f"{told.department}已签收您反映的事项（受理号 {told.number}），正在办理{_by_when(told)}。")


def answered(told: Told, answer: Answer) -> Reply:
    """The answer is there."""
    day = answer.handled_on
    text = (
        f"您反映的事项（受理号 {told.number}）已有答复。\n办理单位：{answer.unit}\n"
        f"办理时间：{day.year}年{day.month}月{day.day}日\n办理情况：{answer.situation}\n办理结果：{answer.result}"
    )
    return _reply(told, text, answer)


def closed(told: Told) -> Reply:
    """It is done with."""
    return _reply(told, f"您反映的事项（受理号 {told.number}）已办结。感谢您对我们工作的支持。")


def reopened(told: Told) -> Reply:
    """It is being done again."""
    return _reply(told, f"您反映的事项（受理号 {told.number}）已由{told.department}重新办理{_by_when(told)}。")


def refused(told: Told, reason: str) -> Reply:
    """It is not accepted, and why."""
    return _reply(told, f"很抱歉，您反映的事项（受理号 {told.number}）不予受理。原因：{reason}")


def _by_when(told: Told) -> str:
    if told.promised_at is None:
        return ""
    day = china_time(told.promised_at)
    return f"，将于 {day.month}月{day.day}日前答复您"


def _reply(told: Told, text: str, answer: Answer | None = None) -> Reply:
    return Reply(text=text, card=card(told, answer), details={"order": told.number})
