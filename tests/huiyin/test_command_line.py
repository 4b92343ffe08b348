"""What an administrator has set wrongly is told in a line of Chinese, and looking changes nothing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from backoffice import orders
from backoffice.kinds import Kind
from backoffice.order_tables import Order
from core import conversations, history
from core.clock import CHINA, china_time
from core.contacts import Sender
from core.messages import InboundMessage
from core.outbox import OutboxRow, OutboxWorker, Undeliverable, enqueue
from core.runtime import Runtime
from core.settings import ROOT, Settings
from huiyin.cli.chat import _typed
from huiyin.cli.main import COMMANDS, app
from huiyin.migrate import migrate
from huiyin.preparing import prepare

_HUIYIN = "from huiyin.cli.main import main; main()"


def run(
    folder: Path, *arguments: str, program: str = _HUIYIN, patience: int = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    """``huiyin`` with these arguments, its data in ``folder``; ``patience`` in seconds."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("HUIYIN_")}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=known | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "HUIYIN_DATA_DIR": str(folder / "var")} | environment,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )


def test_the_overview_answers_without_importing_what_a_command_needs(tmp_path: Path) -> None:
    looked = "import sys; from huiyin.cli.main import COMMANDS, app; app(standalone_mode=False); "
    looked += "assert not {'sqlalchemy', 'sanic', 'sklearn', 'rasa'} & set(sys.modules), 'imported'"
    done = run(tmp_path, "--help", program=looked)
    assert done.returncode == 0, done.stderr
    assert all(command in done.stdout for command in COMMANDS)


def test_a_talk_in_the_terminal_ends_where_the_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("你好\n"))
    assert [_typed(), _typed()] == ["你好", ""]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_overview_is_there_and_told_alike(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"huiyin {command}" in shown.output or f"{command} [OPTIONS]" in shown.output


@pytest.mark.parametrize(
    ("command", "setting", "value", "told"),
    [
        ("doctor", "PORT", "99999", "设置 HUIYIN_PORT 不对：不能大于 65535"),
        ("doctor", "PORT", "八千", "设置 HUIYIN_PORT 不对：要是整数"),
        ("doctor", "MASTER_KEY", "c2VjcmV0", "设置 HUIYIN_MASTER_KEY 不对：要是 32 个字节"),
        ("doctor", "DATABASE_URL", "mysql://secret@host/x", "设置 HUIYIN_DATABASE_URL 不对：要写成 postgresql+asyncpg"),
        ("migrate", "DATABASE_URL", "postgresql+asyncpg://secret@127.0.0.1:1/x", "数据库连不上"),
        ("serve", "CITY_DIR", "no-such-city", "城市资料读不出来，请检查 HUIYIN_CITY_DIR"),
    ],
)
def test_a_wrong_setting_is_told_in_a_line(tmp_path: Path, command: str, setting: str, value: str, told: str) -> None:
    done = run(tmp_path, command, **{f"HUIYIN_{setting}": value})
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
    assert "c2Vj" not in done.stderr


def test_the_doctor_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", HUIYIN_AUDIOSOCKET_PORT="9092")
    assert "HUIYIN_PBX_SECRET 是空的" in done.stderr
    assert "没有设置 HUIYIN_PBX_RECORDINGS" in done.stderr
    assert "首次启动时生成" in done.stderr
    assert "首次启动时建立" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_tells_what_a_city_pack_leaves_out(tmp_path: Path) -> None:
    small = ROOT / "tests" / "backoffice" / "small_city"
    told = run(tmp_path, "doctor", HUIYIN_CITY_DIR=str(small)).stderr.replace("\n", "")
    assert "没有燃气抢修电话" in told
    assert "海南省" in told
    assert "abolished" in told


def test_the_doctor_prints_the_settings_as_the_documents_do(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", "--settings")
    assert done.returncode == 0
    assert "cities/yunzhou" in done.stderr
    assert str(ROOT) not in done.stderr


async def test_data_of_another_key_are_noticed_before_anything_is_done_with_them(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "var")  # type: ignore[call-arg]
    runtime = Runtime.start(settings)
    await migrate(runtime.database)
    async with runtime.database.write() as session:
        said = InboundMessage(Sender("webchat", "", "v1"), "1", "路灯不亮")
        await conversations.receive(session, said, runtime.clock.now())
    await runtime.database.close()

    other = {"HUIYIN_MASTER_KEY": b64encode(bytes(32)).decode()}
    for command in ("migrate", "doctor"):
        done = run(tmp_path, command, **other)
        assert done.returncode == 1
        assert "另一个主密钥" in done.stderr


async def test_what_could_not_be_delivered_is_told_and_sent_again_by_hand(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "var")  # type: ignore[call-arg]
    runtime = Runtime.start(settings)
    await migrate(runtime.database)
    assert "没有发不出去的" in run(tmp_path, "doctor").stderr

    async def refused(payload: Mapping[str, Any]) -> None:
        raise Undeliverable(f"no route to {payload['what']}")

    for number in ("1", "2", "3"):
        async with runtime.database.write() as session:
            now = runtime.clock.now()
            await enqueue(session, topic="sms", key=number, shard=number, payload={"what": number}, now=now)
    await OutboxWorker(runtime.database, runtime.clock, {"sms": refused}).work_once()

    told = run(tmp_path, "doctor")
    assert "3 条没有发出去" in told.stderr
    listed = run(tmp_path, "outbox", "list")
    assert all(f"no route to {number}" in listed.stderr for number in "123")

    async def standing() -> list[str]:
        async with runtime.database.read() as session:
            return list(await session.scalars(select(OutboxRow.status).order_by(OutboxRow.id)))

    for arguments in ((), ("1", "--all")):
        assert run(tmp_path, "outbox", "revive", *arguments).returncode == 1
    assert await standing() == ["dead"] * 3
    one = run(tmp_path, "outbox", "revive", "2", "99")
    assert (one.returncode, "1 条重新等待发送" in one.stderr, "99" in one.stderr) == (1, True, True)
    assert await standing() == ["dead", "pending", "dead"]
    assert run(tmp_path, "outbox", "revive", "--all").returncode == 0
    assert await standing() == ["pending"] * 3
    assert "没有发不出去的短信" in run(tmp_path, "outbox", "list").stderr
    await runtime.database.close()


async def test_one_day_of_the_calendar_is_changed_by_hand_and_deadlines_follow(tmp_path: Path) -> None:
    runtime = Runtime.start(Settings(_env_file=None, data_dir=tmp_path / "var"))  # type: ignore[call-arg]
    await prepare(runtime)
    filed_at = datetime(2026, 11, 16, 10, 0, tzinfo=CHINA)
    async with runtime.database.write() as session:
        draft = orders.OrderDraft(kind=Kind.SUGGEST, content="建议人民公园多装几盏路灯", channel="webchat")
        number = (await orders.file(session, draft, key="calendar", now=filed_at)).order.number

    async def due() -> datetime:
        async with runtime.database.read() as session:
            due_at = await session.scalar(select(Order.due_at).where(Order.number == number))
        assert due_at is not None
        return china_time(due_at)

    before = await due()
    assert "元旦" in run(tmp_path, "calendar", "list", "--year", "2026").stderr
    assert run(tmp_path, "calendar", "set", before.date().isoformat(), "holiday").returncode == 1
    done = run(tmp_path, "calendar", "set", before.date().isoformat(), "holiday", "--name", "市庆日")
    assert "放假，1 件工单的时限变了" in done.stderr
    assert await due() > before
    assert "市庆日" in run(tmp_path, "calendar", "list", "--year", "2026").stderr
    assert run(tmp_path, "calendar", "set", before.date().isoformat(), "ordinary").returncode == 0
    assert await due() == before
    async with runtime.database.read() as session:
        entries = await history.of(session, "calendar", before.date().isoformat())
    assert [(entry.action, entry.actor) for entry in entries] == [("set_day", "system")] * 2
    await runtime.database.close()
