"""Drafts: written, reviewed by somebody else, published. Part of the write door, :mod:`knowledge.life_cycle`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import china_time
from core.refusals import BadField
from core.texts import tidy
from knowledge.article import Article
from knowledge.article_changes import (
    Happened,
    begin_change,
    fresh_code,
    locked,
    store,
    stored_key,
    use,
    used_on,
    write_history,
)
from knowledge.articles import StoredArticle, find
from knowledge.checking import REASON_LIMIT, faults, reason_in, tidied, too_long
from knowledge.drafts import ArticleDraft, content_of, find_draft
from knowledge.moves import Editor, Move, State, check
from knowledge.refusals import ChangedMeanwhile, Faults, NoSuchArticle


@dataclass(frozen=True)
class Text:
    """What an editor wrote."""

    article: Article
    """With an empty code for one that is new."""
    edition: int = 0
    """The edition of the draft it was written over; 0: there was none."""
    note: str = ""
    """What was changed and why."""
    open_question_id: int | None = None
    """The open question it is to answer."""


async def write(
    session: AsyncSession, editor: Editor, text: Text, *, key: str | None = None, now: datetime
) -> ArticleDraft:
    """Keeps what was written as the article's draft, begun now if there is none; citizens notice nothing.

    Raises :class:`NoSuchArticle`, :class:`ChangedMeanwhile`, :class:`Faults` for what cannot even be kept, and
    :class:`core.refusals.Refused`.
    """
    article = tidied(text.article)
    used = stored_key(key, "write", editor.label, article.code)
    repeated = await used_on(session, used)
    if repeated is not None:
        return await _draft(session, repeated, editor)
    draft, base = await _open(session, editor, article)
    state = check(draft.state if draft else None, Move.WRITE, editor, ())
    if (draft.edition if draft else 0) != text.edition:
        raise ChangedMeanwhile
    _check_reach(editor, article)
    if draft is None:
        code = article.code or await fresh_code(session)
        draft = ArticleDraft(code=code, edition=0, base_version=base, authors=[], created_at=now)
        draft.open_question_id = text.open_question_id
        session.add(draft)
    draft.state = state or State.DRAFT
    draft.content = content_of(article)
    draft.question, draft.department, draft.temporary = article.question, article.department, bool(article.ends_at)
    draft.note = tidy(text.note)[:REASON_LIMIT]
    draft.authors = [*draft.authors, *({editor.label} - set(draft.authors))]
    await _moved(session, draft, "write", editor, now)
    await use(session, used, draft.code)
    return draft


async def submit(
    session: AsyncSession, code: str, editor: Editor, *, key: str | None = None, now: datetime
) -> ArticleDraft:
    """提交审核. Raises :class:`Faults` with everything that is still missing."""
    draft, used = await _step(session, code, Move.SUBMIT, editor, key)
    if draft is None:
        return await _draft(session, code, editor)
    problems = faults(draft.article(), now)
    if problems:
        raise Faults(problems)
    draft.state, draft.submitted_at = State.REVIEW, now
    await _moved(session, draft, "submit", editor, now)
    await use(session, used, code)
    return draft


async def take_back(
    session: AsyncSession, code: str, editor: Editor, *, key: str | None = None, now: datetime
) -> ArticleDraft:
    """撤回修改: out of the review, to be written on."""
    draft, used = await _step(session, code, Move.TAKE_BACK, editor, key)
    if draft is None:
        return await _draft(session, code, editor)
    draft.state = State.DRAFT
    await _moved(session, draft, "take_back", editor, now)
    await use(session, used, code)
    return draft


async def return_to_authors(
    session: AsyncSession, code: str, editor: Editor, reason: str, *, key: str | None = None, now: datetime
) -> ArticleDraft:
    """退回: not like this, and why."""
    draft, used = await _step(session, code, Move.RETURN, editor, key)
    if draft is None:
        return await _draft(session, code, editor)
    draft.state, draft.reason = State.RETURNED, reason_in(reason, "退回的理由")
    await _moved(session, draft, "return", editor, now, note=draft.reason)
    await use(session, used, code)
    return draft


async def approve(
    session: AsyncSession,
    code: str,
    editor: Editor,
    *,
    edition: int,
    base: int,
    key: str | None = None,
    now: datetime,
) -> StoredArticle:
    """通过并发布: citizens are answered with it from now on, and the draft is no more.

    ``edition`` of the draft and version ``base`` of the article are those the reviewer compared. Raises
    :class:`ChangedMeanwhile` when either is another by now.
    """
    used = stored_key(key, Move.APPROVE.value, editor.label, code)
    if await used_on(session, used) is not None:
        done = await find(session, code)
        assert done is not None
        return done
    await begin_change(session)  # first of all locks
    before = await locked(session, code)
    draft = await _draft(session, code, editor)
    check(draft.state, Move.APPROVE, editor, draft.authors)
    if (draft.edition, before.version if before else 0) != (edition, base):
        raise ChangedMeanwhile
    article = draft.article()
    if article.ends_at is None and article.valid_from > china_time(now).date() and before is not None:
        raise BadField("valid_from", "生效日期还没到：现在发布，市民会在那以前查不到这件事。请到那天再发布。")
    problems = faults(article, now)
    if problems:
        raise Faults(problems)
    said = Happened("publish", editor.label, now, tuple(draft.authors), draft.note)
    await session.delete(draft)
    stored = await store(session, article, said)
    await use(session, used, code)
    return stored


async def discard(session: AsyncSession, code: str, editor: Editor, *, key: str | None = None, now: datetime) -> None:
    """删除草稿; what citizens are answered with stays as it is."""
    draft, used = await _step(session, code, Move.DISCARD, editor, key)
    if draft is None:
        return
    await session.delete(draft)
    await write_history(session, code, Happened("discard", editor.label, now), {"edition": draft.edition})
    await use(session, used, code)


async def _open(session: AsyncSession, editor: Editor, article: Article) -> tuple[ArticleDraft | None, int]:
    """The draft to write on, locked, and the version of the article it is about."""
    if not article.code:
        return None, 0
    stored = await locked(session, article.code)
    draft = await find_draft(session, article.code, lock=True)
    owners = {each.department for each in (stored, draft) if each is not None}
    if not owners or not all(map(editor.keeps, owners)):
        raise NoSuchArticle
    return draft, stored.version if stored else 0


async def _draft(session: AsyncSession, code: str, editor: Editor) -> ArticleDraft:
    draft = await find_draft(session, code, lock=True)
    if draft is None or not editor.keeps(draft.department):
        raise NoSuchArticle
    return draft


async def _step(
    session: AsyncSession, code: str, move: Move, editor: Editor, key: str | None
) -> tuple[ArticleDraft | None, str | None]:
    """The draft to be moved, locked, and the key to be marked; no draft when it was moved before under this key."""
    used = stored_key(key, move.value, editor.label, code)
    if await used_on(session, used) is not None:
        return None, used
    draft = await _draft(session, code, editor)
    check(draft.state, move, editor, draft.authors)
    return draft, used


async def _moved(
    session: AsyncSession, draft: ArticleDraft, action: str, editor: Editor, now: datetime, note: str = ""
) -> None:
    draft.edition += 1
    draft.updated_at = now
    await session.flush()
    data = {"edition": draft.edition, "base": draft.base_version}
    await write_history(session, draft.code, Happened(action, editor.label, now, note=note), data)


def _check_reach(editor: Editor, article: Article) -> None:
    problems = too_long(article)
    if not article.question:
        problems["question"] = "请先写标题问题。"
    if not article.department:
        problems["department"] = "请选择维护部门。"
    elif not editor.keeps(article.department):
        problems["department"] = "这个部门的知识不归您维护，请选本部门或者下级部门。"
    if problems:
        raise Faults(problems)
