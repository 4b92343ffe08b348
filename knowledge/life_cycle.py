"""The one door through which the knowledge base changes (B9).

Every change of an article raises its version, is written into its history, and moves the counter by which running
processes notice that their index is old.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core import history
from core.counters import next_number
from core.database import insert_into
from core.privacy import mask_text
from knowledge.answering import LookUp
from knowledge.article import Article
from knowledge.articles import CHANGES, ArticleFeedback, Status, StoredArticle, UnansweredQuestion, find


class ArticleNotFound(LookupError):
    """No article has this code."""


class AlreadyPublished(ValueError):
    """A draft would overwrite an article citizens are being answered with."""


async def publish(
    session: AsyncSession, article: Article, *, actor: str, now: datetime, pack_digest: str | None = None
) -> StoredArticle:
    """Puts ``article`` before the citizens: new, or in place of the stored one with the same code."""
    return await _store(session, article, Status.PUBLISHED, actor, now, pack_digest)


async def draft(session: AsyncSession, article: Article, *, actor: str, now: datetime) -> StoredArticle:
    """Keeps ``article`` for review; nobody is answered with it. Raises :class:`AlreadyPublished`."""
    stored = await find(session, article.code)
    if stored is not None and stored.status == Status.PUBLISHED.value:
        raise AlreadyPublished(article.code)
    return await _store(session, article, Status.DRAFT, actor, now, None)


async def expire(session: AsyncSession, code: str, *, actor: str, now: datetime) -> StoredArticle:
    """Takes an article back; a second time changes nothing. Raises :class:`ArticleNotFound`."""
    changes = await _begin_change(session)
    stored = await find(session, code)
    if stored is None:
        raise ArticleNotFound(code)
    if stored.status != Status.EXPIRED.value:
        stored.status = Status.EXPIRED.value
        await _changed(session, stored, "expire", actor, now, changes)
    return stored


async def record_feedback(
    session: AsyncSession,
    code: str,
    conversation_id: str,
    *,
    helpful: bool,
    now: datetime,
    message_id: int | None = None,
) -> None:
    """Keeps a citizen's verdict on an article; a second one in the same conversation replaces the first."""
    verdict = {"message_id": message_id, "helpful": helpful, "at": now}
    await session.execute(
        insert_into(session, ArticleFeedback)
        .values(article_code=code, conversation_id=conversation_id, **verdict)
        .on_conflict_do_update(index_elements=["article_code", "conversation_id"], set_=verdict)
    )


async def record_unanswered(
    session: AsyncSession, text: str, conversation_id: str, found: LookUp, *, now: datetime
) -> UnansweredQuestion:
    """Keeps a question without a sure answer, personal numbers masked, with the nearest article ``found``."""
    nearest = found.hits[0] if found.hits else None
    question = UnansweredQuestion(
        text=mask_text(text),
        at=now,
        conversation_id=conversation_id,
        best_article_code=nearest.article.code if nearest else None,
        confidence=nearest.confidence if nearest else None,
    )
    session.add(question)
    await session.flush()
    return question


async def _begin_change(session: AsyncSession) -> int:
    """Counts the change; the counter's row stays locked till commit, so changes come one after another."""
    return await next_number(session, CHANGES)


async def _store(
    session: AsyncSession, article: Article, status: Status, actor: str, now: datetime, pack_digest: str | None
) -> StoredArticle:
    changes = await _begin_change(session)
    stored = await find(session, article.code)
    if stored is None:
        stored = StoredArticle(code=article.code, version=0)
        session.add(stored)
    for name, value in _columns(article).items():
        setattr(stored, name, value)
    stored.status = status.value
    stored.pack_digest = pack_digest or stored.pack_digest
    action = "publish" if status is Status.PUBLISHED else "draft"
    await _changed(session, stored, action, actor, now, changes)
    return stored


async def _changed(
    session: AsyncSession, stored: StoredArticle, action: str, actor: str, now: datetime, changes: int
) -> None:
    stored.version += 1
    stored.updated_at = now
    await session.flush()
    await history.append(
        session,
        subject="article",
        subject_id=stored.code,
        action=action,
        actor=actor,
        at=now,
        data={"version": stored.version, "change": changes},
    )


def _columns(article: Article) -> dict[str, Any]:
    values = asdict(article)
    del values["version"], values["code"]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
