"""A supervisor with a live call, through a real Asterisk: listens unheard, whispers to the agent alone, joins in."""

from __future__ import annotations

import asyncio
import re

import pytest

from backoffice.staff import NewStaff, Role, create
from core import history
from tests.backoffice.web.office import Browser
from tests.fixtures.kannel import until
from tests.fixtures.sip import sip_phone
from tests.fixtures.voices import whistle
from tests.phone.city import PASSWORD, City, somebody_is_on_duty
from tests.phone.line import seconds_of_whistle, words_in

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="session")]


async def dial_for(city: City, browser: Browser, way: str) -> tuple[str, str]:
    """The call's id and what the page says to dial."""
    call = await city.latest_call()
    page = await browser.post(f"/staff/calls/{call.id}/listen", {"way": way})
    found = re.search(r"\*9\d{6}", page.words)
    assert found is not None, page.words
    return call.id, found[0]


async def test_a_supervisor_listens_unheard_whispers_to_the_agent_and_joins_in_and_each_is_kept(city: City) -> None:
    await somebody_is_on_duty(city)
    async with city.runtime.database.write() as session:
        new = NewStaff(username="listener", number="3001", name="赵敏", role=Role.SUPERVISOR)
        await create(session, new, PASSWORD, "test", city.runtime.clock.now())
    async with (
        city.app.browser() as session,
        sip_phone("1001", city.asterisk.sip_port) as agent,
        sip_phone("3001", city.asterisk.sip_port) as supervisor,
    ):
        browser = Browser(session)
        assert (await browser.sign_in("listener", PASSWORD)).status == 303
        await city.registers(agent)
        earlier = len(await city.calls())
        async with city.citizen() as caller:
            await until(lambda: _has_begun(city, after=earlier), "no call")
            call_id, dial = await dial_for(city, browser, "spy")
            spying = await supervisor.dial(dial)
            await asyncio.sleep(4)
            assert len(await words_in(city.recogniser, bytes(spying.rtp.heard))) > 4
            await supervisor.hang_up()
            await opens_nothing(city, dial)
            await caller.call.rtp.press("0")
            await asyncio.wait_for(agent.rings.wait(), 15)
            assert agent.call is not None
            await asyncio.sleep(1)
            for way, heard_by_citizen in (("whisper", False), ("barge", True)):
                _, dial = await dial_for(city, browser, way)
                talking = await supervisor.dial(dial)
                await asyncio.sleep(0.7)
                at_agent, at_citizen = len(agent.call.rtp.heard), len(caller.call.rtp.heard)
                talking.rtp.speak(whistle(2.0))
                await talking.rtp.said()
                await asyncio.sleep(0.5)
                assert seconds_of_whistle(bytes(agent.call.rtp.heard[at_agent:])) > 1.5, way
                at_citizens = seconds_of_whistle(bytes(caller.call.rtp.heard[at_citizen:]))
                assert at_citizens > 1.5 if heard_by_citizen else at_citizens == 0, way
                await supervisor.hang_up()
            await agent.hang_up()
    async with city.runtime.database.read() as session:
        kept = [entry.action for entry in await history.of(session, "call", call_id)]
    assert kept == ["spy", "whisper", "barge"]


async def _has_begun(city: City, after: int) -> bool:
    """Whether there is a call more than ``after``: one of before may still be ending."""
    return len(await city.calls()) > after


async def opens_nothing(city: City, dial: str) -> None:
    """A ticket that was used is worth nothing: the line is hung up."""
    async with sip_phone("3001", city.asterisk.sip_port) as other:
        call = await other.dial(dial)
        await asyncio.wait_for(call.ended.wait(), 5)
