"""Learning anew from our own orders (D1): one run at a time, its progress and results kept for whoever looks.

A run learns for each subject from the orders that were answered or closed, and takes what it learnt into use where that
is better on the newest orders than what is in use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, Float, Integer, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.learned import LearnedModel, Subject, content_of, put_in_use
from backoffice.learning.apart import Done, Job, LearningFailed, contest_apart
from backoffice.order_fields import routing_text
from backoffice.order_tables import Order
from backoffice.refusals import Refused
from backoffice.staff import Role
from backoffice.workflow import Status
from core import history
from core.database import Base, Instant, insert_into
from core.runtime import Runtime

log = structlog.get_logger(__name__)

MOST_ORDERS = 30_000
"""Orders learnt from, the newest: departments change, and so does what they are responsible for."""
LEARNING_ROLES = frozenset({Role.ADMINISTRATOR})
"""Roles that let it learn anew."""
SILENT = timedelta(minutes=5)
"""A run not heard of for so long has died with its process."""
SUBJECT = "learning"
"""Subject of the history of runs."""
_FINISHED = (Status.ANSWERED.value, Status.CLOSED.value)
_AT_ONCE = 500
_HEARD_EVERY = 2.0
"""Seconds between two notes of progress."""


class LearningRun(Base):
    """One run."""

    __tablename__ = "learning_runs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    actor: Mapped[str] = mapped_column(String(80))
    began_at: Mapped[datetime] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    share: Mapped[float] = mapped_column(Float)
    """How much is done, from 0 to 1."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    results: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By subject: figures and what is told of them."""

    def is_under_way(self, now: datetime) -> bool:
        """Whether it still works."""
        return self.ended_at is None and now - self.heard_at < SILENT


class AlreadyLearning(Refused):
    """A run is under way."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__("正在学习，请等这一次结束。")


async def last_run(session: AsyncSession) -> LearningRun | None:
    """The latest run, under way or ended."""
    run: LearningRun | None = await session.scalar(select(LearningRun).order_by(LearningRun.id.desc()).limit(1))
    return run


async def begin(session: AsyncSession, actor: str, now: datetime) -> int:
    """Notes that a run begins; its id. Raises :class:`AlreadyLearning`."""
    before = await last_run(session)
    if before is not None and before.is_under_way(now):
        raise AlreadyLearning
    run = insert_into(session, LearningRun).values(
        id=(before.id if before else 0) + 1, actor=actor, began_at=now, heard_at=now, share=0.0, results={}
    )
    begun: int | None = await session.scalar(run.on_conflict_do_nothing().returning(LearningRun.id))
    if begun is None:  # somebody else began at this very moment
        raise AlreadyLearning
    return begun


async def carry_out(
    runtime: Runtime, run_id: int, progress: Callable[[float], None] = lambda _: None
) -> dict[str, Any]:
    """Does the work of a run that has begun, and notes how far it is and what came of it; the results by subject."""
    results: dict[str, Any] = {}
    try:
        for place, subject in enumerate(Subject):
            results[subject.value] = await _learn(runtime, run_id, subject, place / len(Subject), progress)
    except LearningFailed as failed:
        log.error("learning failed", reason=str(failed))
        results["failed"] = "学习中断了，现在用的没有变。请再试一次，还不行请联系维护人员。"
    finally:
        async with runtime.database.write() as session:
            await _end(session, run_id, results, runtime.clock.now())
    progress(1.0)
    return results


async def _learn(
    runtime: Runtime, run_id: int, subject: Subject, base: float, progress: Callable[[float], None]
) -> dict[str, Any]:
    async with runtime.database.read() as session:
        past = await _past_orders(session, subject)
        old = await session.get(LearnedModel, subject.value)
        since = old.learned_until if old else None
        unseen = sum(since is None or at > since for at in past.filed)
        job = Job(past.texts, past.labels, past.names, await content_of(session, subject), unseen)
    share = base

    def further(done: float) -> None:
        nonlocal share
        share = base + done / len(Subject)
        progress(share)

    work = asyncio.ensure_future(contest_apart(job, further))
    try:
        while not (await asyncio.wait({work}, timeout=_HEARD_EVERY))[0]:
            async with runtime.database.write() as session:
                await _heard(session, run_id, share, runtime.clock.now())
        done = work.result()
    finally:
        work.cancel()
    if done.content:
        await _take_into_use(runtime, subject, done, past.filed[-1])
    return done.figures


async def _take_into_use(runtime: Runtime, subject: Subject, done: Done, until: datetime) -> None:
    about = {**done.about, "held_out": done.figures}
    async with runtime.database.write() as session:
        await put_in_use(session, subject, done.content, about, until, runtime.clock.now())


@dataclass(frozen=True)
class Past:
    """Orders that came to an end, the oldest first."""

    texts: list[str]
    labels: list[str]
    filed: list[datetime]
    names: dict[str, str]


async def _past_orders(session: AsyncSession, subject: Subject) -> Past:
    """What was said in each order, and the department that answered it (or its category)."""
    code, label_id, known = (
        (Department.code, Order.department_id, Department)
        if subject is Subject.DEPARTMENT
        else (Category.code, Order.category_id, Category)
    )
    wanted = (
        select(Order.content, Order.target, Order.created_at, code)
        .join(known, known.id == label_id)
        .where(Order.status.in_(_FINISHED))
        .order_by(Order.created_at.desc(), Order.number.desc())
        .limit(MOST_ORDERS)
    )
    past = Past([], [], [], {code: name for code, name in await session.execute(select(code, known.name))})
    async for content, target, filed, label in await session.stream(wanted.execution_options(yield_per=_AT_ONCE)):
        past.texts.append(routing_text(content, target))
        past.labels.append(label)
        past.filed.append(filed)
    for column in (past.texts, past.labels, past.filed):
        column.reverse()
    return past


async def _heard(session: AsyncSession, run_id: int, share: float, now: datetime) -> None:
    await session.execute(update(LearningRun).where(LearningRun.id == run_id).values(share=share, heard_at=now))


async def _end(session: AsyncSession, run_id: int, results: dict[str, Any], now: datetime) -> None:
    run = await session.get_one(LearningRun, run_id)
    run.share, run.heard_at, run.ended_at, run.results = 1.0, now, now, results
    await history.append(
        session, subject=SUBJECT, subject_id=str(run_id), action="learn", actor=run.actor, at=now, data=results
    )
