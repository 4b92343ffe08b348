"""What the citizen hears in one call: our sentences, frame by frame, and when we fall silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from channels.voice.measures import Measures
from channels.voice.media import Media
from channels.voice.player import Player
from channels.voice.speaker import Speaker
from channels.voice.transcript import Transcript
from speech.audio import SILENCE
from speech.synthesis import Synthesiser

PROTECTED: Final = 1.0
"""Seconds at the beginning of a prompt in which speech does not interrupt it."""


class Outgoing:
    """One call's mouth."""

    def __init__(
        self,
        media: Media,
        synthesiser: Synthesiser,
        transcript: Transcript,
        measures: Measures,
        failed: Callable[[], None],
    ) -> None:
        """``failed`` is called when no voice can speak."""
        self._media, self._transcript, self._measures = media, transcript, measures
        self._player = Player()
        self.speaker = Speaker(synthesiser, self._player, failed)
        self.speaker.first_sound = measures.synthesised
        self._open_since = 0.0
        """From when on what is being said can be interrupted."""
        self._talking = False
        self._piece = -1

    def beat(self, now: float) -> bytes:
        """Sends the frame that is due; it."""
        frame = self._player.next_frame()
        if frame is not None:
            self._heard(now)
        frame = frame or SILENCE
        self._media.send(frame)
        return frame

    @property
    def sounds(self) -> bool:
        """Whether something is being heard."""
        return self._talking

    def open_for(self, now: float) -> float:
        """Seconds for which what is being said could have been interrupted; below 0: it cannot be yet."""
        return now - self._open_since if self._talking and not self.speaker.insists else -1.0

    def has_just_ended(self) -> bool:
        """Whether all has been heard since this was asked last."""
        if not self._talking or not self.speaker.done:
            return False
        self._talking = False
        self._transcript.bot_ends()
        return True

    def hold(self) -> None:
        """Falls silent, to go on perhaps."""
        self.speaker.hold()
        self._fell_silent()

    def silence(self) -> None:
        """Says nothing more of what was being said."""
        self.speaker.hush()
        self._fell_silent()

    def _heard(self, now: float) -> None:
        if not self._talking:
            self._talking, self._open_since = True, now + PROTECTED
        if self.speaker.insists:
            self._open_since = max(self._open_since, now)
        if self._player.piece != self._piece:
            self._piece = self._player.piece
            self._transcript.bot_begins(self.speaker.pieces[self._piece].text)
        self._measures.sounded(now)

    def _fell_silent(self) -> None:
        self._media.flush()
        if self._talking:
            self._talking, self._piece = False, -1
            self._transcript.bot_ends()
