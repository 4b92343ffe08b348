"""What people write into an order: checked, tidied, shortened, masked. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from backoffice.notices import Answer
from backoffice.refusals import BadField
from core.privacy import mask_text

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


def tidy(text: str | None) -> str:
    """Control and invisible characters out, outer white space off; line breaks stay."""
    kept = (c for c in text or "" if c == "\n" or not unicodedata.category(c).startswith("C"))
    return "".join(kept).strip()


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
        raise BadField(field, f"{label}太长,请控制在 {limit} 字以内。")
    return text


def title_of(content: str, reporter_name: str | None = None) -> str:
    """One line for lists: the first sentence without its opening words, masked, at most 30 characters."""
    first = next((part for part in _SENTENCE_END.split(content) if part.strip()), content)
    bare = _OPENING.sub("", first).strip() or first.strip()
    title = masked(bare, reporter_name)
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


def masked(text: str, reporter_name: str | None = None) -> str:
    """``text`` with phone and identity numbers and the reporter's name masked."""
    if reporter_name and len(reporter_name) > 1:
        text = text.replace(reporter_name, reporter_name[0] + "*" * (len(reporter_name) - 1))
    return mask_text(text)


def search_text(content: str, target: str | None, reporter_name: str | None) -> str:
    """What the text search of lists runs over. Places are searched apart: not everybody may."""
    return masked("\n".join(part for part in (content, target) if part), reporter_name)


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
