"""A browser, and the application with an office of staff."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.backoffice.web.conftest import app_server, bureau, office
from tests.fixtures.browser import chromium

__all__ = ["app_server", "browser", "bureau", "office"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as started:
        yield started
