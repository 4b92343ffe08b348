"""A row of a file as an entry: values read as people write them, with everything wrong named (B10). Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.clock import CHINA, china_time
from knowledge.checking import LIMITS, LINK, LIST_LIMITS
from knowledge.entry import CODE_LENGTH, DATES, LISTS
from knowledge.files.columns import Columns
from knowledge.files.documents import plain_text
from knowledge.files.opening import Formula, Row

TITLE_LENGTH = 40
"""Characters of an answer's first sentence that stand for a question nobody wrote."""
_LIMITS = {**LIMITS, "department": 60, "id": CODE_LENGTH}
MERGED = frozenset({"variants", "keywords"})
"""Of these parts several columns are taken together."""
NAMES = {
    "id": "编号", "question": "问题", "answer": "答案", "department": "部门", "source": "来源", "variants": "相似问法",
    "keywords": "关键词", "steps": "步骤", "materials": "材料", "fee": "费用", "duration": "时限", "place": "地点",
    "office_hours": "办公时间", "phone": "电话", "link": "链接", "valid_from": "生效日期", "valid_to": "失效日期",
    "ends_at": "临时通知结束时间",
}  # fmt: skip
"""What people call the parts of an article."""

_SCRIPT = re.compile(
    r"<\s*/?\s*script|javascript\s*:|vbscript\s*:|data\s*:\s*text/html|<[^>]+\bon[a-z]+\s*=", re.IGNORECASE
)
_TAGS = re.compile(
    r"<\s*/?\s*(?:p|br|div|span|a|b|i|u|em|strong|font|ul|ol|li|table|tbody|tr|td|th|h[1-6]|img|hr)\b[^>]*>",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)?"
    r"|(\d{4})(\d{2})(\d{2})"
)
_FOR_EVER = frozenset({"长期", "永久", "长期有效", "永久有效", "无", "-", "—", "/", "无限期", "至今"})
_BETWEEN = re.compile(r"[\n；;|｜]+")
_BETWEEN_WORDS = re.compile(r"[\n；;|｜、，,\s]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[？?]?")


@dataclass
class Written:
    """What a row says, as far as it can be read."""

    place: str
    values: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    titled: bool = False
    """No question stood there: the answer's first words stand for it."""
    doubles: bool = False
    """Its question is asked by an article of another code."""


def read_row(row: Row, columns: Columns, *, now: datetime, headings: Collection[str] = ()) -> Written:
    """The entry a row makes: only the parts the row tells, each of the type an entry wants, faults in Chinese.

    ``headings``: names of columns that are a phrasing beside the question (:mod:`knowledge.layout`).
    """
    written = Written(row.place, {})
    if "" in row.values and len(row.values) == 1:
        written.faults.append(str(row.values[""]))
        return written
    for part, named in columns.by_part(row.values).items():
        for name in named:
            if part not in written.values:
                _take(written, part, row.values[name])
            elif part in MERGED or name in headings:
                _add(written, part, row.values[name])
    if not written.faults:
        _complete(written, now)
    return written


def code_for(text: str) -> str:
    """The code of an article nobody numbered: the same question has the same at every import."""
    return f"q-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _take(written: Written, part: str, value: Any) -> None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return
    try:
        read = _READERS[part](value)
    except ValueError as error:
        written.faults.append(f"{NAMES[part]}：{error}")
        return
    if read not in (None, "", []):
        written.values[part] = read
    elif part == "valid_to":
        written.values[part] = None


def _add(written: Written, part: str, value: Any) -> None:
    """More of the same: a second column of phrasings or keywords, a heading beside the question."""
    more = Written(written.place, {}, written.faults)
    into = "variants" if part == "question" else part
    _take(more, into, value if part in MERGED else [value])
    told = dict.fromkeys([*written.values.get(into, ()), *more.values.get(into, ())])
    if part == "question":
        told.pop(written.values["question"], None)
    if told:
        written.values[into] = list(told)


def _complete(written: Written, now: datetime) -> None:
    values = written.values
    if "answer" not in values:
        written.faults.append("答案为空")
        return
    if "ends_at" in values:  # its last day follows from its last moment
        values["valid_to"] = china_time(values["ends_at"]).date()
    written.faults += _out_of_time(values, now)
    if "question" not in values or values["question"] == values.get("id"):
        found = _SENTENCE.search(values["answer"])
        values["question"] = (found.group().strip() if found else values["answer"])[:TITLE_LENGTH]
        written.titled = True
    if "id" not in values:
        values["id"] = code_for(values["answer"] if written.titled else values["question"])


def _out_of_time(values: Mapping[str, Any], now: datetime) -> list[str]:
    first, last, ends_at = (values.get(part) for part in ("valid_from", "valid_to", "ends_at"))
    if last is not None and first is not None and last < first:
        return ["失效日期早于生效日期"]
    if ends_at is not None and ends_at <= now:
        return [f"已经过期：临时通知结束时间 {china_time(ends_at):%Y-%m-%d %H:%M}"]
    if last is not None and last < china_time(now).date():
        return [f"已经过期：失效日期 {last.isoformat()}"]
    return []


def _text(value: Any) -> str:
    """One text; markup becomes words. Raises ValueError, in Chinese, for what is none or does harm."""
    if isinstance(value, Formula):
        raise ValueError("含有公式，不导入")
    if isinstance(value, bool) or not isinstance(value, str | int | float | date):
        raise ValueError("应为文字")
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if _SCRIPT.search(text):
        raise ValueError("含有脚本代码，不导入")
    if _TAGS.search(text):
        text = plain_text(text)
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def _limited(part: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = _text(value)
        limit = _LIMITS[part]
        if len(text) > limit:
            raise ValueError(f"超过 {limit} 字")
        return text

    return read


def _one_line(part: str) -> Callable[[Any], str]:
    return lambda value: " ".join(_limited(part)(value).split())


def _texts(part: str, between: re.Pattern[str] = _BETWEEN) -> Callable[[Any], list[str]]:
    def read(value: Any) -> list[str]:
        pieces: Iterator[str] = (
            (_text(each) for each in value) if isinstance(value, list) else iter(between.split(_text(value)))
        )
        texts = list(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))
        most, limit = LIST_LIMITS[part]
        if len(texts) > most:
            raise ValueError(f"超过 {most} 项")
        if any(len(text) > limit for text in texts):
            raise ValueError(f"有一项超过 {limit} 字")
        return texts

    return read


def _link(value: Any) -> str:
    text = _limited("link")(value)
    if not LINK.fullmatch(text):
        raise ValueError("应为 http:// 或 https:// 开头的网址")
    return text


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(value)
    if text in _FOR_EVER:
        return None
    found = _DAY.fullmatch(text)
    try:
        year, month, day = (int(number) for number in found.groups() if number) if found else (0, 0, 0)
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"“{text[:20]}”不是日期，应为 年-月-日") from error


def _instant(value: Any) -> datetime:
    """When a temporary article is over; a time without a zone is the city's."""
    try:
        read = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    except ValueError as error:
        raise ValueError("应写成“2026-11-26 18:30”这样") from error
    return read if read.tzinfo else read.replace(tzinfo=CHINA)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **{part: _one_line(part) for part in _LIMITS},
    "answer": _limited("answer"),
    **{part: _texts(part) for part in LISTS},
    "keywords": _texts("keywords", _BETWEEN_WORDS),
    **{part: _day for part in DATES},
    "ends_at": _instant,
    "link": _link,
}
