"""Lists of the knowledge base for staff: what is in force, what is being written, what has been taken down (B9).

Every list keeps to the part of the base its reader keeps (:func:`backoffice.editors.editor_of`), the counts as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backoffice.departments import Department
from core.clock import china_time
from core.texts import tidy
from knowledge.articles import Status, StoredArticle
from knowledge.drafts import ArticleDraft, ArticleVersion
from knowledge.feedback import Verdicts, verdicts_on
from knowledge.moves import Editor, State

T = TypeVar("T")
PAGE_SIZE = 50
TEXT_LIMIT = 100


@dataclass(frozen=True)
class Wanted:
    """What is looked for."""

    text: str = ""
    department: str = ""
    """Code of a department; empty: all one keeps."""
    page: int = 1


@dataclass(frozen=True)
class ArticleRow:
    """One article in a list."""

    code: str
    question: str
    department: str
    """Its short name."""
    valid_to: date | None
    ends_at: datetime | None
    lapsed: bool
    """Past its last day: published, and not answered any more."""
    updated_at: datetime
    verdicts: Verdicts
    draft: State | None
    """Where its rewrite stands, if it is being rewritten."""


@dataclass(frozen=True)
class DraftRow:
    """One draft in a list."""

    code: str
    question: str
    department: str
    state: State
    temporary: bool
    is_new: bool
    is_mine: bool
    """Written by the reader too, who therefore cannot approve it."""
    edition: int
    base: int
    """The version of the article as it is now: what the draft is compared with."""
    reason: str | None
    updated_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True)
class VersionRow:
    """One change of what citizens are answered with."""

    code: str
    version: int
    action: str
    question: str
    department: str
    at: datetime
    actor: str
    note: str


async def department_names(session: AsyncSession) -> dict[str, str]:
    """Short name of every department by its code; closed ones too."""
    return dict((await session.execute(select(Department.code, Department.short))).tuples().all())


def _kept(editor: Editor, column: InstrumentedAttribute[str], department: str) -> ColumnElement[bool]:
    clause: ColumnElement[bool] = true()
    if editor.departments is not None:
        clause = column.in_(sorted(editor.departments))
    return and_(clause, column == department) if department else clause


def _matches(text: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Every word of ``text`` stands somewhere in ``columns``."""
    words = tidy(text)[:TEXT_LIMIT].split()
    return and_(true(), *(or_(*(c.icontains(word, autoescape=True) for c in columns)) for word in words))


async def articles(
    session: AsyncSession, editor: Editor, wanted: Wanted, now: datetime, status: Status = Status.PUBLISHED
) -> tuple[list[ArticleRow], int]:
    """One page of articles, temporary ones first, then what changed last; and how many there are."""
    clauses = (
        StoredArticle.status == status.value,
        _kept(editor, StoredArticle.department, wanted.department),
        _matches(wanted.text, StoredArticle.question, StoredArticle.answer, StoredArticle.code),
    )
    total = await session.scalar(select(func.count()).select_from(StoredArticle).where(*clauses)) or 0
    statement = (
        select(StoredArticle)
        .where(*clauses)
        .order_by(StoredArticle.ends_at.is_(None), StoredArticle.updated_at.desc(), StoredArticle.code)
    )
    found = list(await session.scalars(_paged(statement, wanted.page)))
    return await article_rows(session, found, now), total


async def article_rows(session: AsyncSession, found: Sequence[StoredArticle], now: datetime) -> list[ArticleRow]:
    """Articles as a list shows them, with what was thought of them and where their drafts stand."""
    codes = [stored.code for stored in found]
    names, verdicts = await department_names(session), await verdicts_on(session, codes)
    drafts = select(ArticleDraft.code, ArticleDraft.state).where(ArticleDraft.code.in_(codes))
    states: Mapping[str, State] = dict((await session.execute(drafts)).tuples().all())
    today = china_time(now).date()
    return [
        ArticleRow(
            code=stored.code,
            question=stored.question,
            department=names.get(stored.department, stored.department),
            valid_to=stored.valid_to,
            ends_at=stored.ends_at,
            lapsed=stored.valid_to is not None and stored.valid_to < today,
            updated_at=stored.updated_at,
            verdicts=verdicts.get(stored.code, Verdicts(0, 0)),
            draft=states.get(stored.code),
        )
        for stored in found
    ]


def _written_by(editor: Editor) -> ColumnElement[bool]:
    return cast(ArticleDraft.authors, String).contains(f'"{editor.label}"', autoescape=True)


async def drafts(
    session: AsyncSession, editor: Editor, wanted: Wanted, *, state: State | None = None, mine: bool = False
) -> tuple[list[DraftRow], int]:
    """One page of drafts, temporary ones first, then who has waited longest; and how many there are."""
    clauses = (
        _kept(editor, ArticleDraft.department, wanted.department),
        _matches(wanted.text, ArticleDraft.question),
        ArticleDraft.state == state if state else true(),
        _written_by(editor) if mine else true(),
    )
    total = await session.scalar(select(func.count()).select_from(ArticleDraft).where(*clauses)) or 0
    statement = select(ArticleDraft).where(*clauses)
    statement = statement.order_by(ArticleDraft.temporary.desc(), ArticleDraft.updated_at, ArticleDraft.code)
    found = list(await session.scalars(_paged(statement, wanted.page)))
    names = await department_names(session)
    versions = select(StoredArticle.code, StoredArticle.version)
    versions = versions.where(StoredArticle.code.in_([draft.code for draft in found]))
    bases = dict((await session.execute(versions)).tuples().all())
    rows = [
        DraftRow(
            code=draft.code,
            question=draft.question,
            department=names.get(draft.department, draft.department),
            state=draft.state,
            temporary=draft.temporary,
            is_new=draft.base_version == 0,
            is_mine=editor.label in draft.authors,
            edition=draft.edition,
            base=bases.get(draft.code, 0),
            reason=draft.reason,
            updated_at=draft.updated_at,
            submitted_at=draft.submitted_at,
        )
        for draft in found
    ]
    return rows, total


async def reviewable_count(session: AsyncSession, editor: Editor) -> int:
    """How many drafts wait for ``editor``'s review: not what they wrote on themselves."""
    if not editor.reviews:
        return 0
    clauses = (
        ArticleDraft.state == State.REVIEW,
        _kept(editor, ArticleDraft.department, ""),
        ~_written_by(editor),
    )
    return await session.scalar(select(func.count()).select_from(ArticleDraft).where(*clauses)) or 0


async def latest_changes(session: AsyncSession, editor: Editor, wanted: Wanted) -> tuple[list[VersionRow], int]:
    """What changed for citizens, the latest first; and how often anything did."""
    clauses = (_kept(editor, ArticleVersion.department, wanted.department),)
    total = await session.scalar(select(func.count()).select_from(ArticleVersion).where(*clauses)) or 0
    statement = select(ArticleVersion).where(*clauses).order_by(ArticleVersion.at.desc(), ArticleVersion.id.desc())
    names = await department_names(session)
    rows = [
        VersionRow(
            code=version.code,
            version=version.version,
            action=version.action,
            question=str(version.content["question"]),
            department=names.get(version.department, version.department),
            at=version.at,
            actor=version.actor,
            note=version.note,
        )
        for version in await session.scalars(_paged(statement, wanted.page))
    ]
    return rows, total


def _paged(statement: Select[tuple[T]], page: int) -> Select[tuple[T]]:
    return statement.limit(PAGE_SIZE).offset((max(page, 1) - 1) * PAGE_SIZE)
