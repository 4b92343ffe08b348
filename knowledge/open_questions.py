"""What people asked and nobody could answer: grouped into open questions, each a to-do of one department (B9).

Tables and reading; the moves are in :mod:`knowledge.gaps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Float, ForeignKey, Integer, String, Text, func, select, true
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant
from core.privacy import EncryptedText
from knowledge.articles import StoredArticle
from knowledge.moves import Editor

_BigId = BigInteger().with_variant(Integer, "sqlite")


class Stand(str, Enum):
    """Where an open question stands."""

    OPEN = "open"
    DISMISSED = "dismissed"
    ANSWERED = "answered"

    @property
    def label(self) -> str:
        """The word editors see."""
        return {Stand.OPEN: "待解答", Stand.DISMISSED: "不用写", Stand.ANSWERED: "已有答案"}[self]


class OpenQuestion(Base):
    """Questions of citizens that ask for the same and that no article answers."""

    __tablename__ = "open_questions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(EncryptedText)
    """The phrasing most like all the others."""
    words: Mapped[list[str]] = mapped_column(JSON)
    """What most of its phrasings share: why they are together."""
    stand: Mapped[Stand] = mapped_column(
        EnumColumn(Stand, native_enum=False, length=10, values_callable=lambda stands: [s.value for s in stands]),
        index=True,
    )
    department: Mapped[str] = mapped_column(String(60), index=True)
    """Code of the department that should answer it."""
    owner_why: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Why that department: ``{"why": "learned" | "routing" | "nearest" | "default" | "person" | "split", …}``."""
    asked: Mapped[int] = mapped_column(Integer)
    """In how many conversations."""
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why it was dismissed, or handed to another department."""
    article_code: Mapped[str | None] = mapped_column(String(40))
    """The article that answers it."""
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str | None] = mapped_column(String(80))


class UnansweredQuestion(Base):
    """One question the base had no sure answer to."""

    __tablename__ = "unanswered_questions"

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    text: Mapped[str] = mapped_column(EncryptedText)
    """Phone and identity numbers masked; encrypted, since names and addresses may be left."""
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    best_article_code: Mapped[str | None] = mapped_column(ForeignKey("articles.code"))
    confidence: Mapped[float | None] = mapped_column(Float)
    open_question_id: Mapped[int | None] = mapped_column(ForeignKey("open_questions.id"), index=True)
    """The group it belongs to; None: not looked at yet."""


NOT_TOLD = 1.0
"""Confidence kept with a question that is an article's for sure, but of something the article does not tell."""


@dataclass(frozen=True)
class Phrasing:
    """One way it was asked."""

    text: str
    times: int
    last_at: datetime


def visible_to(editor: Editor) -> ColumnElement[bool]:
    """A WHERE clause over :class:`OpenQuestion`: those of the departments ``editor`` keeps."""
    return true() if editor.departments is None else OpenQuestion.department.in_(sorted(editor.departments))


async def phrasings_of(session: AsyncSession, question_id: int, *, limit: int = 50) -> list[Phrasing]:
    """How it was asked, the latest first; the same words once."""
    statement = (
        select(UnansweredQuestion)
        .where(UnansweredQuestion.open_question_id == question_id)
        .order_by(UnansweredQuestion.at.desc(), UnansweredQuestion.id.desc())
        .limit(10 * limit)
    )
    found: dict[str, Phrasing] = {}
    for each in await session.scalars(statement):
        known = found.get(each.text)
        found[each.text] = Phrasing(each.text, known.times + 1 if known else 1, known.last_at if known else each.at)
    return list(found.values())[:limit]


async def not_told_yet(session: AsyncSession) -> set[int]:
    """Open questions of something their article does not tell, which has not changed since: finding it answers none."""
    statement = (
        select(UnansweredQuestion.open_question_id)
        .join(StoredArticle, StoredArticle.code == UnansweredQuestion.best_article_code)
        .where(UnansweredQuestion.confidence == NOT_TOLD, StoredArticle.updated_at <= UnansweredQuestion.at)
    )
    return {each for each in await session.scalars(statement) if each is not None}


async def waiting_count(session: AsyncSession, editor: Editor) -> int:
    """How many open questions wait for the departments ``editor`` keeps."""
    statement = (
        select(func.count()).select_from(OpenQuestion).where(OpenQuestion.stand == Stand.OPEN, visible_to(editor))
    )
    return await session.scalar(statement) or 0


async def list_questions(
    session: AsyncSession, editor: Editor, stand: Stand = Stand.OPEN, *, limit: int = 50, offset: int = 0
) -> list[OpenQuestion]:
    """The open questions of the departments ``editor`` keeps, what most people asked first."""
    statement = (
        select(OpenQuestion)
        .where(OpenQuestion.stand == stand, visible_to(editor))
        .order_by(OpenQuestion.asked.desc(), OpenQuestion.last_at.desc(), OpenQuestion.id)
        .limit(limit)
        .offset(offset)
    )
    return list(await session.scalars(statement))
