"""An article as somebody wrote it down: what is wrong with it, and the article it makes (B10). Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from knowledge.article import Article

TEXTS = ("question", "answer", "department", "source")
OPTIONAL_TEXTS = ("fee", "duration", "place", "office_hours", "phone", "link")
LISTS = ("variants", "keywords", "steps", "materials")
DATES = ("valid_from", "valid_to")
KEYS = ("id", *TEXTS, *LISTS, *OPTIONAL_TEXTS, *DATES, "ends_at")
"""Every part an entry may have; ``id`` is the article's code."""
CODE_LENGTH = 40


def faults(entry: Mapping[str, Any], departments: Collection[str] | None) -> list[str]:
    """Everything wrong with an entry, in Chinese; where ``departments`` (codes) are given, others are a fault."""
    found = [f"不认识的项目：{key}" for key in sorted(map(str, set(entry) - set(KEYS)))]
    code = entry.get("id")
    if not isinstance(code, str) or not code.strip() or len(code) > CODE_LENGTH:
        found.append(f"编号应为不超过{CODE_LENGTH}字的文字")
    found += [f"缺少内容：{key}" for key in TEXTS if not _is_text(entry.get(key))]
    found += [f"应为文字：{key}" for key in OPTIONAL_TEXTS if not (entry.get(key) is None or _is_text(entry[key]))]
    found += [f"应为文字列表：{key}" for key in LISTS if not _is_list_of_texts(entry.get(key, []))]
    found += date_faults(entry)
    if departments is not None and _is_text(entry.get("department")) and entry["department"] not in departments:
        found.append(f"没有这个部门：{entry['department']}")
    return found


def date_faults(entry: Mapping[str, Any]) -> list[str]:
    """What is wrong with the days an entry holds."""
    first, last, ends_at = entry.get("valid_from"), entry.get("valid_to"), entry.get("ends_at")
    if ends_at is not None and not (isinstance(ends_at, datetime) and ends_at.tzinfo):
        return ["结束时间应为带时区的时间：ends_at"]
    if not _is_day(first):
        return ["生效日期应为 年-月-日：valid_from"]
    if last is None:
        return []
    if not _is_day(last):
        return ["失效日期应为 年-月-日：valid_to"]
    return ["失效日期早于生效日期"] if last < first else []


def article_of(entry: Mapping[str, Any]) -> Article:
    """The article a faultless entry makes."""
    values: dict[str, Any] = {"code": entry["id"]}
    for each in fields(Article):
        value = entry.get(each.name)
        if isinstance(value, str):
            values[each.name] = value.strip()
        elif isinstance(value, list | tuple):
            values[each.name] = tuple(text.strip() for text in value)
        elif value is not None:
            values[each.name] = value
    return Article(**values)


def digest(article: Article) -> str:
    """A fingerprint of everything an article says, whatever its version."""
    values = {**vars(article), "version": 0}
    if article.ends_at is None:  # fingerprints are older than it
        del values["ends_at"]
    said = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_text, value))


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)
