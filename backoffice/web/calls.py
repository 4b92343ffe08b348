"""The page of a telephone call: its recording with the words lighting up, for whoever may hear it (F6)."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect
from sanic.response.types import BaseHTTPResponse

from backoffice.call_access import NoSuchCall, call_for, note_hearing
from backoffice.call_parts import part_path, parts_of
from backoffice.call_sheet import sheet_of
from backoffice.calls import recording_path
from backoffice.desk import READERS
from backoffice.desk_detail import note_unmasking
from backoffice.listening import LISTENERS, Tickets, Way, may_be_live
from backoffice.refusals import Refused
from backoffice.staff import ORDER_ROLES
from backoffice.web.byte_ranges import send_file
from backoffice.web.calls_words import ENDINGS, LINES, rating_words, span
from backoffice.web.guard import PREFIX, SignedIn, field, for_roles
from backoffice.web.layout import staff_page
from core.web.errors import Refusal
from core.web.site import runtime_of

CALLS = f"{PREFIX}/calls"
blueprint = Blueprint("staff_calls", url_prefix=CALLS)


@blueprint.get("/<call_id:uuid>")
@for_roles(ORDER_ROLES)
async def call_page(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """One call."""
    return await _page(request, me, call_id)


@blueprint.post("/<call_id:uuid>/listen")
@for_roles(LISTENERS)
async def listen(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """A number to dial, by which one is with a live call."""
    runtime, wanted = runtime_of(request), field(request, "way")
    if wanted not in set(Way):
        raise Refusal(422, "bad_field", "请选监听、耳语或者强插。")
    async with runtime.database.read() as session:
        call = await _found(session, me, call_id)
    tickets: Tickets = request.app.ctx.listening
    try:
        code = tickets.give(me.staff, call, Way(wanted), runtime.clock.now())
    except Refused as refused:
        raise Refusal(409, refused.code, refused.reason) from None
    return await _page(request, me, call_id, dial=f"*9{code}", way=Way(wanted))


async def _page(
    request: Request, me: SignedIn, call_id: Any, *, dial: str = "", way: Way | None = None
) -> HTTPResponse:
    runtime = runtime_of(request)
    async with runtime.database.read() as session:
        call = await _found(session, me, call_id)
        sheet = await sheet_of(session, me.staff, call, runtime.settings.media_dir)
    return await staff_page(
        request,
        me,
        "staff/calls/page.html",
        place="calls",
        sheet=sheet,
        ending=ENDINGS.get(call.ending or "", ""),
        line=LINES.get(call.line, call.line),
        rating=rating_words(call),
        may_read_desk=me.role in READERS,
        span=span,
        ways=tuple(Way) if me.role in LISTENERS and may_be_live(call, runtime.clock.now()) else (),
        dial=dial,
        way=way,
    )


@blueprint.get("/<call_id:uuid>/audio")
@for_roles(ORDER_ROLES)
async def audio(request: Request, me: SignedIn, call_id: Any) -> BaseHTTPResponse | None:
    """The recording, in parts if asked for."""
    return await _heard(request, me, call_id)


@blueprint.get("/<call_id:uuid>/parts/<part_id:int>/audio")
@for_roles(ORDER_ROLES)
async def part_audio(request: Request, me: SignedIn, call_id: Any, part_id: int) -> BaseHTTPResponse | None:
    """What the PBX recorded of the call, in parts if asked for."""
    return await _heard(request, me, call_id, part_id)


async def _heard(request: Request, me: SignedIn, call_id: Any, part_id: int | None = None) -> BaseHTTPResponse | None:
    """The sound of a call, or of one part of it; that somebody hears it is written down before the first byte goes."""
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        call, media = await _found(session, me, call_id), runtime.settings.media_dir
        if part_id is None:
            path = recording_path(media, call)
        else:
            part = next((one for one in await parts_of(session, call.id) if one.id == part_id), None)
            path = part_path(media, part) if part is not None else None
        if path is None:
            raise _GONE
        await note_hearing(session, me.staff, call, runtime.clock.now())
    try:
        return await send_file(request, path, "audio/wav")
    except FileNotFoundError:
        raise _GONE from None


@blueprint.post("/<call_id:uuid>/unmask")
@for_roles(ORDER_ROLES)
async def unmask(request: Request, me: SignedIn, call_id: Any) -> HTTPResponse:
    """Shows the numbers that were said in full; that somebody looked is written down."""
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        call = await _found(session, me, call_id)
        if call.conversation_id is not None:
            await note_unmasking(session, call.conversation_id, me.staff, runtime.clock.now())
    return redirect(f"{CALLS}/{call_id}", status=303)


async def _found(session: Any, me: SignedIn, call_id: Any) -> Any:
    try:
        return await call_for(session, me.staff, str(call_id))
    except NoSuchCall as refused:
        raise Refusal(404, refused.code, refused.reason) from None


_GONE = Refusal(404, "no_recording", "这次通话的录音文件不在了。")
