"""Texts of cells between marks: csv, and what spreadsheet programs write for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice

HEADER_WITHIN = 10
"""The names of the columns stand in one of the first rows: a title may stand above."""
_MARKS = ",;\t，"
_CELL_LIMIT = 1_000_000


def separated(text: str, are_names: Callable[[list[str]], bool]) -> Iterator[tuple[int, list[str]]]:
    """The lines of ``text`` as cells, each with the number of the line it begins in. Raises csv.Error.

    The mark between cells is the one by which ``are_names`` knows one of the first lines; if by none, the one that
    stands most often in them.
    """
    csv.field_size_limit(_CELL_LIMIT)
    head = "".join(islice(io.StringIO(text), HEADER_WITHIN))
    marks = sorted(_MARKS, key=head.count, reverse=True)
    mark = next((mark for mark in marks if _names_columns(text, mark, are_names)), marks[0])
    return _lines(text, mark)


def _names_columns(text: str, mark: str, are_names: Callable[[list[str]], bool]) -> bool:
    try:
        return any(are_names(cells) for _, cells in islice(_lines(text, mark), HEADER_WITHIN))
    except csv.Error:
        return False


def _lines(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=mark, strict=True)
    begins = 1
    for cells in reader:
        yield begins, cells
        begins = reader.line_num + 1
