"""Measuring a base: the figures are what they say, and a file of questions is read or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.settings import load_settings
from huiyin.cli import on_database
from huiyin.cli.main import app
from knowledge.evaluation import Asked, Outcome, auc, figures, read_queries, told_unusable
from knowledge.files.opening import FileRefused

FAQ = [
    ("a-1", "居住证怎么办理？", "请带租房合同到派出所办理居住证，十五日内领证。"),
    ("a-2", "新生儿怎么上户口？", "请带出生医学证明到户籍派出所办理新生儿落户。"),
    ("a-3", "公交卡丢了怎么办？", "公交卡不记名，丢失不能补办，请到客服中心购买新卡。"),
    ("a-4", "垃圾分几类投放？", "生活垃圾分可回收物、厨余垃圾、有害垃圾和其他垃圾四类投放。"),
]  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands find an installation that is not there yet."""
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(tmp_path / "fresh"))
    monkeypatch.delenv("HUIYIN_DATABASE_URL", raising=False)
    monkeypatch.setattr(on_database, "configure_logs", lambda level: None)  # it would change the logs of other tests
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def test_the_figures_of_a_small_set_are_those_counted_by_hand() -> None:
    asked = [Asked("1", "a"), Asked("2", "b"), Asked("3", "c"), Asked("4", "d"), Asked("5", None), Asked("6", None)]
    found = [
        Outcome(["a", "x"], 0.9, "answer"),
        Outcome(["x", "b"], 0.6, "answer"),
        Outcome(["x", "y", "z", "c"], 0.4, "choose", ["x", "y"]),
        Outcome([], 0.0, "unknown"),
        Outcome(["x"], 0.7, "answer"),
        Outcome(["x"], 0.1, "unknown"),
    ]
    told = figures(asked, found).told()
    assert told == {
        "n": 6,
        "in_scope": 4,
        "out_of_scope": 2,
        "R@1": 0.25,
        "R@3": 0.5,
        "MRR": round((1 + 1 / 2 + 1 / 4) / 4, 4),
        "share_answered": 0.5,
        "wrong_answer_share": round(2 / 3, 4),
        "share_offered_choice": 0.25,
        "choice_holds_right": 0.0,
        "out_of_scope_answered": 0.5,
        "out_of_scope_auc": 0.5,
    }


def test_what_a_set_cannot_tell_is_not_told() -> None:
    told = figures([Asked("1", "a")], [Outcome(["a"], 0.9, "answer")]).told()
    assert (told["out_of_scope_auc"], told["out_of_scope_answered"], told["choice_holds_right"]) == (None, None, None)


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [([1.0], [0.0], 1.0), ([0.0], [1.0], 0.0), ([0.5], [0.5], 0.5), ([0.9, 0.2], [0.5, 0.1], 0.75), ([], [1.0], None)],
)
def test_auc_is_the_chance_that_one_inside_is_above_one_outside(
    inside: list[float], outside: list[float], expected: float | None
) -> None:
    assert auc(inside, outside) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "文件是空的"), ("\n\n", "文件里没有问题"), ("not json\n{}", "有 2 行不能用，已跳过。第 1 行：应为")],
)
def test_a_file_without_a_single_question_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefused, match=reason):
        read_queries(path)


def test_lines_that_hold_no_question_are_told_and_the_others_asked(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    lines = ['{"query": "甲\u2028乙", "answer_id": 7}', "not json", '{"query": "问"}', '{"query": 5, "answer_id": "a"}']
    lines += ['{"query": "问", "answer_id": ["a"]}', "[" * 50_000, '{"query": "丙", "answer_id": null}']
    path.write_text("\n".join(lines), encoding="utf-8")
    asked, unusable = read_queries(path)
    assert asked == [Asked("甲\u2028乙", "7"), Asked("丙", None)]
    assert [one.line for one in unusable] == [2, 3, 4, 5, 6]
    assert "第 4 行：query 应为文字……" in told_unusable(unusable)


@pytest.mark.parametrize("hidden", [False, True], ids=["with questions", "answers only"])
def test_import_and_evaluate_work_on_a_fresh_folder(tmp_path: Path, fresh: None, *, hidden: bool) -> None:
    rows = [{"id": code, **({} if hidden else {"question": asked}), "answer": answer} for code, asked, answer in FAQ]
    queries = [{"query": asked.removesuffix("？"), "answer_id": code} for code, asked, _ in FAQ]
    queries += [{"query": "放一首周华健的歌", "answer_id": None}, {"query": "明天飞上海的航班", "answer_id": None}]
    for name, lines in (("faq", rows), ("queries", queries)):
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (tmp_path / f"{name}.jsonl").write_text(f"{text}\n{{", encoding="utf-8")
    runner = CliRunner()
    taken = runner.invoke(app, ["knowledge", "import", str(tmp_path / "faq.jsonl"), "--json"])
    assert taken.exit_code == 0, taken.stderr
    assert json.loads(taken.stdout)["added"] == ["a-1", "a-2", "a-3", "a-4"]
    told = json.loads(runner.invoke(app, ["knowledge", "evaluate", str(tmp_path / "queries.jsonl"), "--json"]).stdout)
    assert (told["n"], told["in_scope"], told["out_of_scope"], told["unknown_answer_ids"]) == (6, 4, 2, 0)
    assert told["unusable_lines"] == 1
    assert (told["R@1"], told["R@3"], told["MRR"], told["out_of_scope_auc"]) == (1.0, 1.0, 1.0, 1.0)
    assert told["out_of_scope_answered"] == 0.0
    calibrated = runner.invoke(app, ["knowledge", "calibrate"])
    assert "直接回答 ≥" in calibrated.stderr
    by_own = runner.invoke(app, ["knowledge", "calibrate", "--queries", str(tmp_path / "queries.jsonl")])
    assert "其中6个是给的问题" in "".join(by_own.stderr.split()), by_own.stderr


def test_a_bad_file_is_told_in_one_line_and_as_json(tmp_path: Path, fresh: None) -> None:
    runner = CliRunner()
    refused = runner.invoke(app, ["knowledge", "import", str(tmp_path / "none.xlsx"), "--json"])
    assert refused.exit_code == 1
    assert "找不到文件" in json.loads(refused.stdout)["error"]
    assert "Traceback" not in refused.stderr
