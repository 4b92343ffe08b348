"""Wordings rewritten to others: in a question, or in a whole base at once.

From left to right, the longest wording at a place; none reaches into the one before. In a long text the places where a
wording stands are found all together: looking at one after the other was a fifth of what building an index takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np

from knowledge.beginnings import Beginnings
from knowledge.runs import EMPTY, code_points, longer, number

LONG = 10_000
"""Characters from which it pays to look at all together."""
_GROUP = 16


class Rewriting:
    """Wordings, and for each what it is rewritten to; never changes once made."""

    def __init__(self, told: Mapping[str, str]) -> None:
        """``told``: a wording that is rewritten to itself is kept from being taken for parts of it."""
        self._told = dict(told)
        self._pattern = alternatives(told)
        self._wordings = Beginnings.of(told)
        self._begins, self._alone = np.zeros(0x110000, bool), np.zeros(0x110000, bool)
        self._begins[[ord(wording[0]) for wording in told]] = True
        self._alone[[ord(wording) for wording in told if len(wording) == 1]] = True
        self._changed = np.array(sorted(number(wording) for wording, new in told.items() if new != wording), np.uint64)

    def of(self, text: str) -> str:
        """``text`` rewritten."""
        if len(text) < LONG:
            return self._pattern.sub(lambda match: self._told[match.group()], text)
        pieces, done, free = list[str](), 0, 0
        for at, end in self._places(text):
            if at < free:
                continue
            free = end
            new = self._told[text[at:end]]
            if new != text[at:end]:
                pieces += text[done:at], new
                done = end
        return "".join([*pieces, text[done:]])

    def _places(self, text: str) -> Iterable[tuple[int, int]]:
        """Where wordings begin in ``text``, from left to right, and where the longest there ends.

        Without those that stay and touch no other: they change nothing.
        """
        codes = code_points(text)
        starts = np.flatnonzero(self._begins[codes])
        numbers = longer(EMPTY, codes[starts])
        longest, ends = numbers.copy(), np.where(self._alone[codes[starts]], starts + 1, 0)
        for size, which, found in self._wordings.found(codes, starts, numbers, 1):
            longest[which], ends[which] = found, starts[which] + size
        there = ends > 0
        starts, ends, longest = starts[there], ends[there], longest[there]
        before = np.concatenate([[0], np.maximum.accumulate(ends)[:-1]])
        after = np.concatenate([starts[1:], [len(codes)]])
        matters = (starts < before) | (ends > after) | np.isin(longest, self._changed)
        return zip(starts[matters].tolist(), ends[matters].tolist(), strict=True)


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
