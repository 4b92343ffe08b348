"""What becomes of files of questions and answers: taken over whole or not at all, once, and given back unchanged."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from core import history
from core.clock import CHINA
from core.runtime import Runtime
from knowledge import articles, life_cycle
from knowledge.article import Article
from knowledge.checking import LIMITS, LIST_LIMITS
from knowledge.drafts import digest_of, find_draft, versions_of
from knowledge.exporting import NoSuchFormat, export_file
from knowledge.files.columns import Columns
from knowledge.importing import Departments, Options, import_file
from knowledge.moves import Editor, State
from tests.knowledge.bases import LOST_CARD, SMALL, publish
from tests.knowledge.test_importing import BUREAUS, ROWS, TODAY, _all, _import, _jsonl


async def test_a_failure_while_writing_leaves_the_base_as_it_was(any_runtime: Runtime, tmp_path: Path) -> None:
    await publish(any_runtime, SMALL)
    before = await _all(any_runtime)

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("INSERT INTO HISTORY"):
            raise RuntimeError("disk full")

    engine = any_runtime.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError, match="disk full"):
            await _import(any_runtime, _jsonl(tmp_path, *ROWS, {"id": "card", "answer": "改了。"}))
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert await _all(any_runtime) == before


async def test_a_second_import_changes_nothing_and_a_changed_row_only_what_it_tells(
    any_runtime: Runtime, tmp_path: Path
) -> None:
    await publish(any_runtime, SMALL)
    await _import(any_runtime, _jsonl(tmp_path, *ROWS))
    again = await _import(any_runtime, _jsonl(tmp_path, *ROWS))
    assert (again.added, again.changed, again.unchanged) == ([], [], ["a-1", "a-2"])
    report = await _import(any_runtime, _jsonl(tmp_path, {"id": "card", "answer": "请打12333。"}))
    assert report.changed == ["card"]
    card = (await _all(any_runtime))["card"]
    assert (card.question, card.answer, card.materials, card.version) == (
        LOST_CARD.question,
        "请打12333。",
        LOST_CARD.materials,
        2,
    )
    async with any_runtime.database.read() as session:
        assert [entry.action for entry in await history.of(session, "article", "card")] == ["publish", "publish"]
        assert await history.verify(session, "article") is None


async def test_an_import_moves_the_counter_by_which_a_running_service_notices(runtime: Runtime, tmp_path: Path) -> None:
    async with runtime.database.read() as session:
        before = await articles.changes_so_far(session)
    await _import(runtime, _jsonl(tmp_path, *ROWS))
    async with runtime.database.read() as session:
        assert await articles.changes_so_far(session) == before + 2


async def test_a_dry_run_tells_the_same_and_writes_nothing(runtime: Runtime, tmp_path: Path) -> None:
    path = _jsonl(tmp_path, *ROWS, {"id": "a-3", "question": "空？", "answer": ""})
    tried = await _import(runtime, path, dry_run=True)
    assert await _all(runtime) == {}
    assert tried == await _import(runtime, path)


async def test_rows_without_id_or_question_get_them_and_keep_them(runtime: Runtime, tmp_path: Path) -> None:
    rows = [
        {"question": "一楼有厕所吗？", "answer": "有。"},
        {"answer": "周末照常开放。请走东门。"},
        {"question": "一楼有厕所吗？", "answer": "没有。"},
    ]
    report = await _import(runtime, _jsonl(tmp_path, *rows))
    assert [row.reason for row in report.refused] == ["问题与第 1 行重复"]
    assert "1 行没有问题，用答案的第一句作标题，请补写。" in report.notices
    assert sorted(article.question for article in (await _all(runtime)).values()) == ["一楼有厕所吗？", "周末照常开放"]
    again = await _import(runtime, _jsonl(tmp_path, *rows))
    assert sorted(again.unchanged) == sorted(report.added)


async def test_a_row_without_a_code_is_the_article_that_asks_the_same(runtime: Runtime, tmp_path: Path) -> None:
    await _import(runtime, _jsonl(tmp_path, *ROWS))
    report = await _import(runtime, _jsonl(tmp_path, {"问题": "居住证怎么办理", "答案": "到社区办理。"}))
    assert (report.added, report.changed, report.refused) == ([], ["a-1"], [])
    assert {code: article.answer for code, article in (await _all(runtime)).items()} == {
        "a-1": "到社区办理。",
        "a-2": ROWS[1]["answer"],
    }


async def test_a_question_that_is_there_under_another_code_is_not_added_again(runtime: Runtime, tmp_path: Path) -> None:
    first = {**ROWS[0], "valid_to": "2027-06-30"}
    await _import(runtime, _jsonl(tmp_path, first))
    again = {**ROWS[0], "id": "b-1", "answer": "到社区办理。"}
    report = await _import(runtime, _jsonl(tmp_path, again))
    assert [(row.code, row.reason) for row in report.refused] == [
        ("b-1", "知识库里已有这个问题，编号是 a-1，没有重复添加")
    ]
    assert "请写它的编号" in report.notices[0]
    later = {**again, "valid_from": "2027-07-01"}  # what comes after it
    notice = {**again, "id": "b-2", "ends_at": "2026-11-20 18:00"}  # what holds for a few days beside it
    twice = {**again, "id": "b-3", "question": "居住证 怎么办理", "valid_from": "2027-07-01"}
    report = await _import(runtime, _jsonl(tmp_path, later, notice, twice))
    assert (report.added, [row.reason for row in report.refused]) == (["b-1", "b-2"], ["问题与第 1 行重复"])


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("hrss", "hrss"),
        ("人社局", "hrss"),
        ("市人力资源和社会保障局", "hrss"),
        ("水务集团", "水务集团"),
        (None, "hotline"),
    ],
)
async def test_a_department_is_known_by_code_and_by_name(
    runtime: Runtime, tmp_path: Path, written: str | None, stored: str
) -> None:
    report = await _import(runtime, _jsonl(tmp_path, {**ROWS[0], "dept": written}))
    assert (await _all(runtime))["a-1"].department == stored
    assert any("不在本市部门表里" in notice for notice in report.notices) == (written == "水务集团")


async def test_departments_nobody_knows_are_refused_where_that_is_asked(runtime: Runtime, tmp_path: Path) -> None:
    strict = Departments(BUREAUS.by_name, BUREAUS.default, strict=True)
    report = await _import(
        runtime, _jsonl(tmp_path, {**ROWS[0], "部门": "水务集团"}, {**ROWS[1], "部门": "人社局"}), departments=strict
    )
    assert [row.reason for row in report.refused] == ["没有这个部门：水务集团"]
    assert report.added == ["a-2"]


async def test_imported_for_review_it_answers_nobody_until_somebody_else_has_approved_it(
    any_runtime: Runtime, tmp_path: Path
) -> None:
    await publish(any_runtime, SMALL)
    path = _jsonl(tmp_path, *ROWS, {"id": "card", "answer": "改了。"})
    report = await _import(any_runtime, path, as_drafts=True)
    assert (report.added, report.changed, report.refused) == (["a-1", "a-2"], ["card"], [])
    async with any_runtime.database.read() as session:
        assert {article.code for article in await articles.published(session)} == {article.code for article in SMALL}
        draft = await find_draft(session, "card")
    assert draft is not None
    assert (draft.state, draft.authors, draft.article().answer) == (State.REVIEW, ["system:import"], "改了。")
    reviewer = Editor("staff:1", None, writes=True, reviews=True)
    async with any_runtime.database.write() as session:
        now = any_runtime.clock.now()
        await life_cycle.approve(session, "card", reviewer, edition=draft.edition, base=1, now=now)
    async with any_runtime.database.read() as session:
        assert "改了。" in {article.answer for article in await articles.published(session)}


async def test_what_an_import_takes_can_be_approved(runtime: Runtime, tmp_path: Path) -> None:
    most = {part: "长" * limit for part, limit in LIMITS.items() if part not in {"phone", "link"}}
    lists = {part: [f"{n:03}" + "长" * (limit - 3) for n in range(most)] for part, (most, limit) in LIST_LIMITS.items()}
    row = {"id": "a-9", **most, **lists, "link": "http://www.example.cn/办事"}
    report = await _import(runtime, _jsonl(tmp_path, row), as_drafts=True)
    assert (report.added, report.refused) == (["a-9"], [])
    reviewer = Editor("staff:1", None, writes=True, reviews=True)
    async with runtime.database.write() as session:
        stored = await life_cycle.approve(session, "a-9", reviewer, edition=1, base=0, now=runtime.clock.now())
    assert len(stored.answer) == LIMITS["answer"]


async def test_what_somebody_is_writing_on_is_not_overwritten_by_an_import(runtime: Runtime, tmp_path: Path) -> None:
    await _import(runtime, _jsonl(tmp_path, *ROWS), as_drafts=True)
    again = await _import(runtime, _jsonl(tmp_path, *ROWS), as_drafts=True)
    assert (again.unchanged, again.refused) == (["a-1", "a-2"], [])
    other = await _import(runtime, _jsonl(tmp_path, {**ROWS[0], "answer": "另一个答案。"}), as_drafts=True)
    assert [row.reason for row in other.refused] == ["这一条有人正在修改，等那份稿子处理完再导入"]


async def test_what_is_imported_is_kept_version_by_version(any_runtime: Runtime, tmp_path: Path) -> None:
    await _import(any_runtime, _jsonl(tmp_path, *ROWS))
    await _import(any_runtime, _jsonl(tmp_path, {**ROWS[0], "answer": "新的答案。"}))
    async with any_runtime.database.read() as session:
        versions = await versions_of(session, "a-1")
        entries = await history.of(session, "article", "a-1")
        assert await history.verify(session, "article") is None
    assert [version.article().answer for version in versions][-1] == "新的答案。"
    assert [entry.data["digest"] for entry in entries] == [digest_of(version.content) for version in versions]


async def test_hostile_characters_are_taken_out(any_runtime: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(
        '{"id": "a\\u0000-9", "question": "能\\u0000办吗\\ud83d？", "answer": "<b>能</b><br>请来\\u001b[31m"}',
        encoding="utf-8",
    )
    await _import(any_runtime, path)
    article = (await _all(any_runtime))["a-9"]
    assert (article.question, article.answer) == ("能办吗？", "能\n请来[31m")


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx"])
async def test_what_is_exported_comes_back_unchanged(runtime: Runtime, tmp_path: Path, suffix: str) -> None:
    odd = Article(
        "=odd",
        "=1+1 是多少？",
        "-减号开头\n第二行，带“引号”和,逗号",
        "hrss",
        "《x》",
        TODAY,
        date(2027, 1, 1),
        ("+一", "@二"),
    )
    notice = replace(odd, code="1", question="今天为什么停水？", ends_at=datetime(2027, 1, 1, 18, 30, tzinfo=CHINA))
    await publish(runtime, [*SMALL, odd, notice])
    path = tmp_path / f"out{suffix}"
    path.write_text("an older file", encoding="utf-8")
    export_file(path, list((await _all(runtime)).values()))
    report = await _import(runtime, path)
    assert (report.refused, report.changed, len(report.unchanged)) == ([], [], len(SMALL) + 2)
    assert not list(tmp_path.glob(".export*"))  # noqa: ASYNC240


async def test_no_exported_cell_is_a_formula(tmp_path: Path) -> None:
    article = Article("x", "=cmd|' /C calc'!A0", "@SUM(A1)", "d", "s", TODAY)
    export_file(tmp_path / "out.csv", [article])
    export_file(tmp_path / "out.xlsx", [article])
    assert not any(
        cell.startswith(("=", "@"))
        for row in csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig")))
        for cell in row
    )
    assert {cell.data_type for row in load_workbook(tmp_path / "out.xlsx").active.iter_rows() for cell in row} <= {
        "s",
        "inlineStr",
        "n",
    }
    with pytest.raises(NoSuchFormat, match="可以导出 jsonl、csv、xlsx"):
        export_file(tmp_path / "out.doc", [article])


async def test_some_thousand_rows_are_taken_in_seconds(runtime: Runtime, tmp_path: Path, clock: Any) -> None:
    rows = [
        {"id": f"n-{number}", "question": f"第{number}项怎么办？", "answer": "请到窗口办理。" * 20}
        for number in range(2_000)
    ]
    seen: list[tuple[str, float]] = []
    async with runtime.database.write() as session:
        report = await import_file(
            session,
            _jsonl(tmp_path, *rows),
            Options(Columns()),
            actor="system:import",
            now=clock.now(),
            step=lambda what, share: seen.append((what, share)),
        )
    assert len(report.added) == 2_000
    assert seen[-1] == ("写入知识库", 1.0)
    assert len([1 for what, share in seen if what == "读取文件"]) >= 20
    assert clock.now() - runtime.clock.now() == timedelta(0)
