"""A base's texts read once for everything made of their runs: characters and pairs, sounds, words, meaning.

A *step* is a character with the one after it, which may be a gap. A base has millions of places and some ten thousand
different steps: whatever is true of a step is found out once, and each place only says which step it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge.run_table import distinct, together
from knowledge.runs import EMPTY, code_points, gaps, longer, sounds_of

Spelt = tuple[Any, Any, Any]
"""Runs in rows, as :class:`knowledge.postings.Postings` takes them: the runs, each once and sorted (uint64); for each
occurrence which of them it is (int32), and its row (int32)."""


class Reading:
    """Texts as steps; never changes once made."""

    def __init__(self, texts: Sequence[str]) -> None:
        """``texts``: normalised; no run reaches over a space or from one text to the next."""
        codes = code_points("\n".join([*texts, ""]))
        gap = gaps(codes)
        self.codes = codes
        """All characters, uint32, with a gap after each text."""
        self.places = np.flatnonzero(~gap).astype(np.int32)
        """Where there is no gap: places in ``codes``."""
        numbers, self.steps = distinct(longer(longer(EMPTY, codes[self.places]), codes[self.places + 1]))
        """Which step begins at each place: int32."""
        self.bounds = _bounds(gap, texts)
        """Where each text begins among ``places``, and where the last one ends: int64 (texts + 1,)."""
        self._first = np.zeros(len(numbers), np.uint32)
        self._first[self.steps] = codes[self.places]
        self._second = np.zeros(len(numbers), np.uint32)
        self._second[self.steps] = codes[self.places + 1]
        letters = longer(EMPTY, self._first)
        whole = ~gaps(self._second)
        self.vocabulary = np.union1d(letters, numbers[whole])
        """Every run of one or two characters: uint64, sorted."""
        self.letters: Any = np.searchsorted(self.vocabulary, letters).astype(np.int32)
        """Which of the vocabulary the character of each step is: int32 (steps,)."""
        self.pairs = np.where(whole, np.searchsorted(self.vocabulary, numbers), -1).astype(np.int32)
        """Which of the vocabulary the pair of each step is, -1 where the second is a gap: int32 (steps,)."""

    def runs(self, bounds: Any) -> Spelt:
        """The characters and pairs in rows that begin at ``bounds`` among the places and end where the next begins."""
        steps, rows = self._rows(bounds)
        pairs = self.pairs[steps]
        whole = pairs >= 0
        return self.vocabulary, np.concatenate([self.letters[steps], pairs[whole]]), np.concatenate([rows, rows[whole]])

    def sounds(self, bounds: Any) -> Spelt:
        """The same for runs of two and three syllables."""
        steps, rows = self._rows(bounds)
        second = sounds_of(self._second)
        numbers = longer(longer(EMPTY, sounds_of(self._first)), second)
        whole = self.pairs >= 0
        vocabulary = np.unique(numbers[whole])
        twos = np.searchsorted(vocabulary, numbers)
        two = whole[steps]
        three = two[:-1] & two[1:]  # a place whose pair is whole is followed by the pair's second character
        threes = distinct(longer(numbers[steps[:-1][three]], second[steps[1:][three]]))
        runs, terms = together((vocabulary, twos.astype(np.int32)[steps[two]]), threes)
        return runs, terms, np.concatenate([rows[two], rows[:-1][three]])

    def _rows(self, bounds: Any) -> tuple[Any, Any]:
        rows = np.repeat(np.arange(len(bounds) - 1, dtype=np.int32), np.diff(bounds))
        return self.steps[bounds[0] : bounds[-1]], rows


def _bounds(gap: Any, texts: Sequence[str]) -> Any:
    begins = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1, out=begins[1:])
    before = np.zeros(len(gap) + 1, np.int64)
    np.cumsum(~gap, out=before[1:])
    return before[begins]
