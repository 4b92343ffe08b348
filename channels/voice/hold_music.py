"""Music for a citizen who waits: the folk song 茉莉花, by soft tones; nobody has to give leave."""

from __future__ import annotations

from typing import Final

import numpy as np

from speech.audio import RATE, silence

_BEAT: Final = 0.3
_LEVEL: Final = 3500
_DO: Final = 392.0
"""Hertz of the first step."""
_STEPS: Final = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11}
_SONG: Final = (
    "3:2 3:1 5:1 6:1 1':1 1':1 6:1 5:2 5:1 6:1 5:4 "
    "3:2 3:1 5:1 6:1 1':1 1':1 6:1 5:2 5:1 6:1 5:4 "
    "5:2 5:2 5:2 3:1 5:1 6:2 6:2 5:4 "
    "3:2 2:1 3:1 5:2 3:1 2:1 1:2 1:1 2:1 1:4 "
    "3:1 2:1 1:1 3:1 2:3 3:1 5:2 6:1 1':1 5:4 "
    "2:2 3:1 5:1 2:1 3:1 1:1 6,:1 5,:4 6,:2 1:2 2:3 3:1 1:1 2:1 1:1 6,:1 5,:4"
)
"""Numbered notation: a step, ' an octave above, a comma an octave below; then its beats."""


def music() -> bytes:
    """The song once, with a pause before and after it."""
    notes = [_note(step, int(beats)) for step, _, beats in (note.partition(":") for note in _SONG.split())]
    return silence(1) + b"".join(notes) + silence(1)


def _note(step: str, beats: int) -> bytes:
    octave = step.count("'") - step.count(",")
    hertz = _DO * 2 ** (octave + _STEPS[step[0]] / 12)
    seconds = beats * _BEAT
    time = np.arange(int(RATE * seconds)) / RATE
    fades = np.minimum(1, time / 0.01) * np.exp(-time * 2) * np.minimum(1, (seconds - time) / 0.02)
    sound = np.sin(2 * np.pi * hertz * time) + 0.3 * np.sin(4 * np.pi * hertz * time)
    return bytes((sound * fades * _LEVEL).astype("<i2").tobytes())
