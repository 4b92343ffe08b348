"""Whether a confidence means what it says: of what is said with 0.8, eight in ten should be right. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

STEPS = 10


def honesty(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """One minus the expected calibration error: the mean distance, by tenths of confidence, between the confidence
    said and the share that was right, weighed by how often that tenth occurs (Naeini et al. 2015). 1 is perfect."""
    said, truth = np.asarray(confidences, float), np.asarray(right, bool)
    tenth = np.minimum((said * STEPS).astype(int), STEPS - 1)
    off = sum(
        float(of.sum()) * abs(float(said[of].mean()) - float(truth[of].mean()))
        for of in (tenth == step for step in range(STEPS))
        if of.any()
    )
    return 1.0 - off / len(said)
