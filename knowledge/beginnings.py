"""Wordings found anywhere in a text, all together: followed character by character as long as any begins so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from knowledge.run_table import RunTable
from knowledge.runs import code_points, longer

_Level = tuple[RunTable, Any]
"""Beginnings of one length, and which of them are a whole wording: bool array."""


class Beginnings:
    """A set of wordings by their beginnings; never changes once made."""

    def __init__(self, levels: list[_Level]) -> None:
        """``levels``: of one character, of two …"""
        self._levels = levels

    @classmethod
    def of(cls, wordings: Iterable[str]) -> Beginnings:
        """Those of ``wordings``."""
        whole = set(wordings)
        return cls.told({wording[:size]: False for wording in whole for size in range(1, len(wording))}, whole)

    @classmethod
    def told(cls, begun: Iterable[str], whole: Iterable[str]) -> Beginnings:
        """Those of ``whole`` wordings, where all their beginnings are at hand; ``begun`` may hold wordings, too."""
        whole = list(whole)
        texts = [*begun, *whole]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        codes, starts = code_points("".join(texts)), np.cumsum(lengths) - lengths
        levels = []
        for size in range(1, int(lengths.max(initial=0)) + 1):
            of_size = np.flatnonzero(lengths == size)
            numbers = np.zeros(len(of_size), np.uint64)
            for place in range(size):
                numbers = longer(numbers, codes[starts[of_size] + place])
            levels.append(_level(numbers, of_size >= len(texts) - len(whole)))
        return cls(levels)

    def with_others(self, others: Beginnings) -> Beginnings:
        """Both sets together."""
        levels = list(self._levels)
        for at, (table, whole) in enumerate(others._levels):
            if at < len(levels):
                numbers = np.concatenate([levels[at][0].numbers, table.numbers])
                levels[at] = _level(numbers, np.concatenate([levels[at][1], whole]))
            else:
                levels.append((table, whole))
        return Beginnings(levels)

    def holds(self, numbers: Any, size: int) -> tuple[Any, Any]:
        """Which runs of ``size`` characters begin a wording, and which are one: bool arrays."""
        table, whole = self._levels[size - 1]
        at = table.positions(numbers)
        return at >= 0, (at >= 0) & whole[at]

    def found(self, codes: Any, at: Any, numbers: Any, size: int = 0) -> Iterator[tuple[int, Any, Any]]:
        """Wordings in ``codes`` longer than the runs of ``size`` characters that begin at ``at`` and are ``numbers``.

        For each length: the length, which of ``at`` they begin at, and their numbers.
        """
        codes = np.concatenate([codes, np.zeros(len(self._levels), np.uint32)])
        which = np.arange(len(at))
        for table, whole in self._levels[size:]:
            numbers = longer(numbers, codes[at + size])
            size += 1
            places = table.positions(numbers)
            known = places >= 0
            at, which, numbers, places = at[known], which[known], numbers[known], places[known]
            entire = whole[places]
            yield size, which[entire], numbers[entire]


def _level(numbers: Any, whole: Any) -> _Level:
    """``numbers`` may hold some several times; one is whole where it is so once."""
    each, at = np.unique(numbers, return_inverse=True)
    entire = np.zeros(len(each), bool)
    entire[at[whole]] = True
    return RunTable(each), entire
