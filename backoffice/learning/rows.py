"""Labelled texts from a file: JSON objects, a line each, or a table with column names (csv, xlsx). Rows that cannot be
used are told, with the reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from knowledge.files.opening import FileRefused, is_json, open_archive, read_text
from knowledge.files.separated import HEADER_WITHIN, separated

LARGEST = 256 * 1024**2
"""Bytes of a file that is read."""
LABEL_LIMIT = 100
_EXAMPLES = 3
_TABLES = frozenset({".csv", ".tsv", ".txt"})
"""Kinds that hold a table, unless they begin as JSON does."""


class UnusableFile(ValueError):
    """Nothing of the file can be used; the message says why, in plain Chinese."""


@dataclass(frozen=True)
class Labelled:
    """What a file holds."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    refused: tuple[tuple[int, str], ...]
    """Line number and reason, in plain Chinese, of every row left out."""

    def told(self) -> str:
        """One line about the rows left out; empty when there are none."""
        if not self.refused:
            return ""
        shown = "；".join(f"第 {line} 行：{reason}" for line, reason in self.refused[:_EXAMPLES])
        more = "……" if len(self.refused) > _EXAMPLES else ""
        return f"有 {len(self.refused)} 行不能用，已跳过。{shown}{more}"


def read_labelled(path: Path, text_fields: str, label_field: str) -> Labelled:
    """Reads ``path``. ``text_fields``: one field, or several with commas between, put together in that order.

    Raises :class:`UnusableFile` when not one row can be used: no file, wrong encoding, no such field …
    """
    texts, labels, refused = [], [], []
    fields = tuple(filter(None, (name.strip() for name in text_fields.split(","))))
    if not fields:
        raise UnusableFile("请说明文字在哪个字段里，例如 --text content。")
    for line, content in _rows(path, (*fields, label_field)):
        try:
            text, label = _read(content, fields, label_field)
        except ValueError as problem:
            refused.append((line, str(problem)))
            continue
        texts.append(text)
        labels.append(label)
    found = Labelled(tuple(texts), tuple(labels), tuple(refused))
    if not texts:
        raise UnusableFile(found.told() or "文件是空的，没有可用的数据。")
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
    """Line numbers, and what stands there by field; of lines that are no JSON object the line itself."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnusableFile(f"文件太大（超过 {LARGEST // 1024**2} MB），请分开处理。")
        if path.suffix.lower() == ".xlsx":
            open_archive(path).close()
            return _below_names(_cells(path), columns)
        text, _ = read_text(path)
    except FileNotFoundError as missing:
        raise UnusableFile(f"没有找到文件 {path}。") from missing
    except OSError as problem:
        raise UnusableFile(f"读不了文件 {path}：{problem.strerror or '系统拒绝'}。") from problem
    except FileRefused as problem:
        raise UnusableFile(str(problem)) from problem
    if path.suffix.lower() in _TABLES and not is_json(text):
        return _below_names(_csv(text, columns), columns)
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _cells(path: Path) -> Generator[tuple[int, Any], None, None]:
    """The lines of the first sheet of an xlsx, as they were last computed."""
    try:
        with path.open("rb") as file:
            sheet = load_workbook(file, read_only=True, data_only=True, keep_links=False).worksheets[0]
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                yield number, list(cells)
    except Exception as broken:  # openpyxl lets through whatever its parsers raise on a broken part
        raise UnusableFile("表格文件已损坏，请用 Excel 或 WPS 打开后另存一份再试。") from broken


def _csv(text: str, columns: tuple[str, ...]) -> Generator[tuple[int, Any], None, None]:
    try:
        yield from separated(text, lambda cells: {*columns} <= {cell.strip() for cell in cells})
    except csv.Error as broken:
        raise UnusableFile("CSV 文件无法解析，请检查引号是否成对，单元格是否过长。") from broken


def _below_names(lines: Generator[tuple[int, Any], None, None], columns: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
    """What stands in ``lines`` below the names of the columns; closes them, whatever comes."""
    with closing(lines):
        for _, head in islice(lines, HEADER_WITHIN):
            names = [str(cell or "").strip() for cell in head]
            if {*columns} <= {*names}:
                break
        else:
            raise UnusableFile(f"没有认出列名：前 {HEADER_WITHIN} 行里要有一行同时写着“{'、'.join(columns)}”。")
        for line, cells in lines:
            if any(cell not in (None, "") for cell in cells):
                yield line, dict(zip(names, cells, strict=False))


def _read(content: Any, fields: tuple[str, ...], label_field: str) -> tuple[str, str]:
    """Text and label of one line. Raises ValueError with the reason."""
    row = content
    if isinstance(content, str):
        try:
            row = json.loads(content)
        except (ValueError, RecursionError):
            raise ValueError("不是完整的 JSON") from None
    if not isinstance(row, dict):
        raise ValueError("不是一个 JSON 对象")
    parts = [_string(row, name) for name in fields]
    text = "\n".join(part for part in parts if part)
    if not text:
        raise ValueError(f"字段“{'、'.join(fields)}”是空的")
    label = _string(row, label_field)
    if not label:
        raise ValueError(f"字段“{label_field}”是空的")
    if len(label) > LABEL_LIMIT:
        raise ValueError(f"字段“{label_field}”太长，不像是标签")
    return text, label


def _string(row: dict[str, Any], name: str) -> str:
    """What stands in a field; a code of figures is one whether it was written as a text or as a number."""
    if name not in row:
        raise ValueError(f"没有字段“{name}”")
    value = row[name]
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # what a spreadsheet makes of 301
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"字段“{name}”不是文字")
    return value.encode("utf-8", "ignore").decode().strip()
