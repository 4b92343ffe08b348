"""Acting on an article or its draft: one address per deed. What is refused comes back with the reason (B9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.editors import REVIEWER_ROLES, WRITER_ROLES, editor_of
from backoffice.knowledge_sheet import article_sheet
from backoffice.knowledge_todo import HOME, article_at
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.knowledge_article import show_article
from backoffice.web.knowledge_list import show_list
from backoffice.web.knowledge_parts import code_in, key_of, refusal, rounds_of
from core.refusals import Refused
from core.texts import whole_number
from core.web.caller import wants_json
from core.web.errors import Refusal
from core.web.site import runtime_of
from knowledge import life_cycle
from knowledge.drafts import find_draft
from knowledge.moves import Editor
from knowledge.reminders import Kind, look_into

blueprint = Blueprint("staff_knowledge_deeds", url_prefix=f"{PREFIX}/knowledge")

MOST_AT_ONCE = 100


@blueprint.post("/approve")
@for_roles(REVIEWER_ROLES)
async def approve_several(request: Request, me: SignedIn) -> HTTPResponse:
    """通过并发布 of everything ticked; what cannot be published is told and keeps nothing else back."""
    runtime = runtime_of(request)
    chosen = request.form.getlist("number") if request.form else None
    approved: set[str] = set()
    refused = []
    for ticked in [each for each in chosen or () if isinstance(each, str)][:MOST_AT_ONCE]:
        code, edition, base = _ticked(ticked)
        try:
            async with runtime.database.write() as session:
                editor = await editor_of(session, me.staff)
                now, key = runtime.clock.now(), key_of(request)
                await life_cycle.approve(session, code, editor, edition=edition, base=base, key=key, now=now)
            approved.add(code)
        except Refused as problem:
            refused.append(f"{await _name_of(request, code)}：{problem.reason}")
    if approved:
        _look_at_once(request)
    done = f"已发布 {len(approved)} 条，市民马上得到这些答案。" if approved else ""
    nothing = [] if chosen else ["还没有选中稿子。先在左边打勾，再点“通过选中的”。"]
    return await show_list(request, me, view="review", done=done, refused=[*refused, *nothing])


def _ticked(value: str) -> tuple[str, int, int]:
    """Code, edition and version as a tick says them; -1 for what is no number."""
    code, _, rest = value.rpartition(":")
    code, _, edition = code.rpartition(":")
    return code, _number(edition), _number(rest)


def _number(text: str) -> int:
    number = whole_number(text)
    return -1 if number is None else number


async def _name_of(request: Request, code: str) -> str:
    async with runtime_of(request).database.read() as session:
        draft = await find_draft(session, code)
    return draft.question if draft is not None else code


@blueprint.post("/articles/<code:str>/<deed:str>")
@for_roles(WRITER_ROLES)
async def act(request: Request, me: SignedIn, code: str, deed: str) -> HTTPResponse:
    """Does one thing to an article or its draft. Who may do it, and when, is for the write door to say."""
    doing = _DOING.get(deed)
    if doing is None:
        raise Refusal(404, "not_found", "没有这个操作。")
    runtime, code = runtime_of(request), code_in(code)
    wish = Wish(request, code, runtime.clock.now())
    try:
        async with runtime.database.write() as session:
            await doing(session, await editor_of(session, me.staff), wish)
    except Refused as refused:
        if wants_json(request) or refused.code == "no_such_article":
            raise refusal(refused) from None
        return await show_article(request, me, code, doing=deed, refused=refused, reason=field(request, "reason"))
    if deed in ("approve", "take_down"):
        _look_at_once(request)
    return redirect(await _next(request, me, code, deed), status=303)


@dataclass(frozen=True)
class Wish:
    """A form as it was sent."""

    request: Request
    code: str
    now: datetime

    @property
    def key(self) -> str | None:
        """Its idempotency key."""
        return key_of(self.request)

    @property
    def reason(self) -> str:
        """What was written into it."""
        return field(self.request, "reason")

    def number(self, name: str) -> int:
        """A number of it; -1 for what is none."""
        return _number(field(self.request, name))


Doing = Callable[[AsyncSession, Editor, Wish], Awaitable[None]]


async def _submit(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await life_cycle.submit(session, wish.code, editor, key=wish.key, now=wish.now)


async def _take_back(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await life_cycle.take_back(session, wish.code, editor, key=wish.key, now=wish.now)


async def _return(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await life_cycle.return_to_authors(session, wish.code, editor, wish.reason, key=wish.key, now=wish.now)


async def _approve(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    seen = {"edition": wish.number("edition"), "base": wish.number("base")}
    await life_cycle.approve(session, wish.code, editor, **seen, key=wish.key, now=wish.now)


async def _discard(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await life_cycle.discard(session, wish.code, editor, key=wish.key, now=wish.now)


async def _take_down(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await life_cycle.take_down(session, wish.code, editor, wish.reason, key=wish.key, now=wish.now)


async def _look_expiring(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await look_into(session, wish.code, Kind.EXPIRING, editor, wish.reason, key=wish.key, now=wish.now)


async def _look_unhelpful(session: AsyncSession, editor: Editor, wish: Wish) -> None:
    await look_into(session, wish.code, Kind.UNHELPFUL, editor, wish.reason, key=wish.key, now=wish.now)


_DOING: dict[str, Doing] = {
    "submit": _submit,
    "take_back": _take_back,
    "return": _return,
    "approve": _approve,
    "discard": _discard,
    "take_down": _take_down,
    "look_expiring": _look_expiring,
    "look_unhelpful": _look_unhelpful,
}


def _look_at_once(request: Request) -> None:
    """Lets the bot answer with it now, and closes the open questions it answers, without anybody waiting for that."""
    app = request.app
    task = asyncio.ensure_future(rounds_of(request).round())
    app.ctx.knowledge_tasks.add(task)
    task.add_done_callback(app.ctx.knowledge_tasks.discard)


async def _next(request: Request, me: SignedIn, code: str, deed: str) -> str:
    """The article's page; the list, when there is no such article any more."""
    try:
        async with runtime_of(request).database.read() as session:
            await article_sheet(session, me.staff, code)
    except Refused:
        return f"{HOME}?view=mine&done={deed}"
    return f"{article_at(code)}?done={deed}"
