"""Runs of two and three characters, or of their sounds, as numbers: quick over a whole knowledge base at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from pypinyin import Style, lazy_pinyin

from knowledge.postings import Postings

_SIZES = (2, 3)
_GAP = (ord(" "), ord("\n"))
_BITS = np.uint64(21)  # a code point; three of them fill 63 bits
_CJK_FIRST, _CJK_LAST = 0x4E00, 0x9FFF
_LIKE_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))
"""Sounds many speakers do not keep apart, nor does recognition."""


class GramIndex:
    """Posting lists over the grams of texts."""

    def __init__(self, texts: Sequence[str], *, by_sound: bool = False) -> None:
        """``texts``: one a row, normalised. ``by_sound``: compare toneless syllables instead of characters."""
        self._by_sound = by_sound
        runs, rows = grams(texts, _SIZES, by_sound=by_sound)
        self._vocabulary, terms = np.unique(runs, return_inverse=True)
        self.postings = Postings(rows, terms, len(texts), len(self._vocabulary))
        self._unseen = float(np.log1p(len(texts)))

    def scores(self, text: str) -> tuple[Any, float]:
        """BM25 of every row for ``text``, and the score a row made of the text's own grams would about reach."""
        runs = np.unique(grams([text], _SIZES, by_sound=self._by_sound)[0])
        known = positions(self._vocabulary, runs)
        known = known[known >= 0]
        ideal = float(self.postings.idf[known].sum()) + self._unseen * (len(runs) - len(known))
        return self.postings.scores(known, np.ones(len(known))), max(ideal, 1e-6)


def positions(vocabulary: Any, runs: Any) -> Any:
    """Where each of ``runs`` is in the sorted ``vocabulary``; -1 where it is not."""
    if not len(vocabulary):
        return np.full(len(runs), -1)
    at = np.minimum(np.searchsorted(vocabulary, runs), len(vocabulary) - 1)
    return np.where(vocabulary[at] == runs, at, -1)


def grams(texts: Sequence[str], sizes: Sequence[int], *, by_sound: bool = False) -> tuple[Any, Any]:
    """Every run of ``sizes`` (of 1, 2, 3) characters of every text, as a number, and the row it is in.

    No run reaches over a space. The numbers depend on the characters alone, so they may be stored.
    """
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), lengths)[: len(codes)]
    inside = ~np.isin(codes, _GAP)
    units = (_sounds()[np.minimum(codes, 0xFFFF)] if by_sound else codes).astype(np.uint64) + np.uint64(1)
    runs, whole = units, inside
    found = {1: (runs[whole], rows[whole])}
    for size in (2, 3):
        runs, whole = (runs[:-1] << _BITS) | units[size - 1 :], whole[:-1] & inside[size - 1 :]
        found[size] = (runs[whole], rows[: len(whole)][whole])
    return (
        np.concatenate([found[size][0] for size in sizes]),
        np.concatenate([found[size][1] for size in sizes]),
    )


@lru_cache(maxsize=1)
def _sounds() -> Any:
    """For each code point of the basic plane its syllable's number; what is not Chinese sounds like itself."""
    table = np.arange(0x10000, dtype=np.uint32)
    letters = [chr(code) for code in range(_CJK_FIRST, _CJK_LAST + 1)]
    numbers: dict[str, int] = {}
    for letter, syllable in zip(letters, lazy_pinyin(letters, style=Style.NORMAL), strict=True):
        table[ord(letter)] = 0x10000 + numbers.setdefault(_heard(syllable), len(numbers))
    return table


def _heard(syllable: str) -> str:
    """A toneless syllable with like sounds made equal."""
    for sound, like in _LIKE_SOUNDS:
        syllable = syllable.replace(sound, like)
    return syllable
