"""What people read is written as Chinese is written: full-width punctuation after a Chinese character."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.settings import ROOT

ROOMS = ("backoffice", "channels", "core", "huiyin", "knowledge")
HOLE = "□"
"""Stands for what a template or an f-string puts in."""

_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”’）][,;:?!]|[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]")
_PATTERN = re.compile(r"[\[|?*+]|\\[dws]")
"""Marks of a regular expression or of a list of words: not read by people."""


def _files(ending: str) -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob(ending))


def _texts(path: Path) -> Iterator[str]:
    """The texts of a module, without docstrings and patterns."""
    tree = ast.parse(path.read_text("utf-8"))
    apart = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            apart.update(node.values)
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart:
            yield node.value


def test_sentences_in_modules_have_full_width_punctuation() -> None:
    wrong = [
        f"{path.name}: {text}"
        for path in _files("*.py")
        for text in _texts(path)
        if _HALF_WIDTH.search(text) and not _PATTERN.search(text)
    ]
    assert wrong == []


def test_sentences_on_pages_have_full_width_punctuation() -> None:
    wrong = []
    for path in [*_files("*.html"), *_files("*.js")]:
        words = re.sub(r"\{[%{#].*?[%}#]\}|/\*.*?\*/|//.*?$", HOLE, path.read_text("utf-8"), flags=re.S | re.M)
        wrong += [f"{path.name}: {line}" for line in words.splitlines() if _HALF_WIDTH.search(line)]
    assert wrong == []
