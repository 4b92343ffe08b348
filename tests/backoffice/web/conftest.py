"""The application, running, with an office of staff."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.settings import Settings
from tests.backoffice.web.bureau import Bureau, open_bureau
from tests.backoffice.web.office import Office, open_office
from tests.fixtures.app import AppServer, running_app


@pytest.fixture
async def app_server(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[AppServer]:
    """The whole application without a dialogue core."""
    async with running_app(sqlite_settings, clock) as server:
        yield server


@pytest.fixture
async def office(app_server: AppServer) -> Office:
    """One member of staff of every role, and a second agent."""
    return await open_office(app_server)


@pytest.fixture
async def bureau(app_server: AppServer, clock: FrozenClock) -> Bureau:
    """The small city with its staff and its rules, and no orders yet."""
    return await open_bureau(app_server, clock)
