"""``huiyin routing``: learns where orders go (or what they are about) from labelled texts, and measures how well."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from backoffice.learned import Subject
from core.logs import configure_logs
from core.runtime import Runtime
from huiyin.cli.console import console, fail, progress_bars
from huiyin.cli.on_database import Step, run_on_database

if TYPE_CHECKING:
    from backoffice.learning.evaluation import Figures
    from backoffice.learning.rows import Labelled

app = typer.Typer(help="派单学习：从过去的工单学习归哪个部门（或哪个分类），并检验准确率。", no_args_is_help=True)

Orders = Annotated[
    Path,
    typer.Argument(metavar="ORDERS", help="数据文件：jsonl（每行一个 JSON 对象）、csv 或者 xlsx，UTF-8 或 GBK 编码。"),
]
Text = Annotated[str, typer.Option("--text", help="内容所在的字段；几个字段用逗号隔开。")]
Label = Annotated[str, typer.Option("--label", help="标签所在的字段：部门或者分类。")]
_LEARNING = "学习"
_FEW = 5


@app.command("train")
def train(
    orders: Orders, text: Text, label: Label, out: Annotated[Path, typer.Option("--out", help="写入模型的文件。")]
) -> None:
    """从数据学习，写入模型文件；学不成时原有的文件不变。"""
    configure_logs("ERROR")
    rows = _read(orders, text, label)
    from backoffice.learning import model_file
    from backoffice.learning.training import CannotLearn, learn, some_of

    texts, labels = some_of(rows.texts, rows.labels)
    if len(texts) < len(rows.texts):
        console.print(f"[yellow]–[/] 数据有 {len(rows.texts)} 条，随机取 {len(texts)} 条来学。")
    try:
        with progress_bars() as step:
            step(_LEARNING, 0.0)
            model = learn(texts, labels, progress=lambda share: step(_LEARNING, share))
        model_file.save(model, out)
    except CannotLearn as problem:
        raise fail(str(problem)) from problem
    except OSError as problem:
        raise fail(f"写不了模型文件 {out}：{problem.strerror or '系统拒绝'}。") from problem
    checked = model.about["cross_validated"]
    console.print(f"[green]✓[/] 从 {len(texts)} 条数据学到 {len(model.labels)} 个标签，模型已写入 {out}")
    console.print(
        f"  交叉检验：首选正确 {checked['top1']:.1%}，前三含正确 {checked['top3']:.1%}；"
        f"按模型自己的门槛自动派单 {checked['share_by_model']:.1%}，其中正确 {checked['precision_by_model']:.1%}"
    )


@app.command("evaluate")
def evaluate(
    orders: Orders,
    text: Text,
    label: Label,
    model: Annotated[Path, typer.Option("--model", help="模型文件。")],
    as_json: Annotated[bool, typer.Option("--json", help="输出一行 JSON。")] = False,
) -> None:
    """用没有学过的数据检验模型。"""
    configure_logs("ERROR")
    rows = _read(orders, text, label)
    from backoffice.learning import model_file
    from backoffice.learning.evaluation import evaluate as measure

    try:
        learnt = model_file.load(model)
    except model_file.BrokenModel as problem:
        raise fail(str(problem)) from problem
    figures = measure(learnt, rows.texts, rows.labels)
    if as_json:
        sys.stdout.write(json.dumps({**figures.as_dict(), "skipped": len(rows.refused)}) + "\n")
    else:
        console.print(_table(figures))


@app.command("install")
def install(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="学好的模型文件。")],
    subject: Annotated[Subject, typer.Option("--for", help="用来判断承办部门还是诉求分类。")] = Subject.DEPARTMENT,
) -> None:
    """启用一个学好的模型；标签要和本系统的部门（分类）代码或名称对得上。"""
    from backoffice.adoption import AdoptionRefused, adopt
    from backoffice.learning import model_file

    async def work(runtime: Runtime, _step: Step) -> list[str]:
        async with runtime.database.write() as session:
            return await adopt(session, subject, model_file.load(model), runtime.clock.now())

    try:
        unknown = run_on_database(work)
    except (model_file.BrokenModel, AdoptionRefused) as problem:
        raise fail(str(problem)) from problem
    console.print(f"[green]✓[/] 模型已启用，用来判断{subject.label}。")
    if unknown:
        console.print(f"[yellow]–[/] 有 {len(unknown)} 个标签对不上，不会被推荐：{'、'.join(unknown[:_FEW])}")


@app.command("back")
def back(
    subject: Annotated[Subject, typer.Option("--for", help="承办部门还是诉求分类。")] = Subject.DEPARTMENT,
) -> None:
    """换回上一个模型；再来一次又换回现在的。"""
    from backoffice.learned import NoFormerModel, go_back

    async def work(runtime: Runtime, _step: Step) -> str:
        async with runtime.database.write() as session:
            return f"{(await go_back(session, subject)).learned_at:%Y-%m-%d %H:%M}"

    try:
        learned_at = run_on_database(work)
    except NoFormerModel as problem:
        raise fail(str(problem)) from problem
    console.print(f"[green]✓[/] {subject.label}换回了上一个模型（{learned_at} UTC 启用的）。")


@app.command("retrain")
def retrain() -> None:
    """从本系统办结的工单重新学习；新学的更好才换上，否则继续用现在的。"""
    from backoffice import learning_runs
    from backoffice.refusals import Refused

    async def work(runtime: Runtime, step: Step) -> dict[str, Any]:
        async with runtime.database.write() as session:
            run = await learning_runs.begin(session, "system", runtime.clock.now())
        step(_LEARNING, 0.0)
        return await learning_runs.carry_out(runtime, run, lambda share: step(_LEARNING, share))

    try:
        results = run_on_database(work)
    except Refused as refused:
        raise fail(refused.reason) from refused
    if "failed" in results:
        raise fail(str(results["failed"]))
    for subject in Subject:
        found = results[subject.value]
        mark = "[green]✓[/]" if found["better"] else "[yellow]–[/]"
        console.print(f"{mark} {subject.label}：{found['told']}{_compared(found)}")


def _compared(found: dict[str, Any]) -> str:
    if "new" not in found:
        return ""
    said = f"在最新的 {found['held_out']} 件工单上，新学的首选正确 {found['new']['top1']:.1%}"
    return said + (f"，现在用的 {found['old']['top1']:.1%}。" if "old" in found else "。")


def _read(path: Path, text: str, label: str) -> Labelled:
    from backoffice.learning.rows import UnusableFile, read_labelled

    try:
        rows = read_labelled(path, text, label)
    except UnusableFile as problem:
        raise fail(str(problem)) from problem
    if rows.refused:
        console.print(f"[yellow]–[/] {rows.told()}")
    return rows


def _table(figures: Figures) -> Table:
    table = Table()
    for heading in ("指标", "结果"):
        table.add_column(heading)
    table.add_row("条数", str(figures.n))
    table.add_row("首选正确", f"{figures.top1:.1%}")
    table.add_row("前三含正确", f"{figures.top3:.1%}")
    table.add_row("宏平均 F1", f"{figures.macro_f1:.3f}")
    table.add_row(f"准确率正好 {figures.precision:.0%} 时（事后算出）可自动派单", f"{figures.share_at_precision:.1%}")
    table.add_row("按模型自己的门槛自动派单", f"{figures.share_by_model:.1%}")
    table.add_row("其中正确", f"{figures.precision_by_model:.1%}" if figures.share_by_model else "–")
    return table
