"""``huiyin knowledge evaluate`` and ``calibrate``: how well the base is searched, where its lines are (B1)."""

from __future__ import annotations

import json
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
from knowledge.calibration import calibrate as calibrated
from knowledge.evaluation import Figures, codes, figures, outcomes, read_queries
from knowledge.files.opening import FileRefused
from knowledge.index import Index
from knowledge.learning import lines_in_force, preferences
from knowledge.lines import Thresholds
from knowledge.places import place_names


def calibrate() -> None:
    """按本市知识库的内容，校准直接回答和给出选项的分数线；导入之后会自动做一次。"""
    lines, questions = run_on_database(find_lines)
    if not questions:
        console.print("[yellow]![/] 知识库里没有生效的条目，仍用默认的分数线。")
    console.print(
        f"[green]✓[/] 直接回答 ≥ {lines.answer:.2f}，给出选项 ≥ {lines.choose:.2f}（用 {questions} 个问题校准）"
    )


def evaluate(
    file: Annotated[Path, typer.Argument(help="jsonl，每行 query 和 answer_id（条目编号；没有答案的为 null）")],
    as_json: Annotated[bool, typer.Option("--json", help="在标准输出写 JSON")] = False,
) -> None:
    """用一批问题测知识库：找得准不准，答得对不对，不该答的答没答。"""
    try:
        asked = read_queries(file)
    except FileRefused as refused:
        raise fail(escape(str(refused))) from refused

    async def work(runtime: Runtime, step: Step) -> tuple[Figures, list[str]]:
        async with runtime.database.read() as session:
            articles, lines = await published(session), await lines_in_force(session)
            preferred = await preferences(session)
        index, now = Index(articles, place_names(runtime.settings.city_dir)), runtime.clock.now()
        unknown = {one.answer_id for one in asked if one.answer_id is not None} - set(codes(articles))
        found = outcomes(
            asked, lambda text: outcome_in(index, text, now, lines, preferred), lambda share: step("提问", share)
        )
        return figures(asked, found), sorted(map(str, unknown))

    told, unknown = run_on_database(work)
    if unknown:
        console.print(f"[yellow]![/] {len(unknown)} 个 answer_id 不在知识库里：{escape('、'.join(unknown[:5]))}")
    if as_json:
        print(json.dumps({**told.told(), "unknown_answer_ids": len(unknown)}, ensure_ascii=False))
        return
    table = Table()
    table.add_column("指标")
    table.add_column("数值", justify="right")
    for name, value in told.told().items():
        table.add_row(name, "–" if value is None else str(value))
    console.print(table)


async def find_lines(runtime: Runtime, step: Step) -> tuple[Thresholds, int]:
    """Finds the lines of the base and puts them in force."""
    step("校准", 0.0)
    async with runtime.database.read() as session:
        articles = await published(session)
    now = runtime.clock.now()
    index = Index(articles, place_names(runtime.settings.city_dir))
    lines, questions = calibrated(index, china_time(now).date(), judged)
    if questions:
        async with runtime.database.write() as session:
            await life_cycle.record_lines(session, lines, questions, now=now)
    step("校准", 1.0)
    return lines, questions
