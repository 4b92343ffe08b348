"""``huiyin doctor``: says what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from core.database import Database, DatabaseUnreachable
from core.logs import configure_logs
from core.outbox import DEAD, OutboxRow
from core.privacy import KeyRefused, key_file, load_keyring, use_keys
from core.settings import Settings, load_settings
from huiyin.cli.console import console
from huiyin.settings_table import rows

_FREE_BYTES = 2 * 1024**3
_FEW = 3


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    what: str
    good: bool
    told: str
    needed: bool = True
    """Whether the service cannot run without it."""


def doctor(
    settings_table: Annotated[bool, typer.Option("--settings", help="列出全部设置项。")] = False,
) -> None:
    """检查安装：缺什么、怎么补。有必需项不合格时以 1 退出。"""
    configure_logs("ERROR")
    settings = load_settings()
    if settings_table:
        _show_settings()
        return
    findings = [check(settings) for check in CHECKS] + _dead_letters(settings) + _speech(settings)
    findings += _phone(settings)
    table = Table()
    for heading in ("", "检查项", "结果"):
        table.add_column(heading)
    for finding in findings:
        mark = "[green]✓[/]" if finding.good else ("[red]✗[/]" if finding.needed else "[yellow]–[/]")
        table.add_row(mark, finding.what, finding.told)
    console.print(table)
    if any(finding.needed and not finding.good for finding in findings):
        raise typer.Exit(1)


def _python(settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python 3.10", sys.version_info[:2] == (3, 10), version)


def _city(settings: Settings) -> Finding:
    from backoffice.city import problems
    from backoffice.city_pack import read_city_pack
    from backoffice.pack_problems import CityPackRefused

    try:
        found = problems(read_city_pack(settings.city_dir))
    except (CityPackRefused, OSError) as problem:
        return Finding("城市资料", False, str(problem))
    if found:
        more = f"；还有 {len(found) - _FEW} 处" if len(found) > _FEW else ""
        return Finding("城市资料", False, "；".join(found[:_FEW]) + more, needed=False)
    return Finding("城市资料", True, str(settings.city_dir))


def _emergency(settings: Settings) -> Finding:
    from backoffice.city_facts import read_city_facts
    from backoffice.pack_problems import CityPackRefused

    try:
        unknown = read_city_facts(settings.city_dir).unknown_phones
    except (CityPackRefused, OSError) as problem:
        return Finding("应急电话", False, str(problem))
    if unknown:
        told = f"没有{'、'.join(unknown)}电话，遇到危险时不说；请写进 {settings.city_dir / 'emergency.yml'}"
        return Finding("应急电话", False, told, needed=False)
    return Finding("应急电话", True, "都有")


def _province(settings: Settings) -> Finding:
    from backoffice.city_pack import GazetteerFile, read_part
    from backoffice.pack_problems import CityPackRefused
    from bot.reading.elsewhere import province_of
    from knowledge.places import names_of_city

    try:
        file = read_part(settings.city_dir, "gazetteer", GazetteerFile)
    except (CityPackRefused, OSError) as problem:
        return Finding("省份", False, str(problem))
    province = file.province or province_of(frozenset(names_of_city(file.city)))
    told = f"不知道{file.city}在哪个省，市民说到本省会被当成外地；请在 gazetteer.yml 里写 province"
    return Finding("省份", bool(province), province or told, needed=False)


def _address_model(settings: Settings) -> Finding:
    from bot.addresses.model_file import load
    from bot.addresses.refusals import BadAddressModel

    if settings.address_model is None:
        return Finding("地址要素模型", True, "没有设置，按地名库和规则识别地址", needed=False)
    try:
        model = load(settings.address_model)
    except BadAddressModel as problem:
        return Finding("地址要素模型", False, str(problem), needed=False)
    return Finding("地址要素模型", True, f"{settings.address_model}，由 {model.examples} 条地址训练")


def _key(settings: Settings) -> Finding:
    if settings.master_key is not None:
        return Finding("主密钥", True, "来自环境变量")
    path = key_file(settings)
    if not path.exists():
        return Finding("主密钥", True, f"首次启动时生成 {path}", needed=False)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("主密钥", False, f"{path}（权限 {mode:o}），请执行 chmod 600 {path}")
    try:
        load_keyring(settings)
    except KeyRefused as problem:
        return Finding("主密钥", False, str(problem))
    return Finding("主密钥", True, f"{path}（权限 {mode:o}）")


def _database(settings: Settings) -> Finding:
    kind = "SQLite" if settings.resolved_database_url.startswith("sqlite") else "PostgreSQL"
    if not settings.database_url and not settings.database_file.exists():
        return Finding("数据库", True, f"首次启动时建立 {settings.database_file}", needed=False)
    try:
        return asyncio.run(_look_into_database(settings, kind))
    except DatabaseUnreachable as problem:
        return Finding("数据库", False, f"{kind} 连不上：{problem}")
    except KeyRefused as problem:
        return Finding("数据库", False, f"{kind} {problem}")


async def _look_into_database(settings: Settings, kind: str) -> Finding:
    from huiyin.migrate import is_current
    from huiyin.opening import check_key

    database = Database(settings.resolved_database_url)
    try:
        await database.reach()
        if not await is_current(database):
            return Finding("数据库", False, f"{kind} 结构不是最新，请运行 huiyin migrate")
        if settings.master_key is not None or key_file(settings).exists():
            use_keys(load_keyring(settings))
            async with database.read() as session:
                await check_key(session)
    finally:
        await database.close()
    return Finding("数据库", True, kind)


def _dead_letters(settings: Settings) -> list[Finding]:
    """What could not be delivered; nothing while there is no database to look into."""
    if not settings.database_url and not settings.database_file.exists():
        return []
    try:
        given_up = asyncio.run(_count_dead_letters(settings))
    except (DatabaseUnreachable, DBAPIError):
        return []  # the row of the database says why
    told = f"{given_up} 条没有发出去：运行 huiyin outbox list 看原因，运行 huiyin outbox revive --all 重发"
    return [Finding("待发短信", not given_up, told if given_up else "没有发不出去的", needed=False)]


async def _count_dead_letters(settings: Settings) -> int:
    database = Database(settings.resolved_database_url)
    try:
        await database.reach()
        async with database.read() as session:
            return await session.scalar(select(func.count()).where(OutboxRow.status == DEAD)) or 0
    finally:
        await database.close()


def _model(settings: Settings) -> Finding:
    from bot.training import trained_model

    model = trained_model(settings)
    return Finding("对话模型", model is not None, model.name if model else "还没有训练，请运行 huiyin train")


def _port(settings: Settings) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as problem:
            return Finding(
                "监听端口", False, f"{settings.host}:{settings.port} {os.strerror(problem.errno or 0)}", needed=False
            )
    return Finding("监听端口", True, f"{settings.host}:{settings.port} 空闲")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir if settings.data_dir.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free
    return Finding("磁盘空间", free >= _FREE_BYTES, f"剩余 {free / 1024**3:.1f} GB")


def _sms(settings: Settings) -> Finding:
    if not settings.kannel_send_url:
        return Finding("短信（Kannel）", False, "未配置，短信渠道关闭；见 deploy/kannel/README.md", needed=False)
    complete = bool(settings.kannel_username and settings.kannel_get_secret.get_secret_value())
    return Finding(
        "短信（Kannel）", complete, settings.kannel_send_url if complete else "缺少用户名或回调密钥", needed=False
    )


def _speech(settings: Settings) -> list[Finding]:
    from speech.setting_up import shortcomings

    return [Finding(what, good, told, needed=False) for what, good, told in shortcomings(settings)]


def _phone(settings: Settings) -> list[Finding]:
    from huiyin.cli.doctor_phone import phone_rows

    return [Finding(row.what, row.good, row.told, row.needed) for row in phone_rows(settings)]


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _python,
    _city,
    _emergency,
    _province,
    _address_model,
    _key,
    _database,
    _model,
    _port,
    _disk,
    _sms,
)


def _show_settings() -> None:
    table = Table(title="设置项（环境变量或 .env）", title_justify="left")
    for heading in ("变量", "默认值", "说明"):
        table.add_column(heading, overflow="fold")
    for row in rows():
        table.add_row(row.variable, row.default or "–", row.description)
    console.print(table)
