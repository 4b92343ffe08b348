"""What is being said, frame by frame: audio put in as it is made, taken out by the clock."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from speech.audio import FRAME_BYTES, whole_frames

_LOW: Final = 75
"""Frames: 1.5 s. Audio made much earlier than it is heard is wasted when somebody interrupts."""


class Player:
    """Audio of one call, piece after piece."""

    def __init__(self) -> None:
        self._frames: deque[tuple[int, bytes]] = deque()
        self._rest = b""
        self._low = asyncio.Event()
        self.piece = -1
        """Number of the piece that is heard now, or was heard last."""

    def put(self, piece: int, pcm: bytes) -> None:
        """More audio of a piece."""
        pcm = self._rest + pcm
        end = len(pcm) // FRAME_BYTES * FRAME_BYTES
        self._rest = pcm[end:]
        self._frames.extend((piece, pcm[at : at + FRAME_BYTES]) for at in range(0, end, FRAME_BYTES))

    def piece_ended(self, piece: int) -> None:
        """No more audio of a piece comes."""
        if self._rest:
            self._frames.append((piece, whole_frames(self._rest)))
            self._rest = b""

    def next_frame(self) -> bytes | None:
        """The frame to be heard now; None: nothing is there."""
        if not self._frames:
            return None
        self.piece, frame = self._frames.popleft()
        if len(self._frames) < _LOW:
            self._low.set()
        return frame

    def clear(self) -> None:
        """Forgets what has not been heard."""
        self._frames.clear()
        self._rest = b""
        self._low.set()

    @property
    def next_piece(self) -> int | None:
        """The piece of the frame that is heard next; None: nothing is there."""
        return self._frames[0][0] if self._frames else None

    @property
    def empty(self) -> bool:
        """Whether nothing is there to be heard."""
        return not self._frames

    async def low(self) -> None:
        """Returns when little is left to be heard."""
        self._low.clear()
        if len(self._frames) >= _LOW:
            await self._low.wait()
