"""Addresses with their elements marked, read from a file: one JSON object a line, ``{"text": …, "spans": […]}``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.addresses.refusals import BadExamples

LONGEST_TEXT = 200
"""Characters an address has at most; longer lines are no addresses."""
LONGEST_LINE = 20_000
LARGEST_FILE = 200 * 1024 * 1024
LONGEST_KIND = 20


@dataclass(frozen=True, order=True)
class Element:
    """One element of an address: characters ``start`` up to, not including, ``end``."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Example:
    """An address and its elements from left to right."""

    text: str
    elements: tuple[Element, ...]


@dataclass(frozen=True)
class Read:
    """What was in a file: the examples, and for each line refused its number and the reason in Chinese."""

    examples: tuple[Example, ...]
    refused: tuple[tuple[int, str], ...]


def read_examples(path: Path) -> Read:
    """The examples in ``path``. Raises :class:`BadExamples` when the file cannot be read or holds none."""
    examples: list[Example] = []
    refused: list[tuple[int, str]] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            examples.append(_example(line))
        except _BadLine as problem:
            refused.append((number, str(problem)))
    if not examples:
        first = f"（第 {refused[0][0]} 行：{refused[0][1]}）" if refused else ""
        raise BadExamples(f"{path} 里没有可用的地址{first}")
    return Read(tuple(examples), tuple(refused))


class _BadLine(ValueError):
    pass


def _lines(path: Path) -> Iterator[str]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadExamples(f"{path} 超过 {LARGEST_FILE // 1024 // 1024} MB，请拆分")
        with path.open(encoding="utf-8-sig") as file:
            yield from file
    except OSError as problem:
        raise BadExamples(f"{path} 打不开：{problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise BadExamples(f"{path} 不是 UTF-8 编码，请先转换编码") from problem


def _example(line: str) -> Example:
    if len(line) > LONGEST_LINE:
        raise _BadLine("这一行太长")
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise _BadLine("不是 JSON") from problem
    text, spans = (row.get("text"), row.get("spans")) if isinstance(row, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(spans, list):
        raise _BadLine("缺少 text 或 spans")
    if not 0 < len(text) <= LONGEST_TEXT:
        raise _BadLine(f"地址应当是 1 至 {LONGEST_TEXT} 个字")
    elements = sorted(_element(span, text) for span in spans)
    if any(one.end > next_one.start for one, next_one in pairwise(elements)):
        raise _BadLine("要素互相重叠")
    return Example(text, tuple(elements))


def _element(span: Any, text: str) -> Element:
    if not isinstance(span, dict):
        raise _BadLine("spans 里有不是对象的内容")
    start, end, kind = span.get("start"), span.get("end"), span.get("type")
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise _BadLine("要素的起止位置超出地址")
    if not isinstance(kind, str) or not 0 < len(kind) <= LONGEST_KIND or not kind.isidentifier():
        raise _BadLine("要素的类型不合规")
    if span.get("text", text[start:end]) != text[start:end]:
        raise _BadLine("要素的文字和位置对不上")
    return Element(start, end, kind)
