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
from knowledge.run_table import distinct
from knowledge.runs import positions, runs, runs_of

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
_HEADS = 4
"""One in so many of the runs kept may be of first words."""
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
class Counts:
    """How often each run is in each of some texts: counted once, whatever is learnt from which of them."""

    numbers: Any
    """uint64, ascending: every run there is."""
    sizes: Any
    """uint8, of each its characters."""
    held: Any
    """Sparse float32 (texts, runs)."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Counts:
        """The runs of normalised ``texts``."""
        found = list(runs(texts, SIZES))
        numbers, places = distinct(np.concatenate([numbers for _, numbers, _ in found]))
        sizes = np.zeros(len(numbers), np.uint8)
        sizes[places] = np.repeat([size for size, _, _ in found], [len(numbers) for _, numbers, _ in found])
        rows = np.concatenate([rows for _, _, rows in found])
        held = csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape=(len(texts), len(numbers)))
        held.sum_duplicates()
        return cls(numbers, sizes, held)

    def __getitem__(self, texts: Any) -> Counts:
        """The same of some of the texts, by their indices."""
        return Counts(self.numbers, self.sizes, self.held[texts])


@dataclass(frozen=True)
class Runs:
    """Runs that were learnt, and what each counts."""

    numbers: Any
    """uint64, ascending."""
    weights: Any
    """float32, one for each: rarity times the weight of its size."""

    @classmethod
    def learn(cls, counts: Counts, most: int = MOST_RUNS) -> Runs:
        """The runs that are in enough of the texts counted, ``most`` at most."""
        seen = np.bincount(counts.held.indices, minlength=len(counts.numbers))
        kept = np.flatnonzero(seen >= SEEN_AT_LEAST)
        if len(kept) > most:
            kept = np.sort(kept[np.lexsort((counts.sizes[kept], -seen[kept]))[:most]])
        rarity = np.log((counts.held.shape[0] + 1) / (seen[kept] + 1)) + 1
        size_weights = np.array(SIZE_WEIGHTS, np.float32)[counts.sizes[kept] - 1]
        return cls(counts.numbers[kept], (rarity * size_weights).astype(np.float32))

    def rows(self, counts: Counts) -> Any:
        """The texts counted as a sparse float32 matrix (texts, runs); each row has length 1."""
        at = positions(self.numbers, counts.numbers)[counts.held.indices]
        known = at >= 0
        bounds = np.concatenate([[0], np.cumsum(known)])[counts.held.indptr]
        columns, often = at[known], counts.held.data[known]
        rows = csr_matrix(
            ((1 + np.log(often)) * self.weights[columns], columns, bounds), (len(bounds) - 1, len(self.numbers))
        )
        lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        rows.data /= np.repeat(np.maximum(lengths, 1e-6), np.diff(bounds)).astype(np.float32)
        return rows

    def row(self, text: str) -> tuple[Any, Any]:
        """A normalised text: the columns that are not zero, and their values. Quicker than a matrix of one row."""
        at = positions(self.numbers, runs_of(text, SIZES))
        columns, counts = np.unique(at[at >= 0], return_counts=True)
        values = (1 + np.log(counts)) * self.weights[columns]
        return columns, (values / max(float(np.linalg.norm(values)), 1e-6)).astype(np.float32)


@dataclass(frozen=True)
class Texts:
    """Texts as they are read, before anything is learnt of them."""

    body: Counts
    head: Counts
    """Of the first words, which name the matter more often than those after."""
    meant: Any
    """float32 (texts, dimensions of meaning)."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Normalised ``texts``, read."""
        meant = unit(meaning().sums(texts)) * np.float32(MEANING_WEIGHT)
        return cls(Counts.of(texts), Counts.of([text[:HEAD] for text in texts]), meant)

    def __getitem__(self, texts: Any) -> Texts:
        """Some of them, by their indices."""
        return Texts(self.body[texts], self.head[texts], self.meant[texts])


@dataclass(frozen=True)
class Features:
    """What is read off a text."""

    body: Runs
    head: Runs

    @classmethod
    def learn(cls, texts: Texts, most: int = 2 * MOST_RUNS) -> Features:
        """The features of ``texts``, about ``most`` of them at most."""
        head = Runs.learn(texts.head, min(MOST_RUNS, most // _HEADS))
        return cls(Runs.learn(texts.body, max(1, min(MOST_RUNS, most - len(head.numbers)))), head)

    def rows(self, texts: Texts) -> Any:
        """``texts`` as a sparse float32 matrix (texts, body + head + dimensions of meaning)."""
        head = self.head.rows(texts.head) * np.float32(HEAD_WEIGHT)
        return hstack([self.body.rows(texts.body), head, csr_matrix(texts.meant)], format="csr", dtype=np.float32)

    def row(self, text: str) -> tuple[Any, Any]:
        """A normalised text: the columns that are not zero, and their values."""
        body, said = self.body.row(text)
        head, first = self.head.row(text[:HEAD])
        meant = np.arange(DIMENSIONS) + len(self.body.numbers) + len(self.head.numbers)
        columns = np.concatenate([body, head + len(self.body.numbers), meant])
        return columns, np.concatenate([said, first * HEAD_WEIGHT, meaning().vector(text) * MEANING_WEIGHT])
