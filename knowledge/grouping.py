"""Which open questions ask for the same thing: by their words, their characters and their meaning. Pure.

Likeness of two questions is a weighted mean of three cosines, each easy to explain: the words that say what they are
about (rare words count more), pairs of characters (recognition errors, unknown names), and meaning. Questions are
gathered by average linkage: a question belongs to a group when it is, on average, like enough to all of it.
Weights and line were chosen on one half of ``tests/knowledge/open_questions.yml`` and are held to the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix
from scipy.spatial.distance import squareform

from knowledge.index import Index
from knowledge.meaning import meaning, unit
from knowledge.runs import all_runs

WORDS, GRAMS, MEANING = 0.3, 0.3, 0.4
LINE = 0.18
"""From this likeness on two questions ask for the same."""
_GRAM_SIZES = (2, 3)


class Comparer:
    """Compares questions in the light of one state of the base: it says which words tell how much."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def likeness(self, texts: Sequence[str]) -> Any:
        """How like each text is to each other: float array (texts, texts), 0 to 1."""
        normalised = self._index.lexicon.normalise_all(texts)
        words = _unit_rows(self._telling(normalised))
        grams = _unit_rows(_presence(*all_runs(normalised, _GRAM_SIZES), len(texts)))
        vectors = unit(meaning().sums(normalised))
        found = WORDS * (words @ words.T).toarray() + GRAMS * (grams @ grams.T).toarray()
        return np.clip(found + MEANING * (vectors @ vectors.T), 0.0, 1.0)

    def title_and_words(self, texts: Sequence[str]) -> tuple[str, list[str]]:
        """The text most like all the others, and the telling words most of them share."""
        together = self.likeness(texts).sum(axis=1)
        # of those about equally central the shortest says it best
        central = [at for at in range(len(texts)) if together[at] >= 0.9 * together.max()]
        title = min((texts[at] for at in central), key=len)
        counts = Counter(word for text in texts for word in dict.fromkeys(self._index.query(text).informative))
        weights = dict(zip(counts, self._index.tells(list(counts)), strict=True))
        shared = [word for word, count in counts.items() if len(word) > 1 and 2 * count >= len(texts)]
        return title, sorted(shared, key=lambda word: -counts[word] * weights[word])[:6]

    def _telling(self, normalised: Sequence[str]) -> csr_matrix:
        stop = self._index.lexicon.stop
        places: dict[str, int] = {}
        rows, columns = [], []
        for row, text in enumerate(normalised):
            for word in dict.fromkeys(self._index.lexicon.words(text)):
                if word not in stop:
                    rows.append(row)
                    columns.append(places.setdefault(word, len(places)))
        weights = np.asarray(self._index.tells(list(places)), np.float64)
        shape = (len(normalised), max(len(places), 1))
        return csr_matrix((weights[columns] if columns else [], (rows, columns)), shape=shape)


def _presence(runs: Any, rows: Any, count: int) -> csr_matrix:
    known, columns = np.unique(runs, return_inverse=True)
    found = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, max(len(known), 1)))
    found.data[:] = 1.0
    return found


def _unit_rows(matrix: csr_matrix) -> csr_matrix:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_matrix(matrix.multiply(1.0 / np.maximum(lengths, 1e-9)[:, None]))


def place(likeness: Any, groups: Sequence[Sequence[int]], new: Sequence[int]) -> tuple[dict[int, int], list[list[int]]]:
    """Where each of the ``new`` questions belongs; all numbers are rows of ``likeness``.

    Returns which join which of the ``groups`` there are (question → position in ``groups``), and the further groups
    the others make.
    """
    joined: dict[int, int] = {}
    for question in new:
        near = [float(likeness[question, list(members)].mean()) for members in groups]
        best = int(np.argmax(near)) if near else -1
        if best >= 0 and near[best] >= LINE:
            joined[question] = best
    return joined, gather(likeness, [question for question in new if question not in joined])


def gather(likeness: Any, questions: Sequence[int]) -> list[list[int]]:
    """Groups of questions that ask for the same."""
    if len(questions) < 2:
        return [[question] for question in questions]
    apart = 1.0 - likeness[np.ix_(questions, questions)]
    np.fill_diagonal(apart, 0.0)
    labels = fcluster(linkage(squareform((apart + apart.T) / 2, checks=False), "average"), 1.0 - LINE, "distance")
    found: dict[int, list[int]] = {}
    for question, label in zip(questions, labels, strict=True):
        found.setdefault(int(label), []).append(question)
    return list(found.values())
