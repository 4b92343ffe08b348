from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer, running_app


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def app(sqlite_settings: Settings, clock: FrozenClock, engine: ScriptedEngine) -> AsyncIterator[AppServer]:
    """The whole application on SQLite, with a dialogue core that does as the test says."""
    async with running_app(sqlite_settings, clock, engine) as running:
        yield running
        engine.gate.set()
