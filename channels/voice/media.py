"""The line as a call sees it, whatever it is made of: audio in 20 ms frames, keys, and its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Sound:
    """8 kHz audio from the citizen, of any length."""

    pcm: bytes


@dataclass(frozen=True)
class Key:
    """A key the citizen pressed."""

    key: str


class MediaBroken(Exception):
    """The other end does not keep to the protocol."""


class Media(Protocol):
    """An open line."""

    @property
    def line(self) -> str:
        """``asterisk``, ``browser`` or ``stream``."""
        ...

    def incoming(self) -> AsyncIterator[Sound | Key]:
        """What comes in, until the citizen hangs up. Raises :class:`MediaBroken`."""
        ...

    def send(self, frame: bytes) -> None:
        """One frame to the citizen; never waits, and drops what a dead line does not take."""
        ...

    def flush(self) -> None:
        """Takes back what has been sent and not been heard yet, where the line can."""
        ...

    async def hang_up(self) -> None:
        """Gives the line back: to the PBX, which asks what comes next, or for good."""
        ...


class FrameCutter:
    """Cuts audio of any length into frames of 20 ms."""

    def __init__(self, frame_bytes: int) -> None:
        self._frame_bytes = frame_bytes
        self._rest = b""

    def cut(self, pcm: bytes) -> list[bytes]:
        """The whole frames that are there now."""
        audio = self._rest + pcm
        end = len(audio) // self._frame_bytes * self._frame_bytes
        self._rest = audio[end:]
        return [audio[at : at + self._frame_bytes] for at in range(0, end, self._frame_bytes)]
