"""The words and signs order pages use for what the programs call otherwise. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from backoffice.deadlines import ClockName
from backoffice.order_entry import SOURCES
from backoffice.order_list import Sort
from backoffice.origins import Origin
from backoffice.time_left import Colour
from backoffice.web.wording import CHANNELS

COLOUR_ICONS = {
    Colour.GREEN: "clock",
    Colour.YELLOW: "clock-exclamation",
    Colour.RED: "alert-triangle",
    Colour.STOPPED: "circle-check",
}

SORTS = {
    Sort.DUE: "最急的在前",
    Sort.NEWEST: "最新受理的在前",
    Sort.OLDEST: "最早受理的在前",
    Sort.UPDATED: "最近有变化的在前",
}

STEP_ICONS = {
    "file": "file-text",
    "dispatch": "send",
    "sign": "user-check",
    "send_back": "arrow-back-up",
    "answer": "message",
    "close": "circle-check",
    "reopen": "refresh",
    "withdraw": "x",
    "refuse": "x",
    "urge": "bell",
    "supplement": "plus",
    "join": "users",
    "classify": "pencil",
    "leave": "x",
    "routing_alarm": "alert-triangle",
    "unmask": "eye",
}

_WHY_UNDECIDED = {
    "category_unknown": "看不出属于哪一类事情",
    "unsure": "把握不够，需要人工判断",
    "no_rule": "这类事情还没有派单规则",
    "rules_disagree": "派单规则指向不同的部门",
    "broken_rule": "派单规则指向已停用的部门，请通知管理员修改规则",
    "returned": "被承办部门退回",
    "sure_by_category": "按人工选定的分类，规则有明确的部门",
    "sure_by_now": "登记时看不准，按现在的规则和以往工单已经看得准，请您核对",
}


def source_name(channel: str) -> str:
    """How an order reached us: 网页, 短信, 来访…"""
    return CHANNELS.get(channel) or SOURCES.get(channel, channel)


def clock_name(clock: str | None) -> str:
    """What the pressing clock times: 签收, 答复…; empty when none runs."""
    return ClockName(clock).label if clock else ""


_BY = {Origin.RULE: "按关键词判断", Origin.LEARNED: "按以往类似工单判断", Origin.PERSON: "人工选定"}


def category_by(origin: Origin | None, words: Sequence[str] = ()) -> str:
    """How a category came about, with the words that spoke for it; empty when nobody knows."""
    if origin is None:
        return ""
    said = f"，提到“{'”“'.join(words)}”" if words and origin is not Origin.PERSON else ""
    return _BY[origin] + said


def why_undecided(code: str) -> str:
    """Why an order waits for a dispatcher."""
    return _WHY_UNDECIDED.get(code, _WHY_UNDECIDED["unsure"])


@lru_cache(maxsize=4096)
def search_keys(*names: str) -> str:
    """What a picker finds an entry by besides its label: other names, and the first letters of its pinyin."""
    initials = ("".join(lazy_pinyin(name, style=Style.FIRST_LETTER)) for name in names)
    return " ".join((*names, *initials)).lower()
