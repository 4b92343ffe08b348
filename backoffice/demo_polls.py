"""The demo's opinion poll: going on, with invented ballots. The material is ``polls.yml`` of a city pack."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import polls
from backoffice.pack_problems import CityPackRefused
from backoffice.poll_tables import Poll, PollAnswer, PollBallot, PollOption
from backoffice.polls import DraftQuestion, PollDraft, questions_of
from backoffice.staff import Staff
from core.channels import TELEPHONE, WEBCHAT
from core.clock import china_time
from core.yaml_files import read_yaml

_BEGUN: Final = timedelta(days=9)
_CHANNELS: Final = {TELEPHONE: 62, WEBCHAT: 38}
"""Of a hundred ballots."""
_THROUGH: Final = 0.9
"""The share of citizens who answer the next question too."""


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class DemoQuestion:
    """A question, and how many of a hundred choose which answer."""

    text: str
    answers: dict[str, int]


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class DemoPoll:
    """A poll, and how many have taken part."""

    title: str
    opening: str
    lasts_days: int
    ballots: int
    questions: tuple[DemoQuestion, ...]


def read_polls(folder: Path) -> tuple[DemoPoll, ...]:
    """The polls in a city pack; none where it has no ``polls.yml``. Raises :class:`CityPackRefused`."""
    path = folder / "polls.yml"
    if not path.exists():
        return ()
    try:
        return TypeAdapter(tuple[DemoPoll, ...]).validate_python(read_yaml(path) or ())
    except (OSError, yaml.YAMLError, ValidationError) as problem:
        raise CityPackRefused(f"{path.name}: {problem}") from problem


async def load_polls(
    session: AsyncSession, material: tuple[DemoPoll, ...], keeper: Staff, now: datetime, *, seed: int
) -> bool:
    """Opens the polls and casts their ballots, once; whether it did."""
    if await session.scalar(select(Poll.id).where(Poll.demo).limit(1)) is not None:
        return False
    chance = Random(seed)  # noqa: S311
    for wanted in material:
        poll = await _opened(session, wanted, keeper, now)
        await _vote(session, poll, wanted, chance, now)
    return True


async def _opened(session: AsyncSession, wanted: DemoPoll, keeper: Staff, now: datetime) -> Poll:
    begun = now - _BEGUN
    questions = tuple(DraftQuestion(question.text, tuple(question.answers)) for question in wanted.questions)
    closes_on = china_time(now).date() + timedelta(days=wanted.lasts_days)
    poll = await polls.save(session, keeper, None, PollDraft(wanted.title, wanted.opening, closes_on, questions), begun)
    await polls.open_poll(session, keeper, poll.id, begun)
    poll.demo = True
    return poll


async def _vote(session: AsyncSession, poll: Poll, wanted: DemoPoll, chance: Random, now: datetime) -> None:
    asked = await questions_of(session, poll.id)
    options = {
        question.id: {
            option.text: option.id
            for option in await session.scalars(select(PollOption).where(PollOption.question_id == question.id))
        }
        for question in asked
    }
    for _ in range(wanted.ballots):
        at = now - _BEGUN * chance.random()
        ballot = PollBallot(
            poll_id=poll.id, voter=secrets.token_hex(32), channel=_drawn(chance, _CHANNELS), begun_at=at
        )
        session.add(ballot)
        await session.flush()
        for question, written in zip(asked, wanted.questions, strict=True):
            option_id = options[question.id][_drawn(chance, written.answers)]
            session.add(PollAnswer(ballot_id=ballot.id, question_id=question.id, option_id=option_id))
            if chance.random() > _THROUGH:
                break
        else:
            ballot.finished_at = at


def _drawn(chance: Random, weights: Mapping[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
