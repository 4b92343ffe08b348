"""Learned routing: what the demo city's matters are about, learnt from their templates and asked by texts written apart
(``routing_unseen.yml``); past orders of a city (``orders``: jsonl with ``text``, ``dept`` and, where the operator's own
words are kept, ``text_operator``), letters with their category (``letters``: ``text`` and ``label``).

Of files of one's own four fifths are learnt, drawn by chance, and the rest asked; beside it the plain classifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from backoffice.demo_material import read_material
from backoffice.learning.evaluation import evaluate
from backoffice.learning.model import Model
from backoffice.learning.rows import UnusableFile, read_labelled
from backoffice.learning.training import learn
from benchmarks.quality import Data, Row, UnusableData, plain_classifier
from benchmarks.quality.reliability import honesty
from core.settings import ROOT
from core.yaml_files import read_yaml

CITY = ROOT / "cities" / "yunzhou"
UNSEEN = Path(__file__).with_name("routing_unseen.yml")
FILLED = {
    "{estate}": "幸福小区",
    "{road}": "人民路",
    "{landmark}": "市体育中心",
    "{howlong}": "半个月",
    "{company}": "这家公司",
}


@dataclass(frozen=True)
class _Task:
    name: str
    file: str
    """Name under which the file is given."""
    text: str
    label: str
    asked: tuple[float | None, float | None, float | None]
    """Top-1, top-3, macro-F1."""


@dataclass(frozen=True)
class _Split:
    texts: list[str]
    labels: list[str]
    others: list[str]
    truth: list[str]


_TASKS = (
    _Task("past orders", "orders", "text", "dept", (0.81, 0.93, None)),
    _Task("past orders, the operator's words", "orders", "text_operator", "dept", (0.86, 0.95, None)),
    _Task("letters", "letters", "text", "label", (None, None, 0.92)),
)
_FIGURES = (("top-1", "top1"), ("top-3", "top3"), ("macro-F1", "macro_f1"))


def measure(data: Data) -> list[Row]:
    """Top-1, top-3, macro-F1 and honesty of confidence: of the written matters, and of every task with a file."""
    rows = _measured("written matters", _written(), (None, None, None))
    for task in _TASKS:
        split = _split(data[task.file], task) if task.file in data else None
        rows += _measured(task.name, split, task.asked) if split else []
    return rows


def _written() -> _Split:
    """The demo city's templates with the first code of their category; texts written by hand, none from there."""
    matters = read_material(CITY).matters
    rows = [(_filled(text), matter.category.split(".")[0]) for matter in matters for text in matter.templates]
    unseen = read_yaml(UNSEEN)
    asked = [(text, label) for label, texts in unseen.items() for text in texts]
    return _Split(*map(list, zip(*rows, strict=True)), *map(list, zip(*asked, strict=True)))


def _filled(template: str) -> str:
    for gap, words in FILLED.items():
        template = template.replace(gap, words)
    return template


def _split(file: Path, task: _Task) -> _Split | None:
    try:
        rows = read_labelled(file, task.text, task.label)
    except UnusableFile as problem:
        if task.text == "text_operator":  # a file without the operator's words
            return None
        raise UnusableData(f"{task.file}（{file.name}）：{problem}") from problem
    order = list(range(len(rows.texts)))
    Random(1).shuffle(order)
    seen, asked = order[len(order) // 5 :], order[: len(order) // 5]
    columns = ([column[at] for at in part] for part in (seen, asked) for column in (rows.texts, rows.labels))
    return _Split(*columns)


def _measured(name: str, split: _Split, asked: Sequence[float | None]) -> list[Row]:
    model = learn(split.texts, split.labels)
    ours = evaluate(model, split.others, split.truth)
    plain = plain_classifier.figures(split.texts, split.labels, split.others, split.truth)
    rows = [
        Row(f"{name}: {figure}", ours.n, getattr(ours, key), plain[key], plain_classifier.NAME, wanted)
        for (figure, key), wanted in zip(_FIGURES, asked, strict=True)
    ]
    return [*rows, Row(f"{name}: honesty of confidence", ours.n, _honesty(model, split))]


def _honesty(model: Model, split: _Split) -> float:
    shares = model.probabilities(split.others)
    guessed = [model.labels[at] for at in shares.argmax(axis=1)]
    right = [one == other for one, other in zip(guessed, split.truth, strict=True)]
    return honesty(list(np.max(shares, axis=1)), right)
