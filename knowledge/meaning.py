"""What a text means, as a vector: likeness of meaning where no word is shared (没收到工钱 – 拖欠工资).

A vector for every character and pair of characters, summed over a text: a linear student of a sentence-embedding model,
which is neither shipped nor needed to run. How it was made: ``benchmarks/distil_meaning.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.grams import grams, positions

SIZES = (1, 2)
_FILE = Path(__file__).parent / "meaning.npz"


class Meaning:
    """Vectors of runs of characters; never changes once made."""

    def __init__(self, runs: Any, table: Any) -> None:
        """``runs``: sorted numbers of :func:`knowledge.grams.grams`; ``table``: float32 (runs, dimensions)."""
        self._runs = runs
        self._table = table

    def vectors(self, texts: Sequence[str]) -> Any:
        """Unit vectors of normalised ``texts``: float32 (texts, dimensions); zero where nothing is known."""
        counts = self.counts(texts)
        summed = np.asarray(counts @ self._table, np.float32)
        lengths = np.linalg.norm(summed, axis=1, keepdims=True)
        return summed / np.maximum(lengths, 1e-6)

    def counts(self, texts: Sequence[str]) -> Any:
        """How often each known run is in each text: sparse (texts, runs)."""
        runs, rows = grams(texts, SIZES)
        at = positions(self._runs, runs)
        known = at >= 0
        shape = (len(texts), len(self._runs))
        return csr_matrix((np.ones(int(known.sum()), np.float32), (rows[known], at[known])), shape=shape)


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The vectors shipped with the program."""
    with np.load(_FILE) as stored:
        return Meaning(stored["runs"], stored["table"].astype(np.float32) * stored["scale"])
