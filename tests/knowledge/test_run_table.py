"""Runs looked up by the million give what sorting and bisection give."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.run_table import RunTable, distinct
from knowledge.runs import all_runs, positions


@pytest.mark.parametrize("count", [0, 1, 7, 5_000, 200_000])
def test_a_table_finds_what_bisection_finds_and_nothing_else(count: int) -> None:
    chance = np.random.default_rng(count)
    ours = np.unique(chance.integers(0, 2**64, count, dtype=np.uint64))
    others = chance.integers(0, 2**64, 10_000, dtype=np.uint64)
    asked = np.concatenate([ours, others, np.array([0, 2**64 - 1], np.uint64)])
    table = RunTable(ours)
    assert (table.positions(asked) == positions(ours, asked)).all()


def test_runs_that_share_a_slot_are_all_found() -> None:
    ours = np.unique(np.random.default_rng(1).integers(0, 2**64, 50_000, dtype=np.uint64))
    assert len(RunTable(ours)._crowded) > 1_000
    assert (RunTable(ours).positions(ours) == np.arange(len(ours))).all()
    assert (RunTable(ours).positions(ours + np.uint64(1)) == -1).all()


@pytest.mark.parametrize("count", [0, 1, 300_000])
def test_each_run_once_in_order_with_its_place(count: int) -> None:
    chance = np.random.default_rng(1)
    numbers = chance.integers(0, 5_000, count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    vocabulary, places = distinct(numbers)
    wanted, wanted_places = np.unique(numbers, return_inverse=True)
    assert (vocabulary == wanted).all()
    assert (places == wanted_places).all()


def test_zero_and_single_characters_are_runs_like_others() -> None:
    numbers = np.concatenate([all_runs(["噪音噪音扰民"], (1, 2))[0], np.zeros(2, np.uint64)])
    vocabulary, places = distinct(numbers)
    assert (vocabulary[places] == numbers).all()
    assert len(vocabulary) == len(set(numbers.tolist()))
