"""A network with one hidden layer: scikit-learn trains it, numpy asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from bot.addresses.sight import REACH, Sight

HIDDEN = 400
ROUNDS = 10
AVERAGED_FROM = 4
"""Round from which the weights after each round are averaged."""
_RATE, _DECAY = 1e-3, 1e-4
_BATCH, _HELPING = 256, 4096
_BLIND = 0.1
"""Share of characters whose vector is hidden in training: the network must not rest on single ones."""


@dataclass(frozen=True)
class Network:
    """Weights and offsets of the hidden and the outer layer, float32."""

    hidden: tuple[Any, Any]
    outer: tuple[Any, Any]

    def shares(self, seen: Any) -> Any:
        """What is likely of each character seen (characters, values): float32 (characters, labels)."""
        inside = np.maximum(seen @ self.hidden[0] + self.hidden[1], 0)
        outside = inside @ self.outer[0] + self.outer[1]
        powers = np.exp(outside - outside.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


def learn(sight: Sight, labels: Any, of: int, seed: int) -> Network:
    """A network that has learned the ``labels`` (numbers below ``of``) of the characters in ``sight``."""
    chance = np.random.default_rng(seed)
    machine = MLPClassifier(
        (HIDDEN,), alpha=_DECAY, batch_size=_BATCH, learning_rate_init=_RATE, max_iter=1, random_state=seed
    )
    averaged: list[Any] = []
    for turn in range(ROUNDS):
        order = chance.permutation(len(labels))
        for start in range(0, len(order), _HELPING):
            some = order[start : start + _HELPING]
            blind = chance.random((len(some), 2 * REACH + 1)) < _BLIND
            machine.partial_fit(sight.of(some, blind), labels[some], classes=np.arange(of))
        weights = [*machine.coefs_, *machine.intercepts_]
        if turn == AVERAGED_FROM:
            averaged = [weight.copy() for weight in weights]
        elif turn > AVERAGED_FROM:
            share = 1 / (turn - AVERAGED_FROM + 1)
            averaged = [old + (new - old) * share for old, new in zip(averaged, weights, strict=True)]
    inner, outer, inner_offset, outer_offset = (weight.astype(np.float32) for weight in averaged)
    return Network((inner, inner_offset), (outer, outer_offset))
