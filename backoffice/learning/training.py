"""Learning a model: a linear classifier over all texts, calibrated on parts of them it had not seen; the confidence
from which it may decide alone is found on parts that hold no near-duplicate of what was learnt, and with a margin.

The names of the labels are learnt from like texts: 烟草专卖局 says what goes there before the first order does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import KFold
from sklearn.svm import LinearSVC

from backoffice.learning import calibration
from backoffice.learning.evaluation import PRECISION, share_at, share_surely_at, top_figures
from backoffice.learning.features import Features, Texts, normalised
from backoffice.learning.folds import folds
from backoffice.learning.model import Model

FOLDS = 3
STRENGTH = 1.0
"""C of the classifier. Chosen by cross-validation."""
TOLERANCE = 0.1
"""How exactly it is found: liblinear's own measure. A thousandth of it takes a third longer and guesses the same."""
FEWEST = 50
"""Texts there is nothing to be learnt from below."""
MOST_LABELS = 1_000
MOST_TEXTS = 40_000
MOST_WORK = 8_000_000
"""Texts times labels: some minutes on one core."""
MOST_WEIGHTS = 100_000_000
"""Runs times labels: about 1.2 GB while learning, 0.2 GB in use. Fewer runs are kept of a model with many labels."""
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
    check_size(len(texts), len(known))
    rows = [normalised(text) for text in texts]
    place = {label: at for at, label in enumerate(known)}
    truth = np.array([place[label] for label in labels], dtype=np.int64)
    texts_and_names = Texts.of([*rows, *map(normalised, names or known)])
    all_names = len(rows) + np.arange(len(known))

    def classifier(seen: Any) -> tuple[Features, Any, Any]:
        taught = texts_and_names[np.concatenate([seen, all_names])]
        return _classifier(taught, np.concatenate([truth[seen], np.arange(len(known))]))

    by_chance, apart = _folds(len(rows)), folds(rows, FOLDS)
    steps = iter(range(1, 2 * FOLDS + 1))

    def unseen(parts: list[tuple[Any, Any]]) -> Any:
        margins = np.zeros((len(rows), len(known)), np.float32)
        for seen, kept in parts:
            features, weights, bias = classifier(seen)
            margins[kept] = features.rows(texts_and_names[kept]) @ weights + bias
            progress(next(steps) / (2 * FOLDS + 1))
        return margins

    margins, margins_apart = unseen(by_chance), unseen(apart)
    calibrated = calibration.fit(margins, truth)
    features, weights, bias = classifier(np.arange(len(rows)))
    shares = np.zeros(margins.shape)
    for seen, kept in apart:  # calibrated on others, too, as texts to come are
        shares[kept] = calibration.fit(margins[seen], truth[seen]).probabilities(margins_apart[kept])
    progress(1.0)
    share, threshold = share_surely_at(PRECISION, shares, truth)
    by_model = shares.max(axis=1) >= threshold if share else np.zeros(len(rows), bool)
    right = shares.argmax(axis=1) == truth
    about = {
        "texts": len(rows),
        "labels": len(known),
        "cross_validated": {
            **top_figures(shares, truth),
            "share_at_precision": round(share_at(PRECISION, shares, truth)[0], 4),
            "share_by_model": round(float(by_model.mean()), 4),
            "precision_by_model": round(float(right[by_model].mean()), 4) if by_model.any() else 0.0,
        },
    }
    return Model(features, known, weights, bias, calibrated, threshold if share else _NEVER, about)


def check_size(texts: int, labels: int) -> None:
    """Raises :class:`CannotLearn` for more than this machine should be kept busy with."""
    if labels > MOST_LABELS:
        raise CannotLearn(f"有 {labels} 种标签，最多可以学 {MOST_LABELS} 种，请先合并（例如只用上一级）。")
    if texts > most_texts(labels):
        raise CannotLearn(f"{labels} 种标签最多可以从 {most_texts(labels)} 条学习，现在有 {texts} 条，请只留较新的。")


def most_texts(labels: int) -> int:
    """How many texts may be learnt from, with so many labels: time goes with both."""
    return min(MOST_TEXTS, MOST_WORK // max(labels, 1))


def some_of(texts: Sequence[str], labels: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """As many as may be learnt from, drawn by chance with a fixed seed."""
    most = most_texts(len(set(labels)))
    if len(texts) <= most:
        return texts, labels
    kept = np.sort(np.random.default_rng(_SEED).choice(len(texts), most, replace=False))
    return [texts[at] for at in kept], [labels[at] for at in kept]


def _folds(texts: int) -> list[tuple[Any, Any]]:
    """Parts by chance: near-duplicates of what was learnt come in use, too, and confidence must be right for all."""
    return list(KFold(FOLDS, shuffle=True, random_state=_SEED).split(np.arange(texts)))


def _classifier(taught: Texts, truth: Any) -> tuple[Features, Any, Any]:
    """The features of the texts ``taught``, and for each label the weights and the constant over them."""
    labels = int(truth.max()) + 1
    features = Features.learn(taught, MOST_WEIGHTS // labels)
    found = LinearSVC(C=STRENGTH, tol=TOLERANCE, random_state=_SEED).fit(features.rows(taught), truth)
    weights, bias = found.coef_, found.intercept_
    if labels == _TWO:  # with two labels there is one margin only
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    return features, np.ascontiguousarray(weights.T, np.float32), bias.astype(np.float32)
