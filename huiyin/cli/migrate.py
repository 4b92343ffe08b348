"""``huiyin migrate``: brings the database to the newest schema."""

from __future__ import annotations

import asyncio

from core.logs import configure_logs
from core.runtime import Runtime
from core.settings import load_settings
from huiyin.cli.console import console
from huiyin.migrate import migrate as migrate_database


def migrate() -> None:
    """把数据库升级到最新结构。"""
    configure_logs("ERROR")

    async def work() -> None:
        runtime = Runtime.start(load_settings())
        await migrate_database(runtime.database)
        await runtime.database.close()

    asyncio.run(work())
    console.print("[green]✓[/] 数据库结构已是最新")
