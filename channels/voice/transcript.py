"""What a call leaves: the audio of both directions, and its words with their places in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from backoffice.calls import SpokenLine
from channels.voice.in_step import InStep
from channels.voice.recording import CallRecording, place_for
from speech.audio import SILENCE
from speech.recognition import Heard

log = structlog.get_logger(__name__)


class Transcript:
    """One call's; without a recording (a full disk) the words are kept all the same."""

    def __init__(self, call_id: str, note: Callable[[str, Any], None] = lambda *_: None) -> None:
        """``note``: told every line as it comes, and once more at its end (:class:`channels.voice.journal.Journal`)."""
        self._call_id, self._note = call_id, note
        self.lines: list[SpokenLine] = []
        self.place: str | None = None
        """Where the recording is, relative to the media folder."""
        self.deaf = False
        """Whether nothing of the citizen's is kept now (:attr:`channels.voice.script_words.Listen.unkept`)."""
        self._recording: CallRecording | None = None
        self._length = 0
        """Milliseconds of a recording that has ended."""
        self._citizen = InStep()
        self._ours: int | None = None
        """Which line is being said by us."""

    def open(self, media_dir: Path, now: datetime) -> None:
        """Begins the recording, or goes on with that of this call."""
        place = place_for(self._call_id, now)
        try:
            self._recording, self.place = CallRecording(media_dir / place), place
        except OSError as problem:  # rather unrecorded than not answered
            log.error("a call cannot be recorded", call=self._call_id, error=type(problem).__name__)

    def close(self) -> None:
        """Ends the recording."""
        recording, self._recording = self._recording, None
        if recording is None:
            return
        try:
            with recording:
                while self._citizen:
                    recording.add(self._citizen.take(), SILENCE)
        except OSError:  # the disk is full: what was written stays
            log.error("a recording broke off", call=self._call_id)
        self._length = recording.milliseconds

    def discard(self, media_dir: Path) -> None:
        """Removes the recording of a call that is nowhere noted."""
        if self.place is not None:
            (media_dir / self.place).unlink(missing_ok=True)

    @property
    def milliseconds(self) -> int:
        """How far the recording is."""
        return self._recording.milliseconds if self._recording is not None else self._length

    @property
    def seconds(self) -> int:
        """How long the recording is."""
        return round(self.milliseconds / 1000)

    # ------------------------------------------------------------------------------------------ audio

    def heard(self, frame: bytes) -> None:
        """20 ms of the citizen's."""
        if self._recording is not None:
            self._citizen.add(SILENCE if self.deaf else frame)

    def beat(self, ours: bytes) -> None:
        """20 ms of ours, beside what came from the citizen."""
        if self._recording is None:
            return
        try:
            self._recording.add(self._citizen.take(), ours)
        except OSError:
            log.error("a recording broke off", call=self._call_id)
            self.close()

    # ------------------------------------------------------------------------------------------ words

    def bot_begins(self, text: str) -> None:
        """A sentence of ours begins to be heard."""
        self.bot_ends()
        self._ours = len(self.lines)
        self.lines.append(SpokenLine("bot", self.milliseconds, self.milliseconds, text))
        self._note_down(self._ours)

    def bot_ends(self) -> None:
        """What we said last has been heard to its end, or as far as it was."""
        if self._ours is not None:
            self.lines[self._ours] = replace(self.lines[self._ours], ends=self.milliseconds)
            self._note_down(self._ours)
            self._ours = None

    def citizen_said(self, heard: Heard, starts: int) -> None:
        """An utterance that began at ``starts`` ms; one without words is no line."""
        if not heard.text or self.deaf:
            return
        words = tuple(
            (word.text, starts + round(word.start * 1000), starts + round(word.end * 1000), round(word.confidence, 2))
            for word in heard.words
        )
        ends = words[-1][2] if words else self.milliseconds
        self.lines.append(SpokenLine("citizen", words[0][1] if words else starts, ends, heard.text, words))
        self._note_down(len(self.lines) - 1)

    def _note_down(self, number: int) -> None:
        line = self.lines[number]
        self._note("line", [number, line.speaker, line.starts, line.ends, line.text, list(line.words)])
