"""The buttons of a call with a third party in a real browser: live, by what the PBX tells, narrow and wide."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from backoffice.departments import open_departments
from core.clock import FrozenClock
from core.settings import Settings
from tests.backoffice.web.office import PASSWORD, Office, open_office
from tests.fixtures.app import running_app
from tests.fixtures.browser import LOOKS, Window, window
from tests.fixtures.pbx import SECRET, answered_call

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(loop_scope="package")
async def office(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[Office]:
    """With a PBX and a department that has a telephone."""
    settings = sqlite_settings.model_copy(update={"pbx_secret": SecretStr(SECRET)})
    async with running_app(settings, clock) as server:
        opened = await open_office(server)
        async with server.runtime.database.write() as session:
            (await open_departments(session))[0].phone = "0837-8000101"
        yield opened


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_a_third_party_is_invited_joined_and_dismissed_by_buttons_that_follow_the_call(
    office: Office, browser: Browser, size: tuple[int, int], theme: Any
) -> None:
    conversation_id = await office.waiting("半夜施工太吵", name="陈建国", phone="13800138000")
    pbx = await answered_call(office, conversation_id)
    async with window(browser, office.server.base, size=size, theme=theme) as opened:
        page = opened.page
        await opened.open(f"/staff/sign-in?next=/staff/desk/{conversation_id}")
        await page.fill("#username", "agent")
        await page.fill("#password", PASSWORD)
        await page.click("main button[type=submit]")
        third = page.locator("#third")
        await expect(third).to_contain_text("您和市民在通话")
        await third.locator("summary").click()
        await page.select_option("#third-to", "department:1")
        await looks_well(opened, "invite")
        await asyncio.gather(pbx.takes(), third.get_by_role("button", name="呼叫").click())
        await expect(third).to_contain_text("正在呼叫")
        await looks_well(opened, "called")
        await pbx.tells("answers")
        await expect(third).to_have_attribute("data-stand", "aside")
        await looks_well(opened, "aside")
        await asyncio.gather(pbx.takes(), third.get_by_role("button", name="三方通话").click())
        await expect(third).to_contain_text("三方通话：您、市民、")
        await looks_well(opened, "together")
        told, _ = await asyncio.gather(pbx.takes(), third.get_by_role("button", name="让第三方退出").click())
        assert told == "dismiss"
        await pbx.tells("leaves")
        await expect(third).to_contain_text("已经退出")
        await third.locator("summary").click()
        await expect(page.locator("#third-to")).to_be_visible()
        assert opened.complaints == []


async def looks_well(opened: Window, stage: str) -> None:
    """Fits the screen and can be read by everybody."""
    assert await opened.findings() == [], stage
    assert not await opened.is_wider_than_the_screen(), stage
