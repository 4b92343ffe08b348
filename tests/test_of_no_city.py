"""The program is of no city: what is the demo city's own stands in its pack alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from backoffice.categories import CategoryEntry
from backoffice.city_pack import read_city_pack
from core.settings import ROOT
from knowledge.places import names_of_city

ROOMS = ("backoffice", "bot", "channels", "core", "huiyin", "knowledge", "speech", "deploy")
READ = {".py", ".yml", ".html", ".js", ".md", ".conf", ".example"}
LEARNT_FROM = ROOT / "bot" / "data" / "nlu"
"""Sentences of an invented city's citizens."""
THE_DEMO = {ROOT / "huiyin" / "accounts.py", ROOT / "huiyin" / "cli" / "demo.py"}
"""Speak of the demo because they are the demo."""
DEMO = read_city_pack(ROOT / "cities" / "yunzhou")
WORDS = frozenset(
    {"city", "hotline", "police", "street", "civil", "market", "education", "health", "gov", "utility", "emergency"}
)
"""Codes of the demo that are words of the program, too: kinds of area, reasons, channels."""


def _files() -> Iterator[tuple[Path, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if (
                path.suffix in READ
                and path not in THE_DEMO
                and LEARNT_FROM not in path.parents
                and "__pycache__" not in path.parts
            ):
                yield path, path.read_text(encoding="utf-8")


def _codes(entries: tuple[CategoryEntry, ...]) -> Iterator[str]:
    for entry in entries:
        yield entry.code
        yield from _codes(entry.children)


def test_no_file_of_the_program_names_the_demo_city_or_its_numbers_and_codes() -> None:
    areas = [area for district in DEMO.gazetteer.districts for area in (district, *district.streets)]
    codes = {*(entry.code for entry in DEMO.departments), *_codes(DEMO.categories), *(area.code for area in areas)}
    own = [names_of_city(DEMO.gazetteer.city)[-1], DEMO.gazetteer.area_code, *(area.name for area in areas)]
    own += [code for code in codes if "." in code]
    plain = {code for code in codes if "." not in code} - WORDS
    found = []
    for path, text in _files():
        found += [
            (path.name, name) for name in own if name in text and re.search(rf"(?<![\w.]){re.escape(name)}", text)
        ]
        if path.suffix == ".py" and any(code in text for code in plain):
            constants = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
            found += [(path.name, code) for code in plain & constants]
    assert found == []
