"""The desk's live stream: says what changed, ends with the session and with the server, and misses nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse

from core.live import citizen_typing_topic, live
from tests.backoffice.web.office import Browser, Office

PATIENCE = 8.0


class Stream:
    """An open event stream."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def next_event(self) -> tuple[str, dict[str, Any]]:
        """The next event and its data."""
        name = ""
        while True:
            line = (await asyncio.wait_for(self._response.content.readline(), PATIENCE)).decode()
            if not line:
                return "end", {}
            if line.startswith("event: "):
                name = line[7:].strip()
            if line.startswith("data: "):
                return name, json.loads(line[6:])

    async def state_with(self, **wanted: Any) -> dict[str, Any]:
        """The first state in which everything is as wanted."""
        while True:
            name, data = await self.next_event()
            assert name == "state", name
            if all(data.get(key) == value for key, value in wanted.items()):
                return data


@asynccontextmanager
async def _stream(browser: Browser, conversation_id: str = "") -> AsyncIterator[Stream]:
    async with browser.session.get(f"/staff/desk/events?conversation={conversation_id}") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        yield Stream(response)


async def test_a_new_message_and_a_new_owner_are_told_at_once(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser, _stream(browser, conversation_id) as stream:
        first = await stream.state_with(seq=2)
        await office.citizen_says("还在吗")
        second = await stream.state_with(seq=3)
        assert second["list"] != first["list"]
        await browser.post(f"/staff/desk/{conversation_id}/take")
        await stream.state_with(seq=4, epoch=second["epoch"] + 1)


async def test_a_page_that_was_away_hears_at_once_how_far_things_are(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        async with _stream(browser, conversation_id) as stream:
            await stream.state_with(seq=2)
        for number in range(3):
            await office.citizen_says(f"还在吗 {number}")
        async with _stream(browser, conversation_id) as stream:
            await stream.state_with(seq=5)


async def test_a_new_conversation_changes_the_list_of_everybody(office: Office) -> None:
    async with (
        office.browser_of("agent") as one,
        office.browser_of("dispatcher") as two,
        _stream(one) as first,
        _stream(two) as second,
    ):
        before = [await stream.state_with() for stream in (first, second)]
        assert before[0] == before[1]
        await office.waiting()
        after = [await stream.state_with() for stream in (first, second)]
    assert after[0]["list"] == after[1]["list"] != before[0]["list"]


async def test_typing_of_the_citizen_is_told(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser, _stream(browser, conversation_id) as stream:
        await stream.state_with(seq=2)
        live.signal(citizen_typing_topic(conversation_id))
        assert await stream.next_event() == ("typing", {})


async def test_the_stream_ends_when_the_session_does(office: Office) -> None:
    async with office.browser_of("agent") as browser, office.stranger() as window:
        window.session.cookie_jar.update_cookies({"huiyin-staff": browser.session_token})
        async with _stream(window) as stream:
            await stream.state_with()
            await browser.post("/staff/sign-out")
            await office.waiting("机密")
            assert await stream.next_event() == ("signed-out", {})
            assert await stream.next_event() == ("end", {})


async def test_the_stream_lets_go_when_the_server_stops(office: Office) -> None:
    async with office.browser_of("agent") as browser, _stream(browser) as stream:
        await stream.state_with()
        office.server.app.ctx.site.stopping.set()
        assert await stream.next_event() == ("end", {})


async def test_what_another_process_changed_is_seen_at_the_next_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.web.desk_stream.HEARTBEAT", 0.2)
    monkeypatch.setattr(live, "signal", lambda _topic: None)  # signals do not cross processes
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser, _stream(browser, conversation_id) as stream:
        await stream.state_with(seq=2)
        await office.citizen_says("还在吗")
        await stream.state_with(seq=3)
