"""``huiyin calendar``: holidays and make-up workdays, and changing one (E2)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import extract, select

from backoffice.calendar_changes import set_calendar_day
from core.calendar import CalendarDay, DayKind
from core.clock import china_time
from core.runtime import Runtime
from huiyin.cli.console import console, fail
from huiyin.cli.on_database import Step, run_on_database

app = typer.Typer(help="节假日和调休：列出、改一天。", no_args_is_help=True)

_LABELS = {DayKind.HOLIDAY.value: "放假", DayKind.WORKDAY.value: "上班", DayKind.HALF_DAY.value: "上午上班"}


class NewKind(str, Enum):
    """What a day can be made."""

    HOLIDAY = DayKind.HOLIDAY.value
    WORKDAY = DayKind.WORKDAY.value
    HALF_DAY = DayKind.HALF_DAY.value
    ORDINARY = "ordinary"
    """What its weekday says."""


@app.command("list")
def list_days(year: Annotated[int | None, typer.Option(help="哪一年，默认今年")] = None) -> None:
    """列出一年里和平时不一样的日子。"""
    table = Table()
    for heading in ("日期", "怎么算", "名称"):
        table.add_column(heading)

    async def work(runtime: Runtime, _step: Step) -> None:
        wanted = year or china_time(runtime.clock.now()).year
        async with runtime.database.read() as session:
            days = select(CalendarDay).where(extract("year", CalendarDay.day) == wanted).order_by(CalendarDay.day)
            for day in await session.scalars(days):
                table.add_row(day.day.isoformat(), _LABELS[day.kind], day.name)

    run_on_database(work)
    console.print(table)


@app.command("set")
def set_day(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="日期，例如 2026-12-31")],
    kind: Annotated[NewKind, typer.Argument(help="放假、上班、上午上班，或者和平时一样")],
    name: Annotated[str, typer.Option(help="名称，例如“市庆日”")] = "",
) -> None:
    """改一天：没办结的工单马上重新计算时限，改动记入历史，不通知市民。"""
    if kind is not NewKind.ORDINARY and not name.strip():
        raise fail("请用 --name 写明是什么日子，例如“市庆日”")
    becomes = None if kind is NewKind.ORDINARY else DayKind(kind.value)

    async def work(runtime: Runtime, _step: Step) -> int:
        async with runtime.database.write() as session:
            now = runtime.clock.now()
            return await set_calendar_day(session, day.date(), becomes, name.strip(), actor="system", now=now)

    moved = run_on_database(work)
    told = _LABELS[becomes.value] if becomes else "和平时一样"
    console.print(f"[green]✓[/] {day.date().isoformat()} {told}，{moved} 件工单的时限变了")
