"""Many articles at once, as an import writes them: what the write door does one by one, quicker.

Part of the write door, :mod:`knowledge.life_cycle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core import history
from core.counters import next_numbers
from core.database import insert_all
from knowledge.article import Article
from knowledge.article_changes import SUBJECT, version_of
from knowledge.articles import CHANGES, Status, StoredArticle
from knowledge.drafts import ArticleDraft, ArticleVersion, content_of, digest_of
from knowledge.moves import State

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told how many are done and how many there are."""
BLOCK = 400
"""Articles that are looked up in one query: fewer than a database allows parameters."""


async def publish_all(
    session: AsyncSession,
    articles: Sequence[Article],
    *,
    actor: str,
    now: datetime,
    progress: Progress = lambda done, of: None,
) -> None:
    """Publishes many articles; no code may stand twice in ``articles``."""
    changes = iter(await next_numbers(session, CHANGES, len(articles)))
    happened = []
    for done, block in _blocks(articles):
        known = await stored_by_code(session, [article.code for article in block])
        new, versions = list[StoredArticle](), list[ArticleVersion]()
        for article in block:
            stored = known.get(article.code)
            if stored is None:
                stored = StoredArticle(code=article.code, version=0)
                new.append(stored)
            stored.take(article)
            stored.status = Status.PUBLISHED.value
            stored.version, stored.updated_at = stored.version + 1, now
            version = version_of(stored, "publish", actor, now)
            versions.append(version)
            data = {"version": stored.version, "change": next(changes), "digest": digest_of(version.content)}
            happened.append(history.Happening(stored.code, "publish", actor, now, data))
        await session.flush()
        await insert_all(session, new)
        await insert_all(session, versions)
        progress(done, len(articles))
    await history.append_all(session, SUBJECT, happened)


async def draft_all(
    session: AsyncSession,
    articles: Sequence[Article],
    *,
    actor: str,
    now: datetime,
    progress: Progress = lambda done, of: None,
) -> None:
    """Puts many articles into review, written by ``actor``; none of them may have a draft already."""
    happened = []
    for done, block in _blocks(articles):
        known = await stored_by_code(session, [article.code for article in block])
        drafts = []
        for article in block:
            stored = known.get(article.code)
            base = stored.version if stored else 0
            drafts.append(
                ArticleDraft(
                    code=article.code,
                    state=State.REVIEW,
                    edition=1,
                    base_version=base,
                    content=content_of(article),
                    question=article.question,
                    department=article.department,
                    temporary=article.ends_at is not None,
                    authors=[actor],
                    note="",
                    created_at=now,
                    updated_at=now,
                    submitted_at=now,
                )
            )
            happened.append(history.Happening(article.code, "submit", actor, now, {"edition": 1, "base": base}))
        await insert_all(session, drafts)
        progress(done, len(articles))
    await history.append_all(session, SUBJECT, happened)


async def stored_by_code(session: AsyncSession, codes: Sequence[str]) -> dict[str, StoredArticle]:
    """The articles with these codes, as far as there are any."""
    found: dict[str, StoredArticle] = {}
    for _, block in _blocks(codes):
        for stored in await session.scalars(select(StoredArticle).where(StoredArticle.code.in_(block))):
            found[stored.code] = stored
    return found


async def drafts_by_code(session: AsyncSession, codes: Sequence[str]) -> dict[str, ArticleDraft]:
    """The drafts of articles with these codes, as far as there are any."""
    found: dict[str, ArticleDraft] = {}
    for _, block in _blocks(codes):
        for draft in await session.scalars(select(ArticleDraft).where(ArticleDraft.code.in_(block))):
            found[draft.code] = draft
    return found


def _blocks(things: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """Block by block, with how many are done after it."""
    for start in range(0, len(things), BLOCK):
        block = things[start : start + BLOCK]
        yield start + len(block), block
