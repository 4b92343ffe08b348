"""How the columns of one file are to be read: which but count its rows, and which of two of one meaning is taken. Pure.

Whatever is left out is told, so that a person can map it another way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from knowledge.files.columns import Columns
from knowledge.files.opening import Row
from knowledge.written import MERGED, NAMES

_SHOWN = 20
_COUNTING = 0.9
"""So many of the steps from row to row must be one for a column to be a running number: some rows may be gone."""
_DIFFERENT = 0.9
"""So many of a column's texts must differ for it to say what each row asks; a chapter's name stands over many."""
_FIGURES = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Layout:
    """How the rows of a file are read."""

    columns: Columns
    headings: frozenset[str]
    """Columns whose texts are further phrasings of the question beside them."""
    notices: tuple[str, ...]
    """What a person should know of it, in Chinese."""


def layout(rows: Sequence[Row], columns: Columns) -> Layout:
    """How ``rows`` are read by ``columns``."""
    told = _told(rows)
    counting = [name for name in told if columns.may_count(name) and counts(told[name])]
    columns = columns.without(counting)
    notices = [f"“{name}”只是行号，没有当作条目编号（确实是编号的话，用 --map {name}=id）" for name in counting]
    headings = set[str]()
    for part, (taken, *others) in columns.by_part(told).items():
        for other in () if part in MERGED else others:
            if part == "question" and len(set(map(str, told[other]))) >= _DIFFERENT * len(told[other]):
                headings.add(other)
                notices.append(f"“{taken}”和“{other}”都像问题：问题用了“{taken}”，“{other}”作为相似问法。")
            else:
                notices.append(f"“{other}”没有导入：{NAMES[part]}用了“{taken}”（可用 --map {other}=项目 指定）")
    ignored = [name for name in told if columns.field(name) is None and name not in counting]
    if ignored:
        notices.insert(0, f"没有导入的列：{'、'.join(ignored[:_SHOWN])}（可用 --map 列名=项目 指定）")
    return Layout(columns, frozenset(headings), tuple(notices))


def counts(values: Iterable[Any]) -> bool:
    """Whether ``values`` are running numbers: 1, 2, 3 …, here and there with a gap, or begun anew (another sheet)."""
    told = [str(value).strip().removesuffix(".0") for value in values]
    if not told or not all(map(_FIGURES.fullmatch, told)):
        return False
    numbers = list(map(int, told))
    steps = [after - before == 1 or after <= 1 for before, after in pairwise(numbers)]
    return numbers[0] <= 1 and sum(steps) >= _COUNTING * len(steps)


def _told(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Everything that stands below each name."""
    told: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.values.items():
            if name and value not in (None, ""):
                told.setdefault(str(name), []).append(value)
    return told
