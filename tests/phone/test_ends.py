"""How a call is kept that has ended: whatever comes first, and when the service stops in the middle of it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from backoffice.calls import Call
from channels.voice import call as leading
from channels.voice import pbx_folder
from channels.voice.leaving import End, store
from channels.voice.link import Link
from core.clock import SystemClock
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import running_app
from tests.fixtures.kannel import until
from tests.phone.conftest import Exchange
from tests.phone.led import stored
from tests.phone.line import CITIZEN, SECRET, line
from tests.phone.ports import with_phone


async def tell_put_down(phone: Exchange, call_id: str, *, waited: bool = False) -> str:
    """What the PBX is answered."""
    form = {"uuid": call_id, "secret": SECRET, "waited": str(int(waited)), "answered": "0"}
    async with aiohttp.ClientSession() as session, session.post(f"{phone.base}/voice/pbx/ended", data=form) as got:
        return await got.text()


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
        assert await tell_put_down(phone, call.call_id) == "ok"
        kept = await stored(phone, call.call_id)
    assert (kept.ending, kept.follow_up) == ("hung_up", None)


@pytest.fixture
def stored_now(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """No end of a call is stored before it is set."""
    now = asyncio.Event()

    async def slowly(link: Link, end: End) -> None:
        await now.wait()
        await store(link, end)

    monkeypatch.setattr(leading, "store", slowly)
    return now


@pytest.mark.parametrize("noted", [True, False], ids=["with the PBX's folder", "without"])
async def test_a_citizen_whose_end_is_stored_slowly_is_not_called_back(
    sqlite_settings: Settings,
    engine: ScriptedEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stored_now: asyncio.Event,
    noted: bool,
) -> None:
    monkeypatch.setattr(pbx_folder, "_EVERY", 0.2)
    folder = tmp_path / "recordings"
    folder.mkdir()
    settings = with_phone(sqlite_settings, pbx_recordings=folder if noted else None)
    async with running_app(settings, SystemClock(), engine) as app:
        phone = Exchange(app, settings.audiosocket_port)
        async with line(phone.base, phone.port) as call:
            await until(lambda: call.seconds > 0.4, "no greeting")
            await call.hang_up()
            if await tell_put_down(phone, call.call_id) == "later":  # as the dialplan does it
                (folder / f"{call.call_id}.ended").write_text(f"uuid={call.call_id}&at=1790000000&waited=0&answered=0")
            await asyncio.sleep(1.5)  # longer than the folder waits for the PBX
            async with app.runtime.database.read() as session:
                assert (await session.get_one(Call, call.call_id)).ending is None
            stored_now.set()
        kept = await stored(phone, call.call_id)
        await until(lambda: not list(folder.glob("*.ended")), "the note is not taken over")
        await asyncio.sleep(1.2)  # and than it is looked again
        kept = await stored(phone, call.call_id)
    assert (kept.ending, kept.follow_up) == ("hung_up", None)


@pytest.mark.parametrize("noted", [True, False], ids=["with the PBX's folder", "without"])
async def test_who_gives_up_waiting_before_the_end_with_the_bot_is_stored_is_called_back_soon(
    sqlite_settings: Settings, engine: ScriptedEngine, tmp_path: Path, stored_now: asyncio.Event, noted: bool
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    settings = with_phone(sqlite_settings, pbx_recordings=folder if noted else None)
    async with running_app(settings, SystemClock(), engine) as app:
        phone = Exchange(app, settings.audiosocket_port)
        async with line(phone.base, phone.port) as call:
            await until(lambda: call.seconds > 0.4, "no greeting")
            await call.hang_up()
            assert await tell_put_down(phone, call.call_id, waited=True) == ("later" if noted else "ok")
            await asyncio.sleep(2)  # longer than until the folder is looked into
            stored_now.set()

        async def is_missed() -> bool:
            return (await stored(phone, call.call_id)).follow_up == "missed"

        await until(is_missed, "nobody calls back")


async def test_a_service_that_stops_does_not_say_that_a_put_down_is_kept_which_is_not(
    sqlite_settings: Settings, engine: ScriptedEngine, tmp_path: Path, stored_now: asyncio.Event
) -> None:
    settings = with_phone(sqlite_settings, pbx_recordings=tmp_path)
    async with running_app(settings, SystemClock(), engine) as app:
        phone = Exchange(app, settings.audiosocket_port)
        async with line(phone.base, phone.port) as call:
            await until(lambda: call.seconds > 0.4, "no greeting")
            await call.hang_up()
            telling = asyncio.create_task(tell_put_down(phone, call.call_id, waited=True))
            await asyncio.sleep(0.3)
            stopping = asyncio.create_task(app.app.ctx.gateway.stop())
            assert await telling == "later"
            stored_now.set()
            await stopping


async def test_who_gave_up_waiting_is_called_back_also_where_the_pbx_does_not_wait_until_that_is_stored(
    phone: Exchange,
) -> None:
    async with line(phone.base, phone.port) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        await call.hang_up()
    await stored(phone, call.call_id)
    data_dir = phone.app.runtime.settings.data_dir
    with closing(sqlite3.connect(data_dir / "huiyin.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")  # somebody else writes
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(tell_put_down(phone, call.call_id, waited=True), 0.5)
        database.execute("COMMIT")

    async def is_missed() -> bool:
        return (await stored(phone, call.call_id)).follow_up == "missed"

    await until(is_missed, "nobody calls back")


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
    assert await tell_put_down(phone, call.call_id, waited=True) == "ok"
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
