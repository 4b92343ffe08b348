"""A text in the pieces it is spoken in, so that the first sounds while the second is being made. Pure."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 60
"""Characters of a piece, if there is a comma to part it at."""
_STOPS: Final = re.compile(r"(?<=[。！？；\n!?;])")
_PAUSES: Final = re.compile(r"(?<=[，、,：])")


def sentences(text: str) -> list[str]:
    """The sentences of ``text``, in order; long ones parted at a comma; nothing is lost but blanks at the ends."""
    pieces: list[str] = []
    for sentence in _STOPS.split(text):
        pieces.extend(_parted(sentence.strip()))
    return [piece for piece in pieces if re.search(r"\w", piece)]


def _parted(sentence: str) -> list[str]:
    if len(sentence) <= LONGEST:
        return [sentence]
    pieces = [""]
    for clause in _PAUSES.split(sentence):
        if pieces[-1] and len(pieces[-1]) + len(clause) > LONGEST:
            pieces.append("")
        pieces[-1] += clause
    return pieces
