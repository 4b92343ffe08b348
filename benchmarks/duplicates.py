"""Fits the weights of the likeness of two reports, and shows other thresholds than the one in use.

    uv run python -m benchmarks.duplicates

Weights are fitted on one half of the matters of ``duplicates.yml``; of the other, nothing is fitted to. What counts is
measured by ``huiyin evaluate duplicates``.
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from backoffice import likeness
from backoffice.likeness import SAME
from benchmarks.quality.duplicates import Pair, pairs_of


def main() -> None:
    """Fits on one half, measures the other."""
    fitting, measuring = pairs_of("fit"), pairs_of("measure")
    at_one_place = [pair for pair in fitting if pair.kind in {"same", "other matter"}]
    signs = np.array([likeness.signs(pair.one, pair.other) for pair in at_one_place])
    truth = np.array([pair.kind == "same" for pair in at_one_place])
    fitted = LogisticRegression(C=10.0, class_weight="balanced").fit(signs, truth)
    print("fitted: meaning, words, category", fitted.coef_[0].round(2), "bias", fitted.intercept_.round(2))
    for name, pairs in (("fitted on", fitting), ("measured", measuring)):
        show(name, pairs)
    began = time.process_time()
    for pair in measuring[:300]:
        likeness.likeness(pair.one, pair.other)
    print(f"{(time.process_time() - began) / 300 * 1000:.2f} ms a comparison")


def show(name: str, pairs: list[Pair]) -> None:
    """What several thresholds would do."""
    scores = np.array([likeness.likeness(pair.one, pair.other) for pair in pairs])
    kinds = np.array([pair.kind for pair in pairs])
    same = kinds == "same"
    print(f"{name}: {len(pairs)} pairs, AUC {roc_auc_score(same, scores):.3f}")
    for threshold in (0.3, 0.4, SAME, 0.6, 0.7, 0.8):
        asked = scores >= threshold
        wrong = {str(kind): round(float(asked[kinds == kind].mean()), 3) for kind in np.unique(kinds[~same])}
        print(f"  from {threshold:.2f}: same found {asked[same].mean():.3f}, wrongly asked", wrong)


if __name__ == "__main__":
    main()
