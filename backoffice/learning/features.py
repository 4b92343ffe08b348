"""Texts as rows of numbers: weighted runs of one to four characters, and beside them what the text means.

A run is known by its number only (:mod:`knowledge.runs`), so nothing learnt holds a citizen's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack

from knowledge.meaning import meaning, unit
from knowledge.runs import all_runs, positions

SIZES = (1, 2, 3, 4)
SIZE_WEIGHTS = (1.0, 1.0, 0.6, 0.4)
"""What runs of each size count: long ones are many and say the same again. Chosen by cross-validation, as all below."""
SEEN_AT_LEAST = 2
"""Texts a run must be in to be learnt."""
MOST_RUNS = 400_000
"""Runs kept at most, those in most texts first: bounds the memory of a model learnt from a whole city's years."""
HEAD = 30
"""Characters of a text's first words."""
HEAD_WEIGHT, MEANING_WEIGHT = 0.6, 0.7
"""Length of the parts of a row for the first words and the meaning; the part for all its runs has length 1."""
DIMENSIONS = 128
"""Of meaning."""
TEXT_LIMIT = 3000
"""Characters of a text that are read."""

_LONG_NUMBER = re.compile(r"\d{6,}")
_MASKED = re.compile(r"【[^】]{1,8}】")
_SPACE = re.compile(r"\s+")


def normalised(text: str) -> str:
    """Half-width, lower case, without white space; long numbers (of orders, phones) and masks all look the same."""
    text = unicodedata.normalize("NFKC", text[: 2 * TEXT_LIMIT]).lower()
    return _SPACE.sub("", _MASKED.sub("#", _LONG_NUMBER.sub("#", text)))[:TEXT_LIMIT]


@dataclass(frozen=True)
class Runs:
    """Runs that were learnt, and what each counts."""

    numbers: Any
    """uint64, ascending."""
    weights: Any
    """float32, one for each: rarity times the weight of its size."""

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Runs:
        """The runs of normalised ``texts`` that are in enough of them."""
        found, counts, sizes = [], [], []
        for size in SIZES:
            runs, seen = _in_how_many(texts, size)
            found.append(runs)
            counts.append(seen)
            sizes.append(np.full(len(runs), SIZE_WEIGHTS[size - 1], np.float32))
        numbers, seen, size_weights = (np.concatenate(part) for part in (found, counts, sizes))
        kept = np.argsort(-seen, kind="stable")[:MOST_RUNS]
        kept = kept[np.argsort(numbers[kept], kind="stable")]
        rarity = np.log((len(texts) + 1) / (seen[kept] + 1)) + 1
        return cls(numbers[kept], (rarity * size_weights[kept]).astype(np.float32))

    def rows(self, texts: Sequence[str]) -> Any:
        """Normalised ``texts`` as a sparse float32 matrix (texts, runs); each row has length 1."""
        numbers, rows = all_runs(texts, SIZES)
        at = positions(self.numbers, numbers)
        known = at >= 0
        shape = (len(texts), len(self.numbers))
        counts = csr_matrix((np.ones(int(known.sum()), np.float32), (rows[known], at[known])), shape=shape)
        counts.sum_duplicates()
        counts.data = (1 + np.log(counts.data)) * self.weights[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.maximum(lengths, 1e-6), np.diff(counts.indptr)).astype(np.float32)
        return counts

    def row(self, text: str) -> tuple[Any, Any]:
        """The same of one text: the columns that are not zero, and their values. Quicker than a matrix of one row."""
        at = positions(self.numbers, all_runs([text], SIZES)[0])
        columns, counts = np.unique(at[at >= 0], return_counts=True)
        values = (1 + np.log(counts)) * self.weights[columns]
        return columns, (values / max(float(np.linalg.norm(values)), 1e-6)).astype(np.float32)


@dataclass(frozen=True)
class Features:
    """What is read off a text."""

    body: Runs
    head: Runs
    """Runs of the first words, which name the matter more often than those after."""

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Features:
        """The features of normalised ``texts``."""
        return cls(Runs.learn(texts), Runs.learn(_heads(texts)))

    def rows(self, texts: Sequence[str]) -> Any:
        """Normalised ``texts`` as a sparse float32 matrix (texts, body + head + dimensions of meaning)."""
        meant = unit(meaning().sums(texts)) * np.float32(MEANING_WEIGHT)
        parts = [self.body.rows(texts), self.head.rows(_heads(texts)) * np.float32(HEAD_WEIGHT), csr_matrix(meant)]
        return hstack(parts, format="csr", dtype=np.float32)

    def row(self, text: str) -> tuple[Any, Any]:
        """The same of one text: the columns that are not zero, and their values."""
        body, said = self.body.row(text)
        head, first = self.head.row(text[:HEAD])
        meant = np.arange(DIMENSIONS) + len(self.body.numbers) + len(self.head.numbers)
        columns = np.concatenate([body, head + len(self.body.numbers), meant])
        return columns, np.concatenate([said, first * HEAD_WEIGHT, meaning().vector(text) * MEANING_WEIGHT])


def _heads(texts: Sequence[str]) -> list[str]:
    return [text[:HEAD] for text in texts]


def _in_how_many(texts: Sequence[str], size: int) -> tuple[Any, Any]:
    """The runs of one size that are in enough ``texts``, and in how many each is."""
    numbers, rows = all_runs(texts, (size,))
    order = np.lexsort((rows, numbers))
    numbers, rows = numbers[order], rows[order]
    first = np.ones(len(numbers), bool)
    first[1:] = (numbers[1:] != numbers[:-1]) | (rows[1:] != rows[:-1])
    runs, seen = np.unique(numbers[first], return_counts=True)
    return runs[seen >= SEEN_AT_LEAST], seen[seen >= SEEN_AT_LEAST]
