"""Address elements: a model trained on a city's split addresses (``address_train``) and asked others (``address_dev``).

Beside it a conditional random field over characters and pairs of characters.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pycrfsuite

from benchmarks.quality import Data, Row
from bot.addresses.examples import Example, read_examples
from bot.addresses.labels import elements_of, labels_of
from bot.addresses.scoring import report
from bot.addresses.training import train

_SEEN = (
    ("F1", "f1", 0.89),
    ("precision", "precision", None),
    ("recall", "recall", None),
    ("whole addresses", "exact", None),
)


def measure(data: Data) -> list[Row]:
    """F1, precision, recall, and the share of addresses wholly right; nothing without both files."""
    if not {"address_train", "address_dev"} <= set(data):
        return []
    seen, asked = (read_examples(data[name]).examples for name in ("address_train", "address_dev"))
    model = train(seen)
    figures = report((example, model.elements(example.text)) for example in asked)
    quick = report((example, model.quick_elements(example.text)) for example in asked)
    plain = _plain_field(seen, asked)
    rows = [
        Row(f"own addresses: {name}", figures["n"], figures[key], plain[key], "character CRF", wanted)
        for name, key, wanted in _SEEN
    ]
    return [*rows, Row("own addresses, in haste: F1", quick["n"], quick["f1"])]


def _plain_field(seen: Sequence[Example], asked: Sequence[Example]) -> dict[str, Any]:
    trainer: Any = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for example in seen:
        trainer.append(_characters(example.text), labels_of(example))
    trainer.set_params({"c1": 0.1, "c2": 0.1, "max_iterations": 60})
    tagger = pycrfsuite.Tagger()
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "plain")
        trainer.train(file)
        tagger.open(file)
        return report((example, elements_of(tagger.tag(_characters(example.text)))) for example in asked)


def _characters(text: str) -> list[list[str]]:
    padded = f"^^{text}$$"
    return [
        ["bias", *(f"{k}={padded[i + k]}" for k in range(5)), *(f"{k}:={padded[i + k : i + k + 2]}" for k in range(4))]
        for i in range(len(text))
    ]
