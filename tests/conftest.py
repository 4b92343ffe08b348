"""What every test stands on: a frozen clock, and both databases for real, with the real schema."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import structlog
from argon2 import PasswordHasher

from backoffice import passwords
from core.clock import FrozenClock
from core.collector import keep_what_is_loaded
from core.database import Database
from core.runtime import Runtime
from core.settings import Settings
from huiyin.migrate import migrate
from tests.fixtures.postgresql import Cluster

passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # what costs burglars costs tests, too
# as in a service: without it Rasa puts its whole memory into words at every turn
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
MONDAY_MORNING = datetime(2026, 11, 16, 10, 0)  # China standard time, an ordinary working day

BUSY = 3.0
"""Seconds a busy machine may add to what should be quick: a test tells that it ends in time, not how quick it is."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in real time shares a process; the one hotline's calls last, which can be told apart by a mark."""
    for item in items:
        if item.get_closest_marker("real_time"):
            item.add_marker(pytest.mark.xdist_group("real time"))
        if "one_hotline" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.hotline)
    items.sort(key=lambda item: item.get_closest_marker("hotline") is not None)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that a test runs sets up the process's logs: not those of the tests after it."""
    configured, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**configured)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def collector_as_in_a_service(request: pytest.FixtureRequest) -> None:
    """No call stands still while the collector looks through the models: a second in which nobody hears or speaks."""
    if request.node.get_closest_marker("real_time"):
        keep_what_is_loaded()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"

    async def build() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await migrate(database)
        await database.close()

    asyncio.run(build())
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL cluster of our own, with a migrated template database."""
    with Cluster.start() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def spoken_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service keeps what it says in every call: made once for all, not anew in every installation."""
    folder = tmp_path_factory.mktemp("spoken") / "prompts"
    folder.mkdir()
    return folder


@pytest.fixture
def sqlite_settings(tmp_path: Path, migrated_sqlite: Path, spoken_prompts: Path) -> Settings:
    """Settings of an installation in a temporary folder, on SQLite, its schema in place."""
    shutil.copy(migrated_sqlite, tmp_path / "huiyin.db")
    (tmp_path / "prompts").symlink_to(spoken_prompts)
    return Settings(_env_file=None, data_dir=tmp_path, port=0)  # type: ignore[call-arg]


@pytest.fixture
async def runtime(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[Runtime]:
    """A runtime on SQLite: enough wherever the engine makes no difference."""
    started = Runtime.start(sqlite_settings, clock)
    yield started
    await started.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_runtime(
    request: pytest.FixtureRequest, sqlite_settings: Settings, clock: FrozenClock
) -> AsyncIterator[Runtime]:
    """A runtime on SQLite and again on PostgreSQL: for everything that locks, races or constrains."""
    with on_database(request, sqlite_settings) as settings:
        started = Runtime.start(settings, clock)
        yield started
        await started.database.close()


@contextmanager
def on_database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """``settings`` with the database whose kind is the fixture's parameter: ``sqlite`` or ``postgresql``."""
    if request.param == "sqlite":
        yield settings
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with cluster.database() as url:
        yield settings.model_copy(update={"database_url": url})
