"""Taking over a city pack's articles: what is sound is stored, what is not is refused with its reason (B10).

Loading again changes nothing unless the pack changed: a pack article whose text is the one last taken over is left
alone, with whatever was edited since. A refused article leaves its stored version as it was. An article that has left
the pack is taken back, unless somebody of the staff edited it; it comes back with the pack.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.yaml_files import read_yaml
from knowledge import life_cycle
from knowledge.article import Article
from knowledge.articles import Status, StoredArticle
from knowledge.entry import article_of, digest, faults

ACTOR = "system:pack"


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
    expired: list[str] = field(default_factory=list)
    """No longer in the pack, and not edited since they came from it."""
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
        reasons = faults(entry, departments)
        if code in sound:
            reasons.append(f"编号重复：{code}")
        if reasons:
            refused.append(Refusal(file, code, ";".join(reasons)))
        else:
            article = article_of(entry)
            sound[code] = PackArticle(article, digest(article))
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
    report.expired = await _expire_those_gone(session, {entry.article.code for entry in pack}, refused, now)
    return report


async def _expire_those_gone(
    session: AsyncSession, kept: set[str], refused: Collection[Refusal], now: datetime
) -> list[str]:
    """Takes back what came from the pack and is no longer in it; nothing while a file cannot be read."""
    if any(not refusal.code for refusal in refused):
        return []
    kept = kept | {refusal.code for refusal in refused}
    statement = select(StoredArticle).where(
        StoredArticle.pack_digest.is_not(None), StoredArticle.status == Status.PUBLISHED.value
    )
    gone = [
        stored.code
        for stored in await session.scalars(statement)
        if stored.code not in kept and digest(stored.article()) == stored.pack_digest
    ]
    for code in gone:
        await life_cycle.expire(session, code, actor=ACTOR, now=now, left_pack=True)
    return gone


def _entries(folder: Path, refused: list[Refusal]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of all files in the order of their names; files that cannot be read are refused whole."""
    for path in sorted(folder.glob("*.yml")):
        try:
            content = read_yaml(path)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            refused.append(Refusal(path.name, "", f"文件无法解析：{_first_line(error)}"))
            continue
        if not isinstance(content, list):
            refused.append(Refusal(path.name, "", "文件内容应为条目列表"))
            continue
        for entry in content:
            if isinstance(entry, dict):
                yield path.name, entry
            else:
                refused.append(Refusal(path.name, "", "条目应为键值对"))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
