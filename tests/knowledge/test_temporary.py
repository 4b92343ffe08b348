"""Temporary articles are favoured while they are in force, and nothing else changes (B9)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.clock import CHINA
from knowledge.answering import judge
from knowledge.temporary import favour
from tests.knowledge.bases import HEATING, LOST_CARD, named

NOW = datetime(2026, 11, 16, 10, 0, tzinfo=CHINA)
OUTAGE = named(HEATING, code="outage", ends_at=NOW + timedelta(hours=1))


def _order(found: list[tuple[str, float]]) -> list[str]:
    articles = {"card": LOST_CARD, "heat": HEATING, "outage": OUTAGE}
    return [article.code for article, _ in favour([(articles[code], share) for code, share in found], NOW)]


def test_a_temporary_article_comes_before_a_likelier_one() -> None:
    assert _order([("heat", 0.6), ("outage", 0.3)]) == ["outage", "heat"]


def test_a_temporary_article_that_hardly_fits_does_not() -> None:
    assert _order([("heat", 0.9), ("outage", 0.01)]) == ["heat", "outage"]


def test_without_temporary_ones_nothing_changes() -> None:
    found = [(HEATING, 0.6), (LOST_CARD, 0.3)]
    assert favour(found, NOW) == found


def test_what_is_over_is_left_out() -> None:
    over = named(OUTAGE, ends_at=NOW)
    assert favour([(over, 0.9), (HEATING, 0.1)], NOW) == [(HEATING, 0.1)]


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.05, 0.9), (0.9, 0.05), (0.0, 1.0), (1.0, 0.0)])
def test_confidences_stay_confidences(shares: tuple[float, float]) -> None:
    found = favour([(OUTAGE, shares[0]), (HEATING, shares[1])], NOW)
    assert all(0.0 <= share <= 1.0 for _, share in found)
    assert sum(share for _, share in found) <= 1.0 + 1e-9


def test_a_fitting_temporary_article_is_the_answer() -> None:
    assert judge(favour([(HEATING, 0.5), (OUTAGE, 0.4)], NOW)).hits[0].article.code == "outage"
    assert judge(favour([(HEATING, 0.5), (OUTAGE, 0.4)], NOW)).kind == "answer"
