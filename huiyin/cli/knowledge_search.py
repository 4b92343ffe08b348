"""``huiyin knowledge evaluate`` and ``calibrate``: how well the base is searched, where its lines are (B1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from core.clock import china_time
from core.runtime import Runtime
from huiyin.cli.console import console, fail
from huiyin.cli.on_database import Step, run_on_database
from knowledge import life_cycle
from knowledge.answering import judged, outcome_in
from knowledge.articles import published
from knowledge.calibration import Calibration, calibrate_by
from knowledge.calibration import calibrate as calibrated
from knowledge.evaluation import Asked, Figures, Unusable, codes, figures, outcomes, read_queries, told_unusable
from knowledge.files.opening import FileRefused
from knowledge.index import Index
from knowledge.learning import lines_in_force, preferences
from knowledge.places import city_words


def calibrate(
    queries: Annotated[
        Path | None,
        typer.Option("--queries", help="本市自己的问题：jsonl，每行 query 和 answer_id（没有答案的为 null）"),
    ] = None,
) -> None:
    """按本市知识库的内容（或者本市自己的问题）校准直接回答和给出选项的分数线；导入之后会自动做一次。"""
    asked: list[Asked] = []
    if queries is not None:
        asked, unusable = _read(queries)
        if unusable:
            console.print(f"[yellow]![/] {escape(told_unusable(unusable))}")
    found = run_on_database(lambda runtime, step: find_lines(runtime, step, asked))
    lines = found.lines
    if not found.questions:
        console.print("[yellow]![/] 知识库里没有生效的条目，仍用默认的分数线。")
    console.print(
        f"[green]✓[/] 直接回答 ≥ {lines.answer:.2f}，给出选项 ≥ {lines.choose:.2f}（用 {found.questions} 个问题校准）"
    )
    if asked and found.questions:
        console.print(f"其中 {found.own} 个是给的问题。有一成条目变了以后会自动重新校准，到时请再用这个文件校准一次。")


def evaluate(
    file: Annotated[Path, typer.Argument(help="jsonl，每行 query 和 answer_id（条目编号；没有答案的为 null）")],
    as_json: Annotated[bool, typer.Option("--json", help="在标准输出写 JSON")] = False,
) -> None:
    """用一批问题测知识库：找得准不准，答得对不对，不该答的答没答。"""
    asked, unusable = _read(file)

    async def work(runtime: Runtime, step: Step) -> tuple[Figures, list[str]]:
        async with runtime.database.read() as session:
            articles, lines = await published(session), await lines_in_force(session)
            preferred = await preferences(session)
        index, now = Index(articles, city_words(runtime.settings.city_dir)), runtime.clock.now()
        unknown = {one.answer_id for one in asked if one.answer_id is not None} - set(codes(articles))
        found = outcomes(
            asked, lambda text: outcome_in(index, text, now, lines, preferred), lambda share: step("提问", share)
        )
        return figures(asked, found), sorted(map(str, unknown))

    told, unknown = run_on_database(work)
    if unusable:
        console.print(f"[yellow]![/] {escape(told_unusable(unusable))}")
    if unknown:
        console.print(f"[yellow]![/] {len(unknown)} 个 answer_id 不在知识库里：{escape('、'.join(unknown[:5]))}")
    if as_json:
        print(
            json.dumps(
                {**told.told(), "unknown_answer_ids": len(unknown), "unusable_lines": len(unusable)}, ensure_ascii=False
            )
        )
        return
    table = Table()
    table.add_column("指标")
    table.add_column("数值", justify="right")
    for name, value in told.told().items():
        table.add_row(name, "–" if value is None else str(value))
    console.print(table)


async def find_lines(runtime: Runtime, step: Step, asked: Sequence[Asked] = ()) -> Calibration:
    """Finds the lines of the base, by a city's own questions where there are some, and puts them in force."""
    step("校准", 0.0)
    async with runtime.database.read() as session:
        articles = await published(session)
    now = runtime.clock.now()
    index, day = Index(articles, city_words(runtime.settings.city_dir)), china_time(now).date()
    found = calibrate_by(index, day, judged, asked) if asked else Calibration(*calibrated(index, day, judged))
    if found.questions:
        async with runtime.database.write() as session:
            await life_cycle.record_lines(session, found.lines, found.questions, now=now)
    step("校准", 1.0)
    return found


def _read(file: Path) -> tuple[list[Asked], list[Unusable]]:
    try:
        return read_queries(file)
    except FileRefused as refused:
        raise fail(escape(str(refused))) from refused
