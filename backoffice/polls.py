"""Opinion polls as those who hold them see them (A14): the one write door for a poll, from draft to its end.

A poll that has been opened is never changed, for answers belong to the words they were given to; it can only be closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.poll_tables import Poll, PollBallot, PollOption, PollQuestion, PollStatus
from backoffice.refusals import BadField, NotAllowed, Refused
from backoffice.staff import Role, Staff
from core import history
from core.clock import china_time
from core.texts import tidy

POLL_ROLES: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Who holds polls."""
MOST_QUESTIONS: Final = 10
OPTIONS: Final = range(2, 9)
"""How many answers a question may offer: on a telephone 9 repeats and 0 leads to a person."""
LONGEST: Final = {"title": 60, "opening": 200, "question": 120, "option": 40}


class NoSuchPoll(Refused):
    """There is no such poll."""

    code = "no_such_poll"

    def __init__(self) -> None:
        super().__init__("没有这项民意调查。")


@dataclass(frozen=True)
class DraftQuestion:
    """A question as it is written."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class PollDraft:
    """A poll as it is written."""

    title: str
    opening: str
    closes_on: date | None
    questions: tuple[DraftQuestion, ...]


@dataclass(frozen=True)
class PollEntry:
    """A poll in the list."""

    poll: Poll
    status: PollStatus
    ballots: int


async def listed(session: AsyncSession, now: datetime) -> list[PollEntry]:
    """All polls with how many have taken part, the latest first."""
    ballots = select(PollBallot.poll_id, func.count().label("ballots")).group_by(PollBallot.poll_id).subquery()
    statement = select(Poll, func.coalesce(ballots.c.ballots, 0)).outerjoin(ballots, ballots.c.poll_id == Poll.id)
    rows = await session.execute(statement.order_by(Poll.created_at.desc(), Poll.id.desc()))
    return [PollEntry(poll, poll.status(now), count) for poll, count in rows]


async def poll_by_id(session: AsyncSession, poll_id: int) -> Poll:
    """The poll. Raises :class:`NoSuchPoll`."""
    poll = await session.get(Poll, poll_id)
    if poll is None:
        raise NoSuchPoll
    return poll


async def draft_of(session: AsyncSession, poll: Poll) -> PollDraft:
    """The poll as it was written."""
    questions = []
    for question in await questions_of(session, poll.id):
        texts = select(PollOption.text).where(PollOption.question_id == question.id).order_by(PollOption.position)
        questions.append(DraftQuestion(question.text, tuple(await session.scalars(texts))))
    return PollDraft(poll.title, poll.opening, poll.closes_on, tuple(questions))


async def questions_of(session: AsyncSession, poll_id: int) -> Sequence[PollQuestion]:
    """The questions of a poll in their order."""
    statement = select(PollQuestion).where(PollQuestion.poll_id == poll_id).order_by(PollQuestion.position)
    return (await session.scalars(statement)).all()


async def save(session: AsyncSession, staff: Staff, poll_id: int | None, draft: PollDraft, now: datetime) -> Poll:
    """Keeps a draft, a new one where ``poll_id`` is None.

    Raises :class:`BadField` (``title``, ``opening``, ``closes_on``, ``questions``, ``question-0``, ``options-0``, …),
    :class:`NoSuchPoll`, or :class:`NotAllowed` for a poll that has been opened.
    """
    checked = check(draft, now)
    if poll_id is None:
        poll = Poll(created_by=staff.id, created_at=now, title="", opening="", demo=False)
        session.add(poll)
    else:
        poll = await _draft(session, poll_id)
        await _drop_questions(session, poll.id)
    poll.title, poll.opening, poll.closes_on = checked.title, checked.opening, checked.closes_on
    await session.flush()
    await add_questions(session, poll.id, checked.questions)
    await _record(session, poll, "create" if poll_id is None else "edit", staff, now)
    return poll


async def add_questions(session: AsyncSession, poll_id: int, questions: Sequence[DraftQuestion]) -> None:
    """Adds the questions of a poll that has none."""
    for position, written in enumerate(questions, 1):
        question = PollQuestion(poll_id=poll_id, position=position, text=written.text)
        session.add(question)
        await session.flush()
        session.add_all(
            PollOption(question_id=question.id, position=p, text=t) for p, t in enumerate(written.options, 1)
        )
    await session.flush()


async def open_poll(session: AsyncSession, staff: Staff, poll_id: int, now: datetime) -> None:
    """Citizens are asked from now on. Raises :class:`NotAllowed` when it was opened before, or ends before today."""
    poll = await _draft(session, poll_id)
    if poll.closes_on is not None and poll.closes_on < china_time(now).date():
        raise NotAllowed("结束日期已经过了，请先改日期。")
    poll.opened_at = now
    await _record(session, poll, "open", staff, now)


async def close_poll(session: AsyncSession, staff: Staff, poll_id: int, now: datetime) -> None:
    """Citizens are not asked any more. Raises :class:`NotAllowed` when they are not asked now."""
    poll = await _locked(session, poll_id)
    if poll.status(now) is not PollStatus.OPEN:
        raise NotAllowed("这项民意调查没有在进行。")
    poll.closed_at = now
    await _record(session, poll, "close", staff, now)


async def drop(session: AsyncSession, staff: Staff, poll_id: int, now: datetime) -> None:
    """Deletes a draft. Raises :class:`NotAllowed` for a poll that has been opened."""
    poll = await _draft(session, poll_id)
    await _record(session, poll, "drop", staff, now)
    await _drop_questions(session, poll.id)
    await session.delete(poll)


def check(draft: PollDraft, now: datetime) -> PollDraft:
    """The draft, tidied. Raises :class:`BadField` for what is missing, too long or said twice."""
    title = _text("title", draft.title, LONGEST["title"])
    opening = _text("opening", draft.opening, LONGEST["opening"], needed=False)
    if draft.closes_on is not None and draft.closes_on < china_time(now).date():
        raise BadField("closes_on", "结束日期不能早于今天。")
    if not draft.questions:
        raise BadField("questions", "请至少写一道题。")
    if len(draft.questions) > MOST_QUESTIONS:
        raise BadField("questions", f"最多 {MOST_QUESTIONS} 道题，电话里太长没有人听完。")
    questions = tuple(_question(at, question) for at, question in enumerate(draft.questions))
    return PollDraft(title, opening, draft.closes_on, questions)


def _question(at: int, written: DraftQuestion) -> DraftQuestion:
    text = _text(f"question-{at}", written.text, LONGEST["question"])
    place = f"options-{at}"
    options = tuple(_text(place, option, LONGEST["option"]) for option in written.options if tidy(option))
    if len(options) not in OPTIONS:
        raise BadField(place, f"请写 {OPTIONS[0]} 到 {OPTIONS[-1]} 个选项，每行一个（电话上 9 是重听、0 是人工）。")
    if len(set(options)) < len(options):
        raise BadField(place, "有两个选项一样。")
    return DraftQuestion(text, options)


def _text(place: str, text: str, longest: int, *, needed: bool = True) -> str:
    tidied = " ".join(tidy(text).split())
    if needed and not tidied:
        raise BadField(place, "这里要填写。")
    if len(tidied) > longest:
        raise BadField(place, f"太长了，请控制在 {longest} 字以内。")
    return tidied


async def _locked(session: AsyncSession, poll_id: int) -> Poll:
    statement = select(Poll).where(Poll.id == poll_id).with_for_update()
    poll: Poll | None = await session.scalar(statement.execution_options(populate_existing=True))
    if poll is None:
        raise NoSuchPoll
    return poll


async def _draft(session: AsyncSession, poll_id: int) -> Poll:
    poll = await _locked(session, poll_id)
    if poll.opened_at is not None:
        raise NotAllowed("这项民意调查已经开始过，不能再改；可以结束它，另建一项。")
    return poll


async def _drop_questions(session: AsyncSession, poll_id: int) -> None:
    asked = select(PollQuestion.id).where(PollQuestion.poll_id == poll_id)
    await session.execute(delete(PollOption).where(PollOption.question_id.in_(asked)))
    await session.execute(delete(PollQuestion).where(PollQuestion.poll_id == poll_id))


async def _record(session: AsyncSession, poll: Poll, action: str, staff: Staff, now: datetime) -> None:
    actor, subject_id = f"staff:{staff.id}", str(poll.id)
    await history.append(session, subject="poll", subject_id=subject_id, action=action, actor=actor, at=now)
