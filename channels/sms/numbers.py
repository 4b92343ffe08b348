"""Who a text comes from: a citizen's phone, or something that only looks like a number."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from core.phones import citizens_phone, in_numbering_plan, is_chinese

LONGEST_SENDER: Final = 40
"""Characters of a sender kept. SMPP allows 20, some networks send names instead of numbers."""

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
    parsed = in_numbering_plan(sender) if _DIGITS.fullmatch(sender) else None
    if parsed is None:
        return Number(sender, None, automatic=True)
    phone = citizens_phone(parsed)
    if phone is not None:
        ours = own in (phone, sender)
        return Number(phone, None if ours else phone, automatic=ours)
    if not is_chinese(parsed):
        return Number(f"+{parsed.country_code}{parsed.national_number}", None, automatic=False)
    return Number(sender, None, automatic=True)


def can_be_sent_to(number_id: str) -> bool:
    """Whether a text can be addressed to it: names cannot be answered."""
    return _REACHABLE.fullmatch(number_id) is not None
