"""The words and signs knowledge pages use for what the programs call otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from backoffice.knowledge_list import ArticleRow
from backoffice.knowledge_todo import days_left
from backoffice.knowledge_trial import Heard
from core.clock import china_time
from core.history import HistoryEntry
from knowledge.feedback import Verdicts
from knowledge.moves import Move
from knowledge.reminders import REMIND_BEFORE

Tone = Literal["green", "yellow", "red", "stopped"]

HISTORY_WORDS = {
    "write": ("pencil", "写稿"),
    "submit": ("send", "提交审核"),
    "take_back": ("arrow-back-up", "撤回修改"),
    "return": ("arrow-back-up", "退回"),
    "publish": ("circle-check", "发布"),
    "expire": ("x", "下架"),
    "discard": ("x", "删除草稿"),
    "remind": ("bell", "到期提醒"),
    "look_into": ("eye", "看过，不用改"),
}
MOVE_ICONS = {
    Move.WRITE: "pencil",
    Move.SUBMIT: "send",
    Move.TAKE_BACK: "arrow-back-up",
    Move.RETURN: "arrow-back-up",
    Move.APPROVE: "circle-check",
    Move.DISCARD: "x",
}
DONE = {
    "write": "草稿已保存，还没有提交审核。",
    "submit": "已提交审核。审核人在待办里看得到，通过以后才对市民使用。",
    "take_back": "已撤回，可以接着改。",
    "return": "已退回给写稿人。",
    "approve": "已发布，市民马上得到这个答案。",
    "discard": "草稿已删除。",
    "take_down": "已下架，市民查不到这条了。",
    "look_expiring": "记下了，不再提醒。",
    "look_unhelpful": "记下了。",
}
"""What has just been done, in words."""
_ROUTED = {"routing": "按派单规则", "learned": "按以往工单的派法"}
_ACTORS = {"system": "系统", "system:pack": "城市资料包", "system:import": "文件导入"}


@dataclass(frozen=True)
class Mark:
    """A word beside a title, with its sign."""

    tone: Tone
    icon: str
    words: str


def validity(row: ArticleRow, now: datetime) -> Mark:
    """How long an article holds: colour, sign and word."""
    if row.ends_at is not None:
        return Mark("yellow", "clock", f"临时，到 {_moment(row.ends_at, now)}")
    if row.valid_to is None:
        return Mark("stopped", "circle-check", "长期有效")
    today = china_time(now).date()
    if row.lapsed:
        return Mark("red", "alert-triangle", "已过期")
    if row.valid_to - today <= REMIND_BEFORE:
        return Mark("yellow", "clock-exclamation", days_left(row.valid_to, today))
    return Mark("stopped", "clock", f"到 {row.valid_to.isoformat()}")


def _moment(instant: datetime, now: datetime) -> str:
    then, today = china_time(instant), china_time(now).date()
    time = then.strftime("%H:%M")
    if then.date() == today:
        return f"今天 {time}"
    if (then.date() - today).days == 1:
        return f"明天 {time}"
    return f"{then.month}月{then.day}日 {time}"


def verdict_words(verdicts: Verdicts) -> str:
    """What was thought of an article, in one sentence."""
    if not verdicts.total:
        return "还没有市民评价。"
    sentence = f"这一版有 {verdicts.total} 人评价，{verdicts.helpful} 人说有用，{verdicts.unhelpful} 人说没用"
    return sentence + ("，没用的明显偏多。" if verdicts.is_poor else "。")


def heard_words(heard: Heard) -> str:
    """What the bot would do, in one sentence."""
    if heard.kind == "answer":
        return "机器人会直接回答"
    if heard.kind == "choose":
        return f"机器人拿不准，会让市民从 {len(heard.found)} 个里选"
    return "机器人答不出，会说不知道，并问要不要登记"


def owner_words(why: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Why an open question lies where it does."""
    kind = why.get("why")
    if kind in _ROUTED:
        words = "”“".join(str(word).replace("*", "…") for word in why.get("words") or ())
        return f"{_ROUTED[kind]}，提到“{words}”" if words else _ROUTED[kind]
    if kind == "nearest":
        return "最接近的知识由这个部门维护"
    if kind == "person":
        return f"由{names.get(str(why.get('from')), '别的部门')}转来"
    if kind == "split":
        return "从另一个问题里分出来的"
    return "看不出归谁，先放在兜底部门"


def actor_words(actor: str, names: Mapping[str, str]) -> str:
    """Who did it."""
    return names.get(actor) or _ACTORS.get(actor, "系统")


@dataclass(frozen=True)
class Happening:
    """One thing that happened to an article, as its page tells it."""

    icon: str
    label: str
    who: str
    at: datetime
    note: str
    version: int | None
    """The version it made, whose changes can be looked at."""


def happenings(entries: Sequence[HistoryEntry], names: Mapping[str, str]) -> list[Happening]:
    """History, the latest first; what one person saved several times in a row is told once."""
    told: list[Happening] = []
    previous: tuple[str, str] | None = None
    for entry in entries:
        if entry.action == "write" and previous == (entry.action, entry.actor):
            told.pop()
        previous = (entry.action, entry.actor)
        icon, label = HISTORY_WORDS.get(entry.action, ("info-circle", entry.action))
        version = entry.data.get("version")
        label = f"{label}第 {version} 版" if entry.action == "publish" else label
        who = actor_words(entry.actor, names)
        told.append(Happening(icon, label, who, entry.at, str(entry.data.get("note", "")), version))
    return told[::-1]
