"""What a base learns from its use: the lines of its own, choices taken, and a small preference made of them (B1, B9).

A citizen who takes an article from a choice, or says 有用 or 没用 to one, is counted once per conversation and article,
and only since the article last changed. From these counts comes a preference that moves an article up or down among
rivals of about the same fit, never more: see :func:`preference`. Part of the write door, :mod:`knowledge.life_cycle`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, insert_into
from knowledge.article_changes import begin_change
from knowledge.articles import Status, StoredArticle
from knowledge.feedback import Verdicts, verdicts_on
from knowledge.lines import Thresholds, thresholds

STRONGEST = 0.4
"""The most a preference counts, as a logarithm of odds: an article at even odds comes to three in five, no further."""
STEADY = 10.0
"""So many neutral verdicts are reckoned with beside the real ones: a single angry click counts a tenth of the most."""
TAKEN = 0.5
"""What one taken choice counts against one 有用: who takes it has not read it yet."""

MUCH = 0.1
"""Share of the published articles that must have changed before the lines are sought anew."""

_BigId = BigInteger().with_variant(Integer, "sqlite")


class ArticleChoice(Base):
    """An article taken from a choice: once per conversation."""

    __tablename__ = "article_choices"
    __table_args__ = (UniqueConstraint("article_code", "conversation_id"),)

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    article_code: Mapped[str] = mapped_column(ForeignKey("articles.code"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class SearchLines(Base):
    """Lines a calibration found; the newest are in force."""

    __tablename__ = "search_lines"

    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    questions: Mapped[int] = mapped_column(Integer)
    """With how many questions they were found."""
    answer: Mapped[float] = mapped_column(Float)
    choose: Mapped[float] = mapped_column(Float)


async def record_choice(session: AsyncSession, code: str, conversation_id: str, *, now: datetime) -> None:
    """Keeps that a citizen took this article from a choice; a second time only the time is new."""
    await session.execute(
        insert_into(session, ArticleChoice)
        .values(article_code=code, conversation_id=conversation_id, at=now)
        .on_conflict_do_update(index_elements=["article_code", "conversation_id"], set_={"at": now})
    )


async def record_lines(session: AsyncSession, lines: Thresholds, questions: int, *, now: datetime) -> None:
    """Puts the lines a calibration found in force; running processes take them over with their next look."""
    await begin_change(session)
    session.add(SearchLines(at=now, questions=questions, answer=lines.answer, choose=lines.choose))
    await session.flush()


async def lines_in_force(session: AsyncSession) -> Thresholds:
    """The lines of this base; the usual ones while it was never calibrated."""
    found = await session.scalar(select(SearchLines).order_by(SearchLines.id.desc()).limit(1))
    return thresholds() if found is None else replace(thresholds(), answer=found.answer, choose=found.choose)


async def lines_are_stale(session: AsyncSession) -> bool:
    """Whether the base was never calibrated, or at least :data:`MUCH` of what is published has changed since."""
    since = await session.scalar(select(func.max(SearchLines.at)))
    live = StoredArticle.status == Status.PUBLISHED.value
    total = await session.scalar(select(func.count()).select_from(StoredArticle).where(live)) or 0
    if since is None:
        return total > 0
    changed = select(func.count()).select_from(StoredArticle).where(live, StoredArticle.updated_at > since)
    return (await session.scalar(changed) or 0) >= max(MUCH * total, 1)


async def preferences(session: AsyncSession) -> dict[str, float]:
    """How far each article with a verdict is preferred (see :func:`preference`), by its code."""
    statement = (
        select(ArticleChoice.article_code, func.count())
        .join(StoredArticle, StoredArticle.code == ArticleChoice.article_code)
        .where(ArticleChoice.at >= StoredArticle.updated_at)
        .group_by(ArticleChoice.article_code)
    )
    taken = dict((await session.execute(statement)).tuples().all())
    verdicts = await verdicts_on(session)
    return {code: preference(verdicts.get(code, Verdicts(0, 0)), taken.get(code, 0)) for code in {*taken, *verdicts}}


def preference(verdicts: Verdicts, taken: int) -> float:
    """What is added to an article's place in the order (a logarithm of odds), between ± :data:`STRONGEST`.

    The mean verdict, where :data:`STEADY` neutral ones stand beside those given: (up - down) / (up + down + 10).
    """
    up = verdicts.helpful + TAKEN * taken
    return STRONGEST * (up - verdicts.unhelpful) / (up + verdicts.unhelpful + STEADY)
