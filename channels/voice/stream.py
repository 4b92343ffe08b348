"""The line of a cloud telephony provider in Twilio's manner: JSON messages over a web socket, mu-law in base64.

In: ``connected``, ``start`` (once), ``media``, ``dtmf``, ``mark``, ``stop``. Out: ``media``, and ``clear``: forget
what has not been heard yet. As documented at https://www.twilio.com/docs/voice/media-streams/websocket-messages.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from channels.voice.media import Key, MediaBroken, Sound
from channels.voice.socket_line import GONE, Sender, Socket
from speech import mulaw

_KEYS: Final = frozenset("0123456789*#")
_LONGEST_MESSAGE: Final = 64_000
_BEGINNING: Final = 5.0
"""Seconds a line has to say which call it is."""


async def read_start(socket: Socket) -> tuple[str, str]:
    """The stream's id and the call's, which the provider was told to give back. Raises :class:`MediaBroken`."""
    try:
        return await asyncio.wait_for(_start(socket), _BEGINNING)
    except (asyncio.TimeoutError, *GONE):
        raise MediaBroken("no start") from None


async def _start(socket: Socket) -> tuple[str, str]:
    while (got := await socket.recv()) is not None:
        message = _message(got)
        if message["event"] == "connected":
            continue
        start = message.get("start")
        if message["event"] != "start" or not isinstance(start, dict):
            break
        if (start.get("mediaFormat") or {}) != {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}:
            raise MediaBroken("another audio format")
        stream, given = start.get("streamSid"), start.get("customParameters")
        call = given.get("call") if isinstance(given, dict) else None
        if isinstance(stream, str) and isinstance(call, str):
            return stream, call
        break
    raise MediaBroken("no start")


class StreamMedia:
    """One call's line (:class:`channels.voice.media.Media`)."""

    line = "stream"

    def __init__(self, socket: Socket, stream: str) -> None:
        """``stream``: the provider's id of it."""
        self._socket, self._stream = socket, stream
        self._sender = Sender(socket)

    async def incoming(self) -> AsyncIterator[Sound | Key]:
        """Audio and keys until the provider says the call has ended."""
        with suppress(*GONE):
            while (got := await self._socket.recv()) is not None:
                message = _message(got)
                if message["event"] == "stop":
                    return
                if message["event"] == "media":
                    yield Sound(_audio(message))
                elif message["event"] == "dtmf":
                    yield Key(_key(message))

    def send(self, frame: bytes) -> None:
        """One frame, as soon as the line takes it."""
        payload = base64.b64encode(mulaw.encode(frame)).decode()
        self._sender.put(self._written("media", media={"payload": payload}))

    def flush(self) -> None:
        """Takes back what waits here and what the provider has not played yet."""
        self._sender.replace(self._written("clear"))

    async def hang_up(self) -> None:
        """Ends the stream: the provider asks what comes next."""
        await self._sender.end()
        with suppress(*GONE):
            await self._socket.close()

    def _written(self, event: str, **more: Any) -> str:
        return json.dumps({"event": event, "streamSid": self._stream, **more})


def _message(got: str | bytes) -> dict[str, Any]:
    try:
        message: Any = json.loads(got) if len(got) <= _LONGEST_MESSAGE else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("event"), str):
        raise MediaBroken("no message of a stream")
    return message


def _audio(message: dict[str, Any]) -> bytes:
    media = message.get("media")
    payload = media.get("payload") if isinstance(media, dict) else None
    if not isinstance(payload, str):
        raise MediaBroken("no audio")
    try:
        return mulaw.decode(base64.b64decode(payload, validate=True))
    except (binascii.Error, ValueError):
        raise MediaBroken("no base64") from None


def _key(message: dict[str, Any]) -> str:
    dtmf = message.get("dtmf")
    key = dtmf.get("digit") if isinstance(dtmf, dict) else None
    if not isinstance(key, str) or key not in _KEYS:
        raise MediaBroken("no such key")
    return key
