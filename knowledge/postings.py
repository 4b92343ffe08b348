"""Weighted posting lists: which rows hold a term, and how much it counts there (BM25)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

K1 = 1.2
B = 0.5
"""Okapi BM25's usual saturation; lengths matter little between questions of one line."""


class Postings:
    """Terms × rows, holding BM25 weights divided by the term's own idf-free maximum; never changes once made."""

    def __init__(self, rows: Any, terms: Any, n_rows: int, n_terms: int) -> None:
        """``rows``, ``terms``: equally long integer arrays, one entry for each occurrence of a term in a row."""
        counts = csr_matrix((np.ones(len(rows), np.float32), (terms, rows)), shape=(n_terms, n_rows))
        counts.sum_duplicates()
        lengths = np.asarray(counts.sum(axis=0)).ravel()
        rows_with_term = np.diff(counts.indptr)
        self.idf = np.log1p((n_rows - rows_with_term + 0.5) / (rows_with_term + 0.5)).astype(np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-6)) if n_rows else lengths
        counts.data *= (K1 + 1) / (counts.data + norm[counts.indices])
        counts.data *= np.repeat(self.idf, rows_with_term)
        self._weights = counts.astype(np.float32)
        self.n_rows = n_rows

    def scores(self, terms: Any, weights: Any) -> Any:
        """BM25 of every row for a query of ``terms`` (ids) with ``weights``: float array (rows,)."""
        if not len(terms):
            return np.zeros(self.n_rows, np.float32)
        query = csr_matrix(
            (np.asarray(weights, np.float32), np.asarray(terms, np.int32), [0, len(terms)]),
            shape=(1, self._weights.shape[0]),
        )
        return (query @ self._weights).toarray()[0]
