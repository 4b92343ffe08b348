"""The desk's live stream (server-sent events): says *that* something is new; the page asks for what it misses.

Each event carries the state of the list, of the open conversation (last sequence number, epoch) and of one's own
telephone (the conversation of the call that rings there, or was answered; who else is in it). A page that was
away compares them with what it shows, and fetches the difference by sequence number: nothing is lost, nothing doubled.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sanic import Blueprint, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import desk
from backoffice.call_people import at_telephone_of
from backoffice.call_third import stand_at
from backoffice.desk import READERS
from backoffice.desk_lists import fingerprint
from backoffice.web.guard import PREFIX, SignedIn, for_roles, signed_in
from core.live import DESK, citizen_typing_topic, conversation_topic, live
from core.web.site import runtime_of, site_of

blueprint = Blueprint("staff_desk_stream", url_prefix=f"{PREFIX}/desk")

HEARTBEAT = 10.0
"""Seconds after which the stream looks by itself: another process may have changed something."""
SETTLE = 0.2
"""Seconds in which several signals become one."""


@blueprint.get("/events")
@for_roles(READERS, by_itself=True)
async def events(request: Request, me: SignedIn) -> None:
    """Streams the state of the desk until the browser leaves, the session ends or the server stops."""
    conversation_id = _id_in(request.args.get("conversation", ""))
    response = await request.respond(content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
    assert response is not None
    await response.send("retry: 2000\n\n")
    async for event in _events(request, me, conversation_id):
        await response.send(event)
    await response.eof()


def _id_in(text: str) -> str:
    """The id of a conversation; empty for what cannot be one."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


async def _events(request: Request, me: SignedIn, conversation_id: str) -> AsyncIterator[str]:
    stopping = asyncio.ensure_future(site_of(request).stopping.wait())
    said: dict[str, Any] = {}
    topics = [DESK, conversation_topic(conversation_id)] if conversation_id else [DESK]
    with live.listen(*topics) as news, live.listen(citizen_typing_topic(conversation_id)) as typing:
        try:
            while not stopping.done():
                if await signed_in(request, by_person=False) is None:
                    yield "event: signed-out\ndata: {}\n\n"
                    return
                news.clear()
                state = await _state(request, me, conversation_id)
                yield f"event: state\ndata: {json.dumps(state)}\n\n" if state != said else ": still here\n\n"
                said = state
                if typing.is_set():
                    typing.clear()
                    yield "event: typing\ndata: {}\n\n"
                await _wait(stopping, news, typing)
        finally:
            stopping.cancel()


async def _state(request: Request, me: SignedIn, conversation_id: str) -> dict[str, Any]:
    async with runtime_of(request).database.read() as session:
        return {
            "list": await fingerprint(session),
            **await _conversation_state(session, conversation_id),
            **await _telephone_state(session, me),
        }


async def _conversation_state(session: AsyncSession, conversation_id: str) -> dict[str, Any]:
    conversation = await desk.find(session, conversation_id) if conversation_id else None
    if conversation is None:
        return {}
    return {"seq": conversation.last_seq, "epoch": conversation.epoch}


async def _telephone_state(session: AsyncSession, me: SignedIn) -> dict[str, Any]:
    call = await at_telephone_of(session, me.staff)
    if call is None:
        return {}
    third = await stand_at(session, call.conversation_id, me.staff)
    return {"telephone": {"conversation": call.conversation_id, "talks": call.talks, "third": third}}


async def _wait(stopping: asyncio.Future[Any], *news: asyncio.Event) -> None:
    """Until there is news (and it has settled), the server stops, or the heartbeat is due."""
    waiting = [asyncio.ensure_future(event.wait()) for event in news]
    try:
        done, _ = await asyncio.wait({stopping, *waiting}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    if done and not stopping.done():
        await asyncio.wait({stopping}, timeout=SETTLE)
