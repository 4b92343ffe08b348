"""What waits for somebody in the knowledge base: part of 待办 (B9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import knowledge_list
from backoffice.editors import WRITER_ROLES, editor_of
from backoffice.knowledge_list import Wanted
from backoffice.staff import Staff
from core.clock import china_time
from knowledge.feedback import poor_articles
from knowledge.moves import Editor, State
from knowledge.open_questions import list_questions, waiting_count
from knowledge.reminders import expiring

SHOWN = 5
HOME = "/staff/knowledge"


@dataclass(frozen=True)
class Task:
    """One thing to be done."""

    title: str
    note: str
    """Why it is here."""
    address: str
    urgent: bool = False


@dataclass(frozen=True)
class TaskPile:
    """Some of what waits, how much there is of it, and where all of it is."""

    key: str
    title: str
    tasks: Sequence[Task]
    total: int
    all_at: str


async def piles(session: AsyncSession, staff: Staff, now: datetime) -> list[TaskPile]:
    """What waits for ``staff``: only what there is something of."""
    if staff.role not in WRITER_ROLES:
        return []
    editor = await editor_of(session, staff)
    found = [
        await _to_review(session, editor),
        await _returned(session, editor),
        await _expiring(session, editor, now),
        await _poor(session, editor),
        await _open_questions(session, editor),
    ]
    return [pile for pile in found if pile.total]


async def count(session: AsyncSession, staff: Staff, now: datetime) -> int:
    """How much waits for ``staff``."""
    if staff.role not in WRITER_ROLES:
        return 0
    editor = await editor_of(session, staff)
    _, returned = await knowledge_list.drafts(session, editor, Wanted(), state=State.RETURNED, mine=True)
    return (
        await knowledge_list.reviewable_count(session, editor)
        + returned
        + len(await expiring(session, editor))
        + len(await poor_articles(session, editor))
        + await waiting_count(session, editor)
    )


async def _to_review(session: AsyncSession, editor: Editor) -> TaskPile:
    rows, _ = await knowledge_list.drafts(session, editor, Wanted(), state=State.REVIEW)
    tasks = [
        Task(
            row.question,
            f"{'临时通知，' if row.temporary else ''}{row.department}{'新写的' if row.is_new else '改过的'}，等您审核",
            article_at(row.code),
            row.temporary,
        )
        for row in rows
        if not row.is_mine
    ]
    total = await knowledge_list.reviewable_count(session, editor)
    return TaskPile("review", "知识待审核", tasks[:SHOWN] if total else (), total, f"{HOME}?view=review")


async def _returned(session: AsyncSession, editor: Editor) -> TaskPile:
    rows, total = await knowledge_list.drafts(session, editor, Wanted(), state=State.RETURNED, mine=True)
    tasks = [Task(row.question, f"退回：{row.reason or ''}", article_at(row.code)) for row in rows[:SHOWN]]
    return TaskPile("returned", "退回给我的稿子", tasks, total, f"{HOME}?view=mine")


async def _expiring(session: AsyncSession, editor: Editor, now: datetime) -> TaskPile:
    found, today = await expiring(session, editor), china_time(now).date()
    tasks = [
        Task(stored.question, days_left(stored.valid_to, today), article_at(stored.code)) for stored in found[:SHOWN]
    ]
    return TaskPile("expiring", "知识快到期", tasks, len(found), f"{HOME}?view=expiring")


async def _poor(session: AsyncSession, editor: Editor) -> TaskPile:
    found = await poor_articles(session, editor)
    tasks = [
        Task(stored.question, f"{verdicts.total} 人评价，{verdicts.unhelpful} 人说没用", article_at(stored.code))
        for stored, verdicts in found[:SHOWN]
    ]
    return TaskPile("poor", "市民说没用", tasks, len(found), f"{HOME}?view=poor")


async def _open_questions(session: AsyncSession, editor: Editor) -> TaskPile:
    found = await list_questions(session, editor, limit=SHOWN)
    tasks = [Task(q.title, f"{q.asked} 个会话里问过", f"{HOME}/questions/{q.id}") for q in found]
    return TaskPile("questions", "答不出的问题", tasks, await waiting_count(session, editor), f"{HOME}/questions")


def article_at(code: str) -> str:
    """The address of an article's page."""
    return f"{HOME}/articles/{quote(code, safe='')}"


def days_left(last: date | None, today: date) -> str:
    """How long an article holds, in words."""
    if last is None:
        return "长期有效"
    days = (last - today).days
    if days < 0:
        return f"{-days} 天前已经到期，现在不再回答"
    return "今天到期" if days == 0 else f"还有 {days} 天到期"
