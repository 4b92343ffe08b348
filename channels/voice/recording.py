"""The recording of a call: both directions, the citizen left and we right, as a WAV file that grows."""

from __future__ import annotations

import errno
import os
import struct
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from core.clock import china_time
from speech.audio import BYTES_PER_SECOND, RATE

_CHANNELS: Final = 2
_HEADER_BYTES: Final = 44
_BLOCK: Final = _CHANNELS * 2
_WRITTEN_AT_ONCE: Final = BYTES_PER_SECOND
"""A second."""


def place_for(call_id: str, now: datetime) -> str:
    """Where a call's recording goes, relative to the media folder."""
    return f"calls/{china_time(now):%Y/%m}/{call_id}.wav"


def seconds_of_file(path: Path) -> int:
    """How much of a recording is on the disk, whole or not. Raises OSError."""
    return round(max(0, path.stat().st_size - _HEADER_BYTES) / _BLOCK / RATE)


def wav_header(audio_bytes: int) -> bytes:
    """The 44 bytes before so much 16-bit stereo audio of 8 kHz."""
    form = struct.pack("<HHIIHH", 1, _CHANNELS, RATE, RATE * _BLOCK, _BLOCK, 16)
    return b"RIFF%bWAVEfmt %b%bdata%b" % (
        struct.pack("<I", 36 + audio_bytes),
        struct.pack("<I", len(form)),
        form,
        struct.pack("<I", audio_bytes),
    )


class CallRecording:
    """One file. A call that comes back goes on in the same one."""

    def __init__(self, path: Path) -> None:
        """Opens or begins the file at ``path``. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        end = self._file.seek(0, 2)
        if end < _HEADER_BYTES:
            self._file.write(wav_header(0))
            end = _HEADER_BYTES
        self._bytes = (end - _HEADER_BYTES) // _BLOCK * _BLOCK
        self._file.seek(_HEADER_BYTES + self._bytes)
        path.chmod(0o600)
        self._citizen, self._ours = bytearray(), bytearray()
        """What is not written yet."""

    @property
    def milliseconds(self) -> int:
        """How long it is."""
        return (self._bytes // _BLOCK + len(self._ours) // 2) * 1000 // RATE

    def add(self, citizen: bytes, ours: bytes) -> None:
        """One frame of both directions. Raises OSError when the disk is full."""
        self._citizen += citizen
        self._ours += ours
        if len(self._ours) >= _WRITTEN_AT_ONCE:
            self._write()

    def _write(self) -> None:
        both = np.empty((len(self._ours) // 2, _CHANNELS), dtype="<i2")
        both[:, 0] = np.frombuffer(bytes(self._citizen), dtype="<i2")
        both[:, 1] = np.frombuffer(bytes(self._ours), dtype="<i2")
        self._citizen.clear()
        self._ours.clear()
        written = self._file.write(both.tobytes())
        self._bytes += written // _BLOCK * _BLOCK
        self._file.seek(0)  # the true length: a service that is killed leaves what can be heard
        self._file.write(wav_header(self._bytes))
        self._file.seek(0, os.SEEK_END)
        if written < both.nbytes:
            raise OSError(errno.ENOSPC, "a part could not be written")

    def __enter__(self) -> CallRecording:
        return self

    def __exit__(self, *_: object) -> None:
        """Writes what is left. Raises OSError where it no longer fits."""
        with self._file:
            self._write()
