"""Columns of a file as they are meant: row numbers are no ids, of two columns of one meaning none is lost unsaid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from core.runtime import Runtime
from knowledge.files.columns import Columns
from knowledge.layout import counts
from tests.knowledge.test_importing import _all, _csv, _docx, _import, _jsonl, _xlsx

ANSWERS = ["请到派出所办理。", "请带出生证明。", "请到窗口退卡。"]


async def test_a_second_workbook_that_counts_its_rows_overwrites_nothing(runtime: Runtime, tmp_path: Path) -> None:
    for name, heading, asked in (
        ("户籍", "编号", ["居住证怎么办？", "新生儿怎么上户口？"]),
        ("公交", "序号", ["公交卡怎么退？", "末班车几点？"]),
    ):
        rows = [[number, question, ANSWERS[number]] for number, question in enumerate(asked, 1)]
        report = await _import(runtime, _xlsx(tmp_path / f"{name}.xlsx", [heading, "问题", "答案"], *rows))
        assert report.refused == []
        assert any(f"“{heading}”只是行号" in notice for notice in report.notices)
    stored = await _all(runtime)
    assert len(stored) == 4
    assert all(code.startswith("q-") for code in stored)


async def test_sheets_that_count_anew_are_all_taken(runtime: Runtime, tmp_path: Path) -> None:
    book, path = Workbook(), tmp_path / "x.xlsx"
    for sheet, asked in ((book.active, ["甲怎么办？", "乙怎么办？"]), (book.create_sheet("二"), ["丙怎么办？"])):
        sheet.append(["编号", "问题", "答案"])
        for number, question in enumerate(asked, 1):
            sheet.append([number, question, "到窗口。"])
    book.save(path)
    report = await _import(runtime, path)
    assert (len(report.added), report.refused) == (3, [])


@pytest.mark.parametrize("ids", [[1, 2], ["1", "2"], ["0837-1", "0837-2"]], ids=["int", "text", "codes"])
async def test_what_is_called_id_stays_the_id(runtime: Runtime, tmp_path: Path, ids: list[Any]) -> None:
    rows = [{"id": code, "question": f"第{code}件事怎么办？", "answer": "到窗口。"} for code in ids]
    assert (await _import(runtime, _jsonl(tmp_path, *rows))).added == [str(code) for code in ids]


async def test_real_codes_under_a_doubtful_name_stay_ids_and_a_mapped_number_is_one(
    runtime: Runtime, tmp_path: Path
) -> None:
    rows = [["20260117", "居住证怎么办？", "派出所。"], ["20260233", "公交卡怎么退？", "退卡点。"]]
    report = await _import(runtime, _csv(tmp_path / "a.csv", ["编号", "问题", "答案"], *rows))
    assert report.added == ["20260117", "20260233"]
    await _import(runtime, _docx(tmp_path / "a.docx"))
    assert {"a-1", "a-2"} <= set(await _all(runtime))
    path = _csv(tmp_path / "b.csv", ["序号", "问题", "答案"], ["1", "犬证怎么办？", "到窗口。"])
    assert (await _import(runtime, path, columns=Columns({"序号": "id"}))).added == ["1"]


async def test_a_code_that_stands_for_another_question_is_refused_unless_it_is_wished(
    runtime: Runtime, tmp_path: Path
) -> None:
    await _import(runtime, _jsonl(tmp_path, {"id": 1, "question": "居住证怎么办理？", "answer": "到派出所。"}))
    better = {"id": 1, "question": "怎样办理居住证？", "answer": "带租房合同到派出所。"}
    assert (await _import(runtime, _jsonl(tmp_path, better))).changed == ["1"]
    other = _jsonl(tmp_path, {"id": 1, "question": "公交车末班几点？", "answer": "二十二点。"})
    report = await _import(runtime, other)
    assert [row.reason for row in report.refused] == ["编号已有另一个问题“怎样办理居住证？”，没有覆盖"]
    assert "加 --replace" in report.notices[0]
    assert (await _import(runtime, other, replace=True)).changed == ["1"]


TWICE: list[tuple[dict[str, str], tuple[str, str, tuple[str, ...]], str]] = [
    ({"标题": "居住证", "问题": "怎么办？", "答案": "好。"}, ("怎么办？", "好。", ("居住证",)), "“标题”作为相似问法"),
    (
        {"事项名称": "犬证", "问题": "怎么办？", "答案": "好。"},
        ("怎么办？", "好。", ("犬证",)),
        "“事项名称”作为相似问法",
    ),
    (
        {"内容": "经过。", "问题": "怎么办？", "答案": "好。"},
        ("怎么办？", "好。", ()),
        "“内容”没有导入：答案用了“答案”",
    ),
    ({"title": "t", "question": "q?", "text": "x", "answer": "a"}, ("q?", "a", ("t",)), "“text”没有导入"),
    ({"标题": "怎么办？", "答复": "好。"}, ("怎么办？", "好。", ()), ""),
    ({"标题": "怎么办？", "问题": "", "答复": "好。"}, ("怎么办？", "好。", ()), ""),
    ({"相似问法": "甲", "扩展问": "乙", "问题": "怎么办？", "答案": "好。"}, ("怎么办？", "好。", ("甲", "乙")), ""),
]


@pytest.mark.parametrize(("row", "stored", "told"), TWICE, ids=["+".join(row) for row, *_ in TWICE])
async def test_of_two_columns_of_one_meaning_the_better_name_is_taken_and_the_other_told(
    runtime: Runtime, tmp_path: Path, row: dict[str, str], stored: tuple[str, str, tuple[str, ...]], told: str
) -> None:
    report = await _import(runtime, _jsonl(tmp_path, row))
    (article,) = (await _all(runtime)).values()
    assert (article.question, article.answer, article.variants) == stored
    assert any(told in notice for notice in report.notices) if told else report.notices == []


async def test_the_name_of_a_chapter_is_no_phrasing_and_a_mapped_column_goes_first(
    runtime: Runtime, tmp_path: Path
) -> None:
    rows = [{"标题": "户籍", "问题": f"{what}怎么办？", "答案": f"{what}到窗口。", "内容": what} for what in "甲乙丙"]
    report = await _import(runtime, _jsonl(tmp_path, *rows), columns=Columns({"内容": "answer"}))
    stored = list((await _all(runtime)).values())
    assert {article.variants for article in stored} == {()}
    assert {article.answer for article in stored} == set("甲乙丙")
    assert "“标题”没有导入：问题用了“问题”（可用 --map 标题=项目 指定）" in report.notices


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], True),
        (["1", "2", "4", *map(str, range(5, 20))], True),
        ([1.0, 2.0], True),
        ([1, 2, 1, 2, 3], True),
        ([101, 102], False),
        ([1, 7, 30, 12], False),
        (["A1", "A2"], False),
        ([], False),
    ],
)
def test_running_numbers_are_told_from_codes(values: list[Any], expected: bool) -> None:
    assert counts(values) is expected
