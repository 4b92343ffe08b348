"""Texts as the numbers our linear classifiers learn from and judge: what is counted, and the meaning of the whole.

Learning takes thousands of texts at once, as scikit-learn does it. Judging takes one: there a matrix of one row costs a
hundred times the arithmetic in it, so the same numbers are put together here from the vocabularies it has learnt.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from knowledge.meaning import meaning, unit

WORD = r"\S+"
"""A token of what is cut by spaces already."""


def tfidf(analyzer: str, *sizes: int) -> TfidfVectorizer:
    """A vectoriser of runs of ``sizes`` (shortest, longest) of characters (``char``) or of words (``word``)."""
    words = {"token_pattern": WORD} if analyzer == "word" else {}
    return TfidfVectorizer(analyzer=analyzer, ngram_range=sizes, sublinear_tf=True, **words)


@dataclass(frozen=True)
class Row:
    """What is not zero of one text's numbers: those counted, and after them its meaning."""

    columns: list[int]
    counted: list[float]
    meant: NDArray[np.float32]


class Features:
    """Vectorisers side by side. A text comes as one string for each of them; the first tells the meaning, too."""

    def __init__(self, parts: Sequence[tuple[CountVectorizer, float]], meaning_weight: float) -> None:
        """``parts``: vectorisers, fitted or given back before use, each with the weight of its numbers."""
        self._parts, self._meaning_weight = parts, meaning_weight
        self._counting: list[_Counting] = []

    def fit(self, texts: Sequence[Sequence[str]]) -> csr_matrix:
        """Learns the vocabularies; the numbers of ``texts``, a row each."""
        for (vectoriser, _), column in zip(self._parts, zip(*texts, strict=True), strict=True):
            vectoriser.fit(column)
        self._counting = []
        return self.many(texts)

    def many(self, texts: Sequence[Sequence[str]]) -> csr_matrix:
        """The numbers of ``texts``, a row each."""
        columns = list(zip(*texts, strict=True))
        counted = [
            vectoriser.transform(column) * weight
            for (vectoriser, weight), column in zip(self._parts, columns, strict=True)
        ]
        meant = csr_matrix(unit(meaning().sums(columns[0])) * self._meaning_weight)
        return hstack([*counted, meant]).tocsr()

    def one(self, text: Sequence[str]) -> Row:
        """The numbers of one text: those :meth:`many` gives, but for rounding."""
        if not self._counting:
            self._counting = list(_side_by_side(self._parts))
        columns: list[int] = []
        counted: list[float] = []
        for counting, piece in zip(self._counting, text, strict=True):
            counting.count(piece, columns, counted)
        return Row(columns, counted, meaning().vector(text[0]) * self._meaning_weight)


@dataclass(frozen=True)
class _Counting:
    """A fitted vectoriser for one text at a time."""

    analyse: Callable[[str], list[str]]
    vocabulary: dict[str, int]
    idf: list[float] | None
    """None: words are but counted."""
    weight: float
    first: int
    """The column its numbers begin at."""

    def count(self, text: str, columns: list[int], counted: list[float]) -> None:
        """Adds the text's columns and their numbers."""
        known = self.vocabulary
        found = Counter(known[run] for run in self.analyse(text) if run in known)
        if self.idf is None:
            values = [times * self.weight for times in found.values()]
        else:
            weighed = [(math.log(times) + 1.0) * self.idf[place] for place, times in found.items()]
            length = math.sqrt(sum(value * value for value in weighed)) or 1.0
            values = [value / length * self.weight for value in weighed]
        columns += [self.first + place for place in found]
        counted += values


def _side_by_side(parts: Iterable[tuple[CountVectorizer, float]]) -> Iterable[_Counting]:
    first = 0
    for vectoriser, weight in parts:
        idf = vectoriser.idf_.tolist() if isinstance(vectoriser, TfidfVectorizer) else None
        yield _Counting(vectoriser.build_analyzer(), vectoriser.vocabulary_, idf, weight, first)
        first += len(vectoriser.vocabulary_)


def shares(model: LogisticRegression, row: Row) -> NDArray[np.float64]:
    """How likely each of ``model.classes_`` is, 0 to 1: one against the rest, as ``predict_proba`` of liblinear."""
    each = 1.0 / (1.0 + np.exp(-_scores(model, row)))
    return np.array([1.0 - each[0], each[0]]) if len(each) == 1 else each / each.sum()


def likeliest(model: LogisticRegression, row: Row) -> Any:
    """The class ``model.predict`` gives."""
    scores = _scores(model, row)
    return model.classes_[int(scores[0] > 0) if len(scores) == 1 else int(scores.argmax())]


def _scores(model: LogisticRegression, row: Row) -> NDArray[np.float64]:
    counted = model.coef_[:, row.columns] @ np.array(row.counted)
    scores: NDArray[np.float64] = counted + model.coef_[:, -len(row.meant) :] @ row.meant + model.intercept_
    return scores
