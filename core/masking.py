"""Masking: what of a text nobody sees before asking to (I4).

Whatever may be somebody's number is starred; orders, codes, days and amounts stay readable.
"""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[- ]?)\d{4,5}(\d{3})(?!\d)")
BLOT = "×××"
"""What stands where something may not be read at all."""
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")
_READABLE = (
    r"(?<![0-9A-Za-z-])(?=[0-9-]*[a-f])[0-9a-f]{8}[0-9a-f-]{8,}(?![0-9A-Za-z])",  # the ids of programs
    r"(?<!\d)(?:19|20)\d\d(?P<dash>[-/.]?)(?:0?[1-9]|1[0-2])(?P=dash)(?:[0-2]?\d|3[01])(?!\d)"
    r"(?:[ T]\d{1,2}(?=:))?",  # days, the hour behind them
    r"(?<!\d)(?P<orders>1\d{7}(?:[ -](?:1\d{7}|\d{6}))*)"  # perhaps orders of ours, with their codes
    r"(?:(?![ -]?\d)|(?= (?:20\d\d[-/.年]|\d{1,2}[天次个月日点:：])))",
    r"(?<!\d)\d{7,10}(?:\.\d+)?(?= ?(?:元|块|万|亿|平方|吨|度))",  # amounts
)
"""What may have seven digits and more and is nobody's number."""
_RUN = re.compile(rf"(?P<readable>{'|'.join(_READABLE)})|(?<!\d\.)(?<!\d)\d(?:[ -]?\d){{6,}}")
"""Digits enough for a telephone number, also a mistyped one, one in groups, a card's; or what is readable."""
_SPOKEN_DIGIT = "零〇洞幺一二两三四五六七拐八九勾"
SPOKEN_DIGITS = str.maketrans(_SPOKEN_DIGIT, "0001122345677899")
"""Digits as they are spoken, and as a recogniser writes them down."""
_SPOKEN = re.compile(rf"[0-9{_SPOKEN_DIGIT}](?:[ -]?[0-9{_SPOKEN_DIGIT}]){{6,}}")
_EIGHT = re.compile(r"(?<!\d)\d{8}(?!\d)")

_orders = range(0)


def know_orders(given: range) -> None:
    """Says which numbers have been given to orders so far. Of eight digits only those stay readable: any others may be
    a mobile number cut short, or whatever else somebody goes by."""
    global _orders  # texts are masked in many places, none of which should have to ask the database
    _orders = given


def mask_phone(phone: str) -> str:
    """13800138000 → 138****8000; landlines and short numbers keep their last three digits."""
    masked = _MOBILE.sub(r"\1****\2", phone)
    if masked != phone:
        return masked
    return phone[:-3].translate(str.maketrans("0123456789", "*" * 10)) + phone[-3:]


def mask_name(name: str) -> str:
    """王小明 → 王**; one character stays as it is."""
    return name[:1] + "*" * (len(name) - 1)


def mask_text(text: str) -> str:
    """Masks phone and identity numbers inside running text, and whatever has as many digits and is no order, day or
    amount."""
    text = _IDENTITY_NUMBER.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    text = _LANDLINE.sub(r"\1****\2", text)
    text = _RUN.sub(lambda found: found[0] if _is_readable(found) else _all_but_three(found[0]), text)
    return _SPOKEN.sub(lambda found: _mask_spoken(found[0]), text)


def _mask_spoken(said: str) -> str:
    figures = said.translate(SPOKEN_DIGITS)
    if figures == said:  # what is readable among figures
        return said
    starred = mask_text(figures)
    if len(starred) != len(said):  # one in groups
        starred = _all_but_three(figures)
    return "".join(new if new == "*" else old for old, new in zip(said, starred, strict=True))


def _is_readable(found: re.Match[str]) -> bool:
    if found["orders"]:
        return all(int(number) in _orders for number in _EIGHT.findall(found["orders"]))
    return found["readable"] is not None


def _all_but_three(digits: str) -> str:
    return re.sub(r"\d", "*", digits[:-3]) + digits[-3:]


def blot_numbers(text: str) -> str:
    """Takes phone and identity numbers out of running text, to the last digit: four of them name a caller to whoever
    knows the caller."""
    for number in (_IDENTITY_NUMBER, _MOBILE, _LANDLINE):
        text = number.sub(BLOT, text)
    text = _RUN.sub(lambda found: found[0] if _is_readable(found) else BLOT, text)
    return _SPOKEN.sub(lambda found: found[0] if _mask_spoken(found[0]) == found[0] else BLOT, text)
