"""Citizens on the web chat's socket."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType

DIALOGUES = (
    ("社保卡丢了怎么补办", "那要带什么材料", "有用"),
    ("幸福小区半夜施工太吵了，没人管", "王小明", "1380013800", "13800138000", "不是同一件", "确认"),
    (
        "举报平安路口的小超市卖过期牛奶",
        "平安小区门口",
        "上周三",
        "不用保密",
        "李红梅",
        "13900139000",
        "不是同一件",
        "确认",
    ),
    ("公积金怎么提取", "多少钱", "谢谢"),
    ("我建议人民公园多装几盏路灯", "张建国", "13700137000", "电话错了，是13600136000", "确认"),
    ("你好", "居住证怎么续签", "第一个", "没用"),
)
"""Own words; each ends with the bot still in charge."""


class Citizen:
    """One visitor with a socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self.acknowledged: list[str] = []
        self.errors: list[str] = []

    async def say(self, text: str, *, patience: float = 60.0) -> float:
        """Says something; seconds until the first answer to it."""
        wanted = uuid.uuid4().hex
        begun = time.perf_counter()
        await self._socket.send_json({"type": "say", "id": wanted, "text": text})
        acknowledged = False
        while True:
            frame = await self._next(patience)
            if frame["type"] == "ack" and frame["id"] == wanted:
                acknowledged = True
                self.acknowledged.append(wanted)
            elif frame["type"] == "error":
                self.errors.append(frame["code"])
                return time.perf_counter() - begun
            elif acknowledged and frame["type"] == "message" and frame["author"] != "citizen":
                return time.perf_counter() - begun

    async def drain(self, seconds: float = 0.05) -> None:
        """Hears what is still coming."""
        try:
            while True:
                await self._next(seconds)
        except asyncio.TimeoutError:
            return

    async def _next(self, patience: float) -> dict[str, Any]:
        message = await asyncio.wait_for(self._socket.receive(), patience)
        if message.type is not WSMsgType.TEXT:
            raise ConnectionError(f"the socket closed: {message.data}")
        frame: dict[str, Any] = message.json()
        return frame


@asynccontextmanager
async def citizen(base: str) -> AsyncIterator[Citizen]:
    """A visitor who has opened the chat page and is connected."""
    async with ClientSession(base, cookie_jar=CookieJar(unsafe=True)) as session:
        async with session.get("/chat") as page:
            page.raise_for_status()
            await page.read()
        async with session.ws_connect("/chat/socket", origin=base) as socket:
            await socket.send_json({"type": "resume", "after": 0})
            visitor = Citizen(socket)
            await visitor.drain(0.2)
            yield visitor
