"""What people and programs write, read with care."""

from __future__ import annotations

import pytest

from core.texts import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("999999999", 999_999_999)])
def test_plain_figures_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.0", "1_0", "²", "٣", "一", "1000000000"])
def test_anything_else_is_none(text: str) -> None:
    assert whole_number(text) is None


def test_as_many_figures_as_are_asked_for() -> None:
    assert (whole_number("999", 3), whole_number("1000", 3)) == (999, None)
