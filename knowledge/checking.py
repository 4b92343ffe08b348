"""Whether an article may be put before citizens: what must be there, and how long it may be. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.clock import china_time
from core.refusals import BadField
from core.texts import tidy
from knowledge.article import Article

LIMITS = {
    "question": 500,
    "answer": 20_000,
    "source": 500,
    "fee": 2000,
    "duration": 1000,
    "place": 2000,
    "office_hours": 1000,
    "phone": 60,
    "link": 1000,
}
"""Characters of each text, whether it is written here or imported."""
LIST_LIMITS = {"variants": (200, 500), "keywords": (200, 100), "steps": (100, 2000), "materials": (200, 2000)}
"""Of each list: how many, and characters of each."""
LABELS = {
    "question": "标题问题",
    "answer": "答案",
    "department": "维护部门",
    "source": "依据",
    "valid_from": "生效日期",
    "valid_to": "失效日期",
    "ends_at": "结束时间",
    "variants": "其他问法",
    "keywords": "关键词",
    "steps": "办理步骤",
    "materials": "所需材料",
    "fee": "费用",
    "duration": "办理时限",
    "place": "办理地点",
    "office_hours": "办公时间",
    "phone": "咨询电话",
    "link": "网上办理地址",
}
"""The word for each part of an article, in the order of the form."""
REASON_LIMIT = 500
"""Characters of a reason."""
_REQUIRED = ("question", "answer", "department", "source")
LINK = re.compile(r"https?://[^\s<>\"']+")


def tidied(article: Article) -> Article:
    """The same article with everything invisible out, empty parts left out, no phrasing twice."""
    parts: dict[str, Any] = {name: tidy(getattr(article, name)) or None for name in LIMITS}
    parts |= {name: parts[name] or "" for name in ("question", "answer", "source")}
    parts |= {name: tuple(dict.fromkeys(filter(None, map(tidy, getattr(article, name))))) for name in LIST_LIMITS}
    parts["variants"] = tuple(text for text in parts["variants"] if text != parts["question"])
    if article.ends_at is not None:  # its last day follows from its last moment
        parts["valid_to"] = china_time(article.ends_at).date()
    return replace(article, **parts)


def too_long(article: Article) -> dict[str, str]:
    """What does not fit, by field: not even a draft may hold it."""
    faults = {
        name: f"{LABELS[name]}太长，请控制在 {limit} 字以内。"
        for name, limit in LIMITS.items()
        if len(getattr(article, name) or "") > limit
    }
    for name, (count, length) in LIST_LIMITS.items():
        items = getattr(article, name)
        if len(items) > count:
            faults[name] = f"{LABELS[name]}太多，最多 {count} 条。"
        elif any(len(item) > length for item in items):
            faults[name] = f"{LABELS[name]}里有一条太长，请控制在 {length} 字以内。"
    return faults


def faults(article: Article, now: datetime) -> dict[str, str]:
    """Why ``article`` cannot be published at ``now``, by field; empty when it can."""
    found = {name: f"请填写{LABELS[name]}。" for name in _REQUIRED if not getattr(article, name)}
    return {**found, **_time_faults(article, now), **_link_faults(article), **too_long(article)}


def _time_faults(article: Article, now: datetime) -> dict[str, str]:
    if article.ends_at is not None:
        return {"ends_at": "结束时间已经过了，请改成还没到的时间。"} if article.ends_at <= now else {}
    if article.valid_to is None:
        return {}
    if article.valid_to < article.valid_from:
        return {"valid_to": "失效日期早于生效日期。"}
    return (
        {"valid_to": "失效日期已经过了，请延长，或者留空表示长期有效。"}
        if article.valid_to < china_time(now).date()
        else {}
    )


def _link_faults(article: Article) -> dict[str, str]:
    if article.link and not LINK.fullmatch(article.link):
        return {"link": "请填写以 https:// 或 http:// 开头的完整网址。"}
    return {}


def reason_in(text: str, what: str) -> str:
    """A reason that must be given; ``what`` names it. Raises :class:`BadField`."""
    reason = tidy(text)
    if not reason:
        raise BadField("reason", f"请填写{what}。")
    if len(reason) > REASON_LIMIT:
        raise BadField("reason", f"{what}太长，请控制在 {REASON_LIMIT} 字以内。")
    return reason
