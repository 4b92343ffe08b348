"""A browser, and the application with an office of staff.

Tests of this folder and what they stand on share one event loop: the browser belongs to it, and starting one for every
test took longer than most tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from core.clock import FrozenClock
from core.settings import Settings
from tests.backoffice.web.bureau import Bureau, open_bureau
from tests.backoffice.web.office import Office, open_office
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.browser import chromium


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium; every window of it has cookies, storage and a cache of its own."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="package")
async def app_server(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[AppServer]:
    """The whole application without a dialogue core."""
    async with running_app(sqlite_settings, clock) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="package")
async def office(app_server: AppServer) -> Office:
    """One member of staff of every role, and a second agent."""
    return await open_office(app_server)


@pytest_asyncio.fixture(loop_scope="package")
async def bureau(app_server: AppServer, clock: FrozenClock) -> Bureau:
    """The small city with its staff and its rules, and no orders yet."""
    return await open_bureau(app_server, clock)
