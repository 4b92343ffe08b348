"""Weighted posting lists: which rows hold a run of characters, and how much it counts there (BM25)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.runs import positions

K1 = 1.2
B = 0.5
"""Okapi BM25's usual saturation; lengths matter little between questions of one line."""


class Postings:
    """Runs × rows, holding BM25 weights; never changes once made."""

    def __init__(self, runs: Any, rows: Any, n_rows: int, *, length_counts: float = B) -> None:
        """``runs`` (uint64), ``rows``: equally long, one entry for each occurrence of a run in a row.

        ``length_counts``: how much the length of a row counts, 0 to 1.
        """
        self._vocabulary, places = np.unique(runs, return_inverse=True)
        terms = places.astype(np.int32)  # half the memory of what sorting gives, here and in the matrix
        del runs, places
        n_runs = len(self._vocabulary)
        counts = csr_matrix((np.ones(len(rows), np.float32), (terms, rows)), shape=(n_runs, n_rows))
        counts.sum_duplicates()
        lengths = np.asarray(counts.sum(axis=0)).ravel()
        rows_with = np.diff(counts.indptr)
        self._idf = np.log1p((n_rows - rows_with + 0.5) / (rows_with + 0.5)).astype(np.float32)
        norm = (
            K1 * (1 - length_counts + length_counts * lengths / max(float(lengths.mean()), 1e-6)) if n_rows else lengths
        )
        counts.data *= (K1 + 1) / (counts.data + norm[counts.indices])
        counts.data *= np.repeat(self._idf, rows_with)
        self._weights = counts.astype(np.float32)
        self._unseen = float(np.log1p(n_rows))
        self._n_rows = n_rows

    def idf(self, runs: Any) -> Any:
        """How much each run tells: its inverse document frequency; a run never seen tells most."""
        at = positions(self._vocabulary, np.asarray(runs, np.uint64))
        return np.where(at >= 0, self._idf[at] if len(self._idf) else 0.0, self._unseen)

    def scores(self, runs: Any, weights: Any) -> Any:
        """BM25 of every row for a query of ``runs`` with ``weights``: float32 (rows,)."""
        at = positions(self._vocabulary, np.asarray(runs, np.uint64))
        known = at >= 0
        if not known.any():
            return np.zeros(self._n_rows, np.float32)
        terms, counted = at[known], np.asarray(weights, np.float32)[known]
        begins, ends = self._weights.indptr[terms], self._weights.indptr[terms + 1]
        total = np.zeros(self._n_rows, np.float32)
        for begin, end, weight in zip(begins, ends, counted, strict=True):
            # a row stands once in a run's list, so plain addition loses nothing
            total[self._weights.indices[begin:end]] += weight * self._weights.data[begin:end]
        return total
