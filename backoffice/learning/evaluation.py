"""How good guesses are, on texts not learnt from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix, vstack
from scipy.sparse.csgraph import connected_components
from scipy.stats import norm

from backoffice.learning.features import normalised
from knowledge.runs import all_runs

if TYPE_CHECKING:
    from backoffice.learning.model import Model

PRECISION = 0.95
"""What share of the orders dispatched without a person must be right."""
CONFIDENCE = 0.9
"""How sure one is that a threshold keeps to it."""
FEWEST_SURE = 60
"""Texts a threshold must have been seen to be right for."""
_Z = float(norm.ppf(CONFIDENCE))
ALIKE = 0.6
"""Share of their runs of three characters two texts have in common to be near-duplicates."""
_RUN = 3
_BLOCK = 500
_FIRST_FEW = 3


@dataclass(frozen=True)
class Figures:
    """How good a model is on texts it has not learnt from."""

    n: int
    top1: float
    top3: float
    macro_f1: float
    precision: float
    share_at_precision: float
    """The largest share that could be dispatched without a person at ``precision``, had one known the confidence."""
    share_by_model: float
    """The share whose confidence reaches the threshold the model found when it learnt."""
    precision_by_model: float
    """How many of those are right."""

    def as_dict(self) -> dict[str, float]:
        """For programs."""
        return asdict(self)


def evaluate(model: Model, texts: Sequence[str], labels: Sequence[str]) -> Figures:
    """Measures ``model``; a label it does not know counts as missed. At least one text."""
    place = {label: at for at, label in enumerate(model.labels)}
    unknown = {label: -1 - at for at, label in enumerate(sorted(set(labels) - set(place)))}
    place |= unknown
    truth = np.array([place[label] for label in labels])
    shares = model.probabilities(texts)
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    by_model = sure >= model.threshold
    return Figures(
        n=len(texts),
        **top_figures(shares, truth),
        precision=PRECISION,
        share_at_precision=round(share_at(PRECISION, shares, truth)[0], 4),
        share_by_model=round(float(by_model.mean()), 4),
        precision_by_model=round(float(right[by_model].mean()), 4) if by_model.any() else 0.0,
    )


def top_figures(shares: Any, truth: Any) -> dict[str, float]:
    """top-1, top-3 and macro-F1. ``shares``: (texts, labels); ``truth``: indices, below zero
    for labels that are not known."""
    ranked = np.argsort(-shares, axis=1, kind="stable")
    first = ranked[:, 0]
    return {
        "top1": round(float((first == truth).mean()), 4),
        "top3": round(float((ranked[:, :_FIRST_FEW] == truth[:, None]).any(axis=1).mean()), 4),
        "macro_f1": round(macro_f1(first, truth), 4),
    }


def macro_f1(first: Any, truth: Any) -> float:
    """The mean of every label's F1, over the labels that occur or are guessed; unknown ones count as never found."""
    scores = []
    for label in np.union1d(first, truth):
        hits = int(((first == label) & (truth == label)).sum())
        scores.append(2 * hits / (int((first == label).sum()) + int((truth == label).sum())))
    return float(np.mean(scores))


def share_at(precision: float, shares: Any, truth: Any) -> tuple[float, float]:
    """The largest share of texts whose first guesses are right in ``precision`` of cases, and the confidence from
    which they are; (0, 1) where there is none."""
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    order = np.argsort(-sure, kind="stable")
    held = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    last_of_its_kind = np.append(np.diff(sure[order]) != 0, True)  # all of the same confidence go together
    enough = np.flatnonzero((held >= precision) & last_of_its_kind)
    if not len(enough):
        return 0.0, 1.0
    return (int(enough[-1]) + 1) / len(order), float(sure[order[enough[-1]]])


def share_surely_at(precision: float, shares: Any, truth: Any) -> tuple[float, float]:
    """The same with a margin: the largest share of which one may say, with :data:`CONFIDENCE`, that first guesses are
    right in ``precision`` of cases, and not of a handful only. What is found on some texts holds for others, too."""
    sure, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    order = np.argsort(-sure, kind="stable")
    counts = np.arange(1, len(order) + 1)
    least = _at_least(np.cumsum(right[order]), counts)
    last_of_its_kind = np.append(np.diff(sure[order]) != 0, True)
    enough = np.flatnonzero((least >= precision) & last_of_its_kind & (counts >= FEWEST_SURE))
    if not len(enough):
        return 0.0, 1.0
    return (int(enough[-1]) + 1) / len(order), float(sure[order[enough[-1]]])


def _at_least(right: Any, of: Any) -> Any:
    """The lower bound of a share (Wilson), for each of several counts."""
    share, z = right / of, _Z
    middle = share + z * z / (2 * of)
    return (middle - z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of))) / (1 + z * z / of)


def first_right(model: Model, texts: Sequence[str], labels: Sequence[str]) -> Any:
    """For each text whether the first guess is its label: bool array."""
    first = model.probabilities(texts).argmax(axis=1)
    return np.array([model.labels[at] == label for at, label in zip(first, labels, strict=True)], bool)


def groups(texts: Sequence[str]) -> Any:
    """Near-duplicates together: for each text the number of its group.

    Two texts are near-duplicates when the cosine of their sets of three-character runs is :data:`ALIKE` or more.
    """
    sets = run_sets([normalised(text) for text in texts])
    links = []
    for start in range(0, sets.shape[0], _BLOCK):
        close = sets[start : start + _BLOCK] @ sets.T
        close.data = (close.data >= ALIKE).astype(np.float32)
        close.eliminate_zeros()
        links.append(close)
    return connected_components(vstack(links), directed=False)[1] if links else np.zeros(0, int)


def run_sets(rows: Sequence[str]) -> Any:
    """The sets of three-character runs of normalised texts: a sparse matrix whose rows have length 1."""
    numbers, at = all_runs(rows, (_RUN,))
    _, columns = np.unique(numbers, return_inverse=True)
    sets = csr_matrix((np.ones(len(at), np.float32), (at, columns)), shape=(len(rows), int(columns.max(initial=0)) + 1))
    sets.sum_duplicates()
    sets.data[:] = 1
    lengths = np.sqrt(np.asarray(sets.sum(axis=1)).ravel())
    sets.data /= np.repeat(np.maximum(lengths, 1), np.diff(sets.indptr)).astype(np.float32)
    return sets


def left_out(texts: Sequence[str], share: float, seed: int, *, grouped: bool) -> Any:
    """Which texts a trial leaves out of learning: bool array. ``grouped``: near-duplicates stay on one side."""
    of = groups(texts) if grouped else np.arange(len(texts))
    order = np.random.default_rng(seed).permutation(int(of.max(initial=-1)) + 1)
    sizes = np.bincount(of)
    taken = order[: int(np.searchsorted(np.cumsum(sizes[order]), share * len(texts)) + 1)]
    return np.isin(of, taken)
