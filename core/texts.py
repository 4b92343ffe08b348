"""What people type, made fit to be kept."""

from __future__ import annotations

import unicodedata


def tidy(text: str | None) -> str:
    """Control and invisible characters out, outer white space off; line breaks stay."""
    kept = (c for c in text or "" if c == "\n" or not unicodedata.category(c).startswith("C"))
    return "".join(kept).strip()


def as_cell(text: str) -> str:
    """The text for a cell of a table file: no spreadsheet program takes it for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def whole_number(text: str, digits: int = 9) -> int | None:
    """What ``text`` writes in plain figures, at most so many; None for anything else. Nine fit every id of a row."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
