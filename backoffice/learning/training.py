"""Learning a model: a linear classifier over all texts, calibrated on parts of them it had not seen.

The names of the labels are learnt from like texts: 烟草专卖局 says what goes there before the first order does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import KFold
from sklearn.svm import LinearSVC

from backoffice.learning import calibration
from backoffice.learning.evaluation import PRECISION, share_at, top_figures
from backoffice.learning.features import Features, normalised
from backoffice.learning.model import Model

FOLDS = 3
STRENGTH = 1.0
"""C of the classifier. Chosen by cross-validation."""
FEWEST = 50
"""Texts there is nothing to be learnt from below."""
_SEED = 20251125
_NEVER = 1.01
_TWO = 2

Progress = Callable[[float], None]
"""Told the share that is done, from 0 to 1."""


class CannotLearn(ValueError):
    """There is nothing to learn from; the message says why, in plain Chinese."""


def learn(
    texts: Sequence[str], labels: Sequence[str], *, names: Sequence[str] = (), progress: Progress = lambda _: None
) -> Model:
    """Learns which of ``labels`` a text gets. ``names``: what each distinct label, in sorted order, is called; without
    them the labels themselves are taken.

    Deterministic. Raises :class:`CannotLearn` for too few texts, or fewer than two labels.
    """
    known = tuple(sorted(set(labels)))
    if len(texts) < FEWEST:
        raise CannotLearn(f"只有 {len(texts)} 条可用的数据，至少要有 {FEWEST} 条才能学习。")
    if len(known) < _TWO:
        raise CannotLearn(f"所有数据的标签都是“{known[0]}”，至少要有两种不同的标签才能学习。")
    rows = [normalised(text) for text in texts]
    place = {label: at for at, label in enumerate(known)}
    truth = np.array([place[label] for label in labels], dtype=np.int64)
    told = [normalised(name) for name in (names or known)]
    margins = np.zeros((len(rows), len(known)), np.float32)
    for step, (seen, kept) in enumerate(_folds(len(rows)), 1):
        features, weights, bias = _classifier([rows[at] for at in seen], truth[seen], told)
        margins[kept] = features.rows([rows[at] for at in kept]) @ weights + bias
        progress(step / (FOLDS + 1))
    calibrated = calibration.fit(margins, truth)
    features, weights, bias = _classifier(rows, truth, told)
    progress(1.0)
    shares = calibrated.probabilities(margins)
    share, threshold = share_at(PRECISION, shares, truth)
    about = {
        "texts": len(rows),
        "labels": len(known),
        "cross_validated": {**top_figures(shares, truth), "share_at_precision": round(share, 4)},
    }
    return Model(features, known, weights, bias, calibrated, threshold if share else _NEVER, about)


def _folds(texts: int) -> list[tuple[Any, Any]]:
    return list(KFold(FOLDS, shuffle=True, random_state=_SEED).split(np.arange(texts)))


def _classifier(texts: list[str], truth: Any, names: list[str]) -> tuple[Features, Any, Any]:
    """The features of normalised ``texts``, and for each label the weights and the constant over them."""
    taught = [*texts, *names]
    features = Features.learn(taught)
    found = LinearSVC(C=STRENGTH, random_state=_SEED)
    found.fit(features.rows(taught), np.concatenate([truth, np.arange(len(names))]))
    weights, bias = found.coef_, found.intercept_
    if len(names) == _TWO:  # with two labels there is one margin only
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    return features, np.ascontiguousarray(weights.T, np.float32), bias.astype(np.float32)
