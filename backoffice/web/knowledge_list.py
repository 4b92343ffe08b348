"""The list of the knowledge base: tabs with counts, filters, and what the bot would answer while one types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import knowledge_list
from backoffice.editors import WRITER_ROLES, editor_of
from backoffice.knowledge_list import PAGE_SIZE, Wanted
from backoffice.knowledge_trial import TEXT_LIMIT
from backoffice.web import knowledge_words
from backoffice.web.guard import PREFIX, SignedIn, for_roles
from backoffice.web.knowledge_parts import departments_kept, names_of, trials_of
from backoffice.web.knowledge_query import Query, View, read_query, views_for
from backoffice.web.knowledge_words import DONE
from backoffice.web.layout import staff_fragment, staff_page
from backoffice.web.orders_forms import fresh_key
from core.web.site import runtime_of
from knowledge.articles import Status
from knowledge.feedback import poor_articles
from knowledge.moves import Editor, State
from knowledge.open_questions import waiting_count
from knowledge.reminders import expiring

blueprint = Blueprint("staff_knowledge_list", url_prefix=f"{PREFIX}/knowledge")


@blueprint.get("/")
@for_roles()
async def list_page(request: Request, me: SignedIn) -> HTTPResponse:
    """The list."""
    return await show_list(request, me)


async def show_list(
    request: Request, me: SignedIn, *, view: str = "", done: str = "", refused: Sequence[str] = ()
) -> HTTPResponse:
    """The list; ``done`` and ``refused``: what has just been done, and what could not be."""
    given = {name: request.args.get(name, "") for name in request.args}
    query = read_query(me.role, {**given, "view": view or given.get("view", "")})
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        editor = await editor_of(session, me.staff)
        rows, total = await _rows(session, editor, query, now)
        actors = [row.actor for row in rows] if query.view.key == "changes" else []
        values: dict[str, Any] = {
            "query": query,
            "rows": rows,
            "total": total,
            "pages": math.ceil(total / PAGE_SIZE),
            "tabs": [(each, await _count(session, editor, each, now)) for each in views_for(me.role)],
            "open_questions": await waiting_count(session, editor) if me.role in WRITER_ROLES else None,
            "departments": await departments_kept(session, editor),
            "names": await names_of(session, actors),
        }
    heard = await trials_of(request).ask([query.wanted.text], now) if query.wanted.text else []
    return await staff_page(
        request,
        me,
        "staff/knowledge/list.html",
        place="knowledge",
        status=409 if refused and not done else 200,
        may_write=editor.writes,
        may_review=editor.reviews,
        heard=heard[0] if heard else None,
        key=fresh_key(),
        done=done or DONE.get(given.get("done", ""), ""),
        refused=refused,
        **words(),
        **values,
    )


@blueprint.get("/ask")
@for_roles()
async def ask(request: Request, me: SignedIn) -> HTTPResponse:
    """What the bot would answer, while somebody types."""
    text = request.args.get("text", "")[:TEXT_LIMIT]
    heard = await trials_of(request).ask([text], runtime_of(request).clock.now()) if text else []
    return staff_fragment(request, me, "staff/knowledge/heard.html", heard=heard[0] if heard else None, **words())


def words() -> dict[str, Any]:
    """The words templates of knowledge pages use."""
    return {
        "validity": knowledge_words.validity,
        "verdict_words": knowledge_words.verdict_words,
        "heard_words": knowledge_words.heard_words,
        "actor_words": knowledge_words.actor_words,
        "State": State,
    }


async def _rows(session: AsyncSession, editor: Editor, query: Query, now: datetime) -> tuple[Sequence[Any], int]:
    key, wanted = query.view.key, query.wanted
    if key == "review":
        return await knowledge_list.drafts(session, editor, wanted, state=State.REVIEW)
    if key == "mine":
        return await knowledge_list.drafts(session, editor, wanted, mine=True)
    if key == "changes":
        return await knowledge_list.latest_changes(session, editor, wanted)
    if key in _LISTED:
        found = [stored for stored in await _LISTED[key](session, editor) if _fits(stored, wanted)]
        start = (wanted.page - 1) * PAGE_SIZE
        shown = found[start : start + PAGE_SIZE]
        return await knowledge_list.article_rows(session, shown, now), len(found)
    status = Status.EXPIRED if key == "down" else Status.PUBLISHED
    return await knowledge_list.articles(session, editor, wanted, now, status)


async def _poor(session: AsyncSession, editor: Editor) -> list[Any]:
    return [stored for stored, _ in await poor_articles(session, editor)]


_LISTED = {"expiring": expiring, "poor": _poor}
"""Views that are short by nature and read whole."""


def _fits(stored: Any, wanted: Wanted) -> bool:
    return all(word in stored.question or word in stored.answer for word in wanted.text.split()) and (
        not wanted.department or stored.department == wanted.department
    )


async def _count(session: AsyncSession, editor: Editor, view: View, now: datetime) -> int | None:
    """How much is in a view; None where the number says nothing."""
    if view.key == "review":
        return (await knowledge_list.drafts(session, editor, Wanted(), state=State.REVIEW))[1]
    if view.key == "mine":
        return (await knowledge_list.drafts(session, editor, Wanted(), mine=True))[1]
    if view.key in _LISTED:
        return len(await _LISTED[view.key](session, editor))
    if view.key == "live":
        return (await knowledge_list.articles(session, editor, Wanted(), now))[1]
    return None
