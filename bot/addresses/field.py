"""A conditional random field over the labels of an address (python-crfsuite)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pycrfsuite

from bot.addresses.examples import Example
from bot.addresses.field_features import field_features
from bot.addresses.labels import labels_of

L1, L2, ROUNDS = 0.15, 0.2, 80
"""Weights of the two penalties, and rounds of L-BFGS: chosen on held-out parts of training data (docs/quality.md)."""


class NoField(ValueError):
    """Bytes that are no CRFsuite model."""


class Field:
    """Asks a trained field. May be used from several threads."""

    def __init__(self, binary: bytes, labels: Sequence[str]) -> None:
        """``binary``: CRFsuite's own format; ``labels``: in the order shares are given. Raises :class:`NoField`."""
        self.binary = binary  # kept: CRFsuite reads from these bytes and does not copy them
        self._tagger = pycrfsuite.Tagger()
        try:
            self._tagger.open_inmemory(binary)
        except ValueError as problem:
            raise NoField from problem
        own = set(self._tagger.labels())
        self._labels = [label if label in own else None for label in labels]
        self._lock = threading.Lock()  # a tagger holds the address it is asked about

    def shares(self, text: str) -> Any:
        """What is likely of each character: float32 (characters, labels)."""
        found = np.zeros((len(text), len(self._labels)), np.float32)
        with self._lock:
            self._tagger.set(field_features(text))
            for column, label in enumerate(self._labels):
                if label is not None:
                    found[:, column] = [self._tagger.marginal(label, row) for row in range(len(text))]
        return found


def learn_field(examples: Sequence[Example], file: str) -> None:
    """Trains a field on ``examples`` and writes it to ``file``."""
    trainer: Any = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for example in examples:
        trainer.append(field_features(example.text), labels_of(example))
    trainer.set_params({"c1": L1, "c2": L2, "max_iterations": ROUNDS})
    trainer.train(file)
