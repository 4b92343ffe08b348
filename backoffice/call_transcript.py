"""What was said in a call as pieces with their times, for a page on which they light up while it is heard. Pure.

Pieces of what the citizen said are the recogniser's words with their own times. Of what we said only the beginning and
the end are known: its clauses share that time by their length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.masking import SPOKEN_DIGITS, mask_text

_CLAUSE: Final = re.compile(r"[^，。！？；：、]+[，。！？；：、”’）]*|[，。！？；：、]+")
_MOST_IN_A_PIECE: Final = 14


@dataclass(frozen=True)
class Piece:
    """Some characters that are heard from ``starts`` to ``ends``, in milliseconds of the recording."""

    text: str
    starts: int
    ends: int


@dataclass(frozen=True)
class Said:
    """One line of a call."""

    speaker: str
    """``citizen``, ``bot`` or ``staff``."""
    starts: int
    ends: int
    pieces: tuple[Piece, ...]
    waited: float | None = None
    """Seconds the citizen waited for it, where that was measured."""


@dataclass(frozen=True)
class Line:
    """A line as it is stored; ``words``: text, start and end in milliseconds."""

    speaker: str
    starts: int
    ends: int
    text: str
    words: Sequence[tuple[str, int, int]] = ()


def said(lines: Iterable[Line], names: Sequence[str] = (), *, in_full: bool) -> list[Said]:
    """The lines in the order they were heard; numbers and ``names`` are masked unless ``in_full``."""
    hide: Callable[[str], str] = str if in_full else lambda text: masked_speech(text, names)
    shown = [Said(line.speaker, line.starts, line.ends, _pieces(line, hide)) for line in lines]
    return sorted(shown, key=lambda line: (line.starts, line.ends))


def masked_speech(text: str, names: Sequence[str] = ()) -> str:
    """``text`` with phone and identity numbers masked, also where their digits are written as they are spoken
    (幺三八…), and names; as long as it was."""
    figures = text.translate(SPOKEN_DIGITS)
    starred = mask_text(figures)
    if len(starred) != len(text):  # numbers written with a gap: rather too much than too little
        starred = re.sub(r"[0-9](?=[0-9 -]{6,}[0-9])", "*", figures)
    kept = [new if new == "*" else old for old, new in zip(text, starred, strict=True)]
    for name in names:
        for found in re.finditer(re.escape(name), text) if len(name) > 1 else ():
            kept[found.start() + 1 : found.end()] = "*" * (len(name) - 1)
    return "".join(kept)


def _pieces(line: Line, hide: Callable[[str], str]) -> tuple[Piece, ...]:
    if line.words:
        text = hide("".join(word for word, *_ in line.words))
        pieces, at = [], 0
        for word, starts, ends in line.words:
            pieces.append(Piece(text[at : at + len(word)], starts, ends))
            at += len(word)
        return tuple(pieces)
    return tuple(_shared(hide(line.text), line.starts, line.ends))


def _shared(text: str, starts: int, ends: int) -> list[Piece]:
    """Clauses of ``text``, each with its share of the time."""
    clauses = [
        clause[at : at + _MOST_IN_A_PIECE]
        for clause in _CLAUSE.findall(text)
        for at in range(0, len(clause), _MOST_IN_A_PIECE)
    ]
    whole, done, pieces = sum(map(len, clauses)), 0, []
    for clause in clauses:
        begins, done = done, done + len(clause)
        share = (ends - starts) / whole
        pieces.append(Piece(clause, starts + round(begins * share), starts + round(done * share)))
    return pieces
