"""Trains a model of address elements; what does not wait for each other is trained side by side, a process each."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from bot.addresses.examples import Example
from bot.addresses.field import Field, learn_field
from bot.addresses.labels import labels_of
from bot.addresses.model import ElementModel
from bot.addresses.network import Network, learn
from bot.addresses.refusals import TooFewExamples
from bot.addresses.sight import Judged, Judgement, see
from bot.addresses.vectors import Vectors, learn_vectors

PARTS = 4
"""The first network judges each quarter of the examples having learned the others: of its own it would be too sure."""
SECONDS = 3
FEWEST = 2 * PARTS
"""Addresses without which there is nothing to learn from."""
_FIRST_SEED, _SECOND_SEED = 100, 200

Progress = Callable[[float], None]
"""Told the share done, 0 to 1."""


def train(examples: Sequence[Example], *, processes: int = 2, progress: Progress = lambda share: None) -> ElementModel:
    """A model that has learned ``examples``: some minutes of processor time for ten thousand.

    Raises :class:`TooFewExamples`.
    """
    if len(examples) < FEWEST:
        raise TooFewExamples(f"至少要有 {FEWEST} 条地址才能训练")
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the threads of whoever calls
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(max(1, processes), mp_context=spawn) as pool:
        work = _Work(tuple(examples), pool, progress)
        file = Path(folder) / "field.crfsuite"
        parts = [work.begin(_learn_part, part) for part in range(PARTS)]
        field = work.begin(_learn_field, str(file))
        whole = work.begin(_learn_first, _FIRST_SEED)
        judged: list[Any] = [None] * len(examples)
        for part, task in enumerate(parts):
            judged[part::PARTS] = task.result()
        seconds = [work.begin(_learn_second, judged, _SECOND_SEED + position) for position in range(SECONDS)]
        networks = tuple(task.result() for task in seconds)
        field.result()
        vectors, first = whole.result()
        labels = labels_in(examples)
        return ElementModel(labels, Field(file.read_bytes(), labels), vectors, first, networks, len(examples))


def labels_in(examples: Sequence[Example]) -> tuple[str, ...]:
    """Every label that occurs in ``examples``, in order."""
    return tuple(sorted({label for example in examples for label in labels_of(example)}))


class _Work:
    """Gives tasks to processes and counts those done."""

    def __init__(self, examples: tuple[Example, ...], pool: ProcessPoolExecutor, progress: Progress) -> None:
        self._examples, self._pool, self._progress = examples, pool, progress
        self._done, self._all = 0, PARTS + SECONDS + 2

    def begin(self, task: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future = self._pool.submit(task, self._examples, *arguments)
        future.add_done_callback(self._count)
        return future

    def _count(self, _future: Future[Any]) -> None:
        self._done += 1
        self._progress(self._done / self._all)


def _learn_field(examples: Sequence[Example], file: str) -> None:
    learn_field(examples, file)


def _learn_part(examples: Sequence[Example], part: int) -> list[Any]:
    """What a first network that has learned the other parts holds likely of ``part``."""
    others = [example for position, example in enumerate(examples) if position % PARTS != part]
    vectors, network = _first(others, labels_in(examples), _FIRST_SEED + 1 + part)
    texts = [example.text for example in examples[part::PARTS]]
    return [network.shares(see([text], vectors).of(np.arange(len(text)))) for text in texts]


def _learn_first(examples: Sequence[Example], seed: int) -> tuple[Vectors, Network]:
    return _first(examples, labels_in(examples), seed)


def _first(examples: Sequence[Example], labels: Sequence[str], seed: int) -> tuple[Vectors, Network]:
    vectors = learn_vectors([example.text for example in examples])
    return vectors, _learned(examples, labels, vectors, None, seed)


def _learn_second(examples: Sequence[Example], judged: Sequence[Any], seed: int) -> Network:
    vectors = learn_vectors([example.text for example in examples])
    return _learned(examples, labels_in(examples), vectors, judged, seed)


def _learned(
    examples: Sequence[Example], labels: Sequence[str], vectors: Vectors, judged: Sequence[Any] | None, seed: int
) -> Network:
    number = {label: position for position, label in enumerate(labels)}
    wanted = np.array([number[label] for example in examples for label in labels_of(example)])
    texts = [example.text for example in examples]
    sight = see(texts, vectors, Judged(judged, Judgement(labels)) if judged else None)
    with threadpool_limits(1):  # the processors are shared by processes already
        return learn(sight, wanted, len(labels), seed)
