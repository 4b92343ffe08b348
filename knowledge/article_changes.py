"""How the knowledge base changes: one version after the other, each in history, none twice. For the write door only.

Locks are taken in one order everywhere: the counter of changes, article, draft, history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core import history
from core.counters import next_number
from core.database import Base
from core.refusals import BadField
from core.texts import tidy
from knowledge.article import Article
from knowledge.articles import CHANGES, Status, StoredArticle, find
from knowledge.drafts import ArticleVersion, content_of, digest_of

SUBJECT = "article"
"""What history calls an article."""
KEY_LIMIT = 120
_CODES = "knowledge:codes"


class KnowledgeKey(Base):
    """An idempotency key and what it was used on: the mark commits with the work."""

    __tablename__ = "knowledge_keys"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40))


@dataclass(frozen=True)
class Happened:
    """What is said of a change."""

    action: str
    actor: str
    now: datetime
    authors: Sequence[str] = ()
    note: str = ""


async def begin_change(session: AsyncSession) -> int:
    """Counts the change; the counter's row stays locked till commit, so changes come one after another."""
    return await next_number(session, CHANGES)


async def locked(session: AsyncSession, code: str) -> StoredArticle | None:
    """The article, locked until the transaction ends."""
    statement = select(StoredArticle).where(StoredArticle.code == code).with_for_update()
    stored: StoredArticle | None = await session.scalar(statement.execution_options(populate_existing=True))
    return stored


async def store(
    session: AsyncSession, article: Article, said: Happened, pack_digest: str | None = None
) -> StoredArticle:
    """Puts ``article`` before the citizens: new, or in place of the stored one with the same code."""
    change = await begin_change(session)
    stored = await find(session, article.code)
    if stored is None:
        stored = StoredArticle(code=article.code, version=0)
        session.add(stored)
    stored.take(article)
    stored.status = Status.PUBLISHED.value
    stored.pack_digest = pack_digest or stored.pack_digest
    await record(session, stored, said, change)
    return stored


async def record(session: AsyncSession, stored: StoredArticle, said: Happened, change: int) -> None:
    """A further version of ``stored``, kept whole and vouched for by history."""
    stored.version += 1
    stored.updated_at = said.now
    version = version_of(stored, said.action, said.actor, said.now)
    version.authors, version.note = list(said.authors), said.note
    session.add(version)
    await session.flush()
    data = {"version": stored.version, "change": change, "digest": digest_of(version.content)}
    await write_history(session, stored.code, said, data)


def version_of(stored: StoredArticle, action: str, actor: str, now: datetime) -> ArticleVersion:
    """The row that keeps ``stored`` as it is."""
    return ArticleVersion(
        code=stored.code,
        version=stored.version,
        action=action,
        content=content_of(stored.article()),
        department=stored.department,
        at=now,
        actor=actor,
        authors=[],
        note="",
    )


async def write_history(session: AsyncSession, code: str, said: Happened, data: Mapping[str, Any]) -> None:
    """Adds to an article's history; what was said in words goes in too: articles name no citizen."""
    await history.append(
        session,
        subject=SUBJECT,
        subject_id=code,
        action=said.action,
        actor=said.actor,
        at=said.now,
        data={**data, **({"note": said.note} if said.note else {})},
    )


async def fresh_code(session: AsyncSession) -> str:
    """A code no article has."""
    while True:
        code = f"k{await next_number(session, _CODES):05d}"
        if await find(session, code) is None:
            return code


def stored_key(key: str | None, action: str, actor: str, subject_id: str = "") -> str | None:
    """A key belongs to one action of one actor on one thing. Raises :class:`BadField` when it is no key."""
    if key is None:
        return None
    if not key or len(key) > KEY_LIMIT or tidy(key) != key:
        raise BadField("key", "提交编号不正确，请刷新页面后再试。")
    return f"{action}:{actor}:{subject_id}:{key}"


async def used_on(session: AsyncSession, key: str | None) -> str | None:
    """What a stored key was used on; None: not used yet."""
    found = await session.get(KnowledgeKey, key) if key is not None else None
    return found.subject_id if found is not None else None


async def use(session: AsyncSession, key: str | None, subject_id: str) -> None:
    """Marks a stored key as used."""
    if key is not None:
        session.add(KnowledgeKey(key=key, subject_id=subject_id))
        await session.flush()
