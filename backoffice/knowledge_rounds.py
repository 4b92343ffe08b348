"""What the knowledge base does without anybody looking, every minute: what is over is taken back, who keeps an article
is reminded before it runs out, the lines of confidence are sought anew once much of the base is new, open questions are
grouped, and closed where the base answers them by now (B1, B9, E6).

Each part is a transaction of its own, and doing it twice does nothing: several processes may run it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.departments import NoDefaultDepartment
from backoffice.knowledge_owners import load_owners
from core.clock import china_time
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.answering import Answering, LookUp, judged
from knowledge.calibration import calibrate
from knowledge.coverage import coverage, settle_answered
from knowledge.grouping import Comparer
from knowledge.learning import lines_are_stale
from knowledge.open_questions import OpenQuestion, Stand, UnansweredQuestion, not_told_yet, phrasings_of
from knowledge.reminders import remind
from knowledge.unanswered import MEMBERS_COMPARED, group_new

log = structlog.get_logger(__name__)


_REST = 0.02
"""Seconds between two look-ups of what is not urgent: citizens are answered in the same process."""


class KnowledgeRounds:
    """The rounds of one process."""

    def __init__(self, runtime: Runtime, answering: Answering) -> None:
        self._runtime = runtime
        self._answering = answering
        self._settled_at = -1
        """The state of the base at which open questions were last asked again."""
        self._calibrated_at = -1
        """The state of the base last looked at for its lines."""

    async def round(self) -> None:
        """Does whatever is due."""
        now = self._runtime.clock.now()
        async with self._runtime.database.write() as session:
            over = await life_cycle.end_temporary(session, now)
            reminded = await remind(session, now)
        if over or reminded:
            log.info("knowledge_round", over=len(over), reminded=len(reminded))
        await self._answering.refresh()
        await self.calibrate(now)
        grouped = await self.group(now)
        if grouped or self._answering.changes != self._settled_at:
            await self.settle(now)

    async def calibrate(self, now: datetime) -> bool:
        """Puts lines of the base's own in force where much of it has changed since they were found; whether it did."""
        if self._answering.changes == self._calibrated_at:
            return False
        self._calibrated_at = self._answering.changes
        async with self._runtime.database.read() as session:
            if not await lines_are_stale(session):
                return False
        today = china_time(now).date()
        lines, questions = await asyncio.to_thread(calibrate, self._answering.index, today, judged, rest=_REST)
        if not questions:
            return False
        async with self._runtime.database.write() as session:
            await life_cycle.record_lines(session, lines, questions, now=now)
        log.info("knowledge_calibrated", answer=lines.answer, choose=lines.choose, questions=questions)
        await self._answering.refresh()
        self._calibrated_at = self._answering.changes
        return True

    async def group(self, now: datetime) -> int:
        """Puts new questions into groups; how many there were."""
        async with self._runtime.database.read() as session:
            waiting = select(UnansweredQuestion.id).where(UnansweredQuestion.open_question_id.is_(None)).limit(1)
            if await session.scalar(waiting) is None:
                return 0
            try:
                find_owner = await load_owners(session, now)
            except NoDefaultDepartment:  # before a city is loaded there is nobody to give them to
                return 0
        async with self._runtime.database.write() as session:
            return await group_new(session, Comparer(self._answering.index), find_owner, now)

    async def settle(self, now: datetime) -> int:
        """Closes the open questions the base answers by now; how many."""
        answering = self._answering
        changes = answering.changes
        async with self._runtime.database.read() as session:
            asked = await _phrasings(session)

        def look_up(text: str) -> LookUp:
            return answering.look_up(text, now=now)

        settled = 0
        for question_id, texts in asked.items():
            found = await asyncio.to_thread(coverage, texts, look_up)
            if found.is_enough:
                async with self._runtime.database.write() as session:
                    settled += await settle_answered(session, question_id, found, now=now) is not None
        self._settled_at = changes
        return settled


async def _phrasings(session: AsyncSession) -> dict[int, list[str]]:
    waiting = set(await session.scalars(select(OpenQuestion.id).where(OpenQuestion.stand == Stand.OPEN)))
    return {
        question_id: [p.text for p in await phrasings_of(session, question_id, limit=MEMBERS_COMPARED)]
        for question_id in sorted(waiting - await not_told_yet(session))
    }
