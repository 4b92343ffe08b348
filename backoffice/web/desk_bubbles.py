"""Messages as the desk shows them: bubbles with the day and time grouped, photos, and cards as plain lines.

Pure. Everything here is text; the templates escape it. What proves a citizen's ownership of an order is left out: it
is theirs, not ours to read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backoffice.desk_texts import TEXTED
from core.conversations import Message
from core.web.wording import clock_time

PAUSE = timedelta(minutes=5)
"""After this long without a word the time is shown again."""

PHOTO_TEXTS = frozenset({"[照片]", "［照片］", "[图片]"})
"""What channels store as the words of a photo that came without any."""

CARD_NAMES = {
    "answer": "办事指南",
    "choices": "请选择",
    "summary": "登记内容",
    "order": "工单",
    "progress": "办理进度",
    "danger": "紧急提示",
    "handoff": "转人工",
}
_LINES = {
    "answer": (
        ("summary", "回答"),
        ("department", "部门"),
        ("fee", "费用"),
        ("duration", "时限"),
        ("place", "地点"),
        ("office_hours", "时间"),
        ("phone", "电话"),
        ("source", "依据"),
    ),
    "order": (("title", "事项"), ("status", "状态"), ("department", "部门")),
    "progress": (("title", "事项"), ("status", "状态"), ("department", "部门")),
}
_PUBLIC = frozenset({"answer", "choices", "danger"})
_AUTHORS = {"citizen": "市民", "bot": "机器人", "staff": "话务员", "system": "系统"}


@dataclass(frozen=True)
class Card:
    """A card as a heading and lines of label and text."""

    name: str
    title: str
    lines: list[tuple[str, str]]
    public: bool = False
    """From the knowledge base: its numbers are offices', and nobody's to be masked."""

    @property
    def says_it_all(self) -> bool:
        """Whether the words of its message would only repeat it."""
        return bool(self.title or self.lines)


@dataclass(frozen=True)
class Bubble:
    """One message as shown."""

    message: Message
    author: str
    time: str | None
    """The time to show above it; None: it follows closely on the one before."""
    text: str
    card: Card | None
    quick_replies: list[str]
    photo: bool
    texted: bool = False
    """Typed while the citizen was on the telephone, and sent as a text."""


def bubbles(messages: Iterable[Message], now: datetime, *, previous: datetime | None = None) -> list[Bubble]:
    """Messages in order as bubbles; ``previous``: when the message before the first one was said."""
    shown = []
    for message in messages:
        apart = previous is None or message.created_at - previous >= PAUSE
        shown.append(_bubble(message, clock_time(message.created_at, now) if apart else None))
        previous = message.created_at
    return shown


def _bubble(message: Message, time: str | None) -> Bubble:
    payload = message.payload or {}
    card = card_of(payload.get("card")) if message.author != "citizen" else None
    photo = message.kind == "image" and "attachment" in payload
    return Bubble(
        message=message,
        author=_AUTHORS.get(message.author, message.author),
        time=time,
        text="" if (card and card.says_it_all) or (photo and message.text in PHOTO_TEXTS) else message.text,
        card=card,
        quick_replies=[str(reply.get("title", "")) for reply in payload.get("quick_replies", ())],
        photo=photo,
        texted=TEXTED in payload.get("details", {}),
    )


def card_of(card: dict[str, Any] | None) -> Card | None:
    """A card as lines; None for one we do not know: its message's text says it all."""
    kind = card.get("kind") if card else None
    if card is None or kind not in CARD_NAMES:
        return None
    title = card.get("number") if kind in {"order", "progress"} else card.get("title")
    return Card(CARD_NAMES[kind], str(title or ""), _card_lines(kind, card), kind in _PUBLIC)


def _card_lines(kind: str, card: dict[str, Any]) -> list[tuple[str, str]]:
    if kind == "summary":
        return [(str(field.get("label", "")), str(field.get("value", ""))) for field in card.get("fields", ())]
    if kind == "choices":
        return [("选项", str(option.get("title", ""))) for option in card.get("options", ())]
    if kind == "danger":
        calls = [(str(call.get("number", "")), str(call.get("label", ""))) for call in card.get("calls", ())]
        return calls + [("建议", str(advice)) for advice in card.get("advice", ())]
    if kind == "handoff":
        position = card.get("position")
        return [("排队", f"第 {position} 位")] if position else []
    return [(label, str(card[name])) for name, label in _LINES[kind] if card.get(name)]
