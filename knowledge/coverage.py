"""Whether the base answers an open question by now: the search itself is asked, with every phrasing (B9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.answering import LookUp
from knowledge.open_questions import OpenQuestion, Stand
from knowledge.unanswered import SYSTEM, write_history

ANSWERED_SHARE = 0.8
"""An open question is answered when so much of its phrasings are."""


@dataclass(frozen=True)
class Coverage:
    """How far the base answers an open question now."""

    answered: int
    of: int
    article_code: str | None
    """The article that answers most of it."""
    left: tuple[str, ...]
    """Phrasings still without an answer."""

    @property
    def is_enough(self) -> bool:
        """Whether the question is answered."""
        return self.article_code is not None and self.answered >= ANSWERED_SHARE * self.of


def coverage(texts: Sequence[str], look_up: Callable[[str], LookUp]) -> Coverage:
    """Asks the search every phrasing. Some milliseconds each: not for the event loop."""
    answers = {text: look_up(text) for text in dict.fromkeys(texts)}
    given = Counter(found.hits[0].article.code for found in answers.values() if found.kind == "answer")
    if not given:
        return Coverage(0, len(answers), None, tuple(answers))
    code, answered = given.most_common(1)[0]
    left = tuple(t for t, f in answers.items() if not (f.kind == "answer" and f.hits[0].article.code == code))
    return Coverage(answered, len(answers), code, left)


async def settle_answered(
    session: AsyncSession, question_id: int, found: Coverage, *, now: datetime
) -> OpenQuestion | None:
    """Closes an open question that ``found`` says is answered; None when it is not, or not open any more."""
    if not found.is_enough:
        return None
    statement = select(OpenQuestion).where(OpenQuestion.id == question_id, OpenQuestion.stand == Stand.OPEN)
    question: OpenQuestion | None = await session.scalar(statement.with_for_update())
    if question is None:
        return None
    question.article_code = found.article_code
    question.stand, question.settled_by, question.settled_at = Stand.ANSWERED, SYSTEM, now
    data = {"article": found.article_code, "answered": found.answered, "of": found.of}
    await write_history(session, question, "answered", SYSTEM, now, data)
    return question
