"""What people type, made fit to be kept."""

from __future__ import annotations

import unicodedata


def tidy(text: str | None) -> str:
    """Control and invisible characters out, outer white space off; line breaks stay."""
    kept = (c for c in text or "" if c == "\n" or not unicodedata.category(c).startswith("C"))
    return "".join(kept).strip()
