"""What the doctor finds of the telephone, and what to do about it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backoffice.staff import Role, Staff
from core.clock import FrozenClock
from core.runtime import Runtime
from core.settings import Settings
from huiyin.cli.doctor_phone import phone_rows
from tests.phone.ports import free_port

LONG = SecretStr("0123456789abcdef")


def told(settings: Settings, **changed: Any) -> dict[str, tuple[bool, bool, str]]:
    on = {"audiosocket_port": free_port(), "pbx_secret": LONG, **changed}
    return {row.what: (row.good, row.needed, row.told) for row in phone_rows(settings.model_copy(update=on))}


def test_a_telephone_that_is_off_is_one_row(sqlite_settings: Settings) -> None:
    [(good, needed, words)] = told(sqlite_settings, audiosocket_port=0).values()
    assert (good, needed) == (False, False)
    assert "电话渠道关闭" in words


@pytest.mark.parametrize(
    ("changed", "what", "good", "needed", "words"),
    [
        ({}, "电话口令（PBX）", True, False, "已设置"),
        ({"pbx_secret": SecretStr("")}, "电话口令（PBX）", False, True, "来电全部直接转人工"),
        ({"pbx_secret": SecretStr("abc")}, "电话口令（PBX）", False, False, "太短"),
        ({}, "电话端口（AudioSocket）", True, False, "空闲"),
        ({"audiosocket_host": "::1"}, "电话端口（AudioSocket）", True, False, "空闲"),
        ({"audiosocket_host": "no such host"}, "电话端口（AudioSocket）", False, False, "查不到"),
        ({"audiosocket_host": "0.0.0.0"}, "电话端口（AudioSocket）", False, False, "没有加密和口令"),
        ({"audiosocket_host": "::"}, "电话端口（AudioSocket）", False, False, "没有加密和口令"),
        ({}, "人工通话录音", False, False, "没有设置"),
        ({"pbx_recordings": Path("/no/such")}, "人工通话录音", False, False, "没有 /no/such"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    sqlite_settings: Settings, changed: dict[str, Any], what: str, good: bool, needed: bool, words: str
) -> None:
    found = told(sqlite_settings, **changed)[what]
    assert found[:2] == (good, needed)
    assert words in found[2]


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_port_in_use_is_told(sqlite_settings: Settings, family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family) as taken:
        taken.bind((host, 0))
        taken.listen()
        port = taken.getsockname()[1]
        good, _, words = told(sqlite_settings, audiosocket_host=host, audiosocket_port=port)["电话端口（AudioSocket）"]
    assert (good, "换一个端口" in words) == (False, True)


def test_an_address_of_a_family_the_machine_does_not_speak_is_left_out_as_the_service_does(
    sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up, port = socket.getaddrinfo, free_port()
    unspoken = (socket.AF_IPX, socket.SOCK_STREAM, 0, "", ("::1", port))

    def with_another(*asked: Any, **more: Any) -> list[Any]:
        return [unspoken, *look_up(*asked, **more)]

    async def service() -> None:
        (await asyncio.start_server(print, "localhost", port)).close()

    monkeypatch.setattr(socket, "getaddrinfo", with_another)
    asyncio.run(service())
    good, _, words = told(sqlite_settings, audiosocket_host="localhost", audiosocket_port=port)[
        "电话端口（AudioSocket）"
    ]
    assert (good, "空闲" in words) == (True, True)


def test_a_folder_everybody_can_read_is_told(sqlite_settings: Settings, tmp_path: Path) -> None:
    for mode, fine, hint in ((0o2770, True, ""), (0o700, True, "chmod 2770"), (0o755, False, "别人也能看到")):
        tmp_path.chmod(mode)
        good, _, words = told(sqlite_settings, pbx_recordings=tmp_path)["人工通话录音"]
        assert (good, hint in words) == (fine, True), mode


def test_numbers_that_are_no_extensions_are_named(sqlite_settings: Settings, clock: FrozenClock) -> None:
    async def hire(*numbers: str) -> None:
        runtime, now = Runtime.start(sqlite_settings, clock), clock.now()
        async with runtime.database.write() as session:
            for number in numbers:
                role = Role.HANDLER if number == "h1" else Role.AGENT
                row = {"username": number, "number": number, "name": number, "role": role, "password_hash": ""}
                session.add(Staff(**row, created_at=now, password_changed_at=now))
        await runtime.database.close()

    asyncio.run(hire("1001", "301", "h1"))
    assert told(sqlite_settings)["座席分机"][0]
    asyncio.run(hire("10001", "wang"))
    good, _, words = told(sqlite_settings)["座席分机"]
    assert not good
    assert "10001、wang不能作分机" in words.replace(" ", "")
