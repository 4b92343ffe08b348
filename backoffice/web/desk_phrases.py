"""常用语 at the desk: the box beside the reply, fetched when it is opened."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from backoffice.duty import DESK_ROLES
from backoffice.phrases import LONGEST, add_phrase, drop_phrase, own_phrases, read_phrases
from backoffice.refusals import BadField
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_fragment
from core.web.site import runtime_of

blueprint = Blueprint("staff_desk_phrases", url_prefix=f"{PREFIX}/desk/phrases")


@blueprint.get("/")
@for_roles(DESK_ROLES)
async def box(request: Request, me: SignedIn) -> HTTPResponse:
    """The phrases one may choose from."""
    return await _box(request, me)


@blueprint.post("/")
@for_roles(DESK_ROLES)
async def add(request: Request, me: SignedIn) -> HTTPResponse:
    """One's own phrase is kept."""
    text = field(request, "text")
    try:
        async with runtime_of(request).database.write() as session:
            await add_phrase(session, me.staff, text)
    except BadField as problem:
        return await _box(request, me, text=text, problem=problem.reason)
    return await _box(request, me)


@blueprint.post("/drop")
@for_roles(DESK_ROLES)
async def drop(request: Request, me: SignedIn) -> HTTPResponse:
    """One's own phrase goes."""
    async with runtime_of(request).database.write() as session:
        await drop_phrase(session, me.staff, field(request, "text"))
    return await _box(request, me)


async def _box(request: Request, me: SignedIn, *, text: str = "", problem: str = "") -> HTTPResponse:
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        own = await own_phrases(session, me.staff)
    return staff_fragment(
        request,
        me,
        "staff/desk/phrases.html",
        status=422 if problem else 200,
        own=own,
        city=read_phrases(runtime.settings.city_dir),
        text=text,
        problem=problem,
        longest=LONGEST,
    )
