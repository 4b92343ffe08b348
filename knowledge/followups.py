"""Which part of the article just given a follow-up asks for: 那要带什么材料 → materials."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from core.yaml_files import read_yaml

FIELDS = ("materials", "fee", "duration", "place", "office_hours", "steps", "phone", "valid", "link")


def field_for(text: str) -> str | None:
    """The field of an article (one of :data:`FIELDS`) that ``text`` asks for; None when it names none."""
    said = unicodedata.normalize("NFKC", text).lower()
    found = [(len(wording), -order, field) for order, (field, wording) in enumerate(_wordings()) if wording in said]
    return max(found)[2] if found else None


@lru_cache(maxsize=1)
def _wordings() -> tuple[tuple[str, str], ...]:
    """(field, wording) in the order of the data file."""
    table = read_yaml(Path(__file__).with_name("followups.yml"))
    return tuple((field, str(wording)) for field in FIELDS for wording in table[field])
