"""The citizen's frames in step with our beats: between two there may come several on a bad line, or none. Pure."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from speech.audio import SILENCE

_QUIET: Final = 300
"""The highest sample of a frame that is a pause."""
_PAUSE: Final = 10
"""Frames of quiet after which what is late is caught up with: not within a word."""


class InStep:
    """What came and is not taken yet. No frame with sound in it is left out; who is late catches up in a pause."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._quiet = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, frame: bytes) -> None:
        """20 ms that came."""
        self._waiting.append(frame)

    def take(self) -> bytes:
        """The 20 ms of this beat; silence where nothing has come."""
        while len(self._waiting) > 1 and self._quiet >= _PAUSE and _is_quiet(self._waiting[0]):
            self._waiting.popleft()
        frame = self._waiting.popleft() if self._waiting else SILENCE
        self._quiet = self._quiet + 1 if _is_quiet(frame) else 0
        return frame


def _is_quiet(frame: bytes) -> bool:
    return frame == SILENCE or int(np.abs(np.frombuffer(frame, np.int16).astype(np.int32)).max()) < _QUIET
