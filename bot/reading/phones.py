"""Telephone numbers: mobiles and landlines, typed or spoken, checked against the national numbering plan."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

from bot.reading.digits import digit_runs

_MOBILE_DIGITS = 11
_LOCAL_DIGITS = (7, 8)


@dataclass(frozen=True)
class PhoneReading:
    """What a citizen gave as a phone number."""

    number: str | None
    """Digits only, landlines with area code; None when none is valid."""
    problem: str | None = None
    """What is wrong with it, in plain words, when something was given that looks like a number."""


def read_phone(text: str, area_code: str = "") -> PhoneReading | None:
    """The phone number in ``text``; None when nothing in it looks like one.

    ``area_code`` (with its 0) completes landlines given without one.
    """
    candidates = [run for run in digit_runs(text) if len(run) >= 5]
    for run in candidates:
        number = _valid(run, area_code)
        if number:
            return PhoneReading(number)
    return PhoneReading(None, _problem(max(candidates, key=len))) if candidates else None


def _valid(digits: str, area_code: str) -> str | None:
    forms = [digits.removeprefix("0086").removeprefix("86") if len(digits) > _MOBILE_DIGITS else digits]
    if len(digits) in _LOCAL_DIGITS and digits[0] not in "01":
        forms = [area_code + digits] if area_code else []
    for form in forms:
        if not form.startswith(("0", "1")):
            continue
        if form.startswith("1") and len(form) != _MOBILE_DIGITS:
            continue
        if _in_numbering_plan(form, area_code):
            return form
    return None


def _in_numbering_plan(digits: str, area_code: str) -> bool:
    if area_code and digits.startswith(area_code):
        return len(digits) - len(area_code) in _LOCAL_DIGITS  # a demo city's area code is nobody's
    return phonenumbers.is_valid_number(phonenumbers.parse(digits, "CN"))


def _problem(digits: str) -> str:
    if digits.startswith("1") and len(digits) != _MOBILE_DIGITS:
        return f"手机号应当是 11 位，这个有 {len(digits)} 位"
    return "这个号码不像是能打通的电话号码"
