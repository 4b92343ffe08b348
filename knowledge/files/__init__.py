"""Files people keep their questions and answers in: read into rows (B10).

``opening.py`` keeps out what is too big, broken or no text; ``tables.py`` reads jsonl, xlsx and csv, whose cells
``separated.py`` finds, ``documents.py`` docx and html; ``columns.py`` knows what columns are called. A row knows where
it stood and holds values as they were written; :mod:`knowledge.written` reads them.
"""

from __future__ import annotations

from pathlib import Path

from knowledge.files.columns import Columns
from knowledge.files.documents import read_docx, read_html
from knowledge.files.opening import FileRefused, Row, check_size
from knowledge.files.tables import read_csv, read_jsonl, read_txt, read_xlsx

_READERS = {
    ".jsonl": lambda path, _: read_jsonl(path),
    ".json": lambda path, _: read_jsonl(path),
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_txt,
    ".xlsx": read_xlsx,
    ".docx": read_docx,
    ".html": read_html,
    ".htm": read_html,
}
_OLD = {
    ".xls": ".xlsx",
    ".doc": ".docx",
    ".xlsm": ".xlsx",
    ".xlsb": ".xlsx",
    ".docm": ".docx",
    ".wps": ".docx",
    ".et": ".xlsx",
}


def read_file(path: Path, columns: Columns) -> tuple[list[Row], str]:
    """The rows of a file by its extension, and its encoding or kind. Raises :class:`FileRefused`."""
    suffix = path.suffix.lower()
    check_size(path)
    if suffix in {".xlsm", ".docm", ".xlsb"}:
        raise FileRefused(f"不导入可能带宏的 {suffix} 文件，请另存为不带宏的 {_OLD[suffix]} 再导入。")
    if suffix in _OLD:
        raise FileRefused(f"不支持 {suffix} 格式，请另存为 {_OLD[suffix]} 再导入。")
    reader = _READERS.get(suffix)
    if reader is None:
        raise FileRefused(f"不支持“{suffix or '没有扩展名'}”格式，可以导入 jsonl、csv、xlsx、docx、html。")
    return reader(path, columns)
