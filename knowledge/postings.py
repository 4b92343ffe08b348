"""Weighted posting lists: which rows hold a run of characters, and how much it counts there (BM25)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.runs import positions

K1 = 1.2
B = 0.5
"""Okapi BM25's usual saturation; lengths matter little between questions of one line."""
COMMON = 0.25
"""A run in more than this share of the rows is common: its weights take no more room as a full row than as a list."""


class Postings:
    """Runs × rows, holding BM25 weights; never changes once made."""

    def __init__(self, vocabulary: Any, terms: Any, rows: Any, n_rows: int, *, length_counts: float = B) -> None:
        """``vocabulary``: runs (uint64), sorted, each once; ``terms``, ``rows``: equally long, one entry for each
        occurrence of a run of the vocabulary in a row.

        ``length_counts``: how much the length of a row counts, 0 to 1.
        """
        shape = (len(vocabulary), n_rows)
        counts = csr_matrix((np.ones(len(rows), np.float32), (terms, rows)), shape=shape)
        counts.sum_duplicates()
        there = np.diff(counts.indptr) > 0
        bounds = np.concatenate([[0], counts.indptr[1:][there]])
        counts = csr_matrix((counts.data, counts.indices, bounds), shape=(len(bounds) - 1, n_rows))
        self._vocabulary = vocabulary[there]
        lengths = np.asarray(counts.sum(axis=0)).ravel()
        rows_with = np.diff(counts.indptr)
        self._idf = np.log1p((n_rows - rows_with + 0.5) / (rows_with + 0.5)).astype(np.float32)
        norm = (
            K1 * (1 - length_counts + length_counts * lengths / max(float(lengths.mean()), 1e-6)) if n_rows else lengths
        )
        counts.data *= (K1 + 1) / (counts.data + norm[counts.indices])
        counts.data *= np.repeat(self._idf, rows_with)
        self._unseen = float(np.log1p(n_rows))
        self._n_rows = n_rows
        self._keep(counts, rows_with)

    def _keep(self, weights: Any, rows_with: Any) -> None:
        """Rare runs as lists of the rows that hold them, common ones as a weight for every row: those lists would be
        long, and adding to rows here and there costs some times as much a row as adding to all in order."""
        common = rows_with > COMMON * self._n_rows
        self._common = weights[common].toarray().astype(np.float32)
        self._place_among_common = np.where(common, np.cumsum(common) - 1, -1)
        rare = np.repeat(~common, rows_with)
        self._rows, self._values = weights.indices[rare], weights.data[rare].astype(np.float32)
        self._bounds = np.concatenate([[0], np.cumsum(np.where(common, 0, rows_with))])

    def idf(self, runs: Any) -> Any:
        """How much each run tells: its inverse document frequency; a run never seen tells most."""
        return self._idf_at(self._at(runs))

    def scores(self, runs: Any, weights: Any) -> Any:
        """BM25 of every row for a query of ``runs`` with ``weights``: float32 (rows,)."""
        return self._scores(self._at(runs), weights)

    def share(self, runs: Any, weights: Any = None, told: float | None = None) -> Any:
        """:meth:`scores` over what a row of just the query would about score.

        ``weights``: None: each run counts the same. ``told``: what the query itself tells, where ``runs`` holds more.
        """
        at = self._at(runs)
        weights = np.ones(len(at), np.float32) if weights is None else np.asarray(weights, np.float32)
        ideal = self._idf_at(at) @ weights if told is None else told
        return self._scores(at, weights) / np.float32(max(ideal, 1e-6))

    def _at(self, runs: Any) -> Any:
        return positions(self._vocabulary, np.asarray(runs, np.uint64))

    def _idf_at(self, at: Any) -> Any:
        return np.where(at >= 0, self._idf[at] if len(self._idf) else 0.0, self._unseen)

    def _scores(self, at: Any, weights: Any) -> Any:
        total = np.zeros(self._n_rows, np.float32)
        known = at >= 0
        at, weights = at[known], np.asarray(weights, np.float32)[known]
        places = self._place_among_common[at]
        for place, weight in zip(places[places >= 0].tolist(), weights[places >= 0], strict=True):
            total += weight * self._common[place]
        begins, ends = self._bounds[at], self._bounds[at + 1]
        lists = [slice(begin, end) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True) if begin < end]
        if lists:
            rows = np.concatenate([self._rows[each] for each in lists])
            values = np.concatenate([self._values[each] for each in lists])
            values *= np.repeat(weights, ends - begins)
            total += np.bincount(rows, values, self._n_rows).astype(np.float32)
        return total
