"""Documents say what is: generated pages are current, and whatever a document names is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from pathlib import Path

import pytest

from backoffice.deadlines import ClockName
from backoffice.kinds import Kind
from backoffice.staff import Role
from backoffice.time_left import Colour
from backoffice.workflow import Action, Status
from benchmarks.quality import floors
from core.settings import ROOT
from huiyin.accounts import DEMO_ACCOUNTS
from huiyin.cli.main import COMMANDS
from huiyin.settings_table import markdown, rows

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
REQUIREMENTS = ROOT / "docs" / "requirements.md"
DEMANDS = {"A": 14, "B": 11, "C": 11, "D": 4, "E": 6, "F": 7, "G": 4, "H": 6, "I": 8}
LESSONS = 25

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
_FILE = re.compile(r"`((?:backoffice|bot|channels|cities|core|deploy|docs|huiyin|knowledge|scripts|tests)/[\w./-]+)`")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _cells(section: str) -> Iterator[list[str]]:
    """The rows of every table, without heads and rules."""
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith(("| id ", "| no. ")):
            yield [cell.strip() for cell in line.strip("| ").split(" | ")]


@lru_cache(maxsize=1)
def _tests_there_are() -> frozenset[tuple[str, str]]:
    """(file under tests/, function) of every test."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add((path.relative_to(ROOT / "tests").as_posix(), node.name))
    return frozenset(found)


def test_the_page_of_settings_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == markdown(), "run: uv run python -m huiyin.settings_table > docs/settings.md"


def test_every_setting_says_what_it_is_for_and_no_secret_has_a_default() -> None:
    for row in rows():
        assert row.description, row.variable
        assert row.kind != "secret" or not row.default, row.variable


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    targets = [target for target in _LINK.findall(document.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_files_and_tests_a_document_names_are_there(document: Path) -> None:
    text = document.read_text("utf-8")
    assert [name for name in _FILE.findall(text) if not (ROOT / name.rstrip("/")).exists()] == []
    assert [test for test in _TEST.findall(text) if test not in _tests_there_are()] == []


def test_every_demand_has_a_row_and_what_works_is_shown_by_a_test() -> None:
    demands = REQUIREMENTS.read_text("utf-8").split("## Lessons")[0]
    found = {cells[0]: cells for cells in _cells(demands)}
    assert list(found) == [f"{letter}{n}" for letter, last in DEMANDS.items() for n in range(1, last + 1)]
    for identity, (_, _, state, shown) in found.items():
        assert re.match(r"\*\*(works|partly|not yet)\*\*", state), identity
        assert state.startswith("**not yet**") != bool(_TEST.search(shown)), identity


def test_every_lesson_is_shown_by_a_test() -> None:
    lessons = REQUIREMENTS.read_text("utf-8").split("## Lessons")[1]
    found = {cells[0]: cells for cells in _cells(lessons)}
    assert list(found) == [str(n) for n in range(1, LESSONS + 1)]
    for number, (_, _, shown) in found.items():
        assert _TEST.search(shown), number


@pytest.mark.parametrize("words", [Status, Action, Kind, Role, Colour, ClockName], ids=lambda words: words.__name__)
def test_the_glossary_has_the_word_for_every_value(words: type[Enum]) -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    for value in words:
        label = getattr(value, "label")  # noqa: B009  # every one of these has a label; Enum itself has none
        assert any(label in line and f"`{value.value}`" in line for line in lines), (value, label)


def test_both_readmes_name_every_command_and_have_the_same_sections_and_code() -> None:
    texts = [path.read_text("utf-8") for path in READMES]
    for text in texts:
        assert [name for name in COMMANDS if f"huiyin {name}" not in text] == []
    shapes = [
        (len(re.findall(r"^## ", text, re.M)), re.findall(r"^\|", text, re.M), _code_without_remarks(text))
        for text in texts
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("readme", READMES, ids=_name)
def test_both_readmes_tell_who_can_sign_in_to_the_demo(readme: Path) -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([\u4e00-\u9fff]+)", readme.read_text("utf-8"), re.M))
    assert told == {account.username: account.role.label for account in DEMO_ACCOUNTS}


def test_the_page_of_quality_names_the_floors_there_are() -> None:
    page = (ROOT / "docs" / "quality.md").read_text("utf-8")
    for part, least in floors().items():
        table = page.split(f"<!-- measured: {part} -->")[1].split("<!-- end")[0]
        told = {cells[0]: cells[5] for cells in _cells(table)}
        assert {name: told[name] for name in least} == {name: f"{floor:g}" for name, floor in least.items()}, part


def _code_without_remarks(text: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    return [re.sub(r"\s*#.*", "", line).strip() for block in blocks for line in block.splitlines()]
