"""What stays of a recording when the disk is full, or when nobody ends it."""

from __future__ import annotations

import resource
import signal
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import pytest

from channels.voice.transcript import Transcript
from speech.audio import FRAME_BYTES

LIMIT = 100_000
"""Bytes of a file: a little more than 3 s of a recording."""


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows beyond LIMIT."""
    before, action = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, action)


@pytest.mark.parametrize("seconds", [3.5, 6.0], ids=["at the end", "in the middle"])
def test_what_was_recorded_before_the_disk_was_full_can_be_heard_and_is_counted(tmp_path: Path, seconds: float) -> None:
    transcript = Transcript("call")
    with full_disk():
        transcript.open(tmp_path, datetime(2026, 11, 16, tzinfo=timezone.utc))
        for _ in range(round(seconds * 50)):
            transcript.heard(b"\1\2" * (FRAME_BYTES // 2))
            transcript.beat(b"\3\4" * (FRAME_BYTES // 2))
        transcript.close()
    assert transcript.place is not None
    with wave.open(str(tmp_path / transcript.place)) as recording:
        assert recording.getnframes() == (LIMIT - 44) // 4
        assert recording.readframes(recording.getnframes()) == b"\1\2\3\4" * recording.getnframes()
    assert (transcript.milliseconds, transcript.seconds) == ((LIMIT - 44) // 4 * 1000 // 8000, 3)


def test_a_recording_that_nobody_ends_can_be_heard_to_its_last_second(tmp_path: Path) -> None:
    transcript = Transcript("call")
    transcript.open(tmp_path, datetime(2026, 11, 16, tzinfo=timezone.utc))
    for _ in range(140):
        transcript.beat(b"\3\4" * (FRAME_BYTES // 2))
    assert transcript.place is not None
    with wave.open(str(tmp_path / transcript.place)) as recording:
        assert recording.getnframes() == 2 * 8000
    transcript.close()
