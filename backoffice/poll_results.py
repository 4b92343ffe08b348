"""What came of an opinion poll: counted from the answers, never from who gave them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.poll_tables import Poll, PollAnswer, PollBallot, PollOption
from backoffice.polls import questions_of
from core.texts import as_cell


@dataclass(frozen=True)
class OptionResult:
    """How often one answer was given."""

    text: str
    count: int
    share: float
    """Of those who answered the question; 0 to 1."""


@dataclass(frozen=True)
class QuestionResult:
    """What was answered to one question."""

    text: str
    answered: int
    options: tuple[OptionResult, ...]


@dataclass(frozen=True)
class PollResults:
    """The whole result."""

    ballots: int
    """Citizens who took part; some may have left every question out."""
    finished: int
    """…and went through to the end."""
    channels: tuple[tuple[str, int], ...]
    """Ballots by channel, the most first."""
    questions: tuple[QuestionResult, ...]


async def results_of(session: AsyncSession, poll_id: int) -> PollResults:
    """The result of a poll as it stands."""
    of_poll = PollBallot.poll_id == poll_id
    statement = select(PollBallot.channel, func.count(), func.count(PollBallot.finished_at)).where(of_poll)
    rows = (await session.execute(statement.group_by(PollBallot.channel))).all()
    given = select(PollAnswer.option_id, func.count()).join(PollBallot, PollBallot.id == PollAnswer.ballot_id)
    counts = {option: count for option, count in await session.execute(given.where(of_poll).group_by("option_id"))}
    questions = []
    for question in await questions_of(session, poll_id):
        offered = select(PollOption).where(PollOption.question_id == question.id).order_by(PollOption.position)
        options = (await session.scalars(offered)).all()
        answered = sum(counts.get(option.id, 0) for option in options)
        counted = tuple(_option(option.text, counts.get(option.id, 0), answered) for option in options)
        questions.append(QuestionResult(question.text, answered, counted))
    channels = tuple(sorted(((channel, count) for channel, count, _ in rows), key=lambda of: (-of[1], of[0])))
    return PollResults(sum(count for _, count in channels), sum(row[2] for row in rows), channels, tuple(questions))


def _option(text: str, count: int, answered: int) -> OptionResult:
    return OptionResult(text, count, count / answered if answered else 0.0)


def as_csv(poll: Poll, results: PollResults) -> str:
    """A table for spreadsheets, one row an answer; begins with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["调查", "题目", "选项", "人数", "占比"])
    for question in results.questions:
        for option in question.options:
            words = [as_cell(text) for text in (poll.title, question.text, option.text)]
            rows.writerow([*words, option.count, f"{option.share:.1%}"])
    return "\ufeff" + out.getvalue()
