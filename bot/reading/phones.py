"""Telephone numbers: mobiles and landlines, typed or spoken, checked against the national numbering plan."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

from bot.reading.digits import digit_runs

_MOBILE_DIGITS = 11
_LOCAL_DIGITS = (7, 8)
_LOOKS_LIKE_ONE = 5
"""Digits in a row from which on a number may be meant for a telephone number."""
_EXTENSION = re.compile(r"转\s*[0-9零〇幺一二三四五六七八九]{1,5}\s*(?:分机)?$")
_BROKEN_UP = re.compile(r"\d{3}[A-Za-z*#]+\d|\d[A-Za-z*#]+\d{3}")
_SAID_TO_BE_A_PHONE = re.compile(r"电话|座机|手机|号码|联系|打")


@dataclass(frozen=True)
class PhoneReading:
    """What a citizen gave as a phone number."""

    number: str | None
    """Digits only, landlines with area code; None when none is valid."""
    problem: str | None = None
    """What is wrong with it, in plain words, when something was given that looks like a number."""


def read_phone(text: str, area_code: str = "", *, asked: bool = False) -> PhoneReading | None:
    """The phone number in ``text``; None when nothing in it looks like one.

    ``area_code`` (with its 0) completes landlines given without one: those count if a number was ``asked`` for or is
    said to be a phone number, since a date or a house number may look the same.
    """
    text = _EXTENSION.sub("", text.strip())
    local = area_code if asked or _SAID_TO_BE_A_PHONE.search(text) else ""
    candidates = [run for run in digit_runs(text) if len(run) >= _LOOKS_LIKE_ONE]
    for run in candidates:
        number = _valid(run, area_code, local)
        if number:
            return PhoneReading(number)
    if candidates:
        return PhoneReading(None, _problem(max(candidates, key=len)))
    return PhoneReading(None, "电话号码里夹着字母，我没能记下来") if asked and _BROKEN_UP.search(text) else None


def _valid(digits: str, area_code: str, local: str) -> str | None:
    form = digits.removeprefix("0086").removeprefix("86") if len(digits) > _MOBILE_DIGITS else digits
    if len(digits) in _LOCAL_DIGITS and digits[0] not in "01":
        form = local + digits if local else ""
    if not form.startswith(("0", "1")) or (form.startswith("1") and len(form) != _MOBILE_DIGITS):
        return None
    return form if _in_numbering_plan(form, area_code) else None


def _in_numbering_plan(digits: str, area_code: str) -> bool:
    if area_code and digits.startswith(area_code):
        return len(digits) - len(area_code) in _LOCAL_DIGITS  # a demo city's area code is nobody's
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "CN"))
    except phonenumbers.NumberParseException:  # nothing but zeros, hundreds of digits
        return False


def _problem(digits: str) -> str:
    if digits.startswith("1") and len(digits) != _MOBILE_DIGITS:
        return f"手机号应当是 11 位，这个有 {len(digits)} 位"
    return "这个号码不像是能打通的电话号码"
