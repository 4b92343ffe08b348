"""What ``huiyin doctor`` finds of the telephone: port, secret, the PBX's folder, numbers that are no extensions."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from backoffice.duty import DESK_ROLES
from backoffice.staff import Staff
from core.database import Database, DatabaseUnreachable
from core.settings import Settings

_EXTENSION: Final = re.compile(r"\d{3,4}")
_SHORTEST_SECRET: Final = 16
_LOOKED_AT: Final = 50
"""Recordings of the PBX's that are tried."""
_SHARED: Final = "让 Asterisk 和回音在同一个组，执行 chmod 2770 {folder}，Asterisk 的 umask 设为 007"


@dataclass(frozen=True)
class Row:
    """What one check found."""

    what: str
    good: bool
    told: str
    needed: bool = False


def phone_rows(settings: Settings) -> list[Row]:
    """All that is to be said of the telephone; one row where it is switched off."""
    if not settings.audiosocket_port:
        told = "没有设置 HUIYIN_AUDIOSOCKET_PORT，电话渠道关闭；见 deploy/asterisk/README.md"
        return [Row("电话（Asterisk）", False, told)]
    return [_port(settings), _secret(settings), _folder(settings.pbx_recordings), *_extensions(settings)]


def _port(settings: Settings) -> Row:
    what, place = "电话端口（AudioSocket）", f"{settings.audiosocket_host}:{settings.audiosocket_port}"
    try:
        _bind(settings.audiosocket_host, settings.audiosocket_port)
    except socket.gaierror:
        return Row(what, False, f"{place} 里的主机名查不到，请改成本机或者内网的地址")
    except OSError as problem:
        told = f"{place} {os.strerror(problem.errno or 0)}；回音正在运行时是正常的，不在运行就要换一个端口"
        return Row(what, False, told)
    if settings.audiosocket_host in {"", "0.0.0.0", "::"}:  # noqa: S104 - read, not bound
        return Row(what, False, f"{place} 对所有网卡开放：这个端口没有加密和口令，请改成本机或者内网的地址")
    return Row(what, True, f"{place} 空闲")


def _bind(host: str, port: int) -> None:
    """Tries every address of ``host``, as the service takes calls on all of them that are of a family the machine
    speaks. Raises OSError."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    spoken = [one for one in found if _is_spoken(one[0])]
    for family, kind, protocol, _, address in spoken or found:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)


def _is_spoken(family: socket.AddressFamily) -> bool:
    try:
        socket.socket(family).close()
    except OSError:
        return False
    return True


def _secret(settings: Settings) -> Row:
    what, secret = "电话口令（PBX）", settings.pbx_secret.get_secret_value()
    if not secret:
        told = "HUIYIN_PBX_SECRET 是空的，Asterisk 的询问都会被拒绝，来电全部直接转人工；用 openssl rand -hex 24 生成"
        return Row(what, False, f"{told}，globals.conf 的 SECRET 写一样的", needed=True)
    if len(secret) < _SHORTEST_SECRET:
        return Row(what, False, f"HUIYIN_PBX_SECRET 太短，至少 {_SHORTEST_SECRET} 个字符；用 openssl rand -hex 24 生成")
    return Row(what, True, "已设置；globals.conf 的 SECRET 要一样")


def _folder(folder: Path | None) -> Row:
    what = "人工通话录音"
    if folder is None:
        told = "没有设置 HUIYIN_PBX_RECORDINGS：话务员的通话录音、交换机代收的留言和未接来电都收不到"
        return Row(what, False, told)
    if not folder.is_dir():
        return Row(what, False, f"没有 {folder}：要和 globals.conf 的 RECORDINGS 是同一个文件夹")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Row(what, False, f"回音不能读写 {folder}：{_SHARED.format(folder=folder)}")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o007:
        return Row(what, False, f"{folder}（权限 {mode:o}）里的录音别人也能看到：{_SHARED.format(folder=folder)}")
    closed = [path for path in sorted(folder.glob("*.wav"))[:_LOOKED_AT] if not os.access(path, os.R_OK)]
    if closed:
        return Row(what, False, f"读不了 {folder} 里的录音，比如 {closed[0].name}：{_SHARED.format(folder=folder)}")
    hint = "" if mode & 0o070 == 0o070 else f"；Asterisk 用别的用户运行时，{_SHARED.format(folder=folder)}"
    return Row(what, True, f"{folder}（权限 {mode:o}）{hint}")


def _extensions(settings: Settings) -> list[Row]:
    """Numbers of staff that the dialplan takes for no extension; nothing while there is no database to look into."""
    if not settings.database_url and not settings.database_file.exists():
        return []
    try:
        numbers = asyncio.run(_numbers(settings))
    except (DatabaseUnreachable, DBAPIError):
        return []  # the row of the database says why
    odd = [number for number in numbers if not _EXTENSION.fullmatch(number)]
    told = (
        f"工号 {'、'.join(odd[:5])}{'等' if odd[5:] else ''}不能作分机：分机就是工号，要三到四位数字，这些人接不到电话"
    )
    return [Row("座席分机", not odd, told if odd else "工号都能作分机")]


async def _numbers(settings: Settings) -> list[str]:
    database = Database(settings.resolved_database_url)
    try:
        await database.reach()
        async with database.read() as session:
            at_desk = select(Staff.number).where(Staff.active, Staff.role.in_(DESK_ROLES))
            return list(await session.scalars(at_desk.order_by(Staff.number)))
    finally:
        await database.close()
