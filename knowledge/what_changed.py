"""What changed from one version of an article to another, field by field, for people to read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from core.clock import china_time
from knowledge.article import Article
from knowledge.checking import LABELS

Piece = tuple[Literal["same", "gone", "new"], str]
"""A stretch of text, and whether it stayed, went, or came."""
_TOKEN = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|.", re.DOTALL)
_ALIKE = 0.5
"""Two entries of a list this alike are one entry that was rewritten."""
_ISLAND = 2
"""So few characters left alone between changes read better as changed themselves."""


@dataclass(frozen=True)
class Line:
    """One entry of a list, or a whole text."""

    pieces: tuple[Piece, ...]

    @property
    def kind(self) -> Literal["same", "gone", "new", "changed"]:
        """What became of the line as a whole."""
        kinds = {kind for kind, _ in self.pieces}
        return next(iter(kinds)) if len(kinds) == 1 else "changed"


@dataclass(frozen=True)
class Change:
    """What changed in one part of an article."""

    field: str
    label: str
    lines: tuple[Line, ...]
    is_list: bool


def changes(before: Article | None, after: Article) -> list[Change]:
    """The parts that differ, in the order of the form; everything is new where there was nothing ``before``."""
    found = []
    for name, label in LABELS.items():
        old, new = (getattr(article, name) if article is not None else None for article in (before, after))
        if (old or None) != (new or None):
            found.append(Change(name, label, tuple(_lines(name, old, new)), isinstance(new, tuple)))
    return found


def _lines(name: str, old: Any, new: Any) -> Iterator[Line]:
    if isinstance(new, tuple):
        yield from _list_lines(old or (), new)
    elif name == "department":  # a code: the page puts a name in its place
        yield Line(tuple(_whole(old, new)))
    else:
        yield _line(_said(old), _said(new))


def _whole(old: str | None, new: str) -> Iterator[Piece]:
    if old:
        yield "gone", old
    yield "new", new


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return china_time(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else value or ""


def _line(old: str, new: str) -> Line:
    """Both texts as one: what is common once, between what went and what came."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, came = "".join(before[i:j]), "".join(after[k:m])
        if tag == "equal":
            pieces.append(("same", came))
            continue
        pieces += [piece for piece in (("gone", gone), ("new", came)) if piece[1]]
    return Line(tuple(_calmed(pieces)))


def _calmed(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Melts changes together that only a character or two keep apart: whole words are easier to read."""
    gone = new = ""
    for at, (kind, text) in enumerate(pieces):
        inner = 0 < at < len(pieces) - 1
        if kind == "same" and not (inner and len(text) <= _ISLAND and text.strip() and (gone or new)):
            yield from (piece for piece in (("gone", gone), ("new", new)) if piece[1])
            gone = new = ""
            yield "same", text
        else:
            gone += text if kind != "new" else ""
            new += text if kind != "gone" else ""
    yield from (piece for piece in (("gone", gone), ("new", new)) if piece[1])


def _list_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line((("same", text),)) for text in new[k:m])
        else:
            yield from _rewritten(old[i:j], new[k:m])


def _rewritten(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    left = list(old)
    for text in new:
        like = max(left, key=lambda other: _likeness(other, text), default="")
        if like and _likeness(like, text) >= _ALIKE:
            left.remove(like)
            yield _line(like, text)
        else:
            yield Line((("new", text),))
    yield from (Line((("gone", text),)) for text in left)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
