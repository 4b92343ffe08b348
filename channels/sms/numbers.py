"""Who a text comes from: a citizen's phone, or something that only looks like a number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

LONGEST_SENDER: Final = 40
"""Characters of a sender kept. SMPP allows 20, some networks send names instead of numbers."""

_OF_CITIZENS: Final = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
)
_DIGITS = re.compile(r"(\+|00)?[0-9]{5,20}")
_REACHABLE = re.compile(r"\+?[0-9]{3,20}")
_SEPARATORS = str.maketrans("", "", " -()\t")


class NoNumber(ValueError):
    """The sender of a text is empty."""


@dataclass(frozen=True)
class Number:
    """A sender, written in one way however the network wrote it."""

    id: str
    """13800138000, 01062345678, +85261234567; anything else as it came: 10658139, CMCC."""
    phone: str | None
    """The same as a Chinese mobile or fixed-line number; None when it is not one."""
    automatic: bool
    """A short code, a service number, a name or our own number: a program writes from there, not a person."""


def parse_number(raw: str, own: str) -> Number:
    """The sender ``raw`` as Kannel gives it; ``own`` is our number. Raises :class:`NoNumber` when it is empty."""
    normal = unicodedata.normalize("NFKC", raw)
    sender = "".join(c for c in normal if c.isprintable()).translate(_SEPARATORS)[:LONGEST_SENDER]
    if not sender:
        raise NoNumber
    parsed = _parse(sender)
    if parsed is None:
        return Number(sender, None, automatic=True)
    phone = _chinese_phone(parsed)
    if phone is not None:
        ours = own in (phone, sender)
        return Number(phone, None if ours else phone, automatic=ours)
    if parsed.country_code != 86:
        return Number(f"+{parsed.country_code}{parsed.national_number}", None, automatic=False)
    return Number(sender, None, automatic=True)


def can_be_sent_to(number_id: str) -> bool:
    """Whether a text can be addressed to it: names cannot be answered."""
    return _REACHABLE.fullmatch(number_id) is not None


def _parse(sender: str) -> PhoneNumber | None:
    """A number that can exist. Digits only: phonenumbers would read letters as the keys they stand on."""
    if _DIGITS.fullmatch(sender) is None:
        return None
    try:
        parsed = phonenumbers.parse(sender, "CN")
    except NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def _chinese_phone(parsed: PhoneNumber) -> str | None:
    kind = phonenumbers.number_type(parsed)
    if parsed.country_code != 86 or kind not in _OF_CITIZENS:
        return None
    national = phonenumbers.national_significant_number(parsed)
    return national if kind == PhoneNumberType.MOBILE else f"0{national}"
