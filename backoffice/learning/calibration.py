"""From margins to probabilities, and from the first probability to how often such a first is right. Pure.

Both are fitted on margins of texts the classifier had not learnt from. Each label gets a scale and an offset of its
own, because a rare label's margins mean something else than a frequent one's; both are held close to the common ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import logit, softmax
from sklearn.linear_model import LogisticRegression

OFFSET_PENALTY = 1e-4
SCALE_PENALTY = 1e-3
"""How closely labels are held together. Both chosen by cross-validation."""
_FIRST_SCALE = 1.2
_STEPS = 150
_NEVER, _ALWAYS = 1e-6, 1 - 1e-6
_LABEL_DOUBT = 20.0
"""Texts of the average reliability that each label's own is mixed with."""


@dataclass(frozen=True)
class Calibration:
    """What turns margins into confidence."""

    scales: Any
    """float64, one for each label."""
    offsets: Any
    reliability: Any
    """Log odds that a text put first under a label belongs there, by label."""
    trust: Any
    """Weights of log odds, lead over the second, and reliability; then the constant."""

    def probabilities(self, margins: Any) -> Any:
        """(texts, labels) → probabilities; each row sums to 1. The first of each is how often such a first is right."""
        shares = softmax(np.asarray(margins, np.float64) * self.scales + self.offsets, axis=1)
        if shares.shape[1] == 1:
            return shares
        rows, first = np.arange(len(shares)), shares.argmax(axis=1)
        top = shares[rows, first]
        sure = 1 / (1 + np.exp(-(_signs(shares, self.reliability) @ self.trust[:-1] + self.trust[-1])))
        rest = (1 - sure) / np.maximum(1 - top, 1e-12)
        shares *= rest[:, None]
        shares[rows, first] = sure
        return shares


def fit(margins: Any, truth: Any) -> Calibration:
    """``margins``: (texts, labels) of texts not learnt from; ``truth``: the index of each one's label."""
    labels = margins.shape[1]
    scales, offsets = _scaled(np.asarray(margins, np.float64), truth)
    shares = softmax(margins * scales + offsets, axis=1)
    first = shares.argmax(axis=1)
    right = first == truth
    reliability = _reliability(first, right, labels)
    return Calibration(scales, offsets, reliability, _trust(_signs(shares, reliability), right))


def _scaled(margins: Any, truth: Any) -> tuple[Any, Any]:
    """The scales and offsets under which the truth is likeliest."""
    texts, labels = margins.shape
    own = np.arange(texts), truth

    def loss(at: Any) -> tuple[float, Any]:
        logs, offsets = at[:labels], at[labels:]
        scales = np.exp(logs)
        odds = margins * scales + offsets
        odds -= odds.max(axis=1, keepdims=True)
        likely = odds[own]
        shares = np.exp(odds, out=odds)
        together = shares.sum(axis=1)
        apart = logs - logs.mean()
        value = float((np.log(together) - likely).mean())
        value += SCALE_PENALTY * (apart**2).sum() + OFFSET_PENALTY * (offsets**2).sum()
        shares /= (texts * together)[:, None]
        shares[own] -= 1 / texts  # by how much each share is wrong
        by_scale = np.einsum("ij,ij->j", shares, margins) * scales + 2 * SCALE_PENALTY * apart
        return value, np.concatenate([by_scale, shares.sum(axis=0) + 2 * OFFSET_PENALTY * offsets])

    start = np.concatenate([np.full(labels, _FIRST_SCALE), np.zeros(labels)])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return np.exp(found[:labels]), found[labels:]


def _reliability(first: Any, right: Any, labels: int) -> Any:
    put = np.bincount(first, minlength=labels)
    held = np.bincount(first[right], minlength=labels)
    return logit(np.clip((held + _LABEL_DOUBT * right.mean()) / (put + _LABEL_DOUBT), _NEVER, _ALWAYS))


def _signs(shares: Any, reliability: Any) -> Any:
    """What speaks for the first label of each text: (texts, 3)."""
    ranked = np.partition(shares, -2, axis=1)
    top, second = np.clip(ranked[:, -1], _NEVER, _ALWAYS), np.clip(ranked[:, -2], _NEVER, _ALWAYS)
    return np.stack([logit(top), np.log(top / second), reliability[shares.argmax(axis=1)]], axis=1)


def _trust(signs: Any, right: Any) -> Any:
    if right.all() or not right.any():  # nothing tells right from wrong: the share itself is taken
        return np.array([1.0, 0.0, 0.0, 0.0])
    found = LogisticRegression(C=1.0).fit(signs, right)
    return np.concatenate([found.coef_[0], found.intercept_])
