"""G.711 mu-law, as telephone networks carry speech: one byte a sample (ITU-T G.711, table 2a)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_BIAS: Final = 0x84
_LOUDEST: Final = 32635


def _decoding() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + _BIAS << (code >> 4 & 7)) - _BIAS
    signed: NDArray[np.int16] = np.where(code & 0x80, -size, size).astype(np.int16)
    return signed


_DECODED: Final = _decoding()


def decode(coded: bytes) -> bytes:
    """Mu-law bytes as 16-bit samples."""
    return bytes(_DECODED[np.frombuffer(coded, dtype=np.uint8)].tobytes())


def encode(pcm: bytes) -> bytes:
    """16-bit samples as mu-law bytes."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.int32)
    size = np.minimum(np.abs(samples), _LOUDEST) + _BIAS
    exponent = np.log2(size).astype(np.int32) - 7
    code = np.where(samples < 0, 0x80, 0) | exponent << 4 | size >> (exponent + 3) & 0x0F
    return bytes((~code & 0xFF).astype(np.uint8).tobytes())
