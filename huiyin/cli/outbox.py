"""``huiyin outbox``: what could not be delivered, and sending it again once the reason is gone."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from core import outbox
from core.clock import china_time
from core.runtime import Runtime
from huiyin.cli.console import console, fail
from huiyin.cli.on_database import Step, run_on_database

app = typer.Typer(help="没发出去的短信：列出、重发。", no_args_is_help=True)


@app.command("list")
def list_dead_letters() -> None:
    """列出试过多次仍没有发出去的短信和最后一次失败的原因；不显示内容和号码。"""
    table = Table()
    for heading in ("编号", "渠道", "写入时间", "试过几次", "原因"):
        table.add_column(heading)

    async def work(runtime: Runtime, _step: Step) -> None:
        async with runtime.database.read() as session:
            for row in await outbox.dead_letters(session):
                written = china_time(row.created_at).strftime("%Y-%m-%d %H:%M")
                table.add_row(str(row.id), row.topic, written, str(row.attempts), row.last_error or "")

    run_on_database(work)
    if table.row_count:
        console.print(table)
    else:
        console.print("[green]✓[/] 没有发不出去的短信")


@app.command("revive")
def revive(
    numbers: Annotated[list[int] | None, typer.Argument(help="编号，见 huiyin outbox list")] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部重发。")] = False,
) -> None:
    """重新发送：先解决失败的原因。服务正在运行时几秒内发出，否则下次启动时发出。"""
    if bool(numbers) == everything:
        raise fail("请写明要重发的编号，或者用 --all 全部重发")

    async def work(runtime: Runtime, _step: Step) -> tuple[int, list[int]]:
        async with runtime.database.write() as session:
            wanted = [row.id for row in await outbox.dead_letters(session)] if everything else numbers or []
            now = runtime.clock.now()
            unknown = [number for number in wanted if not await outbox.revive(session, number, now)]
        return len(wanted) - len(unknown), unknown

    revived, unknown = run_on_database(work)
    console.print(f"[green]✓[/] {revived} 条重新等待发送")
    if unknown:
        raise fail(f"没有这样的编号，或者它不是没发出去的：{'、'.join(map(str, unknown))}")
