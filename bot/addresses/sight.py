"""What a network sees of each character of an address: the characters around it as vectors, of what kind they are and
where in a word, and what comes before and after in the whole address. A second network sees the first one's judgement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.addresses.characters import KINDS, SUFFIX_KINDS, SUFFIXES, kinds_of, words_of
from bot.addresses.vectors import OF_CHARACTERS, OF_PAIRS, Vectors

REACH = 5
"""Characters seen to either side."""
VECTOR = OF_CHARACTERS + OF_PAIRS
"""How many of a row's first values are its vector."""
_COUNTED = "省市区县"
_TELLING = ("路街道巷弄", "号", "幢栋座", "单", "室", "楼层", "村社", "镇乡")
_NUMBER = re.compile(r"\d+")
_MOST = 3
_BEGIN, _END = 0, 1
"""Rows that stand for what lies beyond the ends."""


@dataclass(frozen=True)
class Sight:
    """Many characters as a network sees them."""

    rows: Any
    """float32 (characters and ends, values): each character by itself."""
    windows: Any
    """int32 (characters, 2 · reach + 1): the rows around each character."""
    alone: Any
    """float32 (characters, values): what is seen of the whole address from each."""

    def of(self, characters: Any, blind: Any = None) -> Any:
        """float32 (characters, values). ``blind`` (characters, window): where the vectors are not seen."""
        around = self.rows[self.windows[characters]]
        if blind is not None:
            around[:, :, :VECTOR][blind] = 0
        return np.hstack([around.reshape(len(around), -1), self.alone[characters]])


def see(texts: Sequence[str], vectors: Vectors, judged: Judged | None = None) -> Sight:
    """The characters of ``texts``; for a second network with what the first one ``judged``."""
    rows = [np.zeros((2, _width(judged.how if judged else None)), np.float32)]
    windows, alone, begin = [], [], 2
    for position, text in enumerate(texts):
        own, whole = _own(text, vectors), _whole(text)
        if judged is not None:
            own = np.hstack([own, judged.how.beside(judged.shares[position])])
            whole = np.hstack([whole, judged.how.around(judged.shares[position])])
        rows.append(own)
        around = np.arange(len(text))[:, None] + np.arange(-REACH, REACH + 1)[None, :]
        windows.append(np.where(around < 0, _BEGIN, np.where(around >= len(text), _END, around + begin)))
        alone.append(whole)
        begin += len(text)
    together = np.vstack(rows)
    together[_BEGIN, VECTOR] = together[_END, VECTOR + 1] = 1
    return Sight(together, np.vstack(windows).astype(np.int32), np.vstack(alone).astype(np.float32))


@dataclass(frozen=True)
class Judged:
    """What a first network holds likely of some texts."""

    shares: Sequence[Any]
    """For each text (characters, labels)."""
    how: Judgement


class Judgement:
    """What a second network sees of the first one's judgement, by the labels it was made in."""

    def __init__(self, labels: Sequence[str]) -> None:
        kinds = sorted({label[2:] for label in labels if label[2:]})
        self._of_kind = np.array([[label[2:] == kind for kind in kinds] for label in labels], np.float32)
        self._begins = self._of_kind * np.array([[label[0] in "BS"] for label in labels], np.float32)
        self._places = np.array([[label[0] == place for place in "BIES"] for label in labels], np.float32)
        self.width = len(kinds) + 4

    def beside(self, shares: Any) -> Any:
        """Of each character by itself: the share of each kind, and of beginning, inside, end and single."""
        return np.hstack([shares @ self._of_kind, shares @ self._places])

    def around(self, shares: Any) -> Any:
        """How many elements of each kind begin before and after, how likely any is there, and the shares themselves."""
        kinds, begins = shares @ self._of_kind, shares @ self._begins
        until = np.cumsum(begins, axis=0)
        before, after = until - begins, until[-1:] - until
        nothing = np.zeros_like(kinds[:1])
        likeliest_before = np.maximum.accumulate(np.vstack([nothing, kinds[:-1]]), axis=0)
        likeliest_after = np.maximum.accumulate(np.vstack([kinds[1:], nothing])[::-1], axis=0)[::-1]
        return np.hstack([np.minimum(before, 2), np.minimum(after, 2), likeliest_before, likeliest_after, shares])


def _width(judgement: Judgement | None) -> int:
    return VECTOR + 2 + len(KINDS) + len(SUFFIX_KINDS) + 4 + (judgement.width if judgement else 0)


def _own(text: str, vectors: Vectors) -> Any:
    """Each character by itself: vector, two marks of the ends (zero here), kind, suffix, place in its word."""
    kinds = np.array([[kind == own for kind in KINDS] for own in kinds_of(text)], np.float32)
    suffixes = np.array([[SUFFIXES.get(c) == kind for kind in SUFFIX_KINDS] for c in text], np.float32)
    places = np.array([[place == own for place in "SBIE"] for own in _places(text)], np.float32)
    return np.hstack([vectors.of(text), np.zeros((len(text), 2), np.float32), kinds, suffixes, places])


def _places(text: str) -> str:
    return "".join("S" if len(word) == 1 else f"B{'I' * (len(word) - 2)}E" for word in words_of(text))


def _whole(text: str) -> Any:
    """What lies before and after each character: how much, how many numbers and 省市区县, which telling characters."""
    seen = []
    for i in range(len(text)):
        before, after, pair = text[:i], text[i:], text[i : i + 2]
        counts = [min(part.count(c), _MOST) for part in (before, after) for c in _COUNTED]
        telling = [any(c in part for c in some) for part in (before, after) for some in _TELLING]
        again = [len(pair) == 2 and text.find(pair, i + 2) >= 0, len(pair) == 2 and text.find(pair) < i]
        numbers = [len(_NUMBER.findall(before)), len(_NUMBER.findall(after))]
        seen.append([i / 10, (len(text) - i) / 10, *numbers, *counts, *telling, *again])
    return np.array(seen, np.float32)
