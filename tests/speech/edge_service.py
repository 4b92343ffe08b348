"""Microsoft's speech service as edge-tts sees it, on loopback, in every temper it may have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import edge_tts.communicate
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

SAID = Path(__file__).parent / "said.mp3"
"""请问您要反映什么问题, MP3 of 24 kHz and 48 kbit/s as the service sends it; made by espeak-ng and lame."""
_AUDIO = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
_CHUNK = 1440


@dataclass
class EdgeService:
    """What it does next, and what it was asked."""

    mp3: bytes = field(default_factory=SAID.read_bytes)
    temper: str = "good"
    """good, slow (first sound after 3 s), refusing (403), cut (half and gone), hanging (half and silence), silent."""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One sentence."""
        if self.temper == "refusing":
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT and "Path:ssml" in message.data:
                self.asked.append(message.data)
                break
        await self._speak(socket)
        return socket

    async def _speak(self, socket: web.WebSocketResponse) -> None:
        await socket.send_str("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        if self.temper == "slow":
            await asyncio.sleep(3)
        if self.temper == "silent":
            await asyncio.sleep(30)
        mp3 = self.mp3[: len(self.mp3) // 3] if self.temper in {"cut", "hanging"} else self.mp3
        for at in range(0, len(mp3), _CHUNK):
            await socket.send_bytes(len(_AUDIO).to_bytes(2, "big") + _AUDIO + mp3[at : at + _CHUNK])
        if self.temper == "hanging":
            await asyncio.sleep(30)
        if self.temper != "cut":
            await socket.send_str("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")
        await socket.close()


@asynccontextmanager
async def edge_service() -> AsyncIterator[EdgeService]:
    """The service, with edge-tts turned to it, until the block ends."""
    service = EdgeService()
    app = web.Application()
    app.router.add_get("/edge/v1", service.answer)
    server = TestServer(app)
    await server.start_server()
    before = edge_tts.communicate.WSS_URL
    edge_tts.communicate.WSS_URL = f"ws://127.0.0.1:{server.port}/edge/v1?TrustedClientToken=x"
    try:
        yield service
    finally:
        edge_tts.communicate.WSS_URL = before
        await server.close()
