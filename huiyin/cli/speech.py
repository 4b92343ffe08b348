"""``huiyin speech``: what the phone hears with."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from core.settings import load_settings
from huiyin.cli.console import console, fail

app = typer.Typer(help="电话的语音识别模型。", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Makes ``install`` a subcommand although it is the only one."""


@app.command("install")
def install_model(
    url: Annotated[str, typer.Option("--url", help="从别处下载同一个模型，例如内网镜像。")] = "",
) -> None:
    """下载并校验官方的普通话小模型（42 MB）。断了再运行会接着下载。"""
    from dataclasses import replace

    from speech.installing import SMALL_MANDARIN, InstallFailed, install

    settings = load_settings()
    model = replace(SMALL_MANDARIN, url=url) if url else SMALL_MANDARIN
    columns = (TextColumn("下载模型"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=None)
            place = install(
                model, settings.speech_dir, lambda there, whole: bar.update(task, completed=there, total=whole)
            )
    except InstallFailed as problem:
        raise fail(str(problem)) from problem
    console.print(f"[green]✓[/] 语音识别模型  {place}")
