"""The knowledge base as stored: what citizens are answered with, and what they thought of it (B1, B9).

Read here, changed only through :mod:`knowledge.life_cycle`.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.counters import Counter
from core.database import Base, Instant
from knowledge.article import Article

_BigId = BigInteger().with_variant(Integer, "sqlite")
CHANGES = "knowledge:changes"
"""The counter every change of an article moves; by it running processes see that their index is old."""


class Status(str, Enum):
    """Where an article is in its life."""

    PUBLISHED = "published"
    EXPIRED = "expired"
    """Taken back by a person, or temporary and over; one past its last day is ``published`` and simply not answered."""


class StoredArticle(Base):
    """An article citizens are or were answered with; what is still being written is in :mod:`knowledge.drafts`."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    question: Mapped[str] = mapped_column(Text)
    variants: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    department: Mapped[str] = mapped_column(String(60), index=True)
    source: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    steps: Mapped[list[str]] = mapped_column(JSON)
    materials: Mapped[list[str]] = mapped_column(JSON)
    fee: Mapped[str | None] = mapped_column(Text)
    duration: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    office_hours: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(60))
    link: Mapped[str | None] = mapped_column(Text)
    keywords: Mapped[list[str]] = mapped_column(JSON)
    ends_at: Mapped[datetime | None] = mapped_column(Instant, index=True)

    status: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    pack_digest: Mapped[str | None] = mapped_column(String(64))
    """Digest of the city pack's text last taken over, so that a reload leaves later edits alone."""

    def article(self) -> Article:
        """The article as a value."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(Article)}
        lists: dict[str, Any] = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return Article(**{**values, **lists})

    def take(self, article: Article) -> None:
        """Says from now on what ``article`` says; code and version stay."""
        for name, value in vars(article).items():
            if name not in ("code", "version"):
                setattr(self, name, list(value) if isinstance(value, tuple) else value)


class ArticleFeedback(Base):
    """Whether an answer helped: one verdict per conversation and article, the last one said."""

    __tablename__ = "article_feedback"
    __table_args__ = (UniqueConstraint("article_code", "conversation_id"),)

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    article_code: Mapped[str] = mapped_column(ForeignKey("articles.code"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    """The citizen's message that says so, where it is known."""
    helpful: Mapped[bool] = mapped_column()
    at: Mapped[datetime] = mapped_column(Instant)


async def find(session: AsyncSession, code: str) -> StoredArticle | None:
    """The stored article with this code, whatever its status."""
    stored: StoredArticle | None = await session.scalar(select(StoredArticle).where(StoredArticle.code == code))
    return stored


async def published(session: AsyncSession) -> list[Article]:
    """All published articles in the order of their codes, whatever day it is."""
    statement = select(StoredArticle).where(StoredArticle.status == Status.PUBLISHED.value).order_by(StoredArticle.code)
    return [stored.article() for stored in await session.scalars(statement)]


async def stored_articles(session: AsyncSession) -> list[Article]:
    """All articles in the order of their codes, those taken back included."""
    return [stored.article() for stored in await session.scalars(select(StoredArticle).order_by(StoredArticle.code))]


async def changes_so_far(session: AsyncSession) -> int:
    """How often the base has changed; one row to read."""
    return await session.scalar(select(Counter.value).where(Counter.name == CHANGES)) or 0
