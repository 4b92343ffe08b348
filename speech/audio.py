"""Telephone audio as the whole house handles it: 8 kHz, 16 bit, mono, in frames of 20 ms."""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr

RATE: Final = 8000
"""Samples a second."""
FRAME_SECONDS: Final = 0.02
FRAME_SAMPLES: Final = 160
FRAME_BYTES: Final = 320
BYTES_PER_SECOND: Final = RATE * 2
SILENCE: Final = bytes(FRAME_BYTES)
"""One frame in which nothing is heard."""


def seconds_of(pcm: bytes) -> float:
    """How long 8 kHz audio takes."""
    return len(pcm) / BYTES_PER_SECOND


def silence(seconds: float) -> bytes:
    """So much silence, in whole frames."""
    return SILENCE * max(0, round(seconds / FRAME_SECONDS))


def whole_frames(pcm: bytes) -> bytes:
    """The audio, filled up with silence to a whole number of frames."""
    missing = -len(pcm) % FRAME_BYTES
    return pcm + bytes(missing)


def resample(pcm: bytes, rate: int, to: int = RATE) -> bytes:
    """A whole recording at another rate; ``rate`` and ``to`` in samples a second."""
    if rate == to:
        return pcm
    samples = soxr.resample(np.frombuffer(pcm, dtype=np.int16), rate, to, quality="HQ")
    return bytes(samples.astype(np.int16).tobytes())


def trimmed(pcm: bytes, level: int) -> bytes:
    """The audio without what is quieter than ``level`` (of a 16-bit sample) at both ends."""
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, dtype=np.int16).astype(np.int32)) > level)
    return pcm[2 * int(loud[0]) : 2 * int(loud[-1]) + 2] if len(loud) else b""


class Resampler:
    """Audio at another rate while it comes in, chunk by chunk, without clicks where the chunks meet."""

    def __init__(self, rate: int, to: int) -> None:
        """``rate`` in, ``to`` out, in samples a second."""
        self._stream = None if rate == to else soxr.ResampleStream(rate, to, 1, dtype="int16", quality="HQ")

    def feed(self, pcm: bytes, *, last: bool = False) -> bytes:
        """What of ``pcm`` and of what came before is ready; ``last``: all the rest."""
        if self._stream is None:
            return pcm
        samples = self._stream.resample_chunk(np.frombuffer(pcm, dtype=np.int16), last=last)
        return bytes(samples.tobytes())
