"""Wordings rewritten to others: in a question, or in a whole base at once.

From left to right, the longest wording at a place; none reaches into the one before. In a long text the places where a
wording stands are found all together: looking at one after the other was a fifth of what building an index takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from knowledge.run_table import RunTable
from knowledge.runs import code_points, longer, number

LONG = 10_000
"""Characters from which it pays to look at all together."""
_GROUP = 16


class Rewriting:
    """Wordings, and for each what it is rewritten to; never changes once made."""

    def __init__(self, told: Mapping[str, str]) -> None:
        """``told``: a wording that is rewritten to itself is kept from being taken for parts of it."""
        self._told = dict(told)
        self._pattern = alternatives(told)
        self._begins = np.zeros(0x110000, bool)
        self._begins[[ord(wording[0]) for wording in told]] = True
        self._beginnings = [_beginnings(told, size) for size in range(1, max(map(len, told), default=0) + 1)]

    def of(self, text: str) -> str:
        """``text`` rewritten."""
        if len(text) < LONG:
            return self._pattern.sub(lambda match: self._told[match.group()], text)
        pieces, done, free = list[str](), 0, 0
        for at, end in self._places(text):
            new = self._told.get(text[at:end]) if at >= free else None
            if new is None:
                continue
            free = end
            if new != text[at:end]:
                pieces += text[done:at], new
                done = end
        return "".join([*pieces, text[done:]])

    def _places(self, text: str) -> Iterable[tuple[int, int]]:
        """Where wordings begin in ``text``, from left to right, and where the longest there ends."""
        codes = code_points(text)
        starts = at = np.flatnonzero(self._begins[codes])
        codes = np.concatenate([codes, np.zeros(len(self._beginnings), np.uint32)])
        ends, which, numbers = np.zeros(len(at), np.int64), np.arange(len(at)), np.zeros(len(at), np.uint64)
        for size, (table, whole) in enumerate(self._beginnings, 1):
            numbers = longer(numbers, codes[at + size - 1])
            places = table.positions(numbers)
            known = places >= 0
            at, which, numbers, places = at[known], which[known], numbers[known], places[known]
            ends[which[whole[places]]] = at[whole[places]] + size
        return zip(starts[ends > 0].tolist(), ends[ends > 0].tolist(), strict=True)


def alternatives(wordings: Iterable[str]) -> re.Pattern[str]:
    """Matches the longest wording at a place; grouped by first letters, so that most places cost few looks."""
    by_first: dict[str, list[str]] = {}
    for wording in sorted(wordings, key=len, reverse=True):
        by_first.setdefault(wording[0], []).append(re.escape(wording[1:]))
    branches = [f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items()]
    firsts = [re.escape(first) for first in by_first]
    groups = [
        f"(?=[{''.join(firsts[start : start + _GROUP])}])(?:{'|'.join(branches[start : start + _GROUP])})"
        for start in range(0, len(firsts), _GROUP)
    ]
    return re.compile(f"(?=[{''.join(firsts)}])(?:{'|'.join(groups)})")


def _beginnings(wordings: Iterable[str], size: int) -> tuple[RunTable, Any]:
    """The first ``size`` characters of wordings, and which of them are a whole wording: bool array."""
    begun = {number(wording[:size]): False for wording in wordings if len(wording) >= size}
    begun.update({number(wording): True for wording in wordings if len(wording) == size})
    numbers = np.array(sorted(begun), np.uint64)
    return RunTable(numbers), np.array([begun[each] for each in numbers.tolist()], bool)
