"""How a call is kept that has ended: whatever comes first, and when the service stops in the middle of it."""

from __future__ import annotations

import asyncio
import sqlite3

import aiohttp
import pytest

from core.clock import SystemClock
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import running_app
from tests.fixtures.kannel import until
from tests.phone.conftest import Exchange
from tests.phone.line import CITIZEN, SECRET, line
from tests.phone.ports import with_phone
from tests.phone.test_lines import stored


async def tell_put_down(phone: Exchange, call_id: str, *, waited: bool = False) -> None:
    form = {"uuid": call_id, "secret": SECRET, "waited": str(int(waited)), "answered": "0"}
    async with aiohttp.ClientSession() as session, session.post(f"{phone.base}/voice/pbx/ended", data=form) as got:
        assert await got.text() == "ok"


@pytest.mark.parametrize("told_first", [True, False], ids=["the PBX tells first", "the line ends first"])
async def test_a_citizen_who_puts_down_while_the_bot_talks_is_not_called_back(
    phone: Exchange, told_first: bool
) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        telling = asyncio.create_task(tell_put_down(phone, call.call_id)) if told_first else None
        await asyncio.sleep(0.1)
        await call.hang_up()
        if telling is not None:
            await telling
    kept = await stored(phone, call.call_id)
    if not told_first:
        await tell_put_down(phone, call.call_id)
        kept = await stored(phone, call.call_id)
    assert (kept.ending, kept.follow_up) == ("hung_up", None)


@pytest.mark.parametrize(("caller", "follow_up"), [("anonymous", None), (CITIZEN, "missed")])
async def test_who_waited_in_vain_is_called_back_where_the_line_tells_a_number(
    phone: Exchange, caller: str, follow_up: str | None
) -> None:
    async with line(phone.base, phone.port, caller=caller) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        await call.press("0")
        await asyncio.sleep(0.5)
        await call.hang_up()
    await stored(phone, call.call_id)
    await tell_put_down(phone, call.call_id, waited=True)
    kept = await stored(phone, call.call_id)
    assert (kept.ending, kept.follow_up) == ("unanswered", follow_up)


async def test_a_service_that_stops_in_the_middle_of_a_call_still_stores_its_end(
    sqlite_settings: Settings, engine: ScriptedEngine
) -> None:
    settings = with_phone(sqlite_settings)
    database = sqlite3.connect(settings.data_dir / "huiyin.db", isolation_level=None, check_same_thread=False)
    async with running_app(settings, SystemClock(), engine) as app:
        phone = Exchange(app, settings.audiosocket_port)
        async with line(phone.base, phone.port) as call:
            await until(lambda: call.seconds > 0.4, "no greeting")
            database.execute("BEGIN IMMEDIATE")  # somebody else writes for longer than a task is asked once to end
            asyncio.get_running_loop().call_later(1.5, database.execute, "COMMIT")
            await app.app.ctx.gateway.stop()
            [(ended_at,)] = database.execute("SELECT ended_at FROM calls WHERE id = ?", [call.call_id]).fetchall()
    database.close()
    assert ended_at is not None
