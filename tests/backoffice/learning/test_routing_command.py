"""``huiyin routing train`` and ``evaluate``: files as cities have them, good and bad (D1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from backoffice.learning.rows import UnusableFile, read_labelled
from huiyin.cli.main import app
from tests.backoffice.learning.matters import UNSEEN, labelled

RUNNER = CliRunner()


def rows(pairs: list[tuple[str, str]]) -> str:
    return "\n".join(json.dumps({"said": text, "place": "", "unit": unit}, ensure_ascii=False) for text, unit in pairs)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.jsonl"
    path.write_text(rows(list(zip(*labelled(), strict=True))), "utf-8")
    return path


def train(orders: Path, *more: str, text: str = "said", label: str = "unit") -> Result:
    out = orders.with_name("routing.model")
    return RUNNER.invoke(
        app, ["routing", "train", str(orders), "--text", text, "--label", label, "--out", str(out), *more]
    )


def evaluate(orders: Path, model: Path) -> Result:
    given = ["routing", "evaluate", str(orders), "--model", str(model), "--text", "said", "--label", "unit", "--json"]
    return RUNNER.invoke(app, given)


def test_a_city_learns_from_its_orders_and_measures_on_others(orders: Path) -> None:
    trained = train(orders)
    assert trained.exit_code == 0, trained.stderr
    assert "学到 4 个标签" in trained.stderr
    held_out = orders.with_name("held-out.jsonl")
    held_out.write_text(rows(list(UNSEEN)), "utf-8")
    measured = evaluate(held_out, orders.with_name("routing.model"))
    figures = json.loads(measured.stdout)
    assert (figures["n"], figures["top1"], figures["top3"], figures["macro_f1"]) == (6, 1.0, 1.0, 1.0)
    assert figures["precision"] == 0.95
    assert figures["share_at_precision"] == 1.0


def test_rows_that_cannot_be_used_are_told_and_left_out(orders: Path) -> None:
    good = orders.read_text("utf-8")
    bad = ['{"said": "半行', '["一", "二"]', '{"said": "没有部门"}', '{"said": "", "unit": "城管局"}', '{"said": []}']
    orders.write_text("\n".join([*bad, "", good]), "utf-8")
    trained = train(orders)
    assert trained.exit_code == 0, trained.stderr
    said = trained.stderr.replace("\n", "")
    assert "有 5 行不能用" in said
    assert "第 1 行：不是完整的 JSON；第 2 行：不是一个 JSON 对象；第 3 行：没有字段“unit”" in said


def test_several_fields_are_put_together(orders: Path) -> None:
    assert train(orders, text="said,place").exit_code == 0
    missing = train(orders, text="said,street")
    assert missing.exit_code == 1
    assert "没有字段“street”" in missing.stderr


def test_tables_other_encodings_and_codes_of_figures_are_read_alike(orders: Path) -> None:
    pairs = [(text, 301 + sorted(set(labelled()[1])).index(unit)) for text, unit in zip(*labelled(), strict=True)]
    wanted = [(text, str(code)) for text, code in pairs]

    def read(path: Path) -> list[tuple[str, str]]:
        found = read_labelled(path, "said", "unit")
        assert found.refused == ()
        return list(zip(found.texts, found.labels, strict=True))

    lines = "\n".join(json.dumps({"said": text, "unit": code}, ensure_ascii=False) for text, code in pairs)
    orders.write_bytes(lines.encode("gbk"))
    assert read(orders) == wanted
    table = orders.with_suffix(".csv")
    table.write_bytes(
        "\r\n".join(["说明：导出的工单", "unit,said", *(f'{c},"{t}"' for t, c in pairs)]).encode("gb18030")
    )
    assert read(table) == wanted
    book = Workbook()
    for row in [("unit", "said"), *((float(code), text) for text, code in pairs)]:
        book.worksheets[0].append(row)
    book.save(table.with_suffix(".xlsx"))
    assert read(table.with_suffix(".xlsx")) == wanted
    with pytest.raises(UnusableFile, match="同时写着“said、code”"):
        read_labelled(table, "said", "code")


def test_json_called_txt_and_tables_under_a_title_are_read(tmp_path: Path) -> None:
    path = tmp_path / "orders.txt"
    path.write_text("\n" + rows([("停水了", "水务集团")]), "utf-8")
    assert read_labelled(path, "said", "unit").labels == ("水务集团",)
    for mark in "\t;,":
        path.write_text(f"说明，导出的工单，2026年\nunit{mark}said\n水务集团{mark}停水了，还，没，来\n", "utf-8")
        found = read_labelled(path, "said", "unit")
        assert (found.texts, found.labels) == (("停水了，还，没，来",), ("水务集团",))


def test_a_workbook_is_closed_whatever_stands_in_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    book = Workbook()
    for _ in range(20):
        book.active.append(("unit", "said"))
    book.save(path)
    with pytest.raises(UnusableFile, match="没有认出列名") as refused:
        read_labelled(path, "said", "code")
    held = [link for link in Path("/proc/self/fd").iterdir() if link.exists() and link.samefile(path)]
    assert refused.value.__traceback__ is not None  # what holds the frames it was read in
    assert held == []


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(b""), "文件是空的"),
        (lambda path: path.write_bytes(b"\n \n"), "文件是空的"),
        (lambda path: path.write_bytes(b"\x00\x01"), "这不是文本文件"),
        (lambda path: path.write_bytes(b"\xff\x81\x40"), "无法识别文件的编码"),
        (lambda path: path.unlink(), "没有找到文件"),
        (lambda path: (path.unlink(), path.mkdir()), "读不了文件"),
        (lambda path: path.write_text(rows([("停水了", "水务集团")] * 80), "utf-8"), "至少要有两种不同的标签"),
        (lambda path: path.write_text(rows(list(UNSEEN)), "utf-8"), "至少要有 50 条"),
        (lambda path: path.write_text("随便写的\n" * 9, "utf-8"), "有 9 行不能用"),
        (lambda path: path.write_text("[" * 100_000, "utf-8"), "不是完整的 JSON"),
    ],
)
def test_a_file_that_cannot_be_learnt_from_leaves_the_old_model_as_it_is(
    orders: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    model = orders.with_name("routing.model")
    model.write_bytes(b"the old one")
    spoil(orders)
    refused = train(orders)
    assert refused.exit_code == 1
    assert reason in refused.stderr.replace("\n", "")
    assert model.read_bytes() == b"the old one"


def test_a_model_that_is_none_is_refused(orders: Path) -> None:
    model = orders.with_name("other.model")
    model.write_bytes(b"something else")
    refused = evaluate(orders, model)
    assert refused.exit_code == 1
    assert "模型文件已损坏" in refused.stderr
    assert refused.stdout == ""
