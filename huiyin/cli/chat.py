"""``huiyin chat``: talks in the terminal, or plays scripted dialogues through the path of a real channel."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from channels.exchange import Exchange
from core.clock import FrozenClock
from core.logs import configure_logs
from core.runtime import Runtime
from core.settings import Settings, load_settings
from huiyin.cli.console import console, fail, progress_bars
from huiyin.cli.train import train_with_progress

_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def chat(
    script: Annotated[Path | None, typer.Option(help="播放对话脚本（YAML），不与人对话。")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="每段对话输出一行 JSON。")] = False,
    now: Annotated[datetime | None, typer.Option(formats=_MOMENTS, help="把时钟固定在这一刻（北京时间）。")] = None,
) -> None:
    """在终端里和机器人对话。对话用一个临时数据库，不影响正式数据。"""
    configure_logs("ERROR")
    settings = load_settings()
    from huiyin.dialogues import BadScript, load_script

    try:
        dialogues = load_script(script) if script else None
    except BadScript as problem:
        raise fail(str(problem)) from problem
    train_with_progress()
    clock = FrozenClock(now) if now else None
    if dialogues is None:
        asyncio.run(_talk(settings, clock))
    else:
        asyncio.run(_play(settings, clock, dialogues, as_json=as_json))


async def _play(
    settings: Settings, clock: FrozenClock | None, dialogues: list[dict[str, Any]], *, as_json: bool
) -> None:
    from huiyin.dialogues import Player, Record

    def show(record: Record) -> None:
        if as_json:
            sys.stdout.write(record.line() + "\n")
            sys.stdout.flush()
            return
        console.rule(f"{record.id}：{record.outcome}")
        for exchange in record.exchanges:
            _print_exchange(exchange["citizen"], [reply["text"] for reply in exchange["replies"]])

    with progress_bars() as step:
        async with _scratch(settings, clock) as (runtime, exchange):
            player = Player(runtime, exchange)
            for done, dialogue in enumerate(dialogues, 1):
                show(await player.play(dialogue))
                step("播放对话", done / len(dialogues))


async def _talk(settings: Settings, clock: FrozenClock | None) -> None:
    from huiyin.talk import Talk

    async with _scratch(settings, clock) as (runtime, exchange):
        talk = Talk(runtime, exchange)
        console.print("直接打字说话，空行结束。")
        while text := await asyncio.to_thread(_typed):
            for reply in await talk.say(text):
                console.print(f"[cyan]回音[/]：{reply['text']}")
                if reply["quick_replies"]:
                    console.print("  " + "  ".join(f"[dim]〔{title}〕[/]" for title in reply["quick_replies"]))


def _typed() -> str:
    """The next line; nothing where the input ends (Ctrl+D), as for an empty line."""
    try:
        return input("您：").strip()
    except EOFError:
        console.print()
        return ""


@asynccontextmanager
async def _scratch(settings: Settings, clock: FrozenClock | None) -> AsyncIterator[tuple[Runtime, Exchange]]:
    """A service of its own on a database thrown away afterwards, with the city and the trained model."""
    from huiyin.dialogue import running_engine
    from huiyin.preparing import prepare

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(settings.model_dir.absolute())
        runtime = Runtime.start(settings.model_copy(update={"data_dir": Path(folder), "database_url": ""}), clock)
        try:
            await prepare(runtime)
            async with running_engine(runtime) as engine:
                exchange = Exchange(runtime, engine)
                await exchange.start()
                try:
                    yield runtime, exchange
                finally:
                    await exchange.stop()
        finally:
            await runtime.database.close()


def _print_exchange(citizen: str, replies: list[str]) -> None:
    console.print(f"[bold]市民[/]：{citizen}")
    for reply in replies:
        console.print(f"[cyan]回音[/]：{reply}")
