"""Addresses and fields nobody of ours ever made, on the database that takes them the most amiss."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.clock import FrozenClock
from core.settings import Settings
from tests.backoffice.web.office import Office, open_office
from tests.fixtures.app import running_app
from tests.fixtures.postgresql import Cluster


@pytest.fixture
async def office(sqlite_settings: Settings, clock: FrozenClock, postgresql: Cluster) -> AsyncIterator[Office]:
    """The office, on PostgreSQL."""
    with postgresql.database() as url:
        async with running_app(sqlite_settings.model_copy(update={"database_url": url}), clock) as server:
            yield await open_office(server)


async def test_an_id_no_row_can_have_is_not_there(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        for number in (0, -1, 2**31, 2**63 - 1, 2**63, 10**30):
            assert (await browser.get(f"/staff/media/{number}")).status == 404
            assert (await browser.post(f"/staff/account/sessions/{number}/end")).status == 404


async def test_a_name_of_unprintable_characters_is_nobodys(office: Office) -> None:
    async with office.stranger() as browser:
        for name in ("\x00", "agent\x00", "\x7f"):
            answer = await browser.sign_in(name)
            assert (answer.status, "用户名或密码不对" in answer.words) == (422, True)


async def test_the_stream_of_a_conversation_that_cannot_be_tells_of_the_list_alone(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        for nonsense in ("%00", "%ff", "x" * 36, "1"):
            async with browser.session.get(f"/staff/desk/events?conversation={nonsense}") as response:
                await response.content.readuntil(b"event: state\n")
                assert b'"list"' in await response.content.readline()


async def test_words_no_database_can_hold_find_nothing_and_break_nothing(office: Office) -> None:
    async with office.browser_of("dispatcher") as browser:
        for name in ("text", "department", "category", "area", "since", "done", "number", "seen"):
            for nonsense in ("%00", "%ff%fe", "%ED%A0%80"):
                assert (await browser.get(f"/staff/orders?{name}={nonsense}")).status == 200
