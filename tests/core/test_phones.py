"""What is a citizen's telephone, and what a text reaches: one answer for texts, calls and the dialogue."""

from __future__ import annotations

import pytest

from core.phones import citizens_phone, in_numbering_plan, is_mobile


@pytest.mark.parametrize(
    ("digits", "phone", "mobile"),
    [
        ("13800138000", "13800138000", True),
        ("+8613800138000", "13800138000", True),
        ("01062345678", "01062345678", False),
        ("14012345678", None, False),  # of machines, not of people
        ("4001234567", None, False),
        ("+85261234567", None, False),
        ("12345", None, False),
        ("0" * 300, None, False),
    ],
)
def test_a_mobile_a_landline_and_what_is_neither(digits: str, phone: str | None, mobile: bool) -> None:
    number = in_numbering_plan(digits)
    assert (number and citizens_phone(number), is_mobile(digits)) == (phone, mobile)
