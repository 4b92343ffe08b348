"""Labelled texts from a file: one JSON object a line (JSONL). Rows that cannot be used are told, with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = 1024**3
"""Bytes of a file that is read."""
LABEL_LIMIT = 100
_EXAMPLES = 3
_BOMS = (b"\xff\xfe", b"\xfe\xff")


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
    for line, content in _lines(path):
        try:
            text, label = _row(content, fields, label_field)
        except ValueError as problem:
            refused.append((line, str(problem)))
            continue
        texts.append(text)
        labels.append(label)
    found = Labelled(tuple(texts), tuple(labels), tuple(refused))
    if not texts:
        raise UnusableFile(found.told() or "文件是空的，没有可用的数据。")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        if path.stat().st_size > LARGEST:
            raise UnusableFile(f"文件太大（超过 {LARGEST // 1024**3} GB），请分开处理。")
        content = path.read_bytes()
    except FileNotFoundError as missing:
        raise UnusableFile(f"没有找到文件 {path}。") from missing
    except OSError as problem:
        raise UnusableFile(f"读不了文件 {path}：{problem.strerror or '系统拒绝'}。") from problem
    if content.startswith(_BOMS):
        raise UnusableFile("文件是 UTF-16 编码的，请另存为 UTF-8 编码再试。")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise UnusableFile(
            f"文件不是 UTF-8 编码的（第 {line} 行读不出来），可能是 GBK，请另存为 UTF-8 再试。"
        ) from problem
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip():
            yield line, row


def _row(content: str, fields: tuple[str, ...], label_field: str) -> tuple[str, str]:
    """Text and label of one line. Raises ValueError with the reason."""
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
    if name not in row:
        raise ValueError(f"没有字段“{name}”")
    value = row[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"字段“{name}”不是文字")
    return value.encode("utf-8", "ignore").decode().strip()
