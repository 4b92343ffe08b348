"""Keyed digests by which calls are found: of the whole number they come from, and of its last digits. Pure."""

from __future__ import annotations

from typing import Final

from core.privacy import keys

LAST_DIGITS: Final = 4


def index_of(number: str) -> str:
    """By what calls from a number are found."""
    return keys().blind_index("call", number)


def end_of(number: str) -> str:
    """By what calls from numbers with the same last digits are found."""
    return keys().blind_index("call end", number[-LAST_DIGITS:])
