"""Browsers that leave in the middle of a request leave nothing locked and nothing half done."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.backoffice.web.office import Browser, Office


async def _leave_after(browser: Browser, method: str, path: str, seconds: float) -> None:
    async def ask() -> None:
        fields = {"csrf": browser.csrf, "text": "半句", "key": str(seconds)}
        async with browser.session.request(method, path, data=fields) as response:
            await response.read()

    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(ask(), seconds)


async def test_after_many_hasty_browsers_the_desk_still_works(office: Office) -> None:
    conversation_id = await office.waiting()
    desk = f"/staff/desk/{conversation_id}"
    async with office.browser_of("agent") as browser:
        await browser.post(f"{desk}/take")
        hasty = [
            _leave_after(browser, method, path, 0.002 * number)
            for number in range(1, 25)
            for method, path in (("GET", desk), ("POST", f"{desk}/say"), ("GET", f"/staff/desk/events?n={number}"))
        ]
        await asyncio.gather(*hasty)
        said = await asyncio.wait_for(browser.post(f"{desk}/say", {"text": "整句", "key": "last"}), 10)
        assert said.status == 303
        assert (await browser.get(desk)).status == 200
    words = await office.said(conversation_id)
    assert words[-1] == ("staff", "整句")
    assert {text for author, text in words if author == "staff"} <= {"半句", "整句"}
