"""What editors do with open questions: hand them on, dismiss them, take apart what does not belong together (B9).

Part of the write door: every move is checked, keyed and written into history.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.refusals import BadField, NotAllowed, NotForYou
from knowledge.article_changes import stored_key, use, used_on
from knowledge.checking import reason_in
from knowledge.grouping import Comparer
from knowledge.moves import Editor
from knowledge.open_questions import OpenQuestion, Stand, UnansweredQuestion, visible_to
from knowledge.refusals import NoSuchArticle
from knowledge.unanswered import Owner, begin, count_anew, write_history


async def question_for(session: AsyncSession, editor: Editor, question_id: int, *, lock: bool = False) -> OpenQuestion:
    """An open question of the departments ``editor`` keeps. Raises :class:`NoSuchArticle`."""
    statement = select(OpenQuestion).where(OpenQuestion.id == question_id, visible_to(editor))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    question: OpenQuestion | None = await session.scalar(statement)
    if question is None:
        raise NoSuchArticle
    return question


async def assign(
    session: AsyncSession,
    question_id: int,
    editor: Editor,
    department: str,
    reason: str,
    *,
    key: str | None = None,
    now: datetime,
) -> OpenQuestion:
    """转给别的部门: ``department`` is the code of an open department, for the caller to have checked."""
    question, used = await _open_for(session, question_id, editor, "assign", key)
    if question is None:
        return await session.get_one(OpenQuestion, question_id)
    if department == question.department:
        raise BadField("department", "现在就是这个部门，请另选一个。")
    words = reason_in(reason, "转交的理由")
    before, question.department = question.department, department
    question.owner_why, question.reason = {"why": "person", "from": before}, words
    await write_history(
        session, question, "assign", editor.label, now, {"from": before, "to": department, "note": words}
    )
    await use(session, used, str(question_id))
    return question


async def dismiss(
    session: AsyncSession, question_id: int, editor: Editor, reason: str, *, key: str | None = None, now: datetime
) -> OpenQuestion:
    """不用写: there will be no article, and why. Asked again it stays dismissed."""
    question, used = await _open_for(session, question_id, editor, "dismiss", key)
    if question is None:
        return await session.get_one(OpenQuestion, question_id)
    question.reason = reason_in(reason, "不用写的理由")
    _settle(question, Stand.DISMISSED, editor.label, now)
    await write_history(session, question, "dismiss", editor.label, now, {"note": question.reason})
    await use(session, used, str(question_id))
    return question


async def reopen(
    session: AsyncSession, question_id: int, editor: Editor, *, key: str | None = None, now: datetime
) -> OpenQuestion:
    """重新打开 what was dismissed."""
    used = stored_key(key, "reopen", editor.label, str(question_id))
    question = await question_for(session, editor, question_id, lock=True)
    if await used_on(session, used) is not None:
        return question
    _check_writes(editor)
    if question.stand is not Stand.DISMISSED:
        raise NotAllowed(f"这个问题现在是“{question.stand.label}”，不用重新打开。")
    question.stand, question.settled_at, question.settled_by = Stand.OPEN, None, None
    await write_history(session, question, "reopen", editor.label, now, {})
    await use(session, used, str(question_id))
    return question


async def split_off(
    session: AsyncSession,
    question_id: int,
    editor: Editor,
    texts: Iterable[str],
    comparer: Comparer,
    *,
    key: str | None = None,
    now: datetime,
) -> OpenQuestion:
    """分出去: some phrasings ask for something else; they become an open question of their own."""
    question, used = await _open_for(session, question_id, editor, "split", key)
    if question is None:
        return await session.get_one(OpenQuestion, question_id)
    wanted = set(texts)
    rows = await session.scalars(select(UnansweredQuestion).where(UnansweredQuestion.open_question_id == question_id))
    members = list(rows)
    leaving = [member for member in members if member.text in wanted]
    if not leaving:
        raise BadField("phrasing", "请先勾选要分出去的问法。")
    if len(leaving) == len(members):
        raise BadField("phrasing", "不能把全部问法都分出去，请至少留下一条。")
    owner = Owner(question.department, {"why": "split", "from": question_id})
    await begin(session, leaving, lambda _: owner, now)
    await session.flush()
    await count_anew(session, question, comparer)
    apart = await session.get_one(OpenQuestion, leaving[0].open_question_id)
    await count_anew(session, apart, comparer)
    await write_history(session, question, "split", editor.label, now, {"into": apart.id})
    await use(session, used, str(question_id))
    return apart


async def _open_for(
    session: AsyncSession, question_id: int, editor: Editor, action: str, key: str | None
) -> tuple[OpenQuestion | None, str | None]:
    """The question, locked, to be acted on; None when it was, under this key."""
    used = stored_key(key, action, editor.label, str(question_id))
    if await used_on(session, used) is not None:
        return None, used
    question = await question_for(session, editor, question_id, lock=True)
    _check_writes(editor)
    if question.stand is not Stand.OPEN:
        raise NotAllowed(f"这个问题现在是“{question.stand.label}”，不能再改。")
    return question, used


def _check_writes(editor: Editor) -> None:
    if not editor.writes:
        raise NotForYou("您的岗位不能改知识库。")


def _settle(question: OpenQuestion, stand: Stand, by: str, now: datetime) -> None:
    question.stand, question.settled_by, question.settled_at = stand, by, now
