from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from backoffice.city import load_city
from core.clock import FrozenClock, SystemClock
from core.privacy import use_keys
from core.runtime import Runtime
from core.settings import Settings
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.conftest import MONDAY_MORNING
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.voices import MODEL
from tests.phone.city import City, hotline
from tests.phone.ports import with_phone
from tests.phone.staying import Standing


@pytest.fixture(scope="session")
def recogniser() -> Iterator[VoskRecogniser]:
    """The ear at the citizen's end."""
    made = VoskRecogniser(MODEL)
    yield made
    made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_hotline(tmp_path_factory: pytest.TempPathFactory, recogniser: VoskRecogniser) -> AsyncIterator[City]:
    async with hotline(tmp_path_factory.mktemp("hotline"), recogniser) as running:
        yield running


@pytest.fixture
def city(one_hotline: City) -> City:
    """One hotline for all tests with ``asyncio(loop_scope="session")``: starting it takes longer than a call."""
    use_keys(one_hotline.runtime.keyring)  # a process has one keyring: other tests have used theirs meanwhile
    return one_hotline


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def nothing_stays() -> AsyncIterator[None]:
    """No task, thread, open file or socket is left when all that the test used has ended."""
    before = Standing.now()
    yield
    await before.is_all()


@dataclass(frozen=True)
class Exchange:
    """A running service that takes calls."""

    app: AppServer
    port: int

    @property
    def base(self) -> str:
        return self.app.base


@pytest.fixture
async def phone(sqlite_settings: Settings, engine: ScriptedEngine) -> AsyncIterator[Exchange]:
    """The service with a phone and a dialogue core that does as the test says; real time."""
    settings = with_phone(sqlite_settings)
    async with running_app(settings, SystemClock(), engine) as app:
        yield Exchange(app, settings.audiosocket_port)
        engine.gate.set()


@pytest.fixture(scope="session")
def with_city(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """A database with the demo city's departments, to be copied."""
    folder = tmp_path_factory.mktemp("city")
    shutil.copy(migrated_sqlite, folder / "huiyin.db")

    async def load() -> None:
        settings = Settings(_env_file=None, data_dir=folder)  # type: ignore[call-arg]
        runtime = Runtime.start(settings, FrozenClock(MONDAY_MORNING))
        async with runtime.database.write() as session:
            await load_city(session, settings.city_dir, runtime.clock.now())
        await runtime.database.close()

    asyncio.run(load())
    return folder / "huiyin.db"


@pytest.fixture
async def town(sqlite_settings: Settings, with_city: Path, clock: FrozenClock) -> AsyncIterator[Runtime]:
    """Where orders can be filed."""
    shutil.copy(with_city, sqlite_settings.data_dir / "huiyin.db")
    started = Runtime.start(sqlite_settings, clock)
    yield started
    await started.database.close()
