"""``huiyin migrate``: brings the database to the newest schema."""

from __future__ import annotations

from core.runtime import Runtime
from huiyin.cli.console import console
from huiyin.cli.on_database import Step, run_on_database


def migrate() -> None:
    """把数据库升级到最新结构。"""

    async def nothing_more(_runtime: Runtime, _step: Step) -> None:
        pass

    run_on_database(nothing_more)
    console.print("[green]✓[/] 数据库结构已是最新")
