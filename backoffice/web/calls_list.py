"""The pages of calls: who has to be called back, who was, who talks now, and all calls (A6, F5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_backs
from backoffice.call_backs import BY_HAND, REMARK_LIMIT, Result
from backoffice.call_list import list_calls, who_answers
from backoffice.call_live import live_calls
from backoffice.calling_back import CallBackTickets
from backoffice.calls import Call
from backoffice.desk import READERS
from backoffice.duty import DESK_ROLES
from backoffice.listening import LISTENERS, Way
from backoffice.refusals import NotAllowed
from backoffice.web.calls_query import FIELDS, address_of, read_calls_query
from backoffice.web.calls_words import ENDINGS, FOLLOW_UPS, LINES, span
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_fragment, staff_page
from core.web.site import runtime_of

CALLS = f"{PREFIX}/calls"
blueprint = Blueprint("staff_calls_list", url_prefix=CALLS)

_LABELS = {"waiting": "等回电", "done": "已回电", "live": "正在通话", "all": "全部通话"}


@blueprint.get("/")
@for_roles(READERS)
async def list_page(request: Request, me: SignedIn) -> HTTPResponse:
    """Who waits; ``?view=``: waiting, done, live or all."""
    return await _list(request, me)


@blueprint.get("/live")
@for_roles(LISTENERS, by_itself=True)
async def live_part(request: Request, me: SignedIn) -> HTTPResponse:
    """Who talks now, fresh."""
    values = await _shown(request, me, "live")
    return staff_fragment(request, me, "staff/calls/live.html", **values)


@blueprint.post("/find")
@for_roles(READERS)
async def find(request: Request, me: SignedIn) -> HTTPResponse:
    """查找: leads to the list of all calls asked for, whose address tells nobody a number."""
    return redirect(address_of({name: field(request, name) for name in FIELDS}), status=303)


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


@blueprint.post("/<call_id:uuid>/dial")
@for_roles(DESK_ROLES)
async def dial(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """回拨: a number to dial, by which the PBX calls the citizen."""
    runtime, tickets = runtime_of(request), request.app.ctx.calling_back
    assert isinstance(tickets, CallBackTickets)
    async with runtime.database.read() as session:
        call = await session.get(Call, str(call_id))
    try:
        if call is None:
            raise NotAllowed("没有这个电话。")
        code = tickets.give(me.staff, call, runtime.clock.now())
    except NotAllowed as refused:
        return await _list(request, me, refused=refused.reason)
    return await _list(request, me, dial={str(call_id): f"*8{code}"})


@blueprint.post("/<call_id:uuid>/done")
@for_roles(DESK_ROLES)
async def done(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """The result of calling back."""
    wanted, remark = field(request, "result"), field(request, "remark")
    if wanted not in {result.value for result in BY_HAND}:
        return await _list(request, me, refused="请选一个结果。", kept={str(call_id): remark})
    finish = partial(call_backs.finish, result=Result(wanted), remark=remark)
    return await _do(request, me, str(call_id), finish, remark=remark)


@blueprint.post("/<call_id:uuid>/amend")
@for_roles(DESK_ROLES)
async def amend(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """What is added afterwards; ``result``: no_answer, where the citizen was not reached after all."""
    remark, again = field(request, "remark"), field(request, "result") == Result.NO_ANSWER.value
    deed = partial(call_backs.amend, remark=remark, waits_again=again)
    return await _do(request, me, str(call_id), deed, remark=remark, then=CALLS if again else f"{CALLS}?view=done")


async def _do(
    request: Request,
    me: SignedIn,
    call_id: str,
    deed: Callable[..., Awaitable[None]],
    *,
    remark: str = "",
    then: str = CALLS,
) -> HTTPResponse:
    """Carries out a deed; refused, the list says why and what was written is still there."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.write() as session:
            await deed(session, me.staff, call_id, now=runtime.clock.now())
    except NotAllowed as refused:
        return await _list(request, me, refused=refused.reason, kept={call_id: remark})
    return redirect(then, status=303)


async def _list(
    request: Request,
    me: SignedIn,
    *,
    refused: str = "",
    kept: dict[str, str] | None = None,
    dial: dict[str, str] | None = None,
) -> HTTPResponse:
    labels = {key: label for key, label in _LABELS.items() if key != "live" or me.role in LISTENERS}
    view = request.args.get("view", "waiting")
    view = view if view in labels else "waiting"
    return await staff_page(
        request,
        me,
        "staff/calls/list.html",
        place="calls",
        status=409 if refused else 200,
        labels=labels,
        refused=refused,
        kept=kept or {},
        dial=dial or {},
        may_act=me.role in DESK_ROLES,
        telephone=bool(runtime_of(request).settings.audiosocket_port),
        by_hand=BY_HAND,
        remark_limit=REMARK_LIMIT,
        **await _shown(request, me, view),
    )


async def _shown(request: Request, me: SignedIn, view: str) -> dict[str, Any]:
    runtime = runtime_of(request)
    now = runtime.clock.now()
    async with runtime.database.read() as session:
        values = await _of_view(session, me, view, request, now)
        values["count"] = await call_backs.waiting_count(session, me.staff, now)
    words = {"follow_ups": FOLLOW_UPS, "endings": ENDINGS, "lines": LINES, "results": Result, "span": span}
    return {"view": view, "ways": tuple(Way), **words, **values}


async def _of_view(session: AsyncSession, me: SignedIn, view: str, request: Request, now: Any) -> dict[str, Any]:
    if view == "live":
        return {"live_shown": await live_calls(session, now)}
    if view == "all":
        query = read_calls_query({name: request.args.get(name, "") for name in request.args})
        people = await who_answers(session)
        page = await list_calls(session, me.staff, query.wanted, now, query.page)
        return {"query": query, "page": page, "people": people, "names": {one.id: one.name for one in people}}
    entries = call_backs.waiting if view == "waiting" else call_backs.done_lately
    return {"entries_shown": await entries(session, me.staff, now)}
