"""What was learnt from past orders and is in use: which department, which category (D1).

The models lie in the database as files do (:mod:`backoffice.learning.model_file`), so that every process has the same
ones and a new one takes the old one's place in one transaction.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import structlog
from sqlalchemy import JSON, LargeBinary, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

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


class LearnedModel(Base):
    """The model in use for one subject. Its labels are codes."""

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


async def load_models(session: AsyncSession) -> LearnedModels:
    """The models in use. One that this version cannot read is left out, and the log says so: rules route on."""
    found: dict[str, Model] = {}
    for subject, content in (await session.execute(select(LearnedModel.subject, LearnedModel.content))).all():
        try:
            found[subject] = await asyncio.to_thread(model_file.loads, content)  # takes a while
        except BrokenModel as broken:
            log.error("learned model cannot be used", subject=subject, reason=str(broken))
    return LearnedModels(found.get(Subject.DEPARTMENT.value), found.get(Subject.CATEGORY.value))


async def in_use(session: AsyncSession) -> dict[Subject, LearnedModel]:
    """What is known of the models in use."""
    return {Subject(row.subject): row for row in await session.scalars(select(LearnedModel))}


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
    """Takes a model into use in place of the one before; every process routes by it from the commit on."""
    await session.merge(
        LearnedModel(subject=subject.value, content=content, about=about, learned_at=now, learned_until=until)
    )
    await session.flush()
    await routing_changed(session)
