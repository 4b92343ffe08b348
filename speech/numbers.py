"""Numbers in Chinese words. Pure."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_PHONE_DIGITS: Final = "零幺二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_GROUPS: Final = ("", "万", "亿", "万亿")
_GROUP: Final = 4


def spell(digits: str) -> str:
    """Digit by digit, as years are read: 2026 → 二零二六."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def spell_for_phone(digits: str) -> str:
    """Digit by digit, as numbers are told over the telephone: 138 → 幺三八."""
    return "".join(_PHONE_DIGITS[int(digit)] for digit in digits)


def cardinal(digits: str) -> str:
    """A whole number as people say it: 10 → 十, 105 → 一百零五, 20000 → 两万. At most 16 digits."""
    digits = digits.lstrip("0") or "0"
    if digits == "0":
        return _DIGITS[0]
    groups = [digits[max(0, end - _GROUP) : end] for end in range(len(digits), 0, -_GROUP)]
    words, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        said = _below_ten_thousand(group.lstrip("0"))
        if not said:
            gap = bool(words)
            continue
        if words and (gap or group.startswith("0")):
            words += "零"
        words += ("两" if said == "二" and place else said) + _GROUPS[place]
        gap = False
    return words.removeprefix("一") if words.startswith("一十") else words


def decimal(number: str) -> str:
    """A number that may have a fraction: 3.14 → 三点一四; noughts at its end are not read."""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    return cardinal(whole) + ("点" + spell(fraction) if fraction else "")


def _below_ten_thousand(digits: str) -> str:
    words, gap = "", False
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            gap = bool(words)
            continue
        large_two = digit == "2" and place >= 2 and not words
        words += ("零" if gap else "") + ("两" if large_two else _DIGITS[int(digit)]) + _PLACES[place]
        gap = False
    return words
