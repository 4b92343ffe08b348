"""``huiyin demo``: the demo city with a year of past orders and an account for every role."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rich.table import Table

from backoffice import staff
from backoffice.demo import SEED, load_demo
from backoffice.demo_knowledge import load_knowledge_at_work, read_knowledge_at_work
from backoffice.demo_polls import load_polls, read_polls
from backoffice.knowledge_rounds import KnowledgeRounds
from core.logs import configure_logs
from core.runtime import Runtime
from core.settings import load_settings
from huiyin.accounts import Opened, open_demo_accounts
from huiyin.cli.console import console, progress_bars
from huiyin.cli.preparing import prepare_aloud
from knowledge.answering import Answering

_YEAR = "生成一年的示例工单"


def demo() -> None:
    """载入演示城市云州市：部门、知识库、一年的示例工单和各角色账号（口令每次新生成）。"""
    configure_logs("ERROR")
    with progress_bars() as step:
        opened = asyncio.run(load_everything(step))
    show_accounts(opened)


async def load_everything(step: Callable[[str, float], None]) -> list[Opened]:
    """Makes the database ready, loads city and past orders where they are missing, opens the accounts."""
    runtime = Runtime.start(load_settings())
    try:
        await prepare_aloud(runtime, step)
        step(_YEAR, 0.0)
        async with runtime.database.write() as session:
            await runtime.database.one_at_a_time(session, "demo")
            await load_demo(
                session,
                runtime.settings.city_dir,
                runtime.clock.now(),
                progress=lambda done, total: step(_YEAR, done / total),
            )
        step(_YEAR, 1.0)
        opened = await open_demo_accounts(runtime)
        await _knowledge_at_work(runtime)
        await _polls(runtime)
        return opened
    finally:
        await runtime.database.close()


async def _knowledge_at_work(runtime: Runtime) -> None:
    """What the demo's clerk writes in the knowledge base and their head looks through."""
    material = read_knowledge_at_work(runtime.settings.city_dir)
    async with runtime.database.write() as session:
        await runtime.database.one_at_a_time(session, "demo")
        clerk, head = await staff.by_username(session, "handler"), await staff.by_username(session, "head")
        if clerk is not None and head is not None:
            await load_knowledge_at_work(session, material, clerk, head, runtime.clock.now())
    await KnowledgeRounds(runtime, Answering(runtime)).round()


async def _polls(runtime: Runtime) -> None:
    """What the demo's supervisor asks the citizens."""
    material = read_polls(runtime.settings.city_dir)
    async with runtime.database.write() as session:
        await runtime.database.one_at_a_time(session, "demo")
        keeper = await staff.by_username(session, "supervisor")
        if keeper is not None:
            await load_polls(session, material, keeper, runtime.clock.now(), seed=SEED)


def show_accounts(opened: list[Opened]) -> None:
    """Prints who can sign in, and how; this is the only place the passwords ever stand."""
    table = Table(title="演示账号（口令本次新生成，只显示这一次）", title_justify="left")
    for heading in ("角色", "用户名", "口令", "姓名"):
        table.add_column(heading)
    for entry in opened:
        account = entry.account
        table.add_row(account.role.label, account.username, f"[bold]{entry.password}[/]", account.name)
    console.print(table)
