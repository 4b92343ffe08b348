"""Everything the page of an article shows: what it says, what is to become of it, what happened, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.editors import editor_of
from backoffice.staff import Staff
from core import history
from core.history import HistoryEntry
from knowledge.article import Article
from knowledge.article_changes import SUBJECT
from knowledge.articles import Status, StoredArticle, find
from knowledge.drafts import ArticleDraft, ArticleVersion, find_draft
from knowledge.feedback import Verdicts, verdicts_on
from knowledge.moves import Editor, Move, allowed
from knowledge.refusals import NoSuchArticle
from knowledge.reminders import Kind, expiring
from knowledge.what_changed import Change, changes


@dataclass(frozen=True)
class ArticleSheet:
    """An article as one reader sees it."""

    code: str
    editor: Editor
    stored: StoredArticle | None
    """What citizens are or were answered with."""
    draft: ArticleDraft | None
    verdicts: Verdicts
    needs: tuple[Kind, ...]
    """What somebody should look into."""
    entries: Sequence[HistoryEntry]
    moves: Sequence[Move]
    """What the reader may do to the draft."""

    @property
    def article(self) -> Article:
        """The text that counts here: the draft where there is one."""
        if self.draft is not None:
            return self.draft.article()
        assert self.stored is not None
        return self.stored.article()

    @property
    def is_live(self) -> bool:
        """Whether it is published."""
        return self.stored is not None and self.stored.status == Status.PUBLISHED.value

    @property
    def changes(self) -> list[Change]:
        """What the draft changes."""
        if self.draft is None:
            return []
        return changes(self.stored.article() if self.stored else None, self.draft.article())

    @property
    def wrote_it(self) -> bool:
        """Whether the reader wrote on the draft, and so cannot approve it."""
        return self.draft is not None and self.editor.label in self.draft.authors

    @property
    def may_rewrite(self) -> bool:
        """Whether the reader may begin a draft."""
        return self.editor.writes and self.draft is None

    @property
    def may_take_down(self) -> bool:
        """Whether the reader may take it back."""
        return self.editor.reviews and self.is_live


async def article_sheet(session: AsyncSession, staff: Staff, code: str) -> ArticleSheet:
    """The sheet. Raises :class:`NoSuchArticle`, also for what is out of the reader's reach.

    Who does not write sees what is published, and no drafts.
    """
    editor = await editor_of(session, staff)
    stored = await find(session, code)
    draft = await find_draft(session, code) if editor.writes else None
    if not editor.writes and (stored is None or stored.status != Status.PUBLISHED.value):
        raise NoSuchArticle
    owners = [each.department for each in (stored, draft) if each is not None]
    if not owners or not any(map(editor.keeps, owners)):
        raise NoSuchArticle
    verdicts = (await verdicts_on(session, [code])).get(code, Verdicts(0, 0))
    running_out = code in {each.code for each in await expiring(session, editor)}
    return ArticleSheet(
        code=code,
        editor=editor,
        stored=stored,
        draft=draft,
        verdicts=verdicts,
        needs=tuple(
            kind for kind, needed in ((Kind.EXPIRING, running_out), (Kind.UNHELPFUL, verdicts.is_poor)) if needed
        ),
        entries=await history.of(session, SUBJECT, code),
        moves=allowed(draft.state, editor, draft.authors) if draft and editor.keeps(draft.department) else [],
    )


async def version_pair(
    session: AsyncSession, staff: Staff, code: str, number: int
) -> tuple[ArticleVersion, ArticleVersion | None]:
    """A version of an article and the one before it. Raises :class:`NoSuchArticle`."""
    sheet = await article_sheet(session, staff, code)
    statement = (
        select(ArticleVersion)
        .where(ArticleVersion.code == sheet.code, ArticleVersion.version <= number)
        .order_by(ArticleVersion.version.desc())
        .limit(2)
    )
    found = list(await session.scalars(statement))
    if not found or found[0].version != number:
        raise NoSuchArticle
    return found[0], found[1] if len(found) > 1 else None
