"""Asterisk's AudioSocket: one TCP connection a call. A frame is a kind, a length of two bytes, and so many bytes.

The line is given back by a hang-up frame, after which the dialplan goes on; the citizen's hanging up is an end of file.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from channels.voice.media import Key, MediaBroken, Sound
from speech.audio import RATE, Resampler

HANG_UP: Final = 0x00
UUID: Final = 0x01
DTMF: Final = 0x03
PCM_8K: Final = 0x10
PCM_16K: Final = 0x12
ERROR: Final = 0xFF
_HEAD: Final = 3
_KEYS: Final = frozenset("0123456789*#ABCD")
_UNSENT: Final = 64 * 1024
"""Bytes the other end may leave unread: 4 s. A line that takes no more is dead."""
_FAREWELL: Final = 1.0


def frame(kind: int, payload: bytes = b"") -> bytes:
    """One frame as it goes over the wire."""
    return bytes((kind,)) + len(payload).to_bytes(2, "big") + payload


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes] | None:
    """The next frame; None at the end of the line, also in the middle of a frame."""
    try:
        head = await reader.readexactly(_HEAD)
        return head[0], await reader.readexactly(int.from_bytes(head[1:], "big"))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def read_uuid(reader: asyncio.StreamReader) -> str:
    """The id of the call, which comes first. Raises :class:`MediaBroken` for anything else."""
    first = await read_frame(reader)
    if first is None or first[0] != UUID or len(first[1]) != 16:
        raise MediaBroken("no UUID")
    return str(uuid.UUID(bytes=first[1]))


class AudioSocketMedia:
    """One call's line (:class:`channels.voice.media.Media`)."""

    line = "asterisk"

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._wide: Resampler | None = None

    async def incoming(self) -> AsyncIterator[Sound | Key]:
        """Audio and keys until the citizen hangs up."""
        while (got := await read_frame(self._reader)) is not None:
            kind, payload = got
            if kind in {PCM_8K, PCM_16K}:
                yield Sound(self._narrow(kind, payload))
            elif kind == DTMF:
                yield Key(_key(payload))
            elif kind == HANG_UP:
                return
            elif kind == ERROR:
                raise MediaBroken("the PBX reports an error")

    def send(self, pcm: bytes) -> None:
        """One frame, if the line still takes any."""
        transport = self._writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < _UNSENT:
            self._writer.write(frame(PCM_8K, pcm))

    def flush(self) -> None:
        """Nothing: Asterisk plays at once what it gets, and gets it when it is to be heard."""

    async def hang_up(self) -> None:
        """Gives the line back to the dialplan."""
        with suppress(OSError, asyncio.TimeoutError):
            if not self._writer.transport.is_closing():
                self._writer.write(frame(HANG_UP))
                await asyncio.wait_for(self._writer.drain(), _FAREWELL)
            self._writer.close()
            await asyncio.wait_for(self._writer.wait_closed(), _FAREWELL)

    def _narrow(self, kind: int, payload: bytes) -> bytes:
        if len(payload) % 2:
            raise MediaBroken("half a sample")
        if kind == PCM_8K:
            return payload
        self._wide = self._wide or Resampler(2 * RATE, RATE)
        return self._wide.feed(payload)


def _key(payload: bytes) -> str:
    key = payload.decode("ascii", "replace").upper()
    if key not in _KEYS:
        raise MediaBroken("no such key")
    return key
