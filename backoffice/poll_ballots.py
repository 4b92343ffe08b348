"""What citizens answer in opinion polls (A14): which poll there is for somebody, and the one door for an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.poll_papers import Choice, Offer, Paper, Question
from backoffice.poll_tables import Poll, PollAnswer, PollBallot, PollOption, PollStatus
from backoffice.polls import questions_of
from backoffice.refusals import NotAllowed
from core.contacts import Sender
from core.database import insert_into
from core.privacy import keys


async def offer(session: AsyncSession, voter: Sender, now: datetime) -> Offer:
    """The poll opened last that ``voter`` has not finished, with the questions still open."""
    taken = False
    opened = select(Poll).where(Poll.opened_at.is_not(None), Poll.closed_at.is_(None))
    for poll in await session.scalars(opened.order_by(Poll.opened_at.desc(), Poll.id.desc())):
        if poll.status(now) is not PollStatus.OPEN:
            continue
        ballot = await _ballot(session, poll.id, voter)
        if ballot is not None and ballot.finished_at is not None:
            taken = True
            continue
        return Offer(await _paper(session, poll, ballot))
    return Offer(None, taken)


async def answer(
    session: AsyncSession, poll_id: int, voter: Sender, chosen: Mapping[int, int], now: datetime, *, finished: bool
) -> None:
    """Keeps answers, ids of questions to ids of options, the later one where a question is answered twice.

    ``finished``: the citizen is through, whatever was left out. Raises :class:`NotAllowed` when the poll is not open,
    was finished by them before, or offers no such answer; then nothing of it is kept.
    """
    poll = await session.scalar(select(Poll).where(Poll.id == poll_id).with_for_update(read=True))
    if poll is None or poll.status(now) is not PollStatus.OPEN:
        raise NotAllowed("这项民意调查已经结束，谢谢您。")
    ballot = await _begun(session, poll_id, voter, now)
    if ballot.finished_at is not None:
        raise NotAllowed("您已经参加过这项调查，谢谢您。")
    await _refuse_strange(session, poll_id, chosen)
    for question_id, option_id in chosen.items():
        row = insert_into(session, PollAnswer).values(ballot_id=ballot.id, question_id=question_id, option_id=option_id)
        await session.execute(
            row.on_conflict_do_update(
                index_elements=[PollAnswer.ballot_id, PollAnswer.question_id],
                set_={"option_id": row.excluded.option_id},
            )
        )
    if finished:
        ballot.finished_at = now


async def _refuse_strange(session: AsyncSession, poll_id: int, chosen: Mapping[int, int]) -> None:
    choices = await _choices(session, poll_id)
    for question_id, option_id in chosen.items():
        if option_id not in {choice.id for choice in choices.get(question_id, ())}:
            raise NotAllowed("没有这个选项。")


async def _begun(session: AsyncSession, poll_id: int, voter: Sender, now: datetime) -> PollBallot:
    """The ballot, made where there is none; locked until the transaction ends."""
    row = insert_into(session, PollBallot).values(
        poll_id=poll_id, voter=_digest(poll_id, voter), channel=voter.channel, begun_at=now
    )
    await session.execute(row.on_conflict_do_nothing(index_elements=[PollBallot.poll_id, PollBallot.voter]))
    statement = select(PollBallot).where(PollBallot.poll_id == poll_id, PollBallot.voter == _digest(poll_id, voter))
    return (await session.scalars(statement.with_for_update().execution_options(populate_existing=True))).one()


def _digest(poll_id: int, voter: Sender) -> str:
    """Tells the voters of one poll apart; says neither who they are nor whether they voted in another one."""
    return keys().blind_index(f"poll:{poll_id}", f"{voter.channel}:{voter.external_id}")


async def _ballot(session: AsyncSession, poll_id: int, voter: Sender) -> PollBallot | None:
    statement = select(PollBallot).where(PollBallot.poll_id == poll_id, PollBallot.voter == _digest(poll_id, voter))
    found: PollBallot | None = await session.scalar(statement)
    return found


async def _paper(session: AsyncSession, poll: Poll, ballot: PollBallot | None) -> Paper:
    answered: set[int] = set()
    if ballot is not None:
        answered = set(await session.scalars(select(PollAnswer.question_id).where(PollAnswer.ballot_id == ballot.id)))
    choices = await _choices(session, poll.id)
    questions = tuple(
        Question(question.id, question.position, question.text, choices[question.id])
        for question in await questions_of(session, poll.id)
        if question.id not in answered
    )
    return Paper(poll.id, poll.title, poll.opening, questions)


async def _choices(session: AsyncSession, poll_id: int) -> dict[int, tuple[Choice, ...]]:
    """By question: what it offers, in order."""
    ids = [question.id for question in await questions_of(session, poll_id)]
    statement = select(PollOption).where(PollOption.question_id.in_(ids)).order_by(PollOption.position)
    found: dict[int, tuple[Choice, ...]] = defaultdict(tuple)
    for option in await session.scalars(statement):
        found[option.question_id] += (Choice(option.id, str(option.position), option.text),)
    return found
