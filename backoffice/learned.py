"""What was learnt from past orders and is in use: which department, which category (D1).

The models lie in the database as files do (:mod:`backoffice.learning.model_file`), so that every process has the same
ones and a new one takes the old one's place in one transaction.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import structlog
from sqlalchemy import JSON, LargeBinary, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, undefer

from backoffice.learning import model_file
from backoffice.learning.model import Model
from backoffice.learning.model_file import BrokenModel
from backoffice.routing_state import routing_changed
from core.database import Base, Instant

log = structlog.get_logger(__name__)


class Subject(str, Enum):
    """What a model guesses."""

    DEPARTMENT = "department"
    CATEGORY = "category"

    @property
    def label(self) -> str:
        """The word staff see."""
        return {Subject.DEPARTMENT: "承办部门", Subject.CATEGORY: "诉求分类"}[self]


_IN_USE = tuple(subject.value for subject in Subject)


class LearnedModel(Base):
    """The model in use for one subject, or the one before it. Its labels are codes."""

    __tablename__ = "learned_models"

    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    about: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Its figures, and how many texts it was learnt from."""
    learned_at: Mapped[datetime] = mapped_column(Instant)
    learned_until: Mapped[datetime | None] = mapped_column(Instant)
    """It has learnt from no order filed after this; None: nobody knows."""


@dataclass(frozen=True)
class LearnedModels:
    """The models in use; None where there is none."""

    department: Model | None = None
    category: Model | None = None


class NoFormerModel(ValueError):
    """There is none to go back to; the message says so, in plain Chinese."""


_parsed: dict[str, Model] = {}
"""By digest of their file: every version of the router, and every part that asks, has the same ones."""
_MOST_PARSED = 2 * len(Subject)


async def load_models(session: AsyncSession) -> LearnedModels:
    """The models in use. One that this version cannot read is left out, and the log says so: rules route on."""
    found: dict[str, Model] = {}
    statement = select(LearnedModel.subject, LearnedModel.content).where(LearnedModel.subject.in_(_IN_USE))
    for subject, content in (await session.execute(statement)).all():
        try:
            found[subject] = await parsed(content)
        except BrokenModel as broken:
            log.error("learned model cannot be used", subject=subject, reason=str(broken))
    return LearnedModels(found.get(Subject.DEPARTMENT.value), found.get(Subject.CATEGORY.value))


async def parsed(content: bytes) -> Model:
    """The model in a file, read once however often it is asked for. Raises :class:`BrokenModel`.

    Reading takes a while: whoever is about to take a model into use reads it before the transaction in which they do.
    """
    digest = hashlib.sha256(content).hexdigest()
    if digest not in _parsed:
        model = await asyncio.to_thread(model_file.loads, content)
        while len(_parsed) >= _MOST_PARSED:
            _parsed.pop(next(iter(_parsed)))
        _parsed[digest] = model
    return _parsed[digest]


async def in_use(session: AsyncSession) -> dict[Subject, LearnedModel]:
    """What is known of the models in use."""
    rows = await session.scalars(select(LearnedModel).where(LearnedModel.subject.in_(_IN_USE)))
    return {Subject(row.subject): row for row in rows}


async def content_of(session: AsyncSession, subject: Subject) -> bytes | None:
    """The file of the model in use for ``subject``."""
    content: bytes | None = await session.scalar(
        select(LearnedModel.content).where(LearnedModel.subject == subject.value)
    )
    return content


async def put_in_use(
    session: AsyncSession,
    subject: Subject,
    content: bytes,
    about: dict[str, Any],
    until: datetime | None,
    now: datetime,
) -> None:
    """Takes a model into use; the one before is kept to go back to. Every process routes by it from the commit on."""
    present = await session.get(LearnedModel, subject.value, options=[undefer(LearnedModel.content)])
    if present is not None:
        await session.merge(_under(_former(subject), present))
    await session.merge(
        LearnedModel(subject=subject.value, content=content, about=about, learned_at=now, learned_until=until)
    )
    await session.flush()
    await routing_changed(session)


async def go_back(session: AsyncSession, subject: Subject) -> LearnedModel:
    """Takes the model before the present one into use again; once more, and the present one is back. What is known of
    it. Raises :class:`NoFormerModel`."""
    present, former = [
        await session.get(LearnedModel, name, options=[undefer(LearnedModel.content)])
        for name in (subject.value, _former(subject))
    ]
    if present is None or former is None:
        raise NoFormerModel(f"没有更早的模型可以换回（{subject.label}）。")
    again, laid_by = _under(subject.value, former), _under(_former(subject), present)
    await session.merge(laid_by)
    merged = await session.merge(again)
    await session.flush()
    await routing_changed(session)
    return merged


def _former(subject: Subject) -> str:
    return f"{subject.value}:former"


def _under(name: str, model: LearnedModel) -> LearnedModel:
    return LearnedModel(
        subject=name,
        content=model.content,
        about=model.about,
        learned_at=model.learned_at,
        learned_until=model.learned_until,
    )
