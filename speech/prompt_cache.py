"""Audio that is said again and again, kept in memory and on disk. Nothing personal may be put in."""

from __future__ import annotations

import hashlib
import os
import time
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final

IN_MEMORY: Final = 400
"""Sentences kept in memory: some 30 MB."""
_UNUSED: Final = 30 * 24 * 3600.0
"""Seconds without use after which a sentence leaves the disk."""


class PromptCache:
    """Sentences by voice and speed; the longest unused leave memory, and the disk when somebody clears it."""

    def __init__(self, folder: Path) -> None:
        """``folder``: made at the first sentence kept."""
        self._folder = folder
        self._memory: OrderedDict[str, bytes] = OrderedDict()

    def get(self, voice: str, sentence: str, speed: float) -> bytes | None:
        """The audio of a sentence, if it is kept."""
        key = _key(voice, sentence, speed)
        if key in self._memory:
            self._memory.move_to_end(key)
            return self._memory[key]
        path = self._folder / f"{key}.pcm"
        try:
            pcm = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # it is in use
        self._remember(key, pcm)
        return pcm

    def clear(self) -> None:
        """Removes from the disk what nobody has said for long: other voices, other readings, prompts of other plans."""
        before = time.time() - _UNUSED
        with suppress(OSError):
            for file in self._folder.iterdir():
                if file.stat().st_mtime < before:
                    file.unlink()

    def put(self, voice: str, sentence: str, speed: float, pcm: bytes) -> None:
        """Keeps the audio of a sentence; a full disk only means that it is not kept there."""
        key = _key(voice, sentence, speed)
        self._remember(key, pcm)
        draft = self._folder / f"{key}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(pcm)
            draft.replace(self._folder / f"{key}.pcm")
        except OSError:
            with suppress(OSError):
                draft.unlink()

    def _remember(self, key: str, pcm: bytes) -> None:
        self._memory[key] = pcm
        while len(self._memory) > IN_MEMORY:
            self._memory.popitem(last=False)


def _key(voice: str, sentence: str, speed: float) -> str:
    return hashlib.sha256(f"{voice}\n{speed}\n{sentence}".encode()).hexdigest()[:40]
