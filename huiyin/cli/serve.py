"""``huiyin serve``: answers citizens and serves staff."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated, Any

import typer

from core.collector import keep_what_is_loaded
from core.logs import configure_logs
from core.runtime import Runtime
from core.settings import Settings, load_settings
from core.web.application import App
from huiyin.accounts import Opened
from huiyin.cli.console import console, fail, progress_bars
from huiyin.cli.demo import load_everything, show_accounts
from huiyin.cli.preparing import prepare_aloud
from huiyin.cli.train import train_with_progress
from speech.setting_up import shortcomings


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="先载入演示城市、训练模型，并显示新生成的演示口令。")] = False,
) -> None:
    """启动服务：市民网页对话、短信和工作人员后台。启动前更新数据库结构、载入城市资料。"""
    settings = load_settings()
    configure_logs("ERROR" if demo else settings.log_level)
    with progress_bars() as step:
        opened = asyncio.run(load_everything(step) if demo else _prepare(settings, step))
    if demo:
        train_with_progress()
    _run(settings, opened)


async def _prepare(settings: Settings, step: Callable[[str, float], None]) -> list[Opened]:
    """The newest schema and the city's own files, without anything of the demo."""
    runtime = Runtime.start(settings)
    try:
        await prepare_aloud(runtime, step)
    finally:
        await runtime.database.close()
    return []


def _run(settings: Settings, opened: list[Opened]) -> None:
    """Serves until it is told to stop."""
    from huiyin.app import create_app
    from huiyin.dialogue import NotTrained, running_engine

    app = create_app(settings, make_engine=running_engine)
    when_ready(app, settings, opened)
    logging.getLogger("sanic").setLevel(logging.WARNING)
    try:
        app.run(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False)
    except NotTrained as problem:
        raise fail(str(problem)) from problem


def when_ready(app: App, settings: Settings, opened: list[Opened]) -> None:
    """Has ``app``, once it answers, keep what is loaded out of the collector's rounds, and tell where it is found."""

    async def ready(_app: Any) -> None:
        keep_what_is_loaded()
        if opened:
            show_accounts(opened)
        console.print(f"[green]✓[/] 市民对话  {settings.resolved_public_url}/chat")
        console.print(f"[green]✓[/] 查询进度  {settings.resolved_public_url}/progress")
        console.print(f"[green]✓[/] 打电话    {settings.resolved_public_url}/call")
        console.print(f"[green]✓[/] 工作人员  {settings.resolved_public_url}/staff")
        for what, is_there, told in shortcomings(settings):
            if not is_there:
                console.print(f"[yellow]![/] {what}：{told}")
        console.print("按 Ctrl+C 停止")

    app.after_server_start(ready)
