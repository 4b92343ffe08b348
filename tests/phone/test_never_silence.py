"""Never silence: whatever of ours breaks in the middle of a real call, the citizen is with people two seconds later."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from backoffice import calls
from core.clock import SystemClock
from core.conversations import TurnOutcome
from core.settings import ROOT, Settings
from speech import espeak
from speech.recognition import RecognitionFailed
from speech.vosk_recognition import VoskUtterance
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import running_app
from tests.fixtures.asterisk import Asterisk, running_asterisk
from tests.fixtures.kannel import until
from tests.fixtures.postgresql import Cluster
from tests.fixtures.sip import Call, sip_phone
from tests.fixtures.voices import said
from tests.phone.line import SECRET
from tests.phone.ports import free_port, with_phone

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="module")]

Note = Callable[[str, object], None]
"""Writes a figure into the report of a test run (:mod:`benchmarks.broken_calls` reads it there)."""
WHEN_BROKEN = "seconds to a person"
IN_TIME = 2.0
BUSY = 1.0
"""Seconds that a machine busy with other tests may add."""


@dataclass
class Pbx:
    """An Asterisk whose service can be changed."""

    asterisk: Asterisk
    audiosocket_port: int = 0

    def serve(self, port: int, audiosocket_port: int) -> None:
        """Calls go to the service on these ports from now on."""
        self.audiosocket_port = audiosocket_port
        self.asterisk.command(f"dialplan set global SERVICE http://127.0.0.1:{port}")
        self.asterisk.command(f"dialplan set global AUDIOSOCKET 127.0.0.1:{audiosocket_port}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pbx]:
    ports = (free_port(), free_port(), 20000 + free_port() % 20000)
    folder = tmp_path_factory.mktemp("pbx")
    async with running_asterisk(
        folder, service=f"http://127.0.0.1:{free_port()}", audiosocket=free_port(), secret=SECRET, ports=ports
    ) as asterisk:
        yield Pbx(asterisk)


@dataclass
class InCall:
    """A citizen who hears the bot, and an agent who waits for a call."""

    citizen: Call
    agent_rings: asyncio.Event
    note: Note

    async def reaches_a_person(self) -> float:
        """Seconds until an agent's telephone rings."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await asyncio.wait_for(self.agent_rings.wait(), 15)
        assert not self.citizen.ended.is_set()
        took = loop.time() - begun
        self.note(WHEN_BROKEN, f"{took:.3f}")
        return took


@asynccontextmanager
async def in_call(pbx: Pbx, note: Note) -> AsyncIterator[InCall]:
    port = pbx.asterisk.sip_port
    async with sip_phone("1001", port) as agent, sip_phone("citizen", port) as citizen:
        await agent.register()
        call = await citizen.dial("12345", caller="13800138000")
        await until(lambda: len(call.rtp.sounds) > 50, "the bot says nothing")
        yield InCall(call, agent.rings, note)


@contextmanager
def process(pbx: Pbx, folder: Path, schema: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a process of its own."""
    port, audiosocket_port = free_port(), free_port()
    shutil.copy(schema, folder / "huiyin.db")
    command = [sys.executable, "-m", "tests.phone.service", str(folder), str(port), str(audiosocket_port)]
    pbx.serve(port, audiosocket_port)
    with (folder / "service.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield running
    finally:
        running.kill()
        running.wait(10)


async def is_ready(pbx: Pbx) -> None:
    """Waits until the service takes calls: on a busy machine for a while."""
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", pbx.audiosocket_port)
        except OSError:
            await asyncio.sleep(0.2)
        else:
            writer.close()
            return
    raise AssertionError("the service does not start")


async def test_a_service_frozen_or_killed_in_mid_call_loses_no_citizen(
    pbx: Pbx, tmp_path: Path, migrated_sqlite: Path, record_property: Note
) -> None:
    with process(pbx, tmp_path, migrated_sqlite) as service:
        await is_ready(pbx)
        async with in_call(pbx, record_property) as call:
            service.send_signal(signal.SIGSTOP)
            assert await call.reaches_a_person() < IN_TIME + BUSY
        service.send_signal(signal.SIGCONT)
        async with in_call(pbx, record_property) as call:
            call.citizen.rtp.speak(said("我要投诉"))
            with sqlite3.connect(tmp_path / "huiyin.db") as database:
                answers = "SELECT COUNT(*) FROM messages WHERE author = 'bot'"
                await until(lambda: database.execute(answers).fetchone()[0], "the bot does not answer")
            service.send_signal(signal.SIGKILL)
            assert await call.reaches_a_person() < IN_TIME + BUSY
    settings = Settings(_env_file=None, data_dir=tmp_path, port=0, pbx_recordings=pbx.asterisk.recording_folder)  # type: ignore[call-arg]
    for _ in range(2):  # what was said is taken over by the next process, and by none after it
        async with running_app(with_phone(settings), SystemClock(), ScriptedEngine()) as app:
            await until(lambda: not list((tmp_path / "journals").iterdir()), "the journal is not taken over")
            async with app.runtime.database.read() as session:
                killed = (await session.scalars(select(calls.Call).order_by(calls.Call.begun_at.desc()))).all()[0]
                spoken = await calls.lines_of(session, killed.id)
        assert [line.text for line in spoken if line.speaker == "citizen"] == ["我要投诉"]
        assert len({line.starts for line in spoken}) == len(spoken) > 1
        assert killed.ending == "failed"
        assert killed.recording is not None
        with wave.open(str(tmp_path / "media" / killed.recording)) as recording:
            assert round(recording.getnframes() / 8000) == killed.seconds > 0


async def test_a_service_that_is_not_there_leaves_the_citizen_to_people(pbx: Pbx) -> None:
    pbx.serve(free_port(), free_port())
    port = pbx.asterisk.sip_port
    async with sip_phone("1001", port) as agent, sip_phone("citizen", port) as citizen:
        await agent.register()
        begun = asyncio.get_running_loop().time()
        await citizen.dial("12345", caller="13800138000")
        await asyncio.wait_for(agent.rings.wait(), 15)
        assert asyncio.get_running_loop().time() - begun < IN_TIME + BUSY


def no_bot(_: object) -> TurnOutcome:
    raise RuntimeError("the bot is broken")


async def no_words(*_: object) -> str:
    raise RecognitionFailed("gone")


@contextmanager
def broken(part: str, settings: Settings, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One part is gone until the block ends."""
    if part == "database":  # another process holds it and does not let go
        with sqlite3.connect(settings.data_dir / "huiyin.db", isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
    elif part == "bot that hangs":
        engine.gate.clear()
        yield
        engine.gate.set()
    else:
        if part == "bot":
            engine.script = no_bot
        elif part == "ear":
            monkeypatch.setattr(VoskUtterance, "feed", no_words)
        else:
            monkeypatch.setattr(espeak, "PROGRAM", "/nonexistent/espeak-ng")
        yield


@pytest.mark.parametrize("part", ["ear", "voice", "database", "bot", "bot that hangs"])
async def test_a_part_that_breaks_in_mid_call_loses_no_citizen(
    pbx: Pbx, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch, record_property: Note, part: str
) -> None:
    settings = with_phone(sqlite_settings, port=free_port())
    engine = ScriptedEngine()
    async with running_app(settings, SystemClock(), engine):
        pbx.serve(settings.port, settings.audiosocket_port)
        async with in_call(pbx, record_property) as call:
            with broken(part, settings, engine, monkeypatch):
                call.citizen.rtp.speak(said("我要投诉"))
                await call.citizen.rtp.said()
                # from the end of the citizen's words: the pause that ends them, and two seconds
                assert await call.reaches_a_person() < 0.6 + IN_TIME + BUSY


async def test_postgresql_stopped_in_mid_call_loses_no_citizen(
    pbx: Pbx, sqlite_settings: Settings, postgresql: Cluster, record_property: Note
) -> None:
    with postgresql.database() as url:
        settings = with_phone(sqlite_settings, port=free_port(), database_url=url)
        async with running_app(settings, SystemClock(), ScriptedEngine()):
            pbx.serve(settings.port, settings.audiosocket_port)
            async with in_call(pbx, record_property) as call:
                with postgresql.stopped():
                    call.citizen.rtp.speak(said("我要投诉"))
                    await call.citizen.rtp.said()
                    assert await call.reaches_a_person() < 0.6 + IN_TIME + BUSY
