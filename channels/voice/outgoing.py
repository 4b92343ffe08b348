"""What the citizen hears in one call: our sentences, frame by frame, and when we fall silent."""

from __future__ import annotations

from collections.abc import Callable

from channels.voice.measures import Measures
from channels.voice.media import Media
from channels.voice.player import Player
from channels.voice.speaker import Speaker
from channels.voice.transcript import Transcript
from speech.audio import SILENCE
from speech.synthesis import Synthesiser


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
        self.began_at = 0.0
        """When what is being said began."""
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
            self._talking, self.began_at = True, now
        if self._player.piece != self._piece:
            self._piece = self._player.piece
            self._transcript.bot_begins(self.speaker.pieces[self._piece].text)
        self._measures.sounded(now)

    def _fell_silent(self) -> None:
        self._media.flush()
        if self._talking:
            self._talking, self._piece = False, -1
            self._transcript.bot_ends()
