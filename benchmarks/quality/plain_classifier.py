"""The baseline of all that is learnt from labelled texts: TF-IDF of runs of characters, linear support vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from backoffice.learning.evaluation import top_figures

NAME = "TF-IDF + SVC"


def figures(
    texts: Sequence[str], labels: Sequence[str], others: Sequence[str], truth: Sequence[str]
) -> dict[str, float]:
    """Top-1, top-3 and macro-F1 (``top1``, ``top3``, ``macro_f1``) on ``others``, learnt from ``texts``: runs of one to
    four characters, LinearSVC as it comes. A label not learnt counts as missed."""
    runs = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
    machine = LinearSVC(random_state=1).fit(runs.fit_transform(texts), labels)
    place = {label: at for at, label in enumerate(machine.classes_)}
    margins = machine.decision_function(runs.transform(others))
    return top_figures(margins, np.array([place.get(label, -1) for label in truth]))
