"""What the dialplan asks and tells of third parties in a call: what an agent wants done, and what came of it."""

from __future__ import annotations

import asyncio
from typing import Final

from sanic import HTTPResponse, Request
from sanic.response import text

from backoffice import call_third
from backoffice.call_wishes import Wishes
from backoffice.third_party import Event
from channels.voice.pbx_question import call_of, field_of, refused
from core.texts import whole_number
from core.web.application import App
from core.web.site import runtime_of, site_of

_LONGEST: Final = 20
_EVENTS: Final = {
    "answers": Event.ANSWERS,
    "unreached": Event.UNREACHED,
    "leaves": Event.LEAVES,
    "agent_leaves": Event.AGENT_LEAVES,
}


def add_routes(app: App) -> None:
    """Adds the addresses."""
    app.add_route(wanted, "/voice/pbx/wanted", methods=["GET"], name="pbx_wanted")
    app.add_route(third, "/voice/pbx/third", methods=["POST"], name="pbx_third")


async def wanted(request: Request) -> HTTPResponse:
    """What an agent wants of a call, at the latest after ``seconds``: ``invite/…``, ``join``… ``nothing``, ``over``.

    Whatever is answered is done: it is kept before.
    """
    call_id = call_of(request)
    if call_id is None:
        return refused()
    looking = asyncio.ensure_future(wishes_of(request).next(call_id, _seconds(field_of(request, "seconds"))))
    stopping = asyncio.ensure_future(site_of(request).stopping.wait())
    await asyncio.wait({looking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not looking.done():
        looking.cancel()
        return text("nothing")
    found = looking.result()
    if found.wanted is None:
        return text("over" if found.over else "nothing")
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        is_done = await call_third.is_taken(session, found.wanted.asked, runtime.clock.now())
    found.wanted.taken.set()  # the desk shows who is there now, done or not
    if not is_done:
        return text("nothing")
    return text(found.wanted.asked.said)


async def third(request: Request) -> HTTPResponse:
    """What has happened (``what``) with a third party, and ``why`` it was not reached. Answers ``ok``."""
    call_id = call_of(request)
    event = _EVENTS.get(field_of(request, "what"))
    if call_id is None or event is None:
        return refused()
    runtime = runtime_of(request)
    async with runtime.database.write() as session:
        await call_third.happens(session, call_id, event, field_of(request, "why")[:20], runtime.clock.now())
    return text("ok")


def _seconds(asked: str) -> int:
    seconds = whole_number(asked, 3)
    return 1 if seconds is None else min(seconds, _LONGEST)


def wishes_of(request: Request) -> Wishes:
    """Where the desk leaves what is wanted."""
    wishes: Wishes = request.app.ctx.wishes
    return wishes
