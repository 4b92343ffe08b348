"""What the PBX's dialplan asks by HTTP: a call comes in, what comes next, it comes back, it has ended.

Plain text for answers: a dialplan compares words. Whatever fails here sends the citizen to people (deploy/asterisk).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from sanic import HTTPResponse, Request
from sanic.response import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_people, call_takers, call_transfer, calls
from backoffice.listening import Ticket
from channels.voice import put_downs
from channels.voice.gateway import Gateway, shortened
from channels.voice.link import Announced
from channels.voice.pbx_folder import PbxFolder
from channels.voice.pbx_question import call_of, field_of, is_pbx, refused, telephones_of
from channels.voice.pbx_third import wishes_of
from channels.voice.put_downs import PutDown, caller_of, put_down_told
from core.tasks import within
from core.web.application import App
from core.web.site import runtime_of

_TELLING: Final = 5.0
"""Seconds after which it is too late to tell the desk whose telephone rings."""
_ANSWERS: Final = 2.0
"""Seconds after which whoever tells that a call has ended is answered, kept or not."""
_LOOKS_AGAIN, _LOOKS_AT_LEAST = 1.0, 60.0
"""Seconds after which it is looked again whether it is stored how a call ended; they double up to the second."""
log = structlog.get_logger(__name__)


def add_routes(app: App) -> None:
    """Adds the addresses."""
    app.add_route(announce, "/voice/pbx/call", methods=["POST"], name="pbx_call")
    app.add_route(next_step, "/voice/pbx/next", methods=["GET"], name="pbx_next")
    app.add_route(who_takes, "/voice/pbx/takers", methods=["GET"], name="pbx_takers")
    app.add_route(rings, "/voice/pbx/rings", methods=["POST"], name="pbx_rings")
    app.add_route(answered, "/voice/pbx/answered", methods=["POST"], name="pbx_answered")
    app.add_route(back, "/voice/pbx/back", methods=["POST"], name="pbx_back")
    app.add_route(alive, "/voice/pbx/alive", methods=["GET"], name="pbx_alive")
    app.add_route(ended, "/voice/pbx/ended", methods=["POST"], name="pbx_ended")
    app.add_route(listen, "/voice/pbx/listen", methods=["GET"], name="pbx_listen")


async def announce(request: Request) -> HTTPResponse:
    """A call has come in: ``uuid``, ``from``, ``to``, ``channel``, ``telephones``. Answers ``ok``."""
    call_id = call_of(request)
    if call_id is None:
        return refused()
    _note_telephones(request)
    runtime = runtime_of(request)
    number, mobile = caller_of(field_of(request, "from"), runtime)
    call = Announced(call_id, "asterisk", number, field_of(request, "to"), field_of(request, "channel"), mobile)
    _gateway(request).announce(shortened(call))
    return text("ok")


async def next_step(request: Request) -> HTTPResponse:
    """Where a line goes that was given back: ``bye``, ``queue``, ``agent/…``."""
    call_id = call_of(request)
    return refused() if call_id is None else text(_gateway(request).next_of(call_id))


async def rings(request: Request) -> HTTPResponse:
    """An agent's telephone (``extension``) is about to ring for a call. Answers ``ok`` at once: nobody waits for us."""
    call_id = call_of(request)
    if call_id is None:
        return refused()
    extension = field_of(request, "extension")
    _meanwhile(request, lambda session: call_people.rings(session, call_id, extension))
    return text("ok")


async def answered(request: Request) -> HTTPResponse:
    """An agent (``extension``) has answered, and hears the citizen after this. Answers ``ok`` at once."""
    call_id = call_of(request)
    if call_id is None:
        return refused()
    extension, now = field_of(request, "extension"), runtime_of(request).clock.now()
    _meanwhile(request, lambda session: call_people.answered(session, call_id, extension, now))
    return text("ok")


async def back(request: Request) -> HTTPResponse:
    """A call comes back from people: ``answered`` is 1 or 0; ``telephones``.

    Answers ``department/…``, the number an agent transferred it to, ``talk``, or ``bye`` for one we do not know.
    """
    call_id = call_of(request)
    if call_id is None:
        return refused()
    _note_telephones(request)
    talked = field_of(request, "answered") == "1"
    async with runtime_of(request).database.write() as session:
        await call_people.with_nobody(session, call_id)
        number = await call_transfer.target(session, call_id) if talked else None
    _call_is_over(request, call_id)
    if number is not None:
        return text(f"department/{number}")
    return text("talk" if _gateway(request).comes_back(call_id, answered=talked) else "bye")


async def who_takes(request: Request) -> HTTPResponse:
    """Which of the PBX's ``telephones`` ring for a call: ``takers,1001,1002``.

    Where something of ours failed and nobody is on duty, all of them: a bot that cannot go on has nobody else.
    """
    call_id, telephones = call_of(request), telephones_of(request)
    if call_id is None or telephones is None:
        return refused()
    _note_telephones(request)
    runtime, gateway = runtime_of(request), _gateway(request)
    now, alone = runtime.clock.now(), runtime.settings.telephones_without_desk
    try:
        async with runtime.database.read() as session:
            found = await call_takers.takers(session, telephones, now, without_desk=alone)
    except Exception as problem:  # all of them ring: the dialplan takes any other answer for none
        log.error("nobody could tell who takes calls", error=type(problem).__name__)
        return text("failed", status=503)
    if not found and gateway.has_failed(call_id):
        found = list(telephones)
    return text(",".join(["takers", *found]))


async def alive(request: Request) -> HTTPResponse:
    """Whether calls are being led at all, asked all the time: ``ok``, or ``stuck``."""
    if not is_pbx(request):
        return refused()
    return text("ok" if _gateway(request).is_alive() else "stuck")


async def listen(request: Request) -> HTTPResponse:
    """``extension`` dials a ``ticket``: ``PJSIP/…|spy``, the citizen's channel and how to be with it, or ``no``."""
    if not is_pbx(request):
        return refused()
    runtime, tickets = runtime_of(request), request.app.ctx.listening
    now = runtime.clock.now()
    ticket: Ticket | None = tickets.use(field_of(request, "ticket"), field_of(request, "extension"), now)
    if ticket is None:
        return text("no")
    async with runtime.database.write() as session:
        await calls.note_listening(session, ticket.staff, ticket.call_id, ticket.way.value, now)
    return text(f"{ticket.channel}|{ticket.way.value}")


async def ended(request: Request) -> HTTPResponse:
    """The citizen has put down (:func:`channels.voice.put_downs.put_down_told`).

    Answers ``ok``, or ``later``: how the call ended is not stored yet; the PBX leaves a note, which outlives us.
    """
    call_id = call_of(request)
    if call_id is None:
        return refused()
    told = {name: field_of(request, name) for name in request.form or ()}
    kept = await put_down(request, put_down_told(told, call_id, runtime_of(request)))
    return text("ok" if kept or _folder(request) is None else "later")


async def put_down(request: Request, told: PutDown) -> bool:
    """Keeps that the citizen has put down, as soon as it can be kept, also where whoever tells it waits no longer;
    whether it is by now. What the PBX recorded is taken over next.
    """
    gateway, journals = _gateway(request), request.app.ctx.journals

    async def keep() -> bool:
        if not await put_downs.can_be_kept(gateway, journals, told.call_id):
            return False
        async with runtime_of(request).database.write() as session:
            await put_downs.keep(session, told)
        _call_is_over(request, told.call_id)
        return True

    keeping = gateway.beside(_until_done(keep))
    await asyncio.wait({keeping}, timeout=_ANSWERS)
    kept = keeping.done() and not keeping.cancelled()  # it is, when the service stops
    if not kept:
        _call_is_over(request, told.call_id)
    return kept


async def _until_done(work: Callable[[], Awaitable[bool]]) -> None:
    looks_again = _LOOKS_AGAIN
    while not await _is_done(work):
        await asyncio.sleep(looks_again)
        looks_again = min(2 * looks_again, _LOOKS_AT_LEAST)


async def _is_done(work: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await work()
    except Exception as problem:
        log.error("what came of a call could not be kept yet", error=type(problem).__name__)
        return False


def _note_telephones(request: Request) -> None:
    told = telephones_of(request)
    if told is not None:
        _gateway(request).telephones = told


def _meanwhile(request: Request, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Tells the desk while the telephone goes on, whether or not the desk can be told."""
    database = runtime_of(request).database

    async def write() -> None:
        async with database.write() as session:
            await work(session)

    async def tell() -> None:
        try:
            await within(_TELLING, write())
        except Exception as problem:
            log.error("the desk could not be told of a call", error=type(problem).__name__)

    _gateway(request).beside(tell())


def _call_is_over(request: Request, call_id: str) -> None:
    wishes_of(request).nothing_more(call_id)
    folder = _folder(request)
    if folder is not None:
        folder.call_is_over()


def _folder(request: Request) -> PbxFolder | None:
    folder: PbxFolder | None = request.app.ctx.pbx_folder
    return folder


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.ctx.gateway
    return gateway
