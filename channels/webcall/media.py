"""The line of a call in the browser: a web socket with 8 kHz audio as binary messages and keys as text.

In: binary, 16-bit little-endian samples of 8 kHz; ``{"type": "key", "key": "1"}``; ``{"type": "hang_up"}``.
Out: the same audio in frames of 20 ms; ``{"type": "flush"}``: forget what has not been heard yet.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from channels.voice.media import Key, MediaBroken, Sound
from channels.voice.socket_line import GONE, Sender, Socket

KEYS: Final = frozenset("0123456789*#")
LONGEST_MESSAGE: Final = 32_000
"""Bytes of audio in one message: 2 s."""
_FLUSH: Final = json.dumps({"type": "flush"})


class BrowserMedia:
    """One call's line (:class:`channels.voice.media.Media`)."""

    line = "browser"

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._sender = Sender(socket)

    async def incoming(self) -> AsyncIterator[Sound | Key]:
        """Audio and keys until the citizen hangs up or the socket ends."""
        with suppress(*GONE):
            while (got := await self._socket.recv()) is not None:
                if isinstance(got, str):
                    key = _key_of(got)
                    if key is None:
                        return
                    yield Key(key)
                elif len(got) % 2 or len(got) > LONGEST_MESSAGE:
                    raise MediaBroken("no audio of ours")
                else:
                    yield Sound(bytes(got))

    def send(self, frame: bytes) -> None:
        """One frame, as soon as the line takes it."""
        self._sender.put(frame)

    def flush(self) -> None:
        """Takes back what waits here and what waits in the browser."""
        self._sender.replace(_FLUSH)

    async def hang_up(self) -> None:
        """Sends what is left; the socket stays open for a last word."""
        await self._sender.end()


def _key_of(text: str) -> str | None:
    """The key that was pressed; None: the citizen hangs up. Raises :class:`MediaBroken` for anything else."""
    try:
        said: Any = json.loads(text) if len(text) < 200 else None
    except ValueError:
        said = None
    kind = said.get("type") if isinstance(said, dict) else None
    if kind == "hang_up":
        return None
    key = said.get("key") if kind == "key" else None
    if not isinstance(key, str) or key not in KEYS:
        raise MediaBroken("no message of ours")
    return key
