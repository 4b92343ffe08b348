"""``huiyin evaluate``: how good the whole is, measured on the project's test sets and on files of one's own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from core.logs import configure_logs
from core.settings import ROOT
from huiyin.cli.console import console, fail

if TYPE_CHECKING:
    from benchmarks.quality import Row


def evaluate(
    parts: Annotated[list[str] | None, typer.Argument(help="测哪些部分；不写为全部")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            help="自己的数据，可重复：faq、queries、out_of_scope、orders、letters、address_train、address_dev=文件",
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="写进 docs/quality.md")] = False,
) -> None:
    """测一遍质量：检索、意图、险情、转人工、要素、地址、对话、派单、重复反映；低于底线的指出来。"""
    if not (ROOT / "benchmarks" / "quality").is_dir():
        raise fail("评测要在源码目录里运行：测试集不随安装包分发。")
    from benchmarks import quality

    files = dict(_pair(each) for each in data or [])
    _check(parts or (), quality.PARTS, "没有“{}”这一部分")
    _check(files, quality.FILES, "--data 没有“{}”")
    configure_logs("ERROR")
    fallen: list[str] = []
    for part in parts or quality.PARTS:
        try:
            rows = quality.measure(part, files)
        except RuntimeError as problem:
            raise fail(escape(str(problem))) from problem
        _show(part, rows)
        fallen += quality.below_floor(part, rows)
        if write and rows:
            quality.write(part, rows)
    for line in fallen:
        console.print(f"[bold red]✗[/] 低于底线：{escape(line)}")
    if fallen:
        raise typer.Exit(1)


def _check(given: Iterable[str], known: Collection[str], what: str) -> None:
    wrong = [name for name in given if name not in known]
    if wrong:
        raise fail(f"{what.format(escape(wrong[0]))}，可用的有：{'、'.join(known)}。")


def _pair(given: str) -> tuple[str, Path]:
    name, sign, file = given.partition("=")
    if not sign or not Path(file).is_file():
        raise fail(f"--data 应为 名称=文件，文件要存在：{escape(given)}")
    return name, Path(file)


def _show(part: str, rows: list[Row]) -> None:
    table = Table(title=part)
    for heading in ("指标", "条数", "本系统", "基线", "要求"):
        table.add_column(heading)
    for row in rows:
        baseline = "–" if row.baseline is None else f"{row.baseline:.3f} {row.baseline_is}"
        asked = "–" if row.asked is None else f"{row.asked:g}"
        table.add_row(escape(row.name), str(row.n), f"{row.value:.3f}", baseline, asked)
    console.print(table)
