"""What the PBX's dialplan asks and tells when an agent calls a citizen back."""

from __future__ import annotations

from sanic import HTTPResponse, Request
from sanic.response import text

from backoffice.calling_back import CallBackTickets
from channels.voice import called_back
from channels.voice.pbx_folder import PbxFolder
from channels.voice.pbx_question import call_of, field_of, is_pbx, refused
from core.web.application import App
from core.web.site import runtime_of


def add_routes(app: App) -> None:
    """Adds the addresses."""
    app.add_route(whom, "/voice/pbx/call-back", methods=["GET"], name="pbx_call_back")
    app.add_route(tells, "/voice/pbx/called-back", methods=["POST"], name="pbx_called_back")


async def whom(request: Request) -> HTTPResponse:
    """``extension`` dials a ``ticket``: ``dial|<call>|<number>``, or ``no``."""
    if not is_pbx(request):
        return refused()
    tickets: CallBackTickets = request.app.ctx.calling_back
    runtime, extension = runtime_of(request), field_of(request, "extension")
    found = tickets.use(field_of(request, "ticket"), extension, runtime.clock.now())
    if found is None:
        return text("no")
    async with runtime.database.read() as session:
        theirs = await tickets.holds(session, found, extension)
    return text(f"dial|{found.call_id}|{found.number}" if theirs else "no")


async def tells(request: Request) -> HTTPResponse:
    """What came of it (:mod:`channels.voice.called_back`). Answers ``ok``."""
    call_id = call_of(request)
    if call_id is None:
        return refused()
    runtime = runtime_of(request)
    told = {name: field_of(request, name) for name in request.form or ()}
    async with runtime.database.write() as session:
        await called_back.keep(session, call_id, told, runtime.clock.now())
    folder: PbxFolder | None = request.app.ctx.pbx_folder
    if folder is not None:
        folder.call_is_over()
    return text("ok")
