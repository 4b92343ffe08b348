"""The pages of calls: who has to be called back, who was, and all calls (A6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice import call_backs
from backoffice.call_backs import REMARK_LIMIT, Result
from backoffice.desk import READERS
from backoffice.duty import DESK_ROLES
from backoffice.refusals import NotAllowed
from backoffice.web.calls_words import ENDINGS, FOLLOW_UPS, LINES, span
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_page
from core.web.site import runtime_of

CALLS = f"{PREFIX}/calls"
blueprint = Blueprint("staff_calls_list", url_prefix=CALLS)

_VIEWS = {"waiting": call_backs.waiting, "done": call_backs.done_lately, "all": call_backs.latest_calls}
_LABELS = {"waiting": "等回电", "done": "已回电", "all": "全部通话"}


@blueprint.get("/")
@for_roles(READERS)
async def list_page(request: Request, me: SignedIn) -> HTTPResponse:
    """Who waits; ``?view=``: waiting, done or all."""
    return await _list(request, me)


@blueprint.post("/<call_id:uuid>/take")
@for_roles(DESK_ROLES)
async def take(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """我来回电."""
    return await _do(request, me, str(call_id), call_backs.take)


@blueprint.post("/<call_id:uuid>/give-back")
@for_roles(DESK_ROLES)
async def give_back(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """放回去."""
    return await _do(request, me, str(call_id), call_backs.give_back)


@blueprint.post("/<call_id:uuid>/done")
@for_roles(DESK_ROLES)
async def done(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """The result of calling back."""
    wanted, remark = field(request, "result"), field(request, "remark")
    if wanted not in set(Result):
        return await _list(request, me, refused="请选一个结果。", kept={str(call_id): remark})
    finish = partial(call_backs.finish, result=Result(wanted), remark=remark)
    return await _do(request, me, str(call_id), finish, remark=remark)


async def _do(
    request: Request, me: SignedIn, call_id: str, deed: Callable[..., Awaitable[None]], *, remark: str = ""
) -> HTTPResponse:
    """Carries out a deed; refused, the list says why and what was written is still there."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.write() as session:
            await deed(session, me.staff, call_id, now=runtime.clock.now())
    except NotAllowed as refused:
        return await _list(request, me, refused=refused.reason, kept={call_id: remark})
    return redirect(CALLS, status=303)


async def _list(
    request: Request, me: SignedIn, *, refused: str = "", kept: dict[str, str] | None = None
) -> HTTPResponse:
    runtime = runtime_of(request)
    view = request.args.get("view", "waiting")
    view = view if view in _VIEWS else "waiting"
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        entries = await _VIEWS[view](session, me.staff, now)
        count = await call_backs.waiting_count(session, me.staff, now)
    return await staff_page(
        request,
        me,
        "staff/calls/list.html",
        place="calls",
        status=409 if refused else 200,
        entries_shown=entries,
        view=view,
        labels=_LABELS,
        count=count,
        refused=refused,
        kept=kept or {},
        may_act=me.role in DESK_ROLES,
        follow_ups=FOLLOW_UPS,
        endings=ENDINGS,
        lines=LINES,
        results=Result,
        remark_limit=REMARK_LIMIT,
        span=span,
    )
