"""Runs of characters as numbers: quick over a whole knowledge base at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from pypinyin.constants import PINYIN_DICT

_PRIME = 0x9E3779B97F4A7C15  # odd and large: a run's number is a hash of 64 bits, the same everywhere and for ever
_WRAP = (1 << 64) - 1
_CJK_FIRST, _CJK_LAST = 0x4E00, 0x9FFF
EMPTY = np.uint64(0)
"""The number of a run of no characters."""
_TONES = dict.fromkeys((0x300, 0x301, 0x304, 0x30C))
"""The marks of the four tones, by themselves."""
_LIKE_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
"""Sounds many speakers do not keep apart, nor does recognition."""


def runs(texts: Sequence[str], sizes: Sequence[int]) -> Iterator[tuple[int, Any, Any]]:
    """For each of ``sizes``, ascending: the size, every run of so many characters, and the row (text) of each.

    Runs are uint64 numbers. No run reaches over a space.
    """
    codes = code_points("\n".join(texts))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)[: len(codes)]
    for size, numbers, whole in _runs(codes, codes, sizes):
        yield size, numbers[whole], rows[: len(whole)][whole]


def all_runs(texts: Sequence[str], sizes: Sequence[int]) -> tuple[Any, Any]:
    """:func:`runs` of all sizes together: the runs, and the row of each."""
    found = list(runs(texts, sizes))
    return np.concatenate([numbers for _, numbers, _ in found]), np.concatenate([rows for _, _, rows in found])


def runs_of(text: str, sizes: Sequence[int], *, by_sound: bool = False) -> Any:
    """Every run of one text, all sizes together: uint64. ``by_sound`` takes toneless syllables for characters."""
    codes = code_points(text)
    units = sounds_of(codes) if by_sound else codes
    return np.concatenate([numbers[whole] for _, numbers, whole in _runs(codes, units, sizes)])


def _runs(codes: Any, units: Any, sizes: Sequence[int]) -> Iterator[tuple[int, Any, Any]]:
    """For each of ``sizes``: the size, the run of ``units`` at every place of ``codes``, and which have no gap."""
    inside = whole = ~gaps(codes)
    units = units.astype(np.uint64) + np.uint64(1)
    numbers = units
    for size in range(1, max(sizes) + 1):
        if size > 1:
            numbers = numbers[:-1] * np.uint64(_PRIME) + units[size - 1 :]
            whole = whole[:-1] & inside[size - 1 :]
        if size in sizes:
            yield size, numbers, whole


def code_points(text: str) -> Any:
    """The characters of ``text`` as numbers: uint32, not to be written to."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def gaps(codes: Any) -> Any:
    """Which characters no run reaches over: bool array."""
    return (codes == ord(" ")) | (codes == ord("\n"))


def sounds_of(codes: Any) -> Any:
    """The syllable of each character as a number, like syllables alike; what is not Chinese sounds like itself."""
    return _sounds()[np.minimum(codes, 0xFFFF)]


def longer(numbers: Any, codes: Any) -> Any:
    """Runs, as :func:`runs` gives them, each with one more character (or syllable); the first comes to ``EMPTY``."""
    return numbers * np.uint64(_PRIME) + codes.astype(np.uint64) + np.uint64(1)


def number(run: str) -> int:
    """The number of one run of characters, as :func:`runs` gives it."""
    value = 0
    for letter in run:
        value = (value * _PRIME + ord(letter) + 1) & _WRAP
    return value


def positions(vocabulary: Any, numbers: Any) -> Any:
    """Where each of ``numbers`` is in the sorted ``vocabulary``; -1 where it is not."""
    if not len(vocabulary):
        return np.full(len(numbers), -1)
    at = np.minimum(np.searchsorted(vocabulary, numbers), len(vocabulary) - 1)
    return np.where(vocabulary[at] == numbers, at, -1)


def sounds_like(letter: str, chance: Random) -> str:
    """A common character that sounds like ``letter``; itself where there is none."""
    alike = _alike().get(int(_sounds()[min(ord(letter), 0xFFFF)]), letter)
    return chance.choice(alike)


@lru_cache(maxsize=1)
def _sounds() -> Any:
    """For each code point of the basic plane its syllable's number; what is not Chinese sounds like itself."""
    table = np.arange(0x10000, dtype=np.uint32)
    numbers: dict[str, int] = {}
    for code in range(_CJK_FIRST, _CJK_LAST + 1):
        table[code] = 0x10000 + numbers.setdefault(_heard(said_as(chr(code))), len(numbers))
    return table


def said_as(letter: str) -> str:
    """How a Chinese character is most often said, without its tone: 女 → nv; what has no reading stands for itself."""
    readings = PINYIN_DICT.get(ord(letter), letter)
    return unicodedata.normalize("NFD", readings.split(",", 1)[0]).translate(_TONES).replace("u\u0308", "v")


@lru_cache(maxsize=1)
def _alike() -> dict[int, str]:
    """The common characters of each syllable: those of GB 2312's first level."""
    common = bytes(byte for first in range(0xB0, 0xD8) for second in range(0xA1, 0xFF) for byte in (first, second))
    alike: dict[int, str] = {}
    for letter in common.decode("gb2312", "ignore"):
        number = int(_sounds()[ord(letter)])
        alike[number] = alike.get(number, "") + letter
    return alike


def _heard(syllable: str) -> str:
    """A toneless syllable with like sounds made equal."""
    for sound, like in _LIKE_SOUNDS:
        syllable = syllable.replace(sound, like)
    return syllable
