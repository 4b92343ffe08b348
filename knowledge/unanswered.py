"""What nobody could answer: kept at once, in the citizen's turn, and grouped afterwards in rounds (B9)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core import history
from core.counters import next_number
from core.masking import mask_text
from knowledge.answering import LookUp
from knowledge.grouping import Comparer, place
from knowledge.open_questions import OpenQuestion, Stand, UnansweredQuestion, phrasings_of

SUBJECT = "open_question"
"""What history calls an open question."""
SYSTEM = "system"
_ROUNDS = "knowledge:rounds"
MOST_AT_ONCE = 300
"""Questions looked at in one round; the next round takes the others."""
MOST_GROUPS = 400
"""Further questions join one of the latest so many groups, or make a new one."""
MEMBERS_COMPARED = 12
"""Of a group, the latest so many stand for it."""


@dataclass(frozen=True)
class Owner:
    """The department that should answer, and why: codes and the city's own words only."""

    department: str
    why: Mapping[str, Any] = field(default_factory=dict)


FindOwner = Callable[[Sequence[UnansweredQuestion]], Owner]
"""Finds the department for questions that ask for the same."""


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


async def group_new(session: AsyncSession, comparer: Comparer, find_owner: FindOwner, now: datetime) -> int:
    """Puts every question not looked at yet into a group, a new one where none fits; how many there were.

    What was dismissed takes further phrasings in and stays dismissed. What was answered does not: if it is asked in a
    way its article does not answer, that is a new question.
    """
    await next_number(session, _ROUNDS)  # one round at a time, in whichever process
    statement = (
        select(UnansweredQuestion)
        .where(UnansweredQuestion.open_question_id.is_(None))
        .order_by(UnansweredQuestion.id)
        .limit(MOST_AT_ONCE)
    )
    new = list(await session.scalars(statement))
    if not new:
        return 0
    joinable = select(OpenQuestion).where(OpenQuestion.stand != Stand.ANSWERED)
    groups = list(await session.scalars(joinable.order_by(OpenQuestion.last_at.desc()).limit(MOST_GROUPS)))
    members = await _latest_members(session, [group.id for group in groups])
    known = [(position, text) for position, group in enumerate(groups) for text in members.get(group.id, ())]
    texts = [*(each.text for each in new), *(text for _, text in known)]
    rows: list[list[int]] = [[] for _ in groups]
    for row, (position, _) in enumerate(known, start=len(new)):
        rows[position].append(row)
    filled = [position for position, found in enumerate(rows) if found]
    likeness = await asyncio.to_thread(comparer.likeness, texts)
    joined, gathered = place(likeness, [rows[position] for position in filled], range(len(new)))
    for question, where in joined.items():
        new[question].open_question_id = groups[filled[where]].id
    for together in gathered:
        await begin(session, [new[question] for question in together], find_owner, now)
    await session.flush()
    touched = {each.open_question_id for each in new} - {None}
    for group in await session.scalars(select(OpenQuestion).where(OpenQuestion.id.in_(touched))):
        await count_anew(session, group, comparer)
    return len(new)


async def _latest_members(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[str]]:
    members: dict[int, list[str]] = {}
    for question_id in ids:
        found = await phrasings_of(session, question_id, limit=MEMBERS_COMPARED)
        members[question_id] = [phrasing.text for phrasing in found]
    return members


async def begin(
    session: AsyncSession, questions: Sequence[UnansweredQuestion], find_owner: FindOwner, now: datetime
) -> None:
    owner = find_owner(questions)
    times = [question.at for question in questions]
    group = OpenQuestion(
        title=questions[0].text,
        words=[],
        stand=Stand.OPEN,
        department=owner.department,
        owner_why=dict(owner.why),
        asked=0,
        first_at=min(times),
        last_at=max(times),
    )
    session.add(group)
    await session.flush()
    for question in questions:
        question.open_question_id = group.id
    await write_history(session, group, "open", SYSTEM, now, {"department": owner.department, **owner.why})


async def count_anew(session: AsyncSession, group: OpenQuestion, comparer: Comparer) -> None:
    statement = select(UnansweredQuestion.conversation_id, UnansweredQuestion.at).where(
        UnansweredQuestion.open_question_id == group.id
    )
    asked = (await session.execute(statement)).all()
    group.asked = len({conversation for conversation, _ in asked})
    group.last_at = max((at for _, at in asked), default=group.last_at)
    phrasings = await phrasings_of(session, group.id, limit=MEMBERS_COMPARED)
    if phrasings:
        group.title, group.words = comparer.title_and_words([phrasing.text for phrasing in phrasings])


async def write_history(
    session: AsyncSession, question: OpenQuestion, action: str, actor: str, now: datetime, data: Mapping[str, Any]
) -> None:
    await history.append(
        session,
        subject=SUBJECT,
        subject_id=str(question.id),
        action=action,
        actor=actor,
        at=now,
        data=dict(data),
    )
