"""The pages of opinion polls: all of them, one being written, and one with its results (A14)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect, text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import poll_results, polls
from backoffice.poll_tables import Poll, PollStatus
from backoffice.polls import LONGEST, MOST_QUESTIONS, POLL_ROLES, NoSuchPoll
from backoffice.refusals import BadField, NotAllowed
from backoffice.staff import Staff
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles, row_id
from backoffice.web.layout import staff_page
from backoffice.web.polls_form import closed_up, read_form, rows_shown, values_of
from backoffice.web.wording import channel_name
from core.web.errors import Refusal
from core.web.site import runtime_of

POLLS = f"{PREFIX}/polls"
blueprint = Blueprint("staff_polls", url_prefix=POLLS)


@blueprint.get("/")
@for_roles(POLL_ROLES)
async def list_page(request: Request, me: SignedIn) -> HTTPResponse:
    """All polls."""
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        entries = await polls.listed(session, runtime.clock.now())
    return await staff_page(
        request, me, "staff/polls/list.html", place="polls", polls_shown=entries, statuses=PollStatus
    )


@blueprint.get("/new")
@for_roles(POLL_ROLES)
async def new(request: Request, me: SignedIn) -> HTTPResponse:
    """An empty form."""
    return await _form(request, me, None, {})


@blueprint.post("/new")
@for_roles(POLL_ROLES)
async def create(request: Request, me: SignedIn) -> HTTPResponse:
    """Keeps a new draft."""
    return await _save(request, me, None)


@blueprint.get("/<poll_id:int>")
@for_roles(POLL_ROLES)
async def page(request: Request, me: SignedIn, poll_id: int) -> HTTPResponse:
    """A draft in its form; any other poll with its results."""
    async with runtime_of(request).database.read() as session:
        poll = await _found(session, poll_id)
        if poll.opened_at is None:
            values = values_of(await polls.draft_of(session, poll))
            return await _form(request, me, poll.id, values)
    return await _results(request, me, poll)


@blueprint.post("/<poll_id:int>")
@for_roles(POLL_ROLES)
async def edit(request: Request, me: SignedIn, poll_id: int) -> HTTPResponse:
    """Keeps the draft as it is now."""
    return await _save(request, me, row_id(poll_id))


@blueprint.post("/<poll_id:int>/close")
@for_roles(POLL_ROLES)
async def close(request: Request, me: SignedIn, poll_id: int) -> HTTPResponse:
    """结束."""
    refused = await _do(request, me, poll_id, polls.close_poll)
    if refused is None:
        return redirect(f"{POLLS}/{poll_id}", status=303)
    async with runtime_of(request).database.read() as session:
        poll = await _found(session, poll_id)
    return await _results(request, me, poll, refused=refused)


@blueprint.post("/<poll_id:int>/drop")
@for_roles(POLL_ROLES)
async def drop(request: Request, me: SignedIn, poll_id: int) -> HTTPResponse:
    """删除草稿."""
    refused = await _do(request, me, poll_id, polls.drop)
    return redirect(POLLS if refused is None else f"{POLLS}/{poll_id}", status=303)


@blueprint.get("/<poll_id:int>/results.csv")
@for_roles(POLL_ROLES)
async def download(request: Request, me: SignedIn, poll_id: int) -> HTTPResponse:
    """The results as a table file."""
    async with runtime_of(request).database.read() as session:
        poll = await _found(session, poll_id)
        table = poll_results.as_csv(poll, await poll_results.results_of(session, poll.id))
    name = quote(f"{poll.title}.csv")
    headers = {"Content-Disposition": f"attachment; filename=poll.csv; filename*=UTF-8''{name}"}
    return text(table, headers=headers, content_type="text/csv; charset=utf-8")


async def _found(session: AsyncSession, poll_id: int) -> Poll:
    try:
        return await polls.poll_by_id(session, row_id(poll_id))
    except NoSuchPoll as refused:
        raise Refusal(404, refused.code, refused.reason) from None


async def _do(
    request: Request, me: SignedIn, poll_id: int, deed: Callable[[AsyncSession, Staff, int, datetime], Awaitable[None]]
) -> str | None:
    """Carries out a deed; why not, where it is refused."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.write() as session:
            await deed(session, me.staff, row_id(poll_id), runtime.clock.now())
    except NoSuchPoll as refused:
        raise Refusal(404, refused.code, refused.reason) from None
    except NotAllowed as refused:
        return refused.reason
    return None


async def _save(request: Request, me: SignedIn, poll_id: int | None) -> HTTPResponse:
    """Keeps what the form says, and opens the poll if that button was pressed: both or neither."""
    runtime, values = runtime_of(request), _values(request)
    now = runtime.clock.now()
    try:
        async with runtime.database.write() as session:
            poll = await polls.save(session, me.staff, poll_id, read_form(values), now)
            if values.get("deed") == "open":
                await polls.open_poll(session, me.staff, poll.id, now)
    except NoSuchPoll as refused:
        raise Refusal(404, refused.code, refused.reason) from None
    except BadField as refused:
        return await _form(request, me, poll_id, values, problems={refused.field: refused.reason}, status=422)
    except NotAllowed as refused:
        return await _form(request, me, poll_id, values, refused=refused.reason, status=409)
    return redirect(f"{POLLS}/{poll.id}", status=303)


def _values(request: Request) -> dict[str, str]:
    return closed_up({name: field(request, name) for name in request.form or ()})


async def _form(
    request: Request,
    me: SignedIn,
    poll_id: int | None,
    values: Mapping[str, str],
    *,
    problems: Mapping[str, str] | None = None,
    refused: str = "",
    status: int = 200,
) -> HTTPResponse:
    return await staff_page(
        request,
        me,
        "staff/polls/edit.html",
        place="polls",
        status=status,
        poll_id=poll_id,
        values=values,
        problems=problems or {},
        refused=refused,
        rows=rows_shown(values),
        most=MOST_QUESTIONS,
        longest=LONGEST,
    )


async def _results(request: Request, me: SignedIn, poll: Poll, *, refused: str = "") -> HTTPResponse:
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        results = await poll_results.results_of(session, poll.id)
    values: dict[str, Any] = {"poll": poll, "status_now": poll.status(runtime.clock.now()), "statuses": PollStatus}
    values["address"] = f"{runtime.settings.resolved_public_url}/poll"
    return await staff_page(
        request,
        me,
        "staff/polls/results.html",
        place="polls",
        status=409 if refused else 200,
        results=results,
        refused=refused,
        channel_name=channel_name,
        **values,
    )
