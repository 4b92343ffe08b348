"""Taking over a city pack's articles: what is sound is stored, what is not is refused with its reason (B10).

Loading again changes nothing unless the pack changed: a pack article whose text is the one last taken over is left
alone, with whatever was edited since. A refused article leaves its stored version as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge import life_cycle
from knowledge.article import Article
from knowledge.articles import StoredArticle

ACTOR = "system:pack"

_TEXTS = ("question", "answer", "department", "source")
_OPTIONAL_TEXTS = ("fee", "duration", "place", "office_hours", "phone", "link")
_LISTS = ("variants", "keywords", "steps", "materials")
_DATES = ("valid_from", "valid_to")
_KEYS = frozenset({"id", *_TEXTS, *_OPTIONAL_TEXTS, *_LISTS, *_DATES})
_CODE_LENGTH = 40


@dataclass(frozen=True)
class Refusal:
    """An article (or, with ``code`` empty, a file) that was not taken over."""

    file: str
    code: str
    reason: str
    """In Chinese, for the person who wrote the pack."""


@dataclass
class LoadReport:
    """What a load did, by article code."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class PackArticle:
    """A sound article of a pack."""

    article: Article
    digest: str


Progress = Callable[[int, int], None]
"""Called with how many articles are done and how many there are."""


def read_pack(folder: Path, departments: Collection[str] | None = None) -> tuple[list[PackArticle], list[Refusal]]:
    """Reads all ``*.yml`` of ``folder``; where ``departments`` (codes) are given, others are refused.

    Of articles with one id the first is taken, the others are refused.
    """
    sound: dict[str, PackArticle] = {}
    refused: list[Refusal] = []
    for file, entry in _entries(folder, refused):
        code = str(entry.get("id") or "")
        reasons = _faults(entry, departments)
        if code in sound:
            reasons.append(f"编号重复:{code}")
        if reasons:
            refused.append(Refusal(file, code, ";".join(reasons)))
        else:
            article = _article(entry)
            sound[code] = PackArticle(article, _digest(article))
    return list(sound.values()), refused


async def load_pack(
    session: AsyncSession,
    folder: Path,
    *,
    now: datetime,
    departments: Collection[str] | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Takes over the articles of ``folder`` in the caller's transaction; safe to run at every start."""
    pack, refused = read_pack(folder, departments)
    report = LoadReport(refused=refused)
    digests = dict((await session.execute(select(StoredArticle.code, StoredArticle.pack_digest))).tuples().all())
    for done, entry in enumerate(pack, 1):
        code = entry.article.code
        if digests.get(code) == entry.digest:
            report.unchanged.append(code)
        else:
            await life_cycle.publish(session, entry.article, actor=ACTOR, now=now, pack_digest=entry.digest)
            (report.changed if code in digests else report.added).append(code)
        if progress is not None:
            progress(done, len(pack))
    return report


def _entries(folder: Path, refused: list[Refusal]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of all files in the order of their names; files that cannot be read are refused whole."""
    for path in sorted(folder.glob("*.yml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            refused.append(Refusal(path.name, "", f"文件无法解析:{_first_line(error)}"))
            continue
        if not isinstance(content, list):
            refused.append(Refusal(path.name, "", "文件内容应为条目列表"))
            continue
        for entry in content:
            if isinstance(entry, dict):
                yield path.name, entry
            else:
                refused.append(Refusal(path.name, "", "条目应为键值对"))


def _faults(entry: dict[str, Any], departments: Collection[str] | None) -> list[str]:
    """Everything wrong with an entry."""
    faults = [f"不认识的项目:{key}" for key in sorted(map(str, set(entry) - _KEYS))]
    code = entry.get("id")
    if not isinstance(code, str) or not code.strip() or len(code) > _CODE_LENGTH:
        faults.append(f"编号应为不超过{_CODE_LENGTH}字的文字")
    faults += [f"缺少内容:{key}" for key in _TEXTS if not _is_text(entry.get(key))]
    faults += [f"应为文字:{key}" for key in _OPTIONAL_TEXTS if not (entry.get(key) is None or _is_text(entry[key]))]
    faults += [f"应为文字列表:{key}" for key in _LISTS if not _is_list_of_texts(entry.get(key, []))]
    faults += _date_faults(entry)
    if departments is not None and _is_text(entry.get("department")) and entry["department"] not in departments:
        faults.append(f"没有这个部门:{entry['department']}")
    return faults


def _date_faults(entry: dict[str, Any]) -> list[str]:
    first, last = entry.get("valid_from"), entry.get("valid_to")
    if not _is_day(first):
        return ["生效日期应为 年-月-日:valid_from"]
    if last is None:
        return []
    if not _is_day(last):
        return ["失效日期应为 年-月-日:valid_to"]
    return ["失效日期早于生效日期"] if last < first else []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _article(entry: dict[str, Any]) -> Article:
    values: dict[str, Any] = {"code": entry["id"]}
    for each in fields(Article):
        value = entry.get(each.name)
        if isinstance(value, str):
            values[each.name] = value.strip()
        elif isinstance(value, list):
            values[each.name] = tuple(text.strip() for text in value)
        elif value is not None:
            values[each.name] = value
    return Article(**values)


def _digest(article: Article) -> str:
    said = json.dumps(asdict(article), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
