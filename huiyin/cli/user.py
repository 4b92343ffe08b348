"""``huiyin user``: accounts of staff."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments, passwords, sign_in, staff
from backoffice.departments import Department
from backoffice.staff import DEFAULT_CAPACITY, NewStaff, Role, Staff, StaffRefused
from core.runtime import Runtime
from huiyin.cli.console import console, fail
from huiyin.cli.on_database import Step, run_on_database

app = typer.Typer(help="工作人员账号：新增、重置口令、停用、列出。", no_args_is_help=True)


@app.command("add")
def add(
    username: Annotated[str, typer.Argument(help="用户名")],
    number: Annotated[str, typer.Option(help="工号")],
    name: Annotated[str, typer.Option(help="姓名")],
    role: Annotated[Role, typer.Option(help="角色")],
    department: Annotated[str | None, typer.Option(help="部门代码，经办人和部门负责人必填")] = None,
    capacity: Annotated[int, typer.Option(help="最多同时接待几个会话")] = DEFAULT_CAPACITY,
) -> None:
    """新增账号，显示新生成的口令。"""
    password = passwords.generate_password()

    async def work(session: AsyncSession, runtime: Runtime) -> None:
        place = await departments.by_code(session, department) if department else None
        if department and place is None:
            raise StaffRefused(f"没有代码为 {department} 的部门。")
        new = NewStaff(username, number, name, role, place.id if place else None, capacity)
        await staff.create(session, new, password, "system", runtime.clock.now())

    _write(work)
    console.print(f"[green]✓[/] 账号 {username} 已建立，口令：[bold]{password}[/]（只显示这一次）")


@app.command("reset-password")
def reset_password(username: Annotated[str, typer.Argument(help="用户名")]) -> None:
    """重置口令，显示新生成的口令；原有登录全部失效。"""
    password = passwords.generate_password()

    async def work(session: AsyncSession, runtime: Runtime) -> None:
        known = await _known(session, username)
        await sign_in.reset_password(session, known.id, password, "system", runtime.clock.now())

    _write(work)
    console.print(f"[green]✓[/] {username} 的新口令：[bold]{password}[/]（只显示这一次）")


@app.command("deactivate")
def deactivate(username: Annotated[str, typer.Argument(help="用户名")]) -> None:
    """停用账号：立即退出登录，不能再登录。"""

    async def work(session: AsyncSession, runtime: Runtime) -> None:
        known = await _known(session, username)
        await staff.deactivate(session, known.id, "system", runtime.clock.now())

    _write(work)
    console.print(f"[green]✓[/] {username} 已停用")


@app.command("list")
def list_users() -> None:
    """列出全部账号。"""
    table = Table()
    for heading in ("用户名", "工号", "姓名", "角色", "部门", "状态"):
        table.add_column(heading)

    async def work(session: AsyncSession, runtime: Runtime) -> None:
        names = {row.id: row.name for row in await session.execute(select(Department.id, Department.name))}
        for known in await session.scalars(select(Staff).order_by(Staff.number)):
            place = names.get(known.department_id, "") if known.department_id else ""
            state = "在用" if known.active else "停用"
            table.add_row(known.username, known.number, known.name, known.role.label, place, state)

    _write(work)
    console.print(table)


async def _known(session: AsyncSession, username: str) -> Staff:
    found = await staff.by_username(session, username)
    if found is None:
        raise StaffRefused(f"没有用户名为 {username} 的账号。")
    return found


def _write(work: Callable[[AsyncSession, Runtime], Awaitable[Any]]) -> None:
    """Runs ``work`` in one transaction; a refusal is told in one line."""

    async def transaction(runtime: Runtime, _step: Step) -> None:
        async with runtime.database.write() as session:
            await work(session, runtime)

    try:
        run_on_database(transaction)
    except StaffRefused as refused:
        raise fail(str(refused)) from refused
