"""A learnt model: which labels a text may get, how likely each is, and the words that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from backoffice.learning.calibration import Calibration
from backoffice.learning.features import SIZES, Features, Texts, normalised
from knowledge.lexicon import Lexicon
from knowledge.runs import positions, runs

EXPLAINED = 600
"""Characters of a text in which the words that decided are looked for."""
MOST_WORDS = 4
_SHORTEST_WORD = 2
_WORTH_NAMING = 0.15
"""Words that say less than this share of what the weightiest says are not named."""


@dataclass(frozen=True)
class Guess:
    """A label a text may get."""

    label: str
    confidence: float
    """How often such a guess is right, from 0 to 1."""
    words: tuple[str, ...] = ()
    """The words of the text that speak for it most, the weightiest first."""


@dataclass(frozen=True)
class Model:
    """What was learnt; never changes once made."""

    features: Features
    labels: tuple[str, ...]
    weights: Any
    """(runs of body and head + dimensions of meaning, labels): float32 when just learnt, float16, as the file has
    them, where they are read: half the memory, and a text needs a few hundred rows only."""
    bias: Any
    calibration: Calibration
    threshold: float
    """Confidence from which guesses are surely right in 95 of 100 texts not learnt from; above 1: never so sure."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """How it was learnt: number of texts, figures; nothing of a text."""

    def margins(self, texts: Sequence[str]) -> Any:
        """(texts, labels) float32, of texts as people wrote them."""
        rows = self.features.rows(Texts.of([normalised(text) for text in texts]))
        return rows @ self.weights.astype(np.float32, copy=False) + self.bias

    def probabilities(self, texts: Sequence[str]) -> Any:
        """(texts, labels): how likely each label is for each text."""
        return self.calibration.probabilities(self.margins(texts))

    def guesses(self, text: str, most: int = 3) -> list[Guess]:
        """The likeliest labels of ``text``, the first first, with the words that speak for them."""
        told = normalised(text)
        columns, values = self.features.row(told)
        margins = values @ self.weights[columns].astype(np.float32, copy=False) + self.bias
        shares = self.calibration.probabilities(margins[None, :])[0]
        best = np.argsort(-shares, kind="stable")[:most]
        words = self._words(told[:EXPLAINED], best)
        return [Guess(self.labels[at], round(float(shares[at]), 3), told) for at, told in zip(best, words, strict=True)]

    def _words(self, text: str, labels: Any) -> list[tuple[str, ...]]:
        """For each of ``labels`` the words of a normalised text that speak for it most."""
        speaks = self._by_character(text, labels)
        spans = _word_spans(text)
        told = []
        for label in range(len(labels)):
            weight: dict[str, float] = defaultdict(float)
            for start, end in spans:
                weight[text[start:end]] += float(speaks[start:end, label].sum())
            ranked = sorted(weight.items(), key=lambda item: -item[1])[:MOST_WORDS]
            least = _WORTH_NAMING * ranked[0][1] if ranked else 0.0
            told.append(tuple(word for word, said in ranked if said > max(least, 0.0)))
        return told

    def _by_character(self, text: str, labels: Any) -> Any:
        """How much each character of ``text`` speaks for each of ``labels``: (characters, labels).

        A run's share in the margin is spread over its characters. What the text means counts for the whole of it, and
        its first words twice: no word is named for that.
        """
        speaks = np.zeros((len(text), len(labels)), np.float32)
        body = self.features.body
        for size, numbers, _ in runs([text], SIZES):
            at = positions(body.numbers, numbers)
            known = np.flatnonzero(at >= 0)
            said = self.weights[at[known][:, None], labels] * body.weights[at[known]][:, None] / size
            for step in range(size):
                speaks[known + step] += said  # a run begins at each place once
        return speaks


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon()


def _word_spans(text: str) -> list[tuple[int, int]]:
    """Where the dictionary's words of two and more characters are. No names, plates, numbers: words are shown and kept
    in history, which is for ever."""
    spans, at = [], 0
    for word in _lexicon().words(text):
        if len(word) >= _SHORTEST_WORD and word.isalpha() and not any(letter.isascii() for letter in word):
            spans.append((at, at + len(word)))
        at += len(word)
    return spans
