"""Posting lists give BM25, whether a run is rare or in most rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from knowledge.postings import K1, B, Postings
from knowledge.run_table import distinct

ROWS = [[1, 2, 2], [1, 3], [1, 2, 4, 4, 4], [1]]
"""1 is in every row, 4 in one."""


def bm25(run: int, row: int) -> float:
    """Okapi BM25 by its book."""
    count, length = ROWS[row].count(run), len(ROWS[row])
    mean = sum(map(len, ROWS)) / len(ROWS)
    holding = sum(run in each for each in ROWS)
    idf = math.log1p((len(ROWS) - holding + 0.5) / (holding + 0.5))
    return idf * count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))


def made() -> Postings:
    runs = np.array([run for row in ROWS for run in row], np.uint64)
    rows = np.repeat(np.arange(len(ROWS)), [len(row) for row in ROWS])
    return Postings(*distinct(runs), rows, len(ROWS))


@pytest.mark.parametrize("query", [{1: 1.0}, {4: 1.0}, {3: 0.5, 2: 2.0}, {1: 1.0, 4: 0.25, 9: 1.0}, {9: 1.0}])
def test_scores_are_those_of_the_book(query: dict[int, float]) -> None:
    scores = made().scores(list(query), list(query.values()))
    wanted = [sum(weight * bm25(run, row) for run, weight in query.items()) for row in range(len(ROWS))]
    assert scores == pytest.approx(wanted, rel=1e-5)


def test_a_share_is_of_what_the_query_itself_tells() -> None:
    postings = made()
    weights = np.ones(2, np.float32)
    ideal = float(postings.idf([2, 9]).sum())
    assert postings.share([2, 9], weights) == pytest.approx(postings.scores([2, 9], weights) / ideal)
    said = postings.share([2, 3], [1.0, 0.5], float(postings.idf([2])[0]))
    assert said == pytest.approx(postings.scores([2, 3], [1.0, 0.5]) / float(postings.idf([2])[0]))


def test_a_run_of_the_vocabulary_that_no_row_holds_tells_as_much_as_one_never_heard_of() -> None:
    postings = Postings(np.array([1, 2, 9], np.uint64), np.array([0, 1]), np.array([0, 1]), 2)
    assert postings.idf([9]) == postings.idf([10]) > postings.idf([1])
    assert postings.scores([9, 2], [1.0, 1.0]).tolist() == postings.scores([2], [1.0]).tolist()


def test_nothing_is_found_in_no_rows() -> None:
    nothing = Postings(*distinct(np.array([], np.uint64)), np.array([], np.int64), 0)
    assert nothing.scores([1], [1.0]).shape == (0,)
    assert nothing.idf([1]).tolist() == [0.0]
