"""Files with one question in each row: jsonl, csv, xlsx."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from knowledge.files.columns import Columns
from knowledge.files.opening import ROW_LIMIT, FileRefused, Formula, Row, is_json, open_archive, read_text
from knowledge.files.separated import HEADER_WITHIN, separated

_PIECE, _LONGEST_MARK = 1 << 20, 80
"""Bytes of a sheet looked at together; so many of the last piece may begin a mark the next one ends."""
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=\"([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})\"")


def read_jsonl(path: Path) -> tuple[list[Row], str]:
    """Rows of a file with a JSON object in each line (or of one list of objects), and its encoding."""
    text, encoding = read_text(path)
    if text.lstrip().startswith("["):
        return list(_objects(_json_list(text))), encoding
    rows = []
    for number, line in enumerate(text.split("\n"), 1):  # other ends of lines may stand within a text
        if line.strip():
            try:
                rows.append(_object(f"第 {number} 行", json.loads(line)))
            except (ValueError, RecursionError):
                rows.append(Row(f"第 {number} 行", {"": "不是 JSON 对象"}))
            _check_count(len(rows))
    return rows, encoding


def read_csv(path: Path, columns: Columns) -> tuple[list[Row], str]:
    """Rows of a csv (comma, semicolon or tab) below its line of column names, and its encoding."""
    text, encoding = read_text(path)
    try:
        cells_of = separated(text, columns.are_names)
        lines = [(f"第 {number} 行", list(map(_cell, cells))) for number, cells in cells_of]
    except csv.Error as error:
        raise FileRefused("CSV 文件无法解析，请检查引号是否成对，单元格是否过长。") from error
    return list(below_names(lines, columns)), encoding


def read_txt(path: Path, columns: Columns) -> tuple[list[Row], str]:
    """Rows of a text without a kind of its own: JSON where it begins so, otherwise as :func:`read_csv`."""
    return read_jsonl(path) if is_json(read_text(path)[0]) else read_csv(path, columns)


def read_xlsx(path: Path, columns: Columns) -> tuple[list[Row], str]:
    """Rows of all sheets of an xlsx below their lines of column names; nothing is computed, no link followed."""
    open_archive(path).close()
    try:
        with path.open("rb") as file:
            workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            sheets = [(sheet.title, list(_sheet_lines(sheet))) for sheet in workbook.worksheets]
    except FileRefused:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers raise on a broken part
        raise FileRefused("表格文件已损坏，无法读取，请用 Excel 或 WPS 打开后另存一份再导入。") from error
    rows: list[Row] = []
    for title, lines in sheets:
        where = f"工作表“{title}”" if len(sheets) > 1 else ""
        below = below_names(lines, columns, optional=len(sheets) > 1)
        rows += [Row(where + row.place, row.values) for row in below]
    if not rows:
        raise FileRefused("表格里没有可以导入的行：第一行应为列名，至少有“问题”和“答案”。")
    return rows, "xlsx"


def _json_list(text: str) -> list[Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileRefused("JSON 文件无法解析，请检查格式。") from error
    return content if isinstance(content, list) else [content]


def _objects(content: Sequence[Any]) -> Iterator[Row]:
    for number, entry in enumerate(content, 1):
        _check_count(number)
        yield _object(f"第 {number} 条", entry)


def _object(place: str, content: Any) -> Row:
    return Row(place, content if isinstance(content, dict) else {"": "不是 JSON 对象"})


def _cell(text: str) -> Any:
    """A spreadsheet program would compute what begins so; an apostrophe before it marks it as text."""
    if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"}:
        return text[1:]
    return Formula(text) if text[:1] == "=" or (text[:1] in {"+", "@"} and ("(" in text or "|" in text)) else text


def _sheet_lines(sheet: Any) -> Iterator[tuple[str, list[Any]]]:
    """The cells of a sheet, line by line; of cells merged downwards every line has what stands in the first."""
    sheet.reset_dimensions()  # what a program wrote about the size may be wrong
    merged = _merged_down(sheet)
    held: dict[int, tuple[int, Any]] = {}
    for number, cells in enumerate(sheet.iter_rows(), 1):
        _check_count(number)
        line = [Formula(str(c.value)) if c.data_type == "f" else c.value for c in cells]
        if any(cell not in (None, "") for cell in line):
            for column, (last, value) in held.items():
                if number <= last:
                    line += [None] * (column + 1 - len(line))
                    line[column] = value
        held.update({at: (last, line[at]) for at, last in merged.get(number, ()) if at < len(line)})
        yield f"第 {number} 行", line


def _merged_down(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """By the first line of merged cells: the column, from 0, and the last line."""
    merged: dict[int, list[tuple[int, int]]] = {}
    rest = b""
    with sheet._get_source() as source:  # reading a sheet bit by bit openpyxl passes over what is merged
        while piece := source.read(_PIECE):
            for found in _MERGED.findall(rest + piece):
                left, first, _, last = (bound or 1 for bound in range_boundaries(found.decode()))
                if last > first:
                    merged.setdefault(first, []).append((left - 1, last))
            rest = piece[-_LONGEST_MARK:]
    return merged


def below_names(lines: Iterable[tuple[str, list[Any]]], columns: Columns, *, optional: bool = False) -> Iterator[Row]:
    """The rows below the line of column names; where ``optional``, a sheet without one is passed over."""
    names: list[str] | None = None
    for number, (place, cells) in enumerate(lines, 1):
        _check_count(number)
        if names is not None:
            if any(cell not in (None, "") for cell in cells):
                yield Row(place, {name: cell for name, cell in zip(names, cells, strict=False) if name})
        elif columns.are_names([str(cell or "") for cell in cells]):
            names = [str(cell or "").strip() for cell in cells]
        elif number >= HEADER_WITHIN:
            break
    if names is None and not optional:
        raise FileRefused("没有认出列名：第一行应为列名，至少有“答案”一列（问题、答案、部门、生效日期……）。")


def _check_count(count: int) -> None:
    if count > ROW_LIMIT:
        raise FileRefused(f"超过 {ROW_LIMIT} 行，请拆成几个文件再导入。")
