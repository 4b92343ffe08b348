"""Reminders to the editors of a department: an article is about to run out (B9). Each comes once.

A reminder belongs to the last day it warns of: an article prolonged gets another one, later. Whoever looked into it
says so, and it is gone; for articles that citizens find useless the same mark says when somebody looked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import Enum

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    and_,
    select,
    true,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import china_time
from core.database import Base, Instant, insert_into
from core.refusals import NotAllowed, NotForYou
from knowledge.article_changes import Happened, locked, stored_key, use, used_on, write_history
from knowledge.articles import Status, StoredArticle
from knowledge.checking import reason_in
from knowledge.moves import Editor
from knowledge.refusals import NoSuchArticle

REMIND_BEFORE = timedelta(days=14)
SYSTEM = "system"


class Kind(str, Enum):
    """What an article needs looking into for."""

    EXPIRING = "expiring"
    UNHELPFUL = "unhelpful"


class Reminder(Base):
    """One occasion to look into an article, and who did."""

    __tablename__ = "article_reminders"
    __table_args__ = (UniqueConstraint("code", "kind", "day"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("articles.code"))
    kind: Mapped[Kind] = mapped_column(
        EnumColumn(Kind, native_enum=False, length=10, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    day: Mapped[date] = mapped_column(Date)
    """The last day warned of; for a useless article the day somebody looked."""
    at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    done_by: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(Text)


async def remind(session: AsyncSession, now: datetime) -> list[str]:
    """Reminds of every article that runs out within :data:`REMIND_BEFORE` or has; returns the codes reminded of now."""
    today = china_time(now).date()
    statement = (
        select(StoredArticle)
        .where(
            StoredArticle.status == Status.PUBLISHED.value,
            StoredArticle.ends_at.is_(None),
            StoredArticle.valid_to <= today + REMIND_BEFORE,
            ~select(Reminder.id).where(_warns_of_this_end()).exists(),
        )
        .order_by(StoredArticle.code)
    )
    reminded = []
    for stored in await session.scalars(statement):
        assert stored.valid_to is not None
        added = await session.execute(
            insert_into(session, Reminder)
            .values(code=stored.code, kind=Kind.EXPIRING, day=stored.valid_to, at=now)
            .on_conflict_do_nothing(index_elements=["code", "kind", "day"])
            .returning(Reminder.id)
        )
        if added.first() is not None:
            said = Happened("remind", SYSTEM, now)
            await write_history(
                session, stored.code, said, {"valid_to": stored.valid_to.isoformat(), "department": stored.department}
            )
            reminded.append(stored.code)
    return reminded


async def expiring(session: AsyncSession, editor: Editor) -> list[StoredArticle]:
    """The articles ``editor`` keeps that a reminder still waits for, the most urgent first."""
    statement = (
        select(StoredArticle)
        .join(Reminder, _warns_of_this_end())
        .where(
            StoredArticle.status == Status.PUBLISHED.value,
            Reminder.done_at.is_(None),
            true() if editor.departments is None else StoredArticle.department.in_(sorted(editor.departments)),
        )
        .order_by(StoredArticle.valid_to, StoredArticle.code)
    )
    return list(await session.scalars(statement))


async def look_into(
    session: AsyncSession,
    code: str,
    kind: Kind,
    editor: Editor,
    reason: str,
    *,
    key: str | None = None,
    now: datetime,
) -> None:
    """看过了，不用改: the reminder is done with, and why."""
    used = stored_key(key, f"look_into_{kind.value}", editor.label, code)
    if await used_on(session, used) is not None:
        return
    stored = await locked(session, code)
    if stored is None or not editor.keeps(stored.department):
        raise NoSuchArticle
    if not editor.writes:
        raise NotForYou("您的岗位不能改知识库。")
    words = reason_in(reason, "不用改的理由")
    day = stored.valid_to if kind is Kind.EXPIRING else china_time(now).date()
    if day is None:
        raise NotAllowed("这条知识长期有效，没有到期提醒。")
    done = {"done_at": now, "done_by": editor.label, "reason": words}
    await session.execute(
        insert_into(session, Reminder)
        .values(code=code, kind=kind, day=day, at=now, **done)
        .on_conflict_do_update(index_elements=["code", "kind", "day"], set_=done)
    )
    await write_history(session, code, Happened("look_into", editor.label, now, note=words), {"kind": kind.value})
    await use(session, used, code)


def _warns_of_this_end() -> ColumnElement[bool]:
    """Whether a reminder is about the article's present last day."""
    return and_(
        Reminder.code == StoredArticle.code, Reminder.kind == Kind.EXPIRING, Reminder.day == StoredArticle.valid_to
    )
