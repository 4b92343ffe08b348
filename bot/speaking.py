"""How orders and articles are told to a citizen. Pure: values in, replies out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backoffice.kinds import Kind
from backoffice.notices import answer_parts
from backoffice.progress import ProgressView
from bot.plan import intake_plan
from core.clock import china_time
from core.messages import QuickReply, Reply
from knowledge.article import Article
from knowledge.card import answer_card, until_words

TO_FILE = QuickReply("登记反映", "请帮我登记下来")
"""Has what was said before it filed."""

_SERVED = {
    "urge": ("urged", "已经替您催办，工单 {number} 由{department}办理，有进展会在这里告诉您。"),
    "supplement": ("supplemented", "补充的情况已经加进工单 {number}，承办单位会看到。"),
    "withdraw": ("withdrawn", "工单 {number} 已经撤回，不再办理。"),
    "leave": ("withdrawn", "您的反映已经撤回，不再通知您。工单 {number} 还有其他市民反映，会继续办理。"),
}
_DRAFTED = ("content", "address", "time", "target", "name", "phone")
_LISTS = {"materials": "需要的材料", "steps": "办理步骤"}
_TEXTS = {
    "fee": "费用",
    "duration": "办理时限",
    "place": "办理地点",
    "office_hours": "办公时间",
    "phone": "咨询电话",
    "link": "网上办理",
}
_LABELLED = re.compile(f"(?:{'|'.join((*_LISTS.values(), *_TEXTS.values()))})：")


def filed_reply(view: ProgressView, query_code: str) -> Reply:
    """The receipt: number and query code (A3, C1)."""
    department = f"，已转交{view.department}办理" if view.department else "，工作人员正在确认承办单位"
    text = (
        f"登记好了{department}。\n受理编号：{view.number}\n查询码：{query_code}\n"
        f"请记好这两个号码，可以随时来查进度{_by_when(view)}。"
    )
    return Reply(
        text,
        card={**_order_card(view), "kind": "order", "query_code": query_code},
        quick_replies=(QuickReply("查询进度"), QuickReply("补充情况", "我要补充情况")),
        outcome="order",
        details={"order": view.number},
    )


def likely_words(likely: Mapping[str, Any]) -> str:
    """The question whether a matter is that of an order filed before: kind of matter, place and day (B5)."""
    day = china_time(datetime.fromisoformat(likely["at"]))
    about = f"“{likely['about']}”的问题" if likely["about"] else "类似的事"
    who = "您" if likely["own"] else "已经有人"
    told = f"{day.month}月{day.day}日{who}反映过{likely['place']}{about}，还没有办结"
    if likely["own"]:
        return f"{told}（工单 {likely['number']}）。现在说的是同一件事吗？是的话，把您说的补充进去，不用再登记一遍。"
    return f"{told}。和您说的是同一件事吗？是的话，把您加进去一起办理，有结果也会告诉您。"


def joining_words(likely: Mapping[str, Any]) -> str:
    """What the summary adds to its title: nothing new is filed."""
    return f"（补充到您的工单 {likely['number']}）" if likely["own"] else "（和已经反映的同一件事一起办理）"


def joined_reply(view: ProgressView, query_code: str, *, own: bool) -> Reply:
    """That a citizen has joined an order about the same matter, with a code of their own; or added to their own."""
    done = "您说的已经补充到您的工单，承办单位会看到" if own else "已经把您加进这件事的工单，一起办理，有结果会告诉您"
    heading = "已补充到您的工单" if own else "已加入这件事一起办理"
    card = {**_order_card(view), "kind": "order", "query_code": query_code, "heading": heading}
    text = (
        f"{done}。\n受理编号：{view.number}\n查询码：{query_code}\n请记好这两个号码，可以随时来查进度{_by_when(view)}。"
    )
    replies = (QuickReply("查询进度"), QuickReply("催办"))
    return Reply(text, card=card, quick_replies=replies, outcome="order", details={"order": view.number})


def progress_reply(view: ProgressView) -> Reply:
    """How far an order is (A4, B6)."""
    department = f"，承办单位：{view.department}" if view.department else ""
    text = f"工单 {view.number} 目前{view.status}{department}{_by_when(view)}。"
    if view.answer:
        text += f"\n{view.answer.unit}的答复：{view.answer.situation}\n办理结果：{view.answer.result}"
    waiting = view.due_at is not None
    return Reply(
        text,
        card={**_order_card(view), "kind": "progress", "created_at": view.created_at.isoformat()},
        quick_replies=(QuickReply("催办"), QuickReply("补充情况", "我要补充情况")) if waiting else (),
        outcome="progress",
        details={"order": view.number},
    )


def service_reply(service: str, view: ProgressView) -> Reply:
    """That an order was urged, added to or withdrawn."""
    outcome, text = _SERVED[service]
    department = view.department or "工作人员"
    return Reply(
        text.format(number=view.number, department=department), outcome=outcome, details={"order": view.number}
    )


def say_field(article: Article, field: str) -> str | None:
    """One part of an article, for a follow-up question; None when the article does not tell it."""
    if field in _LISTS:
        parts: Sequence[str] = getattr(article, field)
        listed = "；".join(f"{number}. {part.rstrip('。；;')}" for number, part in enumerate(parts, 1))
        return f"{_LISTS[field]}：{listed}。" if listed else None
    if field == "valid":
        return f"依据{article.source}，{until_words(article) or '长期有效'}。"
    value = getattr(article, field, None)
    return f"{_TEXTS[field]}：{str(value).rstrip('。')}。" if value else None


def told_of(article: Article, part: str) -> str:
    """A part of an article with what it is a part of before it, and one colon: 补办社保卡，费用：免费。"""
    return f"{article.question.rstrip('?？')}{'，' if _LABELLED.match(part) else '：'}{part}"


def answer_reply(article: Article, department: str, phone: str | None) -> Reply:
    """An article as an answer, with its source, department and validity (B1)."""
    until = until_words(article)
    return Reply(
        f"{article.answer}\n（依据：{article.source}；主管部门：{department}{f'，{until}' if until else ''}）",
        card=answer_card(article, department, phone),
        outcome="answered",
        details={"article": article.code},
    )


def draft_of(slots: Mapping[str, Any]) -> dict[str, str]:
    """What has been taken down so far, in words, for the person who takes over (F3)."""
    told, plan = {**(slots.get("known") or {}), **{k: v for k, v in slots.items() if v is not None}}, intake_plan()
    draft = {name: str(told[name]) for name in _DRAFTED if plan.was_given(name, told.get(name))}
    to_come = [matter["text"] for matter in slots.get("waiting") or ()]
    if to_come:
        draft["content"] = "\n".join([*([draft["content"]] if "content" in draft else []), *to_come])
    if slots.get("kind"):
        draft["kind"] = Kind(slots["kind"]).label
    if slots.get("confidential") is not None:
        draft["confidential"] = "需要保密" if slots["confidential"] else "不用保密"
    return draft


def _order_card(view: ProgressView) -> dict[str, Any]:
    return {
        "number": view.number,
        "title": view.title,
        "status": view.status,
        "department": view.department,
        "due": view.due_at.isoformat() if view.due_at else None,
        "answer": answer_parts(view.answer) if view.answer else None,
        "timeline": [{"at": at.isoformat(), "what": what} for at, what in view.timeline],
    }


def _by_when(view: ProgressView) -> str:
    if view.due_at is None:
        return ""
    day = china_time(view.due_at)
    return f"，{day.month}月{day.day}日前答复您"
