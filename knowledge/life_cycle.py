"""The one door through which the knowledge base changes: draft → review → publish → expire (B9).

Every change of what citizens are answered with raises the article's version, keeps it whole, is written into its
history, and moves the counter by which running processes notice that their index is old. A draft changes nothing for
citizens. Nobody publishes what they wrote themselves. ``key`` is an idempotency key: the same change under the same key
happens once. Refusals are :class:`core.refusals.Refused`, with a reason for people.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.refusals import NotForYou
from knowledge.article import Article
from knowledge.article_changes import Happened, begin_change, locked, record, store, stored_key, use, used_on
from knowledge.articles import Status, StoredArticle, find
from knowledge.bulk import draft_all, publish_all
from knowledge.checking import reason_in
from knowledge.drafting import Text, approve, discard, return_to_authors, submit, take_back, write
from knowledge.feedback import record_feedback
from knowledge.learning import record_choice, record_lines
from knowledge.moves import Editor
from knowledge.refusals import NoSuchArticle
from knowledge.unanswered import record_unanswered

__all__ = [
    "Text",
    "approve",
    "discard",
    "draft_all",
    "end_temporary",
    "expire",
    "publish",
    "publish_all",
    "record_choice",
    "record_feedback",
    "record_lines",
    "record_unanswered",
    "return_to_authors",
    "submit",
    "take_back",
    "take_down",
    "write",
]

SYSTEM = "system"


async def publish(
    session: AsyncSession, article: Article, *, actor: str, now: datetime, pack_digest: str | None = None
) -> StoredArticle:
    """Puts ``article`` before the citizens without a review: for what comes from a city pack or a checked file."""
    return await store(session, article, Happened("publish", actor, now), pack_digest)


async def expire(
    session: AsyncSession, code: str, *, actor: str, now: datetime, reason: str = "", left_pack: bool = False
) -> StoredArticle:
    """Takes an article back; a second time changes nothing. Raises :class:`NoSuchArticle`.

    ``left_pack``: it is no longer in the city pack, and is to come back if the pack has it again.
    """
    change = await begin_change(session)
    stored = await locked(session, code)
    if stored is None:
        raise NoSuchArticle
    if stored.status != Status.EXPIRED.value:
        stored.status = Status.EXPIRED.value
        stored.pack_digest = None if left_pack else stored.pack_digest
        await record(session, stored, Happened("expire", actor, now, note=reason), change)
    return stored


async def take_down(
    session: AsyncSession, code: str, editor: Editor, reason: str, *, key: str | None = None, now: datetime
) -> StoredArticle:
    """下架: a reviewer takes an article back at once, with the reason."""
    used = stored_key(key, "take_down", editor.label, code)
    stored = await find(session, code)
    if stored is None or not editor.keeps(stored.department):
        raise NoSuchArticle
    if not editor.reviews:
        raise NotForYou("下架由部门负责人或者知识编辑来做。")
    if await used_on(session, used) is not None:
        return stored
    stored = await expire(session, code, actor=editor.label, now=now, reason=reason_in(reason, "下架的原因"))
    await use(session, used, code)
    return stored


async def end_temporary(session: AsyncSession, now: datetime) -> list[str]:
    """Takes back every temporary article that is over; the codes of those it was. Nobody need do it."""
    over = (StoredArticle.status == Status.PUBLISHED.value, StoredArticle.ends_at <= now)
    codes = list(await session.scalars(select(StoredArticle.code).where(*over).order_by(StoredArticle.code)))
    for code in codes:
        await expire(session, code, actor=SYSTEM, now=now, reason="到了结束时间，自动下架")
    return codes
