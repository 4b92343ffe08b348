"""A row of a file as an entry: values read as people write them, with everything wrong named (B10). Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from knowledge.entry import CODE_LENGTH, DATES, KEYS, LISTS
from knowledge.files.columns import Columns
from knowledge.files.documents import plain_text
from knowledge.files.opening import Formula, Row

TITLE_LENGTH = 40
"""Characters of an answer's first sentence that stand for a question nobody wrote."""
_LIMITS = {"answer": 20_000, "question": 500, "department": 60, "phone": 60, "id": CODE_LENGTH}
_LIMIT = 2_000
_MOST = 200
"""Variants, keywords, steps or materials of one article."""
NAMES = {
    "id": "编号", "question": "问题", "answer": "答案", "department": "部门", "source": "来源", "variants": "相似问法",
    "keywords": "关键词", "steps": "步骤", "materials": "材料", "fee": "费用", "duration": "时限", "place": "地点",
    "office_hours": "办公时间", "phone": "电话", "link": "链接", "valid_from": "生效日期", "valid_to": "失效日期",
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


def read_row(row: Row, columns: Columns, *, today: date) -> Written:
    """The entry a row makes: only the parts the row tells, each of the type an entry wants, faults in Chinese."""
    written = Written(row.place, {})
    if "" in row.values and len(row.values) == 1:
        written.faults.append(str(row.values[""]))
        return written
    for name, value in row.values.items():
        part = columns.field(str(name))
        if part is not None and part not in written.values:
            _take(written, part, value)
    if not written.faults:
        _complete(written, today)
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


def _complete(written: Written, today: date) -> None:
    values = written.values
    if "answer" not in values:
        written.faults.append("答案为空")
        return
    first, last = values.get("valid_from"), values.get("valid_to")
    if last is not None and first is not None and last < first:
        written.faults.append("失效日期早于生效日期")
    elif last is not None and last < today:
        written.faults.append(f"已经过期：失效日期 {last.isoformat()}")
    if "question" not in values or values["question"] == values.get("id"):
        found = _SENTENCE.search(values["answer"])
        values["question"] = (found.group().strip() if found else values["answer"])[:TITLE_LENGTH]
        written.titled = True
    if "id" not in values:
        values["id"] = code_for(values["answer"] if written.titled else values["question"])


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
        limit = _LIMITS.get(part, _LIMIT)
        if len(text) > limit:
            raise ValueError(f"超过 {limit} 字")
        return text

    return read


def _one_line(part: str) -> Callable[[Any], str]:
    return lambda value: " ".join(_limited(part)(value).split())


def _texts(between: re.Pattern[str]) -> Callable[[Any], list[str]]:
    def read(value: Any) -> list[str]:
        pieces: Iterator[str] = (
            (_text(each) for each in value) if isinstance(value, list) else iter(between.split(_text(value)))
        )
        texts = list(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))
        if len(texts) > _MOST:
            raise ValueError(f"超过 {_MOST} 项")
        if any(len(text) > _LIMIT for text in texts):
            raise ValueError(f"有一项超过 {_LIMIT} 字")
        return texts

    return read


def _link(value: Any) -> str:
    text = _limited("link")(value)
    if not re.match(r"https?://[^\s]+$", text):
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


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **{part: _one_line(part) for part in KEYS},
    "answer": _limited("answer"),
    **{part: _texts(_BETWEEN) for part in LISTS},
    "keywords": _texts(_BETWEEN_WORDS),
    **{part: _day for part in DATES},
    "link": _link,
}
