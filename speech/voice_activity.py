"""Whether a frame of telephone audio is speech, and of what sort: words, a hum (嗯), or noise (a cough, breath)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from speech.audio import FRAME_SAMPLES, RATE

_AGGRESSIVENESS: Final = 2
_QUIETEST: Final = 60.0
"""Root mean square below which nothing is speech, whatever it looks like."""
_ABOVE_FLOOR: Final = 2.5
"""Speech is so much louder than the line's own noise."""
_FLOOR_RISES: Final = 1.004
"""A frame, while nobody seems to speak: twice as loud in 3.5 s."""
_FLOOR_AT_FIRST: Final = 40.0
_PITCH_LAGS: Final = slice(RATE // 400, RATE // 70)
"""Samples between two beats of a voice of 70…400 Hz."""
_PERIODIC: Final = 0.35
"""How alike a voice is one beat later, the fall of the window included; noise is below 0.2."""
_LOW_BINS: Final = 12
"""Of a spectrum of two frames (25 Hz a bin): up to 600 Hz without the first 100."""
_HUM: Final = 0.95
"""Share of its energy a hum has in the low band."""


@dataclass(frozen=True)
class Sound:
    """What one frame of 20 ms is."""

    speech: bool
    """Somebody makes a sound that may be speech."""
    articulated: bool
    """…and it has a pitch and more than a hum: the vowels of words."""


_NO_SPEECH: Final = Sound(speech=False, articulated=False)
_SOME_SPEECH: Final = Sound(speech=True, articulated=False)
_WORDS: Final = Sound(speech=True, articulated=True)


class VoiceActivity:
    """Listens to one line, frame by frame."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(_AGGRESSIVENESS)
        self._floor = _FLOOR_AT_FIRST
        self._heard: NDArray[np.float32] = np.zeros(2 * FRAME_SAMPLES, dtype=np.float32)
        """The frame before, and this one."""
        self._window = np.hanning(2 * FRAME_SAMPLES).astype(np.float32)

    def listen(self, frame: bytes, *, closely: bool = True) -> Sound:
        """``frame``: 20 ms of 8 kHz audio. ``closely``: whether to find out, at some cost, if it is articulated."""
        self._heard[:FRAME_SAMPLES] = self._heard[FRAME_SAMPLES:]
        samples = self._heard[FRAME_SAMPLES:]
        samples[:] = np.frombuffer(frame, dtype=np.int16)
        level = math.sqrt(float(samples @ samples) / FRAME_SAMPLES)
        speech = level > max(_QUIETEST, self._floor * _ABOVE_FLOOR) and self._vad.is_speech(frame, RATE)
        if not speech:
            self._floor = max(_FLOOR_AT_FIRST / 4, min(level, self._floor * _FLOOR_RISES))
            return _NO_SPEECH
        return _WORDS if closely and self._is_articulated(self._heard) else _SOME_SPEECH

    def _is_articulated(self, samples: NDArray[np.float32]) -> bool:
        spectrum = np.abs(np.fft.rfft(samples * self._window, 2 * len(samples))) ** 2
        correlation = np.fft.irfft(spectrum)
        power = float(correlation[0])
        if power <= 0 or float(correlation[_PITCH_LAGS].max()) < _PERIODIC * power:
            return False
        energy = spectrum[::2]
        return float(energy[4 : 2 * _LOW_BINS].sum()) < _HUM * float(energy[4:].sum())
