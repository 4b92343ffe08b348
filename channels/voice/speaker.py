"""Speaks texts into a call: sentence by sentence, a little ahead of what is heard, to be stopped and taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from channels.voice.player import Player
from channels.voice.script_words import Speak
from core.tasks import cancel_all
from speech.audio import FRAME_BYTES
from speech.synthesis import SLOW, USUAL, Synthesiser

_BETWEEN: Final = bytes(FRAME_BYTES * 15)
"""300 ms between sentences."""


@dataclass(frozen=True)
class Piece:
    """One sentence to be said, or audio as it is."""

    text: str
    fixed: bool = False
    speed: float = USUAL
    pcm: bytes | None = None
    whole: bool = False
    """It is heard to its end."""
    aside: bool = False
    """It is said once, and not again with what was broken off before it."""


class Speaker:
    """The voice of one call."""

    def __init__(self, synthesiser: Synthesiser, player: Player, failed: Callable[[], None]) -> None:
        """``failed`` is called when no voice can speak."""
        self._synthesiser, self._player, self._failed = synthesiser, player, failed
        self.pieces: list[Piece] = []
        """All that was to be said in this call, by number."""
        self._next = 0
        self._task: asyncio.Task[None] | None = None
        self._held: int | None = None
        self.first_sound: Callable[[float], None] = lambda _: None
        """Called with the seconds the first audio of a text took."""

    def say(self, speak: Speak) -> None:
        """Says a text after what is being said."""
        speed = SLOW if speak.slow else USUAL
        for text in self._synthesiser.pieces(speak.text):
            self.pieces.append(Piece(text, speak.fixed, speed, whole=speak.whole))
        self._go_on()

    def aside(self, speak: Speak) -> None:
        """Says a word now: into a pause, which it does not end."""
        for text in self._synthesiser.pieces(speak.text):
            self.pieces.append(Piece(text, speak.fixed, SLOW if speak.slow else USUAL, aside=True))
        self._go_on()

    def play(self, pcm: bytes) -> None:
        """Plays audio as it is, after what is being said."""
        self.pieces.append(Piece("", pcm=pcm))
        self._go_on()

    @property
    def insists(self) -> bool:
        """Whether something is being said, or about to be, that is heard to its end."""
        coming = self._player.next_piece
        return any(piece.whole for piece in self.pieces[self._next if coming is None else coming :])

    def hush(self) -> None:
        """Stops, and forgets what was to be said."""
        self._stop()
        self._next, self._held = len(self.pieces), None

    def hold(self) -> None:
        """Stops, to be taken up again perhaps."""
        if self._held is None and not self.done:
            self._held = self._next if self._player.empty else min(self._player.piece, self._next)
            self._held = max(self._held, 0)
            self._stop()
            self._next = len(self.pieces)

    def take_up(self) -> bool:
        """Goes on with the sentence that was broken off; False when nothing was."""
        if self._held is None:
            return False
        self._next, self._held = self._held, None
        self.pieces[self._next :] = [Piece("", pcm=b"") if one.aside else one for one in self.pieces[self._next :]]
        self._go_on()
        return True

    @property
    def held(self) -> bool:
        """Whether something was broken off that may be taken up again."""
        return self._held is not None

    @property
    def done(self) -> bool:
        """Whether all has been said and heard, and nothing is held back."""
        return self._next >= len(self.pieces) and self._player.empty and self._held is None and not self._busy

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    def _go_on(self) -> None:
        if not self._busy:
            self._task = asyncio.create_task(self._speak_on())

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._player.clear()

    async def close(self) -> None:
        """Ends for good."""
        task = self._task
        self.hush()
        if task is not None:
            await cancel_all([task])

    async def _speak_on(self) -> None:
        try:
            while self._next < len(self.pieces):
                await self._speak(self._next, self.pieces[self._next])
                self._next += 1
        except Exception:  # no voice can speak, whatever the reason
            self._failed()

    async def _speak(self, number: int, piece: Piece) -> None:
        if piece.pcm is not None:
            self._player.put(number, piece.pcm)
        else:
            loop = asyncio.get_running_loop()
            asked, first = loop.time(), True
            async for pcm in self._synthesiser.speak(piece.text, speed=piece.speed, keep=piece.fixed):
                if first:
                    self.first_sound(loop.time() - asked)
                    first = False
                self._player.put(number, pcm)
            self._player.put(number, _BETWEEN)
        self._player.piece_ended(number)
        await self._player.low()
