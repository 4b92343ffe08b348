"""Which department should answer an open question: by how orders are routed, else by the nearest article (B9).

Routing is that of orders: learned from past ones where a model is there, and the rules. Measured on the demo city, by
its rules alone, with 60 articles taken out, 3 phrasings each: they name the right department for 41, the nearest
article for 22; a person hands on the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.router import Router, load_router
from knowledge.articles import StoredArticle
from knowledge.open_questions import UnansweredQuestion
from knowledge.unanswered import FindOwner, Owner


async def load_owners(session: AsyncSession, now: datetime) -> FindOwner:
    """The way to find owners as city and base are now. Raises :class:`backoffice.departments.NoDefaultDepartment`."""
    router = await load_router(session)
    keepers = dict((await session.execute(select(StoredArticle.code, StoredArticle.department))).tuples().all())

    def find_owner(questions: Sequence[UnansweredQuestion]) -> Owner:
        return owner_of(questions, router, keepers, now)

    return find_owner


def owner_of(
    questions: Sequence[UnansweredQuestion], router: Router, keepers: Mapping[str, str], now: datetime
) -> Owner:
    """The owner of questions that ask for the same; ``keepers``: department of each article by its code."""
    suggested = router.suggest("\n".join(question.text for question in questions), None, now)
    if suggested:
        best = suggested[0]
        why = "routing" if best.category else "learned"
        return Owner(best.department, {"why": why, "words": list(best.words)})
    near: dict[str, float] = defaultdict(float)
    for question in questions:
        department = keepers.get(question.best_article_code or "")
        if department is not None and router.departments.get(department):
            near[department] += question.confidence or 0.0
    if near:
        return Owner(max(near, key=lambda department: near[department]), {"why": "nearest"})
    return Owner(router.default, {"why": "default"})
