"""What people write into an order: checked, tidied, shortened, masked. Pure."""

from __future__ import annotations

import re
from datetime import date

from backoffice.notices import Answer
from backoffice.refusals import BadField
from core.masking import BLOT, blot_numbers, mask_name, mask_text
from core.texts import tidy

CONTENT_LIMIT = 5000
REMARK_LIMIT = 2000
TITLE_LENGTH = 30

_NUMBER = re.compile(r"[0-9]{8}")
_SENTENCE_END = re.compile(r"[。！!？?；;\n]")
_OPENING = re.compile(
    r"^(?:您好|你好|喂|那个|嗯|啊|就是说?|我想|我要|我来|想要?|麻烦|请问|一下|反映|投诉|举报|咨询|求助|建议|表扬|[,，、:：\s])+"
)


def is_number(text: str) -> bool:
    """Whether ``text`` can be an order's number: what cannot is not asked of the database."""
    return _NUMBER.fullmatch(text) is not None


def required(field: str, label: str, text: str | None, limit: int) -> str:
    """A text that must be there. Raises :class:`BadField`."""
    tidied = tidy(text)
    if not tidied:
        raise BadField(field, f"请填写{label}。")
    return _within(field, label, tidied, limit)


def optional(field: str, label: str, text: str | None, limit: int) -> str | None:
    """A text that may be missing. Raises :class:`BadField` when it is too long."""
    tidied = tidy(text)
    return _within(field, label, tidied, limit) if tidied else None


def _within(field: str, label: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise BadField(field, f"{label}太长，请控制在 {limit} 字以内。")
    return text


def title_of(content: str, reporter_name: str | None = None, *, confidential: bool = False) -> str:
    """One line for lists: the first sentence without its opening words, masked, at most 30 characters.

    Lists are read by departments too: of a ``confidential`` order the title does not tell who reported it.
    """
    first = next((part for part in _SENTENCE_END.split(content) if part.strip()), content)
    bare = _OPENING.sub("", first).strip() or first.strip()
    title = (blotted if confidential else masked)(bare, reporter_name)
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


def masked(text: str, *reporter_names: str | None) -> str:
    """``text`` with phone and identity numbers and the reporters' names masked."""
    for name in reporter_names:
        if name and len(name) > 1:
            text = text.replace(name, name[0] + "*" * (len(name) - 1))
    return mask_text(text)


_ADDRESSED = "先生|女士|小姐|同志|师傅|老师|医生|老板|经理|大爷|大妈|大叔|大姐|大哥|阿姨|奶奶|爷爷|某"
_TWO_SYLLABLES = frozenset(
    (
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "司徒",
        "东方",
        "南宫",
        "夏侯",
        "尉迟",
        "皇甫",
        "令狐",
        "慕容",
        "端木",
        "公孙",
        "轩辕",
    )
)


def blotted(text: str, *reporter_names: str | None) -> str:
    """``text`` without what tells who reported it (C10): names, surnames with a form of address, every number."""
    for name in filter(None, reporter_names):
        surname = re.escape(name[:2] if name[:2] in _TWO_SYLLABLES else name[0])
        if len(name) > 1:
            text = text.replace(name, BLOT).replace(mask_name(name), BLOT)
        text = re.sub(rf"(?<=姓){surname}|{surname}(?={_ADDRESSED})", BLOT, text)
    return blot_numbers(text)


def routing_text(content: str, target: str | None) -> str:
    """What a matter is about, for routing and learning; who reports it and when says nothing about where it goes."""
    return " ".join(part for part in (content, target) if part)


def search_text(content: str, target: str | None, reporter_name: str | None, *, confidential: bool = False) -> str:
    """What the text search of lists runs over: nobody finds an order by what is masked in it. Places are apart."""
    words = "\n".join(part for part in (content, target) if part)
    return (blotted if confidential else masked)(words, reporter_name)


def checked_answer(answer: Answer, today: date) -> Answer:
    """An answer with its four parts in order (C8). Raises :class:`BadField`."""
    if answer.handled_on > today:
        raise BadField("handled_on", "办理时间不能晚于今天。")
    return Answer(
        unit=required("unit", "办理单位", answer.unit, 80),
        handled_on=answer.handled_on,
        situation=required("situation", "办理情况", answer.situation, REMARK_LIMIT),
        result=required("result", "办理结果", answer.result, REMARK_LIMIT),
    )
