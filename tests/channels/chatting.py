"""A citizen's browser as the tests see it: cookies of its own, a socket, and what came over it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from tests.fixtures.app import AppServer

PATIENCE = 30.0
"""Seconds: two cores that are busy with other tests answer late, and late is not what these tests look for."""


class Chat:
    """An open socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self.said: dict[str, str] = {}

    async def send(self, **frame: Any) -> None:
        await self.socket.send_str(json.dumps(frame))

    async def say(self, text: str, key: str | None = None) -> str:
        """Says something without waiting; gives its id."""
        key = key or str(uuid4())
        self.said[key] = text
        await self.send(type="say", id=key, text=text)
        return key

    async def next(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """The next frame of a type, with the given fields; earlier ones of other types are kept in ``frames``."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), PATIENCE)
            assert message.type is WSMsgType.TEXT, f"{message.type} instead of {kind}"
            frame = json.loads(message.data)
            self.frames.append(frame)
            if frame["type"] == kind and all(frame.get(name) == value for name, value in wanted.items()):
                return frame

    async def quiet(self, seconds: float = 0.2) -> None:
        """Takes in whatever comes until nothing has come for a while."""
        while True:
            try:
                message = await asyncio.wait_for(self.socket.receive(), seconds)
            except asyncio.TimeoutError:
                return
            assert message.type is WSMsgType.TEXT
            self.frames.append(json.loads(message.data))

    def messages(self) -> list[tuple[int, str, str]]:
        """What a page would show, in the order it came: sequence, author, text; an ack stands for what was said."""
        shown: list[tuple[int, str, str]] = []
        for frame in self.frames:
            if frame["type"] == "message":
                shown.append((frame["seq"], frame["author"], frame["text"]))
            elif frame["type"] == "ack" and shown and frame["seq"] == shown[-1][0] + 1:
                shown.append((frame["seq"], "citizen", self.said[frame["id"]]))
        return shown


@asynccontextmanager
async def visitor(app: AppServer) -> AsyncIterator[ClientSession]:
    """A browser that has opened the chat page."""
    async with app.browser() as browser:
        async with browser.get("/chat") as page:
            assert page.status == 200
        yield browser


@asynccontextmanager
async def chat(browser: ClientSession, conversation: str | None = None, after: int = 0) -> AsyncIterator[Chat]:
    """A socket that has resumed, from a place on or with the latest messages."""
    async with browser.ws_connect("/chat/socket") as socket:
        opened = Chat(socket)
        await opened.send(type="resume", conversation=conversation, after=after)
        await opened.next("state")
        yield opened
