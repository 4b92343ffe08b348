"""What a text means, as a vector: likeness of meaning where no word is shared (没收到工钱 – 拖欠工资).

A vector for every character and pair of characters, summed over a text: a linear student of a sentence-embedding model,
which is neither shipped nor needed to run. How it was made: ``benchmarks/distil_meaning.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.reading import Reading
from knowledge.run_table import RunTable
from knowledge.runs import all_runs, positions, runs_of

SIZES = (1, 2)
_FILE = Path(__file__).with_name("meaning.npz")


class Meaning:
    """Vectors of runs of characters; never changes once made."""

    def __init__(self, runs: Any, table: Any) -> None:
        """``runs``: sorted numbers of :mod:`knowledge.runs`; ``table``: float32 (runs, dimensions)."""
        self._runs = RunTable(runs)
        self._table = table

    def sums(self, texts: Sequence[str]) -> Any:
        """Summed vectors of normalised ``texts``: float32 (texts, dimensions). Two texts sum to the sum of both."""
        return np.asarray(self.counts(texts) @ self._table, np.float32)

    def vector(self, text: str) -> Any:
        """The unit vector of one text: float32 (dimensions,); zero where nothing is known."""
        return self.of_runs(runs_of(text, SIZES))

    def of_runs(self, numbers: Any) -> Any:
        """The unit vector of a text by its runs of :data:`SIZES`, as often as they come: float32 (dimensions,)."""
        at = positions(self._runs.numbers, numbers)  # of so few bisection is quicker than the table
        vector = self._table[at[at >= 0]].sum(axis=0)
        return vector / max(math.sqrt(vector @ vector), 1e-6)

    def of_steps(self, read: Reading) -> tuple[Any, Any]:
        """Vectors of a reading's steps, each its character's and its pair's summed; over a text they sum to its own.

        Which of the vectors is each step's, int32 (steps,), and the vectors, float32 (vectors, dimensions).
        """
        at = self._runs.positions(read.vocabulary)
        known = np.flatnonzero(at >= 0)
        places = np.zeros(len(at), np.int32)
        places[known] = np.arange(1, len(known) + 1)
        vectors = np.concatenate([np.zeros_like(self._table[:1]), self._table[at[known]]])
        letters, pairs = places[read.letters], np.where(read.pairs >= 0, places[read.pairs], 0)
        paired = pairs > 0
        vectors[pairs[paired]] += vectors[letters[paired]]  # a pair is one step's only
        return np.where(paired, pairs, letters), vectors

    def counts(self, texts: Sequence[str]) -> Any:
        """How often each known run is in each text: sparse (texts, runs)."""
        numbers, rows = all_runs(texts, SIZES)
        at = self._runs.positions(numbers)
        known = at >= 0
        shape = (len(texts), len(self._runs.numbers))
        return csr_matrix((np.ones(int(known.sum()), np.float32), (rows[known], at[known])), shape=shape)


def unit(vectors: Any) -> Any:
    """``vectors`` (rows) brought to length 1; zero stays zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The vectors shipped with the program."""
    with np.load(_FILE) as stored:
        return Meaning(stored["runs"], np.ascontiguousarray(stored["table"], np.float32) * stored["scale"])
