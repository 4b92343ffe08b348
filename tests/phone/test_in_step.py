"""What is recorded of the citizen is whole, however unevenly it comes. Pure."""

from __future__ import annotations

import struct

from channels.voice.in_step import InStep
from speech.audio import FRAME_BYTES, SILENCE


def loud(number: int) -> bytes:
    """A frame that is told from others."""
    return struct.pack("<h", 1000 + number) * (FRAME_BYTES // 2)


def taken(frames: InStep, beats: int) -> list[bytes]:
    return [frames.take() for _ in range(beats)]


def test_frames_that_come_together_are_all_taken_one_after_the_other() -> None:
    frames, words = InStep(), [loud(number) for number in range(6)]
    frames.add(words[0])
    heard = taken(frames, 3)
    for word in words[1:]:
        frames.add(word)
    heard += taken(frames, 6)
    assert heard == [words[0], SILENCE, SILENCE, *words[1:], SILENCE]


def test_who_is_late_catches_up_in_a_pause_and_never_within_a_word() -> None:
    frames, gap = InStep(), [loud(1), SILENCE, SILENCE, loud(2)]
    for frame in gap:
        frames.add(frame)
    assert taken(frames, 4) == gap
    for frame in [*[SILENCE] * 30, loud(3)]:
        frames.add(frame)
    late = taken(frames, 12)
    assert late == [*[SILENCE] * 10, loud(3), SILENCE]
    assert len(frames) == 0
