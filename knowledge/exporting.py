"""The knowledge base as a file: jsonl, csv or xlsx, in a form an import takes back unchanged (B10)."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from core.texts import as_cell
from knowledge.article import Article
from knowledge.entry import KEYS
from knowledge.written import NAMES

HEADINGS = {**NAMES, "id": "条目编号"}
"""What columns are called: 编号 alone might but count the rows (:mod:`knowledge.layout`)."""


class NoSuchFormat(ValueError):
    """The name of the file ends in none of the forms there are; the message says so, in Chinese."""


def export_file(path: Path, articles: Sequence[Article]) -> None:
    """Writes ``articles`` to ``path``, by its extension; a file of that name is replaced whole or not at all.

    Raises :class:`NoSuchFormat`.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise NoSuchFormat(f"不支持“{path.suffix}”格式，可以导出 jsonl、csv、xlsx。")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        unfinished = Path(folder) / path.name
        write(unfinished, [_row(article) for article in articles])
        unfinished.replace(path)


def _row(article: Article) -> dict[str, Any]:
    values = {"id": article.code, **{part: getattr(article, part) for part in KEYS if part != "id"}}
    return {part: list(value) if isinstance(value, tuple) else value for part, value in values.items()}


def _write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            said = {part: value.isoformat() if isinstance(value, date) else value for part, value in row.items()}
            told = {part: value for part, value in said.items() if value not in (None, [])}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")


def _write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark, or Excel takes it for GBK
        writer = csv.writer(file)
        writer.writerow(HEADINGS[part] for part in KEYS)
        writer.writerows([as_cell(_cell(row[part])) for part in KEYS] for row in rows)


def _write_xlsx(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("知识库")
    sheet.append([HEADINGS[part] for part in KEYS])
    for row in rows:
        cells = []
        for part in KEYS:
            cell = WriteOnlyCell(sheet, value=_cell(row[part]))
            cell.data_type = "s"  # text, even where it begins as a formula would
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


_WRITERS: Mapping[str, Callable[[Path, Iterable[Mapping[str, Any]]], None]] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
