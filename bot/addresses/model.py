"""A model of address elements: a conditional random field and networks, whose judgements are averaged.

The first network judges each character by what is around it; the second ones see that judgement of the whole address,
too. Labels are then chosen so that they mark whole elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bot.addresses.examples import Element
from bot.addresses.field import Field
from bot.addresses.labels import elements_of, may_end, may_follow
from bot.addresses.network import Network
from bot.addresses.sight import Judged, Judgement, see
from bot.addresses.vectors import Vectors

NETWORKS_WEIGH = 3.0
"""How much the second networks together count against the field."""
_FORBIDDEN = -1e9
_LEAST = 1e-12
"""Keeps the logarithm of a share of zero finite."""


@dataclass(frozen=True)
class ElementModel:
    """Splits addresses into elements. May be used from several threads."""

    labels: tuple[str, ...]
    field: Field
    vectors: Vectors
    first: Network
    seconds: tuple[Network, ...]
    examples: int
    """How many addresses it has learned from."""

    def elements(self, text: str) -> list[Element]:
        """The elements of the address ``text`` from left to right."""
        if not text:
            return []
        seen = self._seen(text)
        networks = sum(network.shares(seen) for network in self.seconds) / len(self.seconds)
        return self._marked((self.field.shares(text) + NETWORKS_WEIGH * networks) / (1 + NETWORKS_WEIGH))

    def quick_elements(self, text: str) -> list[Element]:
        """As :meth:`elements`, by one network of each sort alone: a little less right, many times as fast."""
        return self._marked(self.seconds[0].shares(self._seen(text))) if text else []

    def _seen(self, text: str) -> Any:
        """What the second networks see."""
        every = np.arange(len(text))
        judged = self.first.shares(see([text], self.vectors).of(every))
        return see([text], self.vectors, Judged([judged], self._judgement)).of(every)

    def _marked(self, shares: Any) -> list[Element]:
        """The elements of the likeliest labels that may stand so: Viterbi over ``shares`` (characters, labels)."""
        begin, follow, end = self._grammar
        scores = np.log(shares + _LEAST)
        value, back = begin + scores[0], []
        for row in scores[1:]:
            ways = value[:, None] + follow
            back.append(ways.argmax(axis=0))
            value = ways.max(axis=0) + row
        best = [int((value + end).argmax())]
        for step in reversed(back):
            best.append(int(step[best[-1]]))
        return elements_of([self.labels[index] for index in reversed(best)])

    @cached_property
    def _judgement(self) -> Judgement:
        return Judgement(self.labels)

    @cached_property
    def _grammar(self) -> tuple[Any, Any, Any]:
        """What may begin, follow and end, as zeros and great losses."""
        begin = _losses([may_follow(None, label) for label in self.labels])
        follow = _losses([[may_follow(before, label) for label in self.labels] for before in self.labels])
        return begin, follow, _losses([may_end(label) for label in self.labels])


def _losses(allowed: Sequence[Any]) -> Any:
    return np.where(np.array(allowed), 0.0, _FORBIDDEN)
