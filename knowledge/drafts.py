"""What is written about an article beside what citizens are answered with: its draft, and every version it ever had.

Tables, changed only through :mod:`knowledge.life_cycle`. Versions are append-only: the database refuses to change one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import china_time
from core.database import Base, Instant
from knowledge.article import Article
from knowledge.moves import State

_BigId = BigInteger().with_variant(Integer, "sqlite")
_NO_CONTENT = frozenset({"code", "version"})
_DATES = ("valid_from", "valid_to")


class ArticleDraft(Base):
    """What is to become of an article, or a new one: at most one draft per code."""

    __tablename__ = "article_drafts"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[State] = mapped_column(
        EnumColumn(State, native_enum=False, length=10, values_callable=lambda states: [s.value for s in states]),
        index=True,
    )
    edition: Mapped[int] = mapped_column(Integer)
    """Raised by every change: whoever saves over an edition they have not seen is told."""
    base_version: Mapped[int] = mapped_column(Integer)
    """The version of the article it was begun on; 0: there was none."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    question: Mapped[str] = mapped_column(Text)
    """As in ``content``, for lists; so is ``department``."""
    department: Mapped[str] = mapped_column(String(60), index=True)
    temporary: Mapped[bool] = mapped_column(Boolean)
    authors: Mapped[list[str]] = mapped_column(JSON)
    """Everybody who wrote on it, first to last: none of them may approve it."""
    note: Mapped[str] = mapped_column(Text)
    """What was changed and why, in the authors' words; empty: not said."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was returned last."""
    open_question_id: Mapped[int | None] = mapped_column(ForeignKey("open_questions.id"))
    """The open question it is to answer."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)

    def article(self) -> Article:
        """What citizens would be answered with."""
        return article_of(self.code, self.content)


class ArticleVersion(Base):
    """An article as it was from one change to the next."""

    __tablename__ = "article_versions"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(10))
    """``publish`` or ``expire``."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    department: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(String(80))
    """Who decided it."""
    authors: Mapped[list[str]] = mapped_column(JSON)
    """Who wrote it; empty where that was ``actor``."""
    note: Mapped[str] = mapped_column(Text)

    def article(self) -> Article:
        """What citizens were answered with."""
        return article_of(self.code, self.content, self.version)


def content_of(article: Article) -> dict[str, Any]:
    """Everything an article says, as JSON."""
    values = {name: value for name, value in vars(article).items() if name not in _NO_CONTENT}
    return {name: _plain(value) for name, value in values.items()}


def article_of(code: str, content: Mapping[str, Any], version: int = 0) -> Article:
    """Undoes :func:`content_of`."""
    known = {field.name for field in fields(Article)}
    values = {name: value for name, value in content.items() if name in known}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    values |= {name: date.fromisoformat(values[name]) for name in _DATES if values.get(name)}
    if values.get("ends_at"):
        values["ends_at"] = datetime.fromisoformat(values["ends_at"])
    return Article(code=code, version=version, **values)


def digest_of(content: Mapping[str, Any]) -> str:
    """A digest of everything an article says, by which history vouches for a version."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, datetime):
        return china_time(value).isoformat()
    return value.isoformat() if isinstance(value, date) else value


async def find_draft(session: AsyncSession, code: str, *, lock: bool = False) -> ArticleDraft | None:
    """The draft of an article, if there is one; locked until the transaction ends if asked for."""
    statement = select(ArticleDraft).where(ArticleDraft.code == code)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    draft: ArticleDraft | None = await session.scalar(statement)
    return draft


async def versions_of(session: AsyncSession, code: str) -> list[ArticleVersion]:
    """Every version of an article, oldest first."""
    statement = select(ArticleVersion).where(ArticleVersion.code == code).order_by(ArticleVersion.version)
    return list(await session.scalars(statement))
