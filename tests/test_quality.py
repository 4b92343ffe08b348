"""No figure on the project's own written test sets falls below its floor (benchmarks/quality/floors.yml)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import quality
from benchmarks.quality import Row, search
from benchmarks.quality.reliability import honesty
from huiyin.cli import evaluate as command
from huiyin.cli.main import app
from tests.fixtures.model import shared_model_dir


@pytest.mark.parametrize("part", ["search", "slots", "routing", "duplicates"])
def test_quality_has_not_fallen(part: str) -> None:
    assert quality.below_floor(part, quality.measure(part, {})) == []


@pytest.mark.xdist_group("engine")
@pytest.mark.parametrize("part", ["intents", "danger", "remit", "human"])
def test_what_the_dialogue_model_understands_has_not_fallen(part: str) -> None:
    shared_model_dir()
    assert quality.below_floor(part, quality.measure(part, {})) == []


def test_what_falls_or_is_no_longer_measured_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "floors", lambda: {"search": {"a": 0.9, "b": 0.5, "gone": 0.1}})
    rows = [Row("a", 10, 0.89), Row("b", 10, 0.5), Row("c", 10, 0.1)]
    assert quality.below_floor("search", rows) == ["search: a 0.890 < 0.9", "search: gone nan < 0.1"]
    assert quality.below_floor("slots", rows) == []


def test_the_table_of_a_part_is_renewed_and_the_words_around_it_stay(tmp_path: Path) -> None:
    document = tmp_path / "quality.md"
    document.write_text("# Quality\n\nwords\n\n<!-- measured: search -->\nold\n<!-- end: search -->\n\nmore\n", "utf-8")
    quality.write("search", [Row("x", 3, 0.5, 0.25, "BM25", 0.9)], document)
    quality.write("new", [Row("y", 4, 1.0)], document)
    quality.write("new", [Row("own base, z", 9, 0.3)], document)
    quality.write("new", [Row("y", 4, 0.5)], document)
    text = document.read_text("utf-8")
    assert "old" not in text
    assert text.startswith("# Quality\n\nwords\n")
    assert "| x | 3 | **0.500** | 0.250 (BM25) | 0.9 | – |" in text
    assert "more\n\n## new\n" in text
    assert "| y | 4 | **0.500** | – | – | – |\n| own base, z | 9 | **0.300** | – | – | – |" in text  # files not given


def test_the_document_tells_every_floor_as_it_is() -> None:
    told = dict(re.findall(r"^\| ([^|]+?) \|(?:[^|]*\|){4} ([^|]+?) \|$", quality.DOCUMENT.read_text("utf-8"), re.M))
    least = {name: f"{floor:g}" for part in quality.floors().values() for name, floor in part.items()}
    assert {name: told.get(name) for name in least} == least
    assert {name for name, floor in told.items() if floor not in {"–", "floor", "---"}} == set(least)


def test_confidence_is_honest_when_it_is_as_often_right_as_it_says() -> None:
    assert honesty([0.75] * 4, [True, True, True, False]) == pytest.approx(1.0)
    assert honesty([0.95] * 2 + [0.15] * 2, [True, False, False, False]) == pytest.approx(1 - (0.45 + 0.15) / 2)


def test_the_command_ends_badly_when_a_figure_has_fallen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "measure", lambda part, data: [Row("a", 10, 0.5)])
    monkeypatch.setattr(quality, "floors", lambda: {"search": {"a": 0.9}})
    monkeypatch.setattr(command, "configure_logs", lambda level: None)
    done = CliRunner().invoke(app, ["evaluate", "search"])
    assert done.exit_code == 1
    assert "低于底线" in done.output
    assert CliRunner().invoke(app, ["evaluate", "singing"]).exit_code == 1


@pytest.mark.parametrize(
    ("part", "name", "content", "told"),
    [
        ("search", "faqs", "{}", "--data 没有“faqs”，可用的有：faq、queries"),
        ("search", "faq", "甲,乙\n一,二\n", "faq（data.csv）：没有认出列名"),
        ("search", "faq", "问题,答案\n一？,\n", "faq（data.csv）：没有一行可用。答案为空"),
        ("routing", "orders", "内容,单位\n路灯坏了,城管\n", "没有认出列名：前 10 行里要有一行同时写着“text、dept”"),
    ],
)
def test_a_file_of_ones_own_that_cannot_be_used_is_refused_in_one_line(
    part: str, name: str, content: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "configure_logs", lambda level: None)
    monkeypatch.setattr("benchmarks.quality.search.demo_city", list)
    monkeypatch.setattr("benchmarks.quality.routing._measured", lambda *given: [])
    path = tmp_path / "data.csv"
    path.write_text(content, "utf-8")
    done = CliRunner().invoke(app, ["evaluate", part, "--data", f"{name}={path}"])
    assert done.exit_code == 1
    assert told in done.output.replace("\n", "")
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_base_in_any_form_an_import_takes_is_measured_with(tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("序号,问题,答案\n1,居住证怎么办？,到派出所。\n2,末班车几点？,二十二点。\n", "utf-8")
    (rows,) = [[row for row in search.own_base({"faq": path}) if row.name == "own base, reworded by a program: R@3"]]
    assert [(row.n, row.value) for row in rows] == [(2, 1.0)]
