"""Parts of the texts learnt from, each left out once: near-duplicates stay in one part, or a model would be measured on
what it has as good as seen. Pure.

All pairs of tens of thousands of texts are too many to compare. Texts that share the smallest of their runs, in several
orders of all runs, are likely alike; only those are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from backoffice.learning.evaluation import ALIKE, run_sets

_SEED = 20251125
_ORDERS = 24
"""Orders of all runs that are tried; two texts of a likeness of 0.6 share the first run in about four of ten."""
_AT_ONCE = 20_000


def folds(rows: Sequence[str], parts: int) -> list[tuple[Any, Any]]:
    """For each of ``parts``, the indices of the normalised texts outside it and in it, some of them where there are as
    many texts as parts. Deterministic."""
    of = _cut(alike(rows), len(rows) // parts)
    sizes = np.bincount(of)
    shuffled = np.random.default_rng(_SEED).permutation(len(sizes))
    part_of, filled = np.zeros(len(sizes), np.int64), np.zeros(parts, np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:  # the largest first: the parts get of one size
        part_of[group] = int(filled.argmin())
        filled[part_of[group]] += sizes[group]
    part = part_of[of]
    return [(np.flatnonzero(part != at), np.flatnonzero(part == at)) for at in range(parts)]


def alike(rows: Sequence[str]) -> Any:
    """For each of the normalised texts the number of its group of near-duplicates."""
    sets = run_sets(rows)
    random = np.random.default_rng(_SEED)
    firsts, seconds = [], []
    for _ in range(_ORDERS):
        rank = random.permutation(sets.shape[1])
        smallest = _smallest(sets, rank)
        order = np.argsort(smallest, kind="stable")
        same = (smallest[order][1:] == smallest[order][:-1]) & (smallest[order][1:] >= 0)
        firsts.append(order[:-1][same])
        seconds.append(order[1:][same])
    pairs = np.unique(np.stack([np.concatenate(firsts), np.concatenate(seconds)], axis=1), axis=0)
    close = [pair for at in range(0, len(pairs), _AT_ONCE) for pair in _close(sets, pairs[at : at + _AT_ONCE])]
    links = np.array(close, np.int64).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(len(rows), len(rows)))
    return connected_components(graph, directed=False)[1]


def _cut(of: Any, most: int) -> Any:
    """The groups ``of`` the texts, such as are larger than ``most`` cut into pieces by chance: where most of a city's
    texts are alike, those to come are, too, and with all of them in one part there was nothing to learn from."""
    order = np.random.default_rng(_SEED).permutation(len(of))
    order = order[np.argsort(of[order], kind="stable")]
    first = np.searchsorted(of[order], of[order])  # where the group of each begins
    piece = np.empty(len(of), np.int64)
    piece[order] = (np.arange(len(of)) - first) // max(most, 1)
    return np.unique(np.stack([of, piece], axis=1), axis=0, return_inverse=True)[1].ravel()


def _smallest(sets: Any, rank: Any) -> Any:
    """The least rank of a run in each row; -1 for rows without any."""
    found = np.full(sets.shape[0], -1, np.int64)
    filled = np.flatnonzero(np.diff(sets.indptr))
    if len(filled):
        found[filled] = np.minimum.reduceat(rank[sets.indices], sets.indptr[filled])
    return found


def _close(sets: Any, pairs: Any) -> Any:
    likeness = np.asarray(sets[pairs[:, 0]].multiply(sets[pairs[:, 1]]).sum(axis=1)).ravel()
    return pairs[likeness >= ALIKE]
