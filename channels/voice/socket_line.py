"""What the lines that are web sockets share: messages go out one after the other, and a dead line loses the oldest."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final, Protocol

from sanic.exceptions import WebsocketClosed
from websockets.exceptions import ConnectionClosed

from core.tasks import cancel_all

GONE: Final = (WebsocketClosed, ConnectionClosed, OSError)
"""What a socket raises that has ended."""
_UNSENT: Final = 100
"""Frames that wait to be sent: 2 s."""
_FAREWELL: Final = 1.0


class Socket(Protocol):
    """The web socket as far as a call needs it."""

    async def recv(self) -> str | bytes | None:
        """The next message; None: it has ended."""
        ...

    async def send(self, message: str | bytes) -> None:
        """Sends a message."""
        ...

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Ends the connection."""
        ...


class Sender:
    """Sends into one socket."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._unsent: deque[str | bytes] = deque(maxlen=_UNSENT)
        self._more = asyncio.Event()
        self._ending = False
        self._sending = asyncio.create_task(self._send_all())

    def put(self, message: str | bytes) -> None:
        """One message, as soon as the line takes it."""
        self._unsent.append(message)
        self._more.set()

    def replace(self, message: str | bytes) -> None:
        """Takes back what waits, and sends this instead."""
        self._unsent.clear()
        self.put(message)

    async def end(self) -> None:
        """Sends what is left; the socket stays open for a last word."""
        self._ending = True
        self._more.set()
        await asyncio.wait([self._sending], timeout=_FAREWELL)
        await cancel_all([self._sending])

    async def _send_all(self) -> None:
        with suppress(*GONE):
            while not self._ending:
                await self._more.wait()
                self._more.clear()
                while self._unsent:
                    await self._socket.send(self._unsent.popleft())
