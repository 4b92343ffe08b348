"""What citizens thought of an answer: 有用 or 没用, once per conversation, and which articles fail too often (B9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import insert_into
from knowledge.articles import ArticleFeedback, Status, StoredArticle
from knowledge.moves import Editor
from knowledge.reminders import Kind, Reminder

CONFIDENT = 1.96
"""Standard deviations of the bound below: 95 % of the truth lies between the two."""
TOO_UNHELPFUL = 0.35
"""An article is a to-do when certainly more than this share found it useless: three of three, six of nine."""


@dataclass(frozen=True)
class Verdicts:
    """What was thought of an article since it last changed, or was last looked into."""

    helpful: int
    unhelpful: int

    @property
    def total(self) -> int:
        """How many said anything."""
        return self.helpful + self.unhelpful

    @property
    def certainly_unhelpful(self) -> float:
        """The share that found it useless, at least: Wilson's lower bound, so that one angry click is none."""
        return wilson_lower(self.unhelpful, self.total)

    @property
    def is_poor(self) -> bool:
        """Whether somebody should look into it."""
        return self.certainly_unhelpful >= TOO_UNHELPFUL


def wilson_lower(hits: int, of: int, z: float = CONFIDENT) -> float:
    """The lower bound of Wilson's score interval for ``hits`` in ``of`` (0 when there are none)."""
    if not of:
        return 0.0
    share = hits / of
    middle = share + z * z / (2 * of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z * z / of))


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


async def verdicts_on(session: AsyncSession, codes: Sequence[str] | None = None) -> dict[str, Verdicts]:
    """What was thought of each article that is published; of all with a verdict, or of ``codes``."""
    looked_into = (
        select(Reminder.code, func.max(Reminder.done_at).label("at"))
        .where(Reminder.kind == Kind.UNHELPFUL)
        .group_by(Reminder.code)
        .subquery()
    )
    fresh: ColumnElement[bool] = ArticleFeedback.at >= StoredArticle.updated_at
    statement = (
        select(ArticleFeedback.article_code, ArticleFeedback.helpful, func.count())
        .join(StoredArticle, StoredArticle.code == ArticleFeedback.article_code)
        .outerjoin(looked_into, looked_into.c.code == ArticleFeedback.article_code)
        .where(
            StoredArticle.status == Status.PUBLISHED.value,
            fresh,
            looked_into.c.at.is_(None) | (ArticleFeedback.at > looked_into.c.at),
            true() if codes is None else ArticleFeedback.article_code.in_(codes),
        )
        .group_by(ArticleFeedback.article_code, ArticleFeedback.helpful)
    )
    counted: dict[str, dict[bool, int]] = {}
    for code, helpful, count in await session.execute(statement):
        counted.setdefault(code, {})[bool(helpful)] = count
    return {code: Verdicts(found.get(True, 0), found.get(False, 0)) for code, found in counted.items()}


async def poor_articles(session: AsyncSession, editor: Editor) -> list[tuple[StoredArticle, Verdicts]]:
    """The articles ``editor`` keeps that fail too often, the worst first."""
    poor = {code: verdicts for code, verdicts in (await verdicts_on(session)).items() if verdicts.is_poor}
    statement = select(StoredArticle).where(StoredArticle.code.in_(poor))
    found = [stored for stored in await session.scalars(statement) if editor.keeps(stored.department)]
    return sorted(
        ((stored, poor[stored.code]) for stored in found), key=lambda pair: (-pair[1].certainly_unhelpful, pair[0].code)
    )
