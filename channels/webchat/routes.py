"""The web socket, and the same by plain HTTP for where a socket does not get through."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import json

from channels.port import exchange_of
from channels.webchat import feed, frames
from channels.webchat.connection import TOO_FAST, Connection
from channels.webchat.frames import BadFrame, Resume
from channels.webchat.limits import Limits, refuse_if
from channels.webchat.session import COOKIE, known_visitor, remember, welcome_visitor
from channels.webchat.visitors import Visitor
from channels.words import Refused
from core.live import live
from core.runtime import Runtime
from core.web.application import App
from core.web.caller import client_address
from core.web.errors import Refusal
from core.web.site import runtime_of

TOO_MANY_WINDOWS = 1013
"""Close code: try again later."""
LAST_WORDS = 5.0
"""Seconds a socket may take to end when the server stops."""
_STATUS = {"too_long": 413}


class ChatRoutes:
    """``/chat/socket`` and ``/api/chat/…``."""

    def __init__(self, limits: Limits) -> None:
        """``limits``: shared by all ways a visitor can send something."""
        self._limits = limits
        self._open: set[asyncio.Task[Any] | None] = set()

    def add_to(self, blueprint: Blueprint) -> None:
        """Adds the routes."""
        blueprint.after_server_stop(self._let_sockets_end)
        blueprint.add_websocket_route(self.socket, "/chat/socket")
        blueprint.add_route(self.begin_session, "/api/chat/session", methods=["POST"])
        blueprint.add_route(self.leave, "/api/chat/leave", methods=["POST"])
        blueprint.add_route(self.say, "/api/chat/messages", methods=["POST"], name="say")
        blueprint.add_route(self.messages, "/api/chat/messages", methods=["GET"], name="messages")

    async def socket(self, request: Request, ws: Any) -> None:
        """Serves one socket until it ends."""
        visitor = known_visitor(request)
        if not self._limits.open_socket(visitor):
            await ws.close(TOO_MANY_WINDOWS, "too many windows")
            return
        task = asyncio.current_task()
        self._open.add(task)
        try:
            address = client_address(request)
            await Connection(ws, visitor, address, runtime_of(request), exchange_of(request), self._limits).run()
        finally:
            self._open.discard(task)
            self._limits.close_socket(visitor)

    async def _let_sockets_end(self, _app: App, _loop: Any = None) -> None:
        """Waits until no socket uses the database any more."""
        running = {task for task in self._open if task is not None}
        if running:
            await asyncio.wait(running, timeout=LAST_WORDS)

    async def begin_session(self, request: Request) -> HTTPResponse:
        """Gives a visitor without a valid cookie a new one; for a page that has been open too long."""
        visitor, is_new = welcome_visitor(request)
        answer = json({"new": is_new})
        return remember(request, answer, visitor) if is_new else answer

    async def leave(self, _request: Request) -> HTTPResponse:
        """Makes the browser a stranger again: for a device that several people use."""
        answer = json({})
        answer.delete_cookie(COOKIE)
        return answer

    async def say(self, request: Request) -> HTTPResponse:
        """Takes a text in; answers when it is stored. The same id is the same message."""
        visitor = known_visitor(request)
        now = runtime_of(request).clock.now()
        refuse_if(self._limits.message(visitor, client_address(request), now), TOO_FAST)
        fields = request.json
        try:
            if not isinstance(fields, dict):
                raise BadFrame("消息格式不对。")
            key, text = frames.message_id(fields.get("id")), frames.words(fields.get("text"))
            said = frames.inbound(visitor, key, text, about=frames.place(fields.get("about")))
            received = await exchange_of(request).receive(said)
        except BadFrame as problem:
            raise Refusal(400, "bad_request", str(problem)) from problem
        except Refused as refusal:
            raise Refusal(_STATUS.get(refusal.code, 422), refusal.code, refusal.reason) from refusal
        live.signal(visitor.topic)
        return json(frames.ack_frame(key, received.conversation_id, received.seq))

    async def messages(self, request: Request) -> HTTPResponse:
        """The messages after a place, the newest ones, or (``before``) those right before a message."""
        visitor, asked = known_visitor(request), request.args
        try:
            if "before" in asked:
                place = frames.conversation_id(asked.get("conversation")), frames.sequence(asked.get("before"))
                return json(await _older(runtime_of(request), visitor, *place))
            return json(await _news(runtime_of(request), visitor, frames.resume_from(asked)))
        except BadFrame as problem:
            raise Refusal(400, "bad_request", str(problem)) from problem


async def _older(runtime: Runtime, visitor: Visitor, conversation: str, seq: int) -> dict[str, Any]:
    async with runtime.database.read() as session:
        news = await feed.before(session, visitor.sender, conversation, seq)
    return {"messages": news.frames, "more": not news.complete}


async def _news(runtime: Runtime, visitor: Visitor, place: Resume) -> dict[str, Any]:
    async with runtime.database.read() as session:
        news = await feed.after(session, visitor.sender, place.conversation, place.after)
        state = await feed.state_of(session, news.newest, runtime.clock.now())
    return {"messages": news.frames, "state": state.frame(), "more": not news.complete}
