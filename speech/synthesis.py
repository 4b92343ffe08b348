"""Synthesis as the rest of the house sees it, and the chain behind it: what is kept, the good voice, the sure voice.

A voice is asked for one sentence and gives 8 kHz audio as it is made. When it fails, also in the middle, the next voice
says the sentence from its beginning: half a number heard twice is better than half a number.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

import structlog

from speech.breaker import Breaker
from speech.prompt_cache import PromptCache
from speech.reading_aloud import read_aloud
from speech.sentences import sentences

log = structlog.get_logger(__name__)

USUAL = 1.0
SLOW = 0.75
"""How fast is spoken, as a share of the usual speed."""


class SynthesisFailed(Exception):
    """No voice can speak."""


class Voice(Protocol):
    """Speaks one sentence."""

    @property
    def name(self) -> str:
        """What its audio is kept under: another voice or version, another name."""
        ...

    def speak(self, sentence: str, speed: float) -> AsyncGenerator[bytes, None]:
        """8 kHz audio of a sentence that is already in words. Raises :class:`SynthesisFailed`, at any point."""
        ...


class Synthesiser:
    """Speaks texts, sentence by sentence."""

    def __init__(self, voices: Sequence[Voice], cache: PromptCache) -> None:
        """``voices``: best first; the last one should not need the network."""
        self._voices = [(voice, Breaker()) for voice in voices]
        self._cache = cache

    @property
    def can_speak(self) -> bool:
        """Whether there is any voice at all."""
        return bool(self._voices)

    def pieces(self, text: str) -> list[str]:
        """The sentences of ``text`` in the words they are read in; each is for :meth:`speak`."""
        return sentences(read_aloud(text))

    async def clear(self) -> None:
        """What has been kept and nobody has said for long is kept no longer."""
        await asyncio.to_thread(self._cache.clear)

    async def keep(self, text: str) -> None:
        """Makes the audio of a text that is said again and again, where it is not kept yet.

        Raises :class:`SynthesisFailed` when every voice failed.
        """
        for sentence in self.pieces(text):
            async for _ in self.speak(sentence, keep=True):
                pass

    async def speak(self, sentence: str, *, speed: float = USUAL, keep: bool = False) -> AsyncGenerator[bytes, None]:
        """8 kHz audio of one piece, as it is made. ``keep``: it holds no personal data and will be said again.

        Raises :class:`SynthesisFailed` when every voice failed.
        """
        for voice, breaker in self._voices:
            kept = self._cache.get(voice.name, sentence, speed)
            if kept is not None:
                yield kept
                return
            if breaker.is_open():
                continue
            made = bytearray()
            try:
                async with aclosing(voice.speak(sentence, speed)) as speaking:
                    async for pcm in speaking:
                        made += pcm
                        yield pcm
            except SynthesisFailed as problem:
                breaker.failed()
                log.warning("a voice failed", voice=voice.name, problem=str(problem), begun=bool(made))
                continue
            breaker.succeeded()
            if keep:
                self._cache.put(voice.name, sentence, speed, bytes(made))
            return
        raise SynthesisFailed("no voice")
