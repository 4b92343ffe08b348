"""What the articles of a base mean: a vector for each article, and one for each way of asking it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.meaning import meaning, unit
from knowledge.reading import Reading

CLOSE_LOOK = 64
"""For so many articles, the nearest by everything else, the meaning of each single phrasing is compared."""
_SUMMED = 512
"""Articles that are summed at a time."""
_MULTIPLIED = 64
"""Articles that are multiplied at a time: few enough that BLAS stays on one core, since waking others costs more than
it saves."""


class Vectors:
    """Vectors of articles and of their phrasings; never changes once made."""

    def __init__(self, read: Reading, phrasings: Any) -> None:
        """``read``: article by article its phrasings and its keywords, then all answers. ``phrasings``: how many each
        article has, int array (articles,)."""
        count = len(phrasings)
        self._starts = np.concatenate([[0], np.cumsum(phrasings)])
        texts = self._starts + np.arange(count + 1)
        """Where each article begins among the texts: its keywords are one more than its phrasings."""
        which, vectors = meaning().of_steps(read)
        blocks = [slice(first, min(first + _SUMMED, count)) for first in range(0, count, _SUMMED)]
        articles = np.zeros((count + -count % _MULTIPLIED, vectors.shape[1]), np.float32)
        self._phrasings = np.zeros((self._starts[-1], vectors.shape[1]), np.float16)
        for block in blocks:
            begins = texts[block.start : block.stop + 1]
            said = _sums(read, which, vectors, begins[0], begins[-1])
            answers = _sums(read, which, vectors, texts[-1] + block.start, texts[-1] + block.stop)
            articles[block] = unit(np.add.reduceat(said, begins[:-1] - begins[0]) + answers)
            asked = np.ones(len(said), bool)
            asked[begins[1:] - begins[0] - 1] = False
            self._phrasings[self._starts[block.start] : self._starts[block.stop]] = unit(said[asked])

        self._articles = articles.reshape(-1, _MULTIPLIED, vectors.shape[1])
        """The last block filled up with zeros."""

    def subject(self, vector: Any) -> Any:
        """Likeness of every article as a whole to a unit ``vector``: float32 (articles,)."""
        return np.matmul(self._articles, vector).ravel()[: len(self._starts) - 1]

    def nearest_phrasing(self, vector: Any, preliminary: Any, subject: Any) -> Any:
        """Likeness to the nearest phrasing of the articles that are best by ``preliminary`` scores; of all others,
        where it matters little, their likeness as a whole (``subject``) stands for it: float32 (articles,)."""
        close = np.arange(len(subject))
        if len(close) > CLOSE_LOOK:
            close = np.argpartition(-preliminary, CLOSE_LOOK)[:CLOSE_LOOK]
        counts = self._starts[close + 1] - self._starts[close]
        begins = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(self._starts[close] - begins, counts)
        likeness = subject.copy()
        likeness[close] = np.maximum.reduceat(np.einsum("ij,j->i", widened(self._phrasings[rows]), vector), begins)
        return likeness


def _sums(read: Reading, which: Any, vectors: Any, first: int, last: int) -> Any:
    """Summed vectors of the texts from ``first`` to before ``last``: float32 (texts, dimensions)."""
    bounds = read.bounds[first : last + 1]
    columns = which[read.steps[bounds[0] : bounds[-1]]]
    ones = np.ones(len(columns), np.float32)
    return csr_matrix((ones, columns, bounds - bounds[0]), (last - first, len(vectors))) @ vectors


def widened(halves: Any) -> Any:
    """float16 as float32, finite ones: by their bits, in a third of the time numpy takes."""
    bits = halves.view(np.int16).astype(np.int32)
    bits <<= 13  # the exponent's and the mantissa's bits come to their places, the sign's is copied downwards
    bits &= np.int32(~0x70000000)
    floats = bits.view(np.float32)
    floats *= np.float32(2.0**112)  # the exponent is counted from another zero
    return floats
