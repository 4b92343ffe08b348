"""Learning anew from our own orders (D1): one run at a time, its progress and results kept for whoever looks.

A run learns for each subject from the orders that were answered or closed, as far as they may be believed
(:mod:`backoffice.learning_truth`), and takes what it learnt into use where that is better on the newest of them than
what is in use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import JSON, Float, Integer, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.learned import LearnedModel, Subject, content_of, parsed, put_in_use
from backoffice.learning.apart import Done, Job, LearningFailed, contest_apart
from backoffice.learning_truth import truth
from backoffice.refusals import Refused
from backoffice.staff import Role
from core import history
from core.database import Base, Instant, insert_into
from core.runtime import Runtime

log = structlog.get_logger(__name__)

LEARNING_ROLES = frozenset({Role.ADMINISTRATOR})
"""Roles that let it learn anew."""
SILENT = timedelta(minutes=5)
"""A run not heard of for so long has died with its process."""
SUBJECT = "learning"
"""Subject of the history of runs."""
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
        known = await truth(session, subject)
        old = await session.get(LearnedModel, subject.value)
        job = Job(
            texts=[order.text for order in known.orders],
            labels=[order.label for order in known.orders],
            names=known.names,
            old=await content_of(session, subject),
            unseen_by_old=known.unseen(old.learned_until if old else None),
            measurable=known.measurable,
        )
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
        await _take_into_use(runtime, subject, done, max(order.filed for order in known.orders))
    return done.figures


async def _take_into_use(runtime: Runtime, subject: Subject, done: Done, until: datetime) -> None:
    about = {**done.about, "held_out": done.figures}
    await parsed(done.content)  # before the transaction, not in it
    async with runtime.database.write() as session:
        await put_in_use(session, subject, done.content, about, until, runtime.clock.now())


async def _heard(session: AsyncSession, run_id: int, share: float, now: datetime) -> None:
    await session.execute(update(LearningRun).where(LearningRun.id == run_id).values(share=share, heard_at=now))


async def _end(session: AsyncSession, run_id: int, results: dict[str, Any], now: datetime) -> None:
    run = await session.get_one(LearningRun, run_id)
    run.share, run.heard_at, run.ended_at, run.results = 1.0, now, now, results
    await history.append(
        session, subject=SUBJECT, subject_id=str(run_id), action="learn", actor=run.actor, at=now, data=results
    )
