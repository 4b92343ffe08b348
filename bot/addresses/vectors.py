"""Characters and pairs of characters as vectors: what stands in like places is alike (幢 and 栋, 浙江 and 江苏).

Learned from addresses alone: how much oftener than by chance each character stands so many places before or after
(positive pointwise mutual information), in few dimensions (truncated singular value decomposition).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD

OF_CHARACTERS, OF_PAIRS = 48, 32
"""Dimensions."""
_LEAST_CHARACTER, _LEAST_PAIR = 2, 3
"""How often something must occur to get a vector of its own."""
_REACH = (-3, -2, -1, 1, 2, 3)
_BEYOND = "#"
_DIGIT, _LETTER = re.compile("[0-9０-９]"), re.compile("[A-Za-z]")


@dataclass(frozen=True)
class Vectors:
    """Vectors of units; the last row, zeros, is for whatever is unknown."""

    characters: tuple[str, ...]
    pairs: tuple[str, ...]
    of_characters: Any
    """float32 (characters + 1, 48)."""
    of_pairs: Any
    """float32 (pairs + 1, 32)."""

    def of(self, text: str) -> Any:
        """For each character its vector and that of the pair it begins: float32 (characters, 80)."""
        characters, pairs = _units(text)
        rows = [self._character_rows.get(unit, len(self.characters)) for unit in characters]
        pair_rows = [self._pair_rows.get(unit, len(self.pairs)) for unit in pairs]
        return np.hstack([self.of_characters[rows], self.of_pairs[pair_rows]])

    @cached_property
    def _character_rows(self) -> dict[str, int]:
        return {unit: row for row, unit in enumerate(self.characters)}

    @cached_property
    def _pair_rows(self) -> dict[str, int]:
        return {unit: row for row, unit in enumerate(self.pairs)}


def learn_vectors(texts: Sequence[str]) -> Vectors:
    """The vectors of what occurs in ``texts``."""
    units = [_units(text) for text in texts]
    characters = _frequent((own for own, _ in units), _LEAST_CHARACTER)
    pairs = _frequent((own for _, own in units), _LEAST_PAIR)
    return Vectors(
        characters,
        pairs,
        _learned(characters, [(own, own) for own, _ in units], OF_CHARACTERS),
        _learned(pairs, [(own, around) for around, own in units], OF_PAIRS),
    )


def _units(text: str) -> tuple[list[str], list[str]]:
    """The characters, all digits alike and all letters alike, and the pairs beginning with each."""
    plain = _LETTER.sub("A", _DIGIT.sub("0", text))
    return list(plain), [plain[i : i + 2] for i in range(len(plain))]


def _frequent(rows: Iterable[Iterable[str]], least: int) -> tuple[str, ...]:
    counts = Counter(unit for row in rows for unit in row)
    return tuple(sorted(unit for unit, count in counts.items() if count >= least))


def _learned(units: Sequence[str], rows: Sequence[tuple[list[str], list[str]]], dimensions: int) -> Any:
    together = Counter(_neighbours({unit: i for i, unit in enumerate(units)}, rows))
    of_unit, of_place = Counter[int](), Counter[tuple[int, str]]()
    for (unit, place), count in together.items():
        of_unit[unit] += count
        of_place[place] += count
    total = sum(together.values())
    columns = {place: column for column, place in enumerate(sorted(of_place))}
    cells = [
        (unit, columns[place], information)
        for (unit, place), count in together.items()
        if (information := float(np.log(count * total / (of_unit[unit] * of_place[place])))) > 0
    ]
    vectors = np.zeros((len(units) + 1, dimensions), np.float32)
    size = min(dimensions, len(units) - 1, len(columns) - 1)
    if size > 0 and cells:
        unit_of, column_of, value = zip(*cells, strict=True)
        matrix = csr_matrix((value, (unit_of, column_of)), shape=(len(units), len(columns)))
        found = TruncatedSVD(size, random_state=0).fit_transform(matrix)
        vectors[:-1, :size] = found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-9)
    return vectors


def _neighbours(
    index: dict[str, int], rows: Sequence[tuple[list[str], list[str]]]
) -> Iterator[tuple[int, tuple[int, str]]]:
    """Each unit with the characters around it and how far off they are."""
    for units, around in rows:
        for i, unit in enumerate(units):
            if unit in index:
                for k in _REACH:
                    yield index[unit], (k, around[i + k] if 0 <= i + k < len(around) else _BEYOND)
