"""Audio that is said again and again, kept in memory and on disk. Nothing personal may be put in."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import Final

IN_MEMORY: Final = 400
"""Sentences kept in memory: some 30 MB."""


class PromptCache:
    """Sentences by voice and speed; the longest unused leave memory, none leaves the disk."""

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
        try:
            pcm = (self._folder / f"{key}.pcm").read_bytes()
        except OSError:
            return None
        self._remember(key, pcm)
        return pcm

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
