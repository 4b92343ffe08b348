"""``huiyin knowledge``: the knowledge base in and out of files (B10), and how well it is searched (B1)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.departments import Department
from core.runtime import Runtime
from huiyin.cli.console import console, fail
from huiyin.cli.knowledge_search import calibrate, evaluate, find_lines
from huiyin.cli.on_database import run_on_database
from knowledge.articles import published, stored_articles
from knowledge.exporting import NoSuchFormat, export_file
from knowledge.files.columns import Columns, NoSuchField
from knowledge.files.opening import FileRefused
from knowledge.importing import Departments, ImportReport, Options, import_file

app = typer.Typer(help="知识库：导入、导出、评测、校准。", no_args_is_help=True)
app.command("evaluate")(evaluate)
app.command("calibrate")(calibrate)
ACTOR = "system:import"
_SHOWN = 50


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="jsonl、csv、xlsx、docx 或 html 文件")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="列名=项目，可重复；项目为 - 表示不导入这一列")
    ] = None,
    department: Annotated[str | None, typer.Option(help="没有写部门的行归哪个部门（代码或名称）")] = None,
    source: Annotated[str | None, typer.Option(help="没有写来源的行写什么来源；默认为文件名")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="只提交审核，通过以后才对市民使用")] = False,
    strict_departments: Annotated[
        bool, typer.Option("--strict-departments", help="部门不在本市部门表里的行不导入")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="编号相同、问题不同的条目也改写；默认不覆盖，逐行说明")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    report_file: Annotated[Path | None, typer.Option("--report", help="把没有导入的行写进这个 CSV 文件")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="在标准输出写 JSON 报告")] = False,
) -> None:
    """导入问答文件：好的收下，不能用的逐行说明原因；出错时知识库保持原样。"""
    try:
        columns = Columns(dict(_pair(each) for each in mapping or []))
    except NoSuchField as error:
        raise fail(escape(str(error))) from error

    async def work(runtime: Runtime, step: Callable[[str, float], None]) -> ImportReport:
        async with runtime.database.write() as session:
            places = await _departments(session, department, strict_departments)
            options = Options(columns, places, source, draft, dry_run, replace)
            done = await import_file(session, file, options, actor=ACTOR, now=runtime.clock.now(), step=step)
        if not options.dry_run and not options.as_drafts and done.written:
            await find_lines(runtime, step)
        return done

    try:
        report = run_on_database(work)
    except FileRefused as refused:
        if as_json:
            print(json.dumps({"file": file.name, "error": str(refused)}, ensure_ascii=False))
        raise fail(escape(str(refused))) from refused
    _tell(report, report_file, dry_run=dry_run, as_json=as_json)
    if report.refused and len(report.refused) == report.rows:
        raise typer.Exit(1)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="写到哪个文件：.jsonl、.csv 或 .xlsx")],
    everything: Annotated[bool, typer.Option("--all", help="已下架的也导出")] = False,
) -> None:
    """把知识库写进文件，导入时能原样读回。"""

    async def work(runtime: Runtime, step: Callable[[str, float], None]) -> int:
        async with runtime.database.read() as session:
            articles = await (stored_articles if everything else published)(session)
        export_file(file, articles)
        return len(articles)

    try:
        count = run_on_database(work)
    except (NoSuchFormat, OSError) as error:
        reason = str(error) if isinstance(error, NoSuchFormat) else f"不能写文件 {file}：{error.strerror}"
        raise fail(escape(reason)) from error
    console.print(f"[green]✓[/] 已导出 {count} 条到 {escape(str(file))}")


async def _departments(session: AsyncSession, default: str | None, strict: bool) -> Departments:
    by_name: dict[str, str] = {}
    usual = Departments.default
    for known in await session.scalars(
        select(Department).where(Department.closed_at.is_(None)).order_by(Department.id)
    ):
        for name in (known.code, known.name, known.short, *known.aliases):
            by_name.setdefault(name, known.code)
        usual = known.code if known.is_default else usual
    if default is not None and default not in by_name:
        raise fail(f"没有这个部门：{escape(default)}")
    return Departments(by_name, by_name[default] if default else usual, strict)


def _pair(mapping: str) -> tuple[str, str]:
    name, sign, field = mapping.rpartition("=")
    if not sign or not name:
        raise fail(f"--map 应为 列名=项目，不是“{escape(mapping)}”。")
    return name.strip(), field.strip()


def _tell(report: ImportReport, file: Path | None, *, dry_run: bool, as_json: bool) -> None:
    if file is not None:
        _write_refused(file, report)
    if as_json:
        print(json.dumps({**asdict(report), "dry_run": dry_run}, ensure_ascii=False))
    if report.refused:
        table = Table(title=f"没有导入的 {len(report.refused)} 行")
        for heading in ("位置", "编号", "原因"):
            table.add_column(heading)
        for row in report.refused[:_SHOWN]:
            table.add_row(escape(row.place), escape(row.code), escape(row.reason))
        console.print(table)
        if len(report.refused) > _SHOWN:
            console.print(f"只列出前 {_SHOWN} 行，全部原因可用 --report 写进文件。")
    for notice in report.notices:
        console.print(f"[yellow]![/] {escape(notice)}")
    what = "检查完毕（没有写入）" if dry_run else "导入完毕"
    console.print(
        f"[green]✓[/] {what}：共 {report.rows} 行，新增 {len(report.added)}，更新 {len(report.changed)}，"
        f"未变 {len(report.unchanged)}，没有导入 {len(report.refused)}。"
    )


def _write_refused(path: Path, report: ImportReport) -> None:
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["位置", "编号", "原因"])
            writer.writerows([row.place, row.code, row.reason] for row in report.refused)
    except OSError as error:
        raise fail(f"不能写文件 {escape(str(path))}：{error.strerror}") from error
