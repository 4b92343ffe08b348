"""``huiyin address``: a model of address elements, trained and measured on a city's own addresses."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from core.logs import configure_logs
from huiyin.cli.console import console, fail, progress_bars

if TYPE_CHECKING:
    from bot.addresses.examples import Example

app = typer.Typer(help="地址要素模型：用本市已标注的地址训练、评测。", no_args_is_help=True)

_MOST_REFUSALS_TOLD = 10
FileArgument = Annotated[
    Path, typer.Argument(help='每行一个 JSON：{"text": "…", "spans": [{"type": "road", "start": 0, "end": 3}]}')
]


@app.command("train")
def train(
    file: FileArgument,
    out: Annotated[Path, typer.Option(help="模型写到哪个文件")],
    jobs: Annotated[int, typer.Option(min=1, help="同时用几个进程")] = min(2, os.cpu_count() or 1),
) -> None:
    """训练地址要素模型；写好后用 HUIYIN_ADDRESS_MODEL 启用。"""
    from bot.addresses import model_file
    from bot.addresses.refusals import TooFewExamples
    from bot.addresses.training import train as train_model

    configure_logs("ERROR")
    examples = _examples(file)
    if not out.parent.is_dir():
        raise fail(f"没有文件夹 {out.parent}")
    with progress_bars() as step:
        step("训练地址要素模型", 0.0)
        try:
            model = train_model(examples, processes=jobs, progress=lambda share: step("训练地址要素模型", share))
        except TooFewExamples as problem:
            raise fail(str(problem)) from None
    model_file.save(model, out)
    console.print(f"[green]✓[/] {len(examples)} 条地址，模型写入 {out}（{out.stat().st_size / 1e6:.1f} MB）")


@app.command("evaluate")
def evaluate(
    file: FileArgument,
    model: Annotated[Path, typer.Option(help="模型文件")],
    as_json: Annotated[bool, typer.Option("--json", help="标准输出一个 JSON")] = False,
) -> None:
    """评测地址要素模型：要素的两端和类型全对才算对。"""
    from bot.addresses import model_file
    from bot.addresses.refusals import BadAddressModel
    from bot.addresses.scoring import report

    configure_logs("ERROR")
    examples = _examples(file)
    try:
        loaded = model_file.load(model)
    except BadAddressModel as problem:
        raise fail(str(problem)) from None
    with progress_bars() as step:
        pairs = []
        for done, example in enumerate(examples, 1):
            pairs.append((example, loaded.elements(example.text)))
            step("评测", done / len(examples))
    figures = report(pairs)
    if as_json:
        json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    else:
        _show(figures)


def _examples(file: Path) -> tuple[Example, ...]:
    """The examples in ``file``; says which lines were refused and why."""
    from bot.addresses.examples import read_examples
    from bot.addresses.refusals import BadExamples

    try:
        read = read_examples(file)
    except BadExamples as problem:
        raise fail(str(problem)) from None
    for line, reason in read.refused[:_MOST_REFUSALS_TOLD]:
        console.print(f"[yellow]–[/] 第 {line} 行没有用：{reason}")
    if len(read.refused) > _MOST_REFUSALS_TOLD:
        console.print(f"[yellow]–[/] 没有用的一共 {len(read.refused)} 行")
    return read.examples


def _show(figures: dict[str, Any]) -> None:
    table = Table(title=f"{figures['n']} 条地址，{figures['exact']:.1%} 全对")
    for heading in ("类型", "个数", "准确率", "召回率", "F1"):
        table.add_column(heading, justify="left" if heading == "类型" else "right")
    for kind, row in figures["by_type"].items():
        table.add_row(kind, str(row["n"]), *(f"{row[name]:.3f}" for name in ("precision", "recall", "f1")))
    table.add_section()
    table.add_row("合计", "", *(f"{figures[name]:.3f}" for name in ("precision", "recall", "f1")))
    console.print(table)
