"""Runs of characters as numbers: quick over a whole knowledge base at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from pypinyin import Style, lazy_pinyin

_GAPS = (ord(" "), ord("\n"))
_PRIME = 0x9E3779B97F4A7C15  # odd and large: a run's number is a hash of 64 bits, the same everywhere and for ever
_WRAP = (1 << 64) - 1
_CJK_FIRST, _CJK_LAST = 0x4E00, 0x9FFF
_LIKE_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
"""Sounds many speakers do not keep apart, nor does recognition."""


def runs(texts: Sequence[str], sizes: Sequence[int], *, by_sound: bool = False) -> Iterator[tuple[int, Any, Any]]:
    """For each of ``sizes``, ascending: the size, every run of so many characters, and the row (text) of each.

    Runs are uint64 numbers. No run reaches over a space. ``by_sound`` takes toneless syllables for characters.
    """
    codes = code_points("\n".join(texts))
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)[: len(codes)]
    whole = ~np.isin(codes, _GAPS)
    inside = whole
    units = (_sounds()[np.minimum(codes, 0xFFFF)] if by_sound else codes).astype(np.uint64) + np.uint64(1)
    numbers = units
    for size in range(1, max(sizes) + 1):
        if size > 1:
            numbers = numbers[:-1] * np.uint64(_PRIME) + units[size - 1 :]
            whole = whole[:-1] & inside[size - 1 :]
        if size in sizes:
            yield size, numbers[whole], rows[: len(whole)][whole]


def code_points(text: str) -> Any:
    """The characters of ``text`` as numbers: uint32, not to be written to."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def longer(numbers: Any, codes: Any) -> Any:
    """Runs, as :func:`runs` gives them, each with one more character; a run of none is 0."""
    return numbers * np.uint64(_PRIME) + codes.astype(np.uint64) + np.uint64(1)


def all_runs(texts: Sequence[str], sizes: Sequence[int], *, by_sound: bool = False) -> tuple[Any, Any]:
    """:func:`runs` of all sizes together: the runs, and the row of each."""
    found = list(runs(texts, sizes, by_sound=by_sound))
    return np.concatenate([numbers for _, numbers, _ in found]), np.concatenate([rows for _, _, rows in found])


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
    letters = [chr(code) for code in range(_CJK_FIRST, _CJK_LAST + 1)]
    numbers: dict[str, int] = {}
    for letter, syllable in zip(letters, lazy_pinyin(letters, style=Style.NORMAL), strict=True):
        table[ord(letter)] = 0x10000 + numbers.setdefault(_heard(syllable), len(numbers))
    return table


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
