"""Runs looked up by the million: a table of slots by hash instead of sorting and bisection.

A run's number is spread over the slots by multiplication. Most slots hold one run at most; the few runs whose slot
holds another are kept in a sorted list of their own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from knowledge.runs import positions

_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_FEWEST_BITS: Final = 10
_MOST_BITS: Final = 21
"""Of slots: more do not fit the processor's cache, and cost more than the runs that share a slot."""
_ROOM: Final = 3
"""Bits more than there are runs: eight slots a run."""


class RunTable:
    """A set of runs, each with its place in their order; never changes once made."""

    def __init__(self, numbers: Any) -> None:
        """``numbers``: uint64, sorted, each once."""
        self.numbers = numbers
        self._bits = _bits_for(len(numbers))
        slots = _slots(numbers, self._bits)
        places = np.arange(len(numbers), dtype=np.int32)
        self._first = np.full(1 << self._bits, -1, np.int32)
        self._first[slots] = places
        self._crowded = places[self._first[slots] != places]

    def positions(self, numbers: Any) -> Any:
        """The place of each of ``numbers`` (uint64): int32, -1 where it is none of ours."""
        if not len(self.numbers):
            return np.full(len(numbers), -1, np.int32)
        first = self._first[_slots(numbers, self._bits)]
        found = self.numbers[first] == numbers  # an empty slot (-1) means the last run, whose own slot is not empty
        at = np.where(found, first, np.int32(-1))
        if len(self._crowded):
            left = np.flatnonzero(~found & (first >= 0))
            among = positions(self.numbers[self._crowded], numbers[left])
            at[left] = np.where(among >= 0, self._crowded[among], -1)
        return at


def distinct(numbers: Any) -> tuple[Any, Any]:
    """Each of ``numbers`` (uint64) once, sorted, and the place of every one among them (int32).

    What ``numpy.unique`` gives, in a fraction of the time where most numbers come often: one of each slot is found by
    writing all into their slots, and only those that lost are sorted.
    """
    bits = _bits_for(len(numbers))
    slots = _slots(numbers, bits)
    winners, taken = np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, bool)
    winners[slots], taken[slots] = numbers, True
    lost = numbers[winners[slots] != numbers]
    vocabulary = np.union1d(winners[taken], lost)
    return vocabulary, RunTable(vocabulary).positions(numbers)


def together(*parts: tuple[Any, Any]) -> tuple[Any, Any]:
    """Several of what :func:`distinct` gives as one: the places of one part after the other's, in one vocabulary."""
    vocabulary = np.unique(np.concatenate([numbers for numbers, _ in parts]))
    places: list[Any] = [np.searchsorted(vocabulary, numbers).astype(np.int32)[at] for numbers, at in parts]
    return vocabulary, np.concatenate(places)


def _bits_for(count: int) -> int:
    return min(_MOST_BITS, max(_FEWEST_BITS, count.bit_length() + _ROOM))


def _slots(numbers: Any, bits: int) -> Any:
    return (numbers * _SPREAD >> np.uint64(64 - bits)).astype(np.intp)
