"""One system of looks: colours come from the tokens, nothing is styled in a template, no rule is for nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.settings import ROOT

ROOMS = ("backoffice", "channels", "core")
TOKENS = ROOT / "core" / "web" / "static" / "css" / "tokens.css"
SHEETS = sorted(path for room in ROOMS for path in (ROOT / room).rglob("static/**/*.css") if "vendor" not in path.parts)
PAGES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("templates/**/*.html"))
MOST_LINES = 500

_NAMED_BY_VALUES = ("badge-", "card-", "diff-", "happening-", "heard-", "left-", "msg-", "tried-")
"""Beginnings of classes whose end is a value: the colour of a clock, the author of a message, the kind of a change."""


def _rules(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)


def test_nothing_is_styled_in_a_template() -> None:
    assert [path.name for path in PAGES if re.search(r"\sstyle=|<style", path.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_colours_come_from_the_tokens(path: Path) -> None:
    if path != TOKENS:
        assert re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\([^)]*\)|\bhsl\([^)]*\)", _rules(path)) == []
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_every_class_with_a_rule_is_on_some_page_and_every_token_is_used() -> None:
    names = set(re.findall(r"\.([a-zA-Z][\w-]+)", "".join(re.sub(r"\{[^{}]*\}", "{}", _rules(p)) for p in SHEETS)))
    sources = [*PAGES, *(path for room in ROOMS for path in (ROOT / room).rglob("*.js") if "vendor" not in path.parts)]
    used = set(re.findall(r"[\w-]+", "".join(path.read_text("utf-8") for path in sources)))
    assert sorted(name for name in names - used if not name.startswith(_NAMED_BY_VALUES)) == []
    asked_for = set(re.findall(r"var\((--[\w-]+)", "".join(map(_rules, SHEETS))))
    assert sorted(set(re.findall(r"(--[\w-]+):", _rules(TOKENS))) - asked_for) == []
