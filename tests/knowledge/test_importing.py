"""Files of questions and answers as they are read: every kind of file; a bad row is refused alone, a bad file whole."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook
from sqlalchemy import event

from core.runtime import Runtime
from knowledge import articles
from knowledge.article import Article
from knowledge.files.columns import Columns, NoSuchField
from knowledge.files.documents import read_html
from knowledge.files.opening import FileRefused
from knowledge.importing import Departments, ImportReport, Options, import_file
from tests.knowledge.bases import SMALL, publish

BUREAUS = Departments({"hrss": "hrss", "市人力资源和社会保障局": "hrss", "人社局": "hrss"}, default="hotline")
TODAY = date(2026, 11, 16)
ROWS = [
    {"id": "a-1", "question": "居住证怎么办理？", "answer": "请带租房合同到派出所办理，十五日内领证。"},
    {"id": "a-2", "question": "新生儿怎么上户口？", "answer": "请带出生医学证明到派出所办理。"},
]


async def _import(runtime: Runtime, path: Path, **options: Any) -> ImportReport:
    chosen = Options(**{"columns": Columns(), "departments": BUREAUS, **options})
    async with runtime.database.write() as session:
        return await import_file(session, path, chosen, actor="system:import", now=runtime.clock.now())


async def _all(runtime: Runtime) -> dict[str, Article]:
    async with runtime.database.read() as session:
        return {article.code: article for article in await articles.stored_articles(session)}


def _jsonl(folder: Path, *rows: Any, name: str = "faq.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def _xlsx(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def _csv(path: Path, *rows: list[str], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _docx(path: Path) -> Path:
    document = Document()
    document.add_heading("户籍业务", 1)
    for row in ROWS:
        document.add_heading(row["question"], 2)
        document.add_paragraph(f"编号：{row['id']}")
        document.add_paragraph(row["answer"])
    document.save(str(path))
    return path


def _html(path: Path) -> Path:
    listed = "".join(f"<h3>{row['question']}</h3><p>编号：{row['id']}</p><p>{row['answer']}</p>" for row in ROWS)
    path.write_text(
        "<html><head><title>x</title><script>alert('社保卡')</script></head>"
        f"<body><nav>首页</nav><h1>常见问题</h1>{listed}<script>steal()</script></body></html>",
        encoding="utf-8",
    )
    return path


def _file(folder: Path, kind: str) -> Path:
    table = [["编号", "问题", "答案"], *([row["id"], row["question"], row["answer"]] for row in ROWS)]
    makers = {
        "jsonl": lambda: _jsonl(folder, *ROWS),
        "csv": lambda: _csv(folder / "faq.csv", *table),
        "gbk": lambda: _csv(folder / "faq.csv", *table, encoding="gbk"),
        "utf-16": lambda: _csv(folder / "faq.csv", *table, encoding="utf-16"),
        "xlsx": lambda: _xlsx(folder / "faq.xlsx", ["2026年常见问题汇总"], *table),
        "docx": lambda: _docx(folder / "faq.docx"),
        "html": lambda: _html(folder / "faq.html"),
    }
    return makers[kind]()


@pytest.mark.parametrize("kind", ["jsonl", "csv", "gbk", "utf-16", "xlsx", "docx", "html"])
async def test_every_kind_of_file_is_taken_over(runtime: Runtime, tmp_path: Path, kind: str) -> None:
    report = await _import(runtime, _file(tmp_path, kind))
    assert (report.added, report.refused) == (["a-1", "a-2"], [])
    stored = await _all(runtime)
    assert {code: (article.question, article.answer) for code, article in stored.items()} == {
        row["id"]: (row["question"], row["answer"]) for row in ROWS
    }
    assert {article.department for article in stored.values()} == {"hotline"}
    assert {article.valid_from for article in stored.values()} == {TODAY}
    assert {article.source for article in stored.values()} == {"faq"}


async def test_questions_and_answers_marked_as_such_are_read_from_a_document(runtime: Runtime, tmp_path: Path) -> None:
    document = Document()
    document.add_heading("医保", 1)
    for line in (
        "问：门诊怎么报销？",
        "答：请持社保卡直接结算。",
        "部门：人社局",
        "起付线以上部分报销。",
        "问：异地怎么备案？",
        "答：手机上办理。",
    ):
        document.add_paragraph(line)
    document.add_heading("附则", 1)
    document.add_paragraph("本材料由市医保局编印。")
    path = tmp_path / "qa.docx"
    document.save(str(path))
    await _import(runtime, path)
    told = sorted((article.question, article.answer, article.department) for article in (await _all(runtime)).values())
    assert told == [
        ("异地怎么备案？", "手机上办理。", "hotline"),
        ("门诊怎么报销？", "请持社保卡直接结算。\n起付线以上部分报销。", "hrss"),
    ]


async def test_a_table_in_a_page_is_read_by_its_column_names(runtime: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "table.htm"
    cells = "<tr><td>居住证怎么办？</td><td>到派出所办理。</td><td>2027年6月30日</td></tr>"
    path.write_text(f"<table><tr><th>问 题</th><th>答复</th><th>有效期至</th></tr>{cells}</table>", encoding="utf-8")
    await _import(runtime, path)
    (article,) = (await _all(runtime)).values()
    assert (article.question, article.answer, article.valid_to) == (
        "居住证怎么办？",
        "到派出所办理。",
        date(2027, 6, 30),
    )


async def test_cells_of_a_page_that_reach_over_lines_and_columns_keep_the_others_in_their_columns(
    runtime: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "table.html"
    path.write_text(
        "<table><thead><tr><th rowspan='9'>部门</th><th>问题</th><th>备注</th><th>答案</th><th>电话</th></tr></thead>"
        "<tbody><tr><td rowspan='3'>人社局</td><td>一？</td><td colspan='1'>x</td><td>好。</td><td>1</td></tr>"
        "<tr><td>二？</td><td></td><td rowspan='2'>行。</td><td>2</td></tr>"
        "<tr><td colspan='2'>三？</td><td>3</td></tr>"
        "<tr><td>教育局</td><td colspan='2'>四？</td><td>可以。</td><td rowspan='x'>4</td></tr></tbody></table>",
        encoding="utf-8",
    )
    report = await _import(runtime, path)
    assert report.refused == []
    told = {a.question: (a.department, a.answer, a.phone) for a in (await _all(runtime)).values()}
    assert told == {
        "一？": ("hrss", "好。", "1"),
        "二？": ("hrss", "行。", "2"),
        "三？": ("hrss", "行。", "3"),
        "四？": ("教育局", "可以。", "4"),
    }


def test_a_cell_of_a_page_that_reaches_over_lines_and_columns_at_once_holds_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "table.html"
    path.write_text(
        "<table><tr><th>编号</th><th>备注</th><th>问题</th><th>答案</th></tr>"
        "<tr><td rowspan='2' colspan='2'>甲</td><td>一？</td><td>好。</td></tr>"
        "<tr><td>二？</td><td>行。</td></tr></table>",
        encoding="utf-8",
    )
    rows, _ = read_html(path, Columns())
    assert [(row.values["问题"], row.values["答案"]) for row in rows] == [("一？", "好。"), ("二？", "行。")]


async def test_a_title_above_the_names_of_columns_does_not_hide_what_parts_the_cells(
    runtime: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("常见问题，市热线办汇总，2026年\n编号\t问题\t答案\na-1\t先带什么，后带什么？\t都带。\n", "utf-8")
    assert (await _import(runtime, path)).added == ["a-1"]


async def test_a_title_in_brackets_makes_no_json_of_a_text(runtime: Runtime, tmp_path: Path) -> None:
    file = tmp_path / "faq.txt"
    file.write_text("[常见问题]\nid,question,answer\na-1,社保卡丢了怎么办？,带身份证到社保局补办。\n", encoding="utf-8")
    assert (await _import(runtime, file)).added == ["a-1"]


async def test_json_in_a_file_called_txt_is_read_as_json(runtime: Runtime, tmp_path: Path) -> None:
    assert (await _import(runtime, _jsonl(tmp_path, *ROWS, name="faq.txt"))).added == ["a-1", "a-2"]


async def test_all_parts_of_an_article_are_read_by_their_chinese_names(runtime: Runtime, tmp_path: Path) -> None:
    names = [
        "编号",
        "标准问题",
        "相似问法",
        "标准答案",
        "责任部门",
        "政策依据",
        "关键词",
        "所需材料",
        "收费标准",
        "办理时限",
        "办理地点",
    ]
    values = [
        "k-1",
        "居住证怎么办？",
        "居住证咋弄；办居住证",
        "到派出所办。",
        "人社局",
        "《居住证条例》",
        "居住证、办理",
        "身份证\n租房合同",
        "免费",
        "15日",
        "派出所",
    ]
    more = {
        "办公时间": "9:00-17:00",
        "咨询电话": 12345,
        "网址": "https://example.cn/x",
        "生效日期": datetime(2026, 1, 1),
        "失效日期": "2027/1/31",
    }
    report = await _import(runtime, _xlsx(tmp_path / "x.xlsx", [*names, *more], [*values, *more.values()]))
    assert report.refused == []
    assert (await _all(runtime))["k-1"] == Article(
        code="k-1",
        question="居住证怎么办？",
        variants=("居住证咋弄", "办居住证"),
        answer="到派出所办。",
        department="hrss",
        source="《居住证条例》",
        keywords=("居住证", "办理"),
        materials=("身份证", "租房合同"),
        fee="免费",
        duration="15日",
        place="派出所",
        office_hours="9:00-17:00",
        phone="12345",
        link="https://example.cn/x",
        valid_from=date(2026, 1, 1),
        valid_to=date(2027, 1, 31),
        version=1,
    )


async def test_columns_of_other_names_are_taken_as_they_are_mapped(runtime: Runtime, tmp_path: Path) -> None:
    path = _jsonl(tmp_path, {"nr": 7, "was": "怎么办？", "wie": "这样办。", "question": "别的"})
    report = await _import(
        runtime, path, columns=Columns({"nr": "id", "was": "question", "wie": "answer", "question": "-"})
    )
    article = (await _all(runtime))["7"]
    assert (article.question, article.answer, report.refused) == ("怎么办？", "这样办。", [])
    with pytest.raises(NoSuchField, match="没有“colour”这个项目"):
        Columns({"nr": "colour"})


async def test_columns_nobody_knows_are_named(runtime: Runtime, tmp_path: Path) -> None:
    report = await _import(runtime, _jsonl(tmp_path, {**ROWS[0], "天气": "晴"}))
    assert "没有导入的列：天气（可用 --map 列名=项目 指定）" in report.notices


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answer": ""}, "答案为空"),
        ({"answer": None}, "答案为空"),
        ({"answer": "<p> </p>"}, "答案为空"),
        ({"answer": ["一", "二"]}, "答案：应为文字"),
        ({"answer": "点<script>alert(1)</script>这里"}, "答案：含有脚本代码，不导入"),
        ({"answer": '<img src="x" onerror="go()">'}, "答案：含有脚本代码，不导入"),
        ({"question": "[x](javascript:go())"}, "问题：含有脚本代码，不导入"),
        ({"question": "问" * 501}, "问题：超过 500 字"),
        ({"id": "x" * 41}, "编号：超过 40 字"),
        ({"link": "ftp://example.cn"}, "链接：应为 http:// 或 https:// 开头的网址"),
        ({"valid_to": "2026-11-15"}, "已经过期：失效日期 2026-11-15"),
        ({"valid_from": "2027-02-01", "valid_to": "2027-01-01"}, "失效日期早于生效日期"),
        ({"valid_to": "明年"}, "失效日期：“明年”不是日期，应为 年-月-日"),
        ({"valid_to": "2026-02-30"}, "失效日期：“2026-02-30”不是日期，应为 年-月-日"),
        ({"id": "a-1"}, "编号与第 1 行重复"),
        ({"variants": [f"问法{n}" for n in range(201)]}, "相似问法：超过 200 项"),
        ({"answer": "答" * 20_001}, "答案：超过 20000 字"),
        ({"ends_at": "明天"}, "临时通知结束时间：应写成“2026-11-26 18:30”这样"),
        ({"ends_at": "2026-11-16 00:01"}, "已经过期：临时通知结束时间 2026-11-16 00:01"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else next(iter(value)),
)
async def test_a_bad_row_is_refused_with_its_reason_and_the_others_are_taken(
    runtime: Runtime, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    bad = {"id": "bad", "question": "这样行吗？", "answer": "行。", **change}
    report = await _import(runtime, _jsonl(tmp_path, ROWS[0], bad, ROWS[1]))
    assert report.added == ["a-1", "a-2"]
    assert [(row.place, row.reason) for row in report.refused] == [("第 2 行", reason)]
    assert set(await _all(runtime)) == {"a-1", "a-2"}


async def test_cells_merged_downwards_hold_for_every_line_and_a_wrong_size_cuts_nothing(
    runtime: Runtime, tmp_path: Path
) -> None:
    whole, path = tmp_path / "whole.xlsx", tmp_path / "x.xlsx"
    book = Workbook()
    for row in (["部门", "问题", "答案"], ["人社局", "一？", "好。"], [None, "二？", "行。"], [None, None, None]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.append(["教育局", "三？", "可以。"])
    book.save(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.namelist():
            target.writestr(member, source.read(member).replace(b'ref="A1:C5"', b'ref="A1"'))
    report = await _import(runtime, path)
    assert report.refused == []
    told = {article.question: article.department for article in (await _all(runtime)).values()}
    assert told == {"一？": "hrss", "二？": "hrss", "三？": "教育局"}


async def test_other_ends_of_lines_within_a_text_end_no_row(runtime: Runtime, tmp_path: Path) -> None:
    report = await _import(runtime, _jsonl(tmp_path, {"id": "a", "question": "一？", "answer": "甲\u2028乙\x85丙"}))
    assert (report.added, report.refused) == (["a"], [])


async def test_formulas_are_refused_and_never_computed(runtime: Runtime, tmp_path: Path) -> None:
    rows = [
        ["编号", "问题", "答案"],
        ["1", "一？", "=1+1"],
        ["2", '=HYPERLINK("http://x")', "二"],
        ["3", "三？", "好的"],
    ]
    for path in (
        _xlsx(tmp_path / "f.xlsx", *rows),
        _csv(tmp_path / "f.csv", *rows, ["4", "四？", "+cmd|' /C calc'!A0"]),
    ):
        report = await _import(runtime, path)
        assert [article.question for article in (await _all(runtime)).values()] == ["三？"]
        assert {row.reason for row in report.refused} == {"答案：含有公式，不导入", "问题：含有公式，不导入"}


async def test_a_line_that_is_no_json_is_refused_alone(runtime: Runtime, tmp_path: Path) -> None:
    path = _jsonl(tmp_path, ROWS[0])
    path.write_text(path.read_text("utf-8") + '\n{"id": "x",\n[1, 2]\n' + "[" * 50_000, encoding="utf-8")
    report = await _import(runtime, path)
    assert report.added == ["a-1"]
    assert [(row.place, row.reason) for row in report.refused] == [(f"第 {n} 行", "不是 JSON 对象") for n in (2, 3, 4)]


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 100_000_000)
    return path


def _with_macro(path: Path) -> Path:
    _xlsx(path, ["问题", "答案"], ["一？", "一"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return path


def _big(path: Path) -> Path:
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    return path


def _cut(path: Path) -> Path:
    return _bytes(path, _xlsx(path, ["问题", "答案"]).read_bytes()[:-200])


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


BAD_FILES = {
    "missing": (lambda folder: folder / "nothing.csv", "找不到文件"),
    "empty": (lambda folder: _bytes(folder / "a.csv", b""), "文件是空的"),
    "50 MB": (lambda folder: _big(folder / "a.jsonl"), "文件有 50 MB，超过 32 MB 的上限"),
    "no xlsx": (lambda folder: _bytes(folder / "a.xlsx", b"not a zip"), "文件已损坏，或者不是 xlsx"),
    "cut xlsx": (lambda folder: _cut(folder / "a.xlsx"), "文件已损坏"),
    "other zip": (lambda folder: _zip(folder / "a.xlsx"), "表格文件已损坏"),
    "other zip as docx": (lambda folder: _zip(folder / "a.docx"), "Word 文件已损坏"),
    "macro": (lambda folder: _with_macro(folder / "a.xlsx"), "文件带有宏"),
    "xlsm": (lambda folder: _with_macro(folder / "a.xlsm"), "不导入可能带宏的 .xlsm 文件"),
    "xls": (lambda folder: _bytes(folder / "a.xls", b"\xd0\xcf\x11\xe0"), "不支持 .xls 格式，请另存为 .xlsx"),
    "bomb": (lambda folder: _bomb(folder / "a.xlsx"), "压缩炸弹"),
    "bomb as docx": (lambda folder: _bomb(folder / "a.docx"), "压缩炸弹"),
    "entities": (lambda folder: _entities(folder / "a.xlsx"), "不安全的内容"),
    "unknown": (lambda folder: _bytes(folder / "a.pdf", b"%PDF"), "不支持“.pdf”格式"),
    "no text": (lambda folder: _bytes(folder / "a.csv", b"\x00\x01\x02"), "这不是文本文件"),
    "odd encoding": (lambda folder: _bytes(folder / "a.csv", "問,答\nどう".encode("euc-jp")), "无法识别文件的编码"),
    "no columns": (lambda folder: _csv(folder / "a.csv", ["甲", "乙"], ["一", "二"]), "没有认出列名"),
    "broken quotes": (lambda folder: _bytes(folder / "a.csv", '问题,答案\n"一,二'.encode()), "CSV 文件无法解析"),
    "no questions": (lambda folder: _bytes(folder / "a.html", "<p>今天放假。</p>".encode()), "没有找到问答"),
    "no list": (lambda folder: _bytes(folder / "a.json", b"[{]"), "JSON 文件无法解析"),
}  # fmt: skip


def _zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    return path


def _entities(path: Path) -> Path:
    """A workbook whose words are entities within entities."""
    whole = _xlsx(path.with_name("whole.xlsx"), ["问题", "答案"], ["一？", "一"])
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    bomb = f'<?xml version="1.0"?>{entities}<worksheet>&b;</worksheet>'
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.namelist():
            target.writestr(member, bomb if "sheet1" in member else source.read(member))
    return path


@pytest.mark.parametrize("kind", BAD_FILES)
async def test_a_bad_file_is_refused_whole_and_the_base_stays_as_it_was(
    runtime: Runtime, tmp_path: Path, kind: str
) -> None:
    await publish(runtime, SMALL)
    before = await _all(runtime)
    make, reason = BAD_FILES[kind]
    with pytest.raises(FileRefused, match=reason):
        await _import(runtime, make(tmp_path))
    assert await _all(runtime) == before


@pytest.mark.parametrize("as_drafts", [False, True])
async def test_many_rows_take_no_more_trips_to_the_database_than_few(
    runtime: Runtime, tmp_path: Path, as_drafts: bool
) -> None:
    trips: list[str] = []
    event.listen(runtime.database.engine.sync_engine, "before_cursor_execute", lambda *told: trips.append(told[2]))
    taken = []
    for count in (2, 200):
        trips.clear()
        rows = [
            {"id": f"{count}-{at}", "question": f"{count}之{at}怎么办？", "answer": "到窗口。"} for at in range(count)
        ]
        report = await _import(runtime, _jsonl(tmp_path, *rows, name=f"{count}.jsonl"), as_drafts=as_drafts)
        assert len(report.added) == count
        taken.append(len(trips))
    assert taken[0] == taken[1]
