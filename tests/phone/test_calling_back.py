"""A citizen is called back through a real Asterisk: told that it is recorded, recorded, and the follow-up done with."""

from __future__ import annotations

import asyncio
import re
import uuid

import pytest

from backoffice import calls
from backoffice.calls import Call, FollowUp
from core import history
from tests.backoffice.web.office import Browser
from tests.fixtures.kannel import until
from tests.fixtures.sip import sip_phone
from tests.fixtures.voices import said
from tests.phone.city import PASSWORD, City, somebody_is_on_duty
from tests.phone.line import citizens_side, is_quiet, words_in
from tests.phone.ports import free_port

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="session")]
MISSED = "13700137021"


async def missed_call(city: City) -> str:
    """The id of a call nobody answered."""
    call_id, now = str(uuid.uuid4()), city.runtime.clock.now()
    async with city.runtime.database.write() as session:
        await calls.begin(session, call_id, "asterisk", caller=MISSED, called="12345", channel="", now=now)
        await calls.want_follow_up(session, call_id, FollowUp.MISSED)
    return call_id


async def stored(city: City, call_id: str) -> Call:
    async with city.runtime.database.read() as session:
        return await session.get_one(Call, call_id)


async def ticket(browser: Browser, call_id: str) -> str:
    """Takes the follow-up; what the page says to dial."""
    assert (await browser.post(f"/staff/calls/{call_id}/take")).status == 303
    page = await browser.post(f"/staff/calls/{call_id}/dial")
    found = re.search(r"\*8\d{6}", page.words)
    assert found is not None, page.words
    return found[0]


async def test_who_has_taken_a_call_back_reaches_the_citizen_by_the_pbx_and_all_of_it_is_kept(city: City) -> None:
    await somebody_is_on_duty(city)
    call_id = await missed_call(city)
    port = city.asterisk.sip_port
    async with (
        city.app.browser() as session,
        sip_phone("1001", port) as agent,
        sip_phone("3001", port) as citizen,  # it is the trunk here: what is dialled out comes to it
    ):
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        await city.registers(citizen)
        citizen.declines = True

        async def is_tried() -> bool:
            return (await stored(city, call_id)).attempts == 1

        in_vain = await agent.dial(await ticket(browser, call_id))
        await asyncio.wait_for(in_vain.ended.wait(), 15)
        await until(is_tried, "the PBX does not tell that the citizen is busy")
        kept = await stored(city, call_id)
        assert (kept.followed_at, kept.taken_by) == (None, None)  # they wait again
        assert "打过 1 次没有人接" in (await browser.get("/staff/calls")).words
        citizen.declines = False
        await agent.dial(await ticket(browser, call_id))
        await asyncio.wait_for(citizen.rings.wait(), 15)
        assert citizen.dialled == MISSED
        assert agent.call is not None
        at_citizen = citizen.call
        assert at_citizen is not None
        await asyncio.sleep(1)
        for side in (at_citizen, agent.call):
            assert not is_quiet(bytes(side.rtp.heard[-8000:])), "it is not told that the call is recorded"
        await until(lambda: is_quiet(bytes(at_citizen.rtp.heard[-16000:])), "the announcement does not end")
        agent.call.rtp.speak(said("请问您要反映什么问题"))
        await agent.call.rtp.said()
        at_citizen.rtp.speak(said("我要投诉"))
        await at_citizen.rtp.said()
        await asyncio.sleep(0.5)
        assert "反映什么问题" in await words_in(city.recogniser, bytes(at_citizen.rtp.heard))
        await agent.hang_up()
        await until(lambda: is_done(city, call_id), "the PBX does not tell that the citizen was reached")
        assert "已联系上" in (await browser.get("/staff/calls?view=done")).words
        folder = city.asterisk.recording_folder
        await until(lambda: not list(folder.glob(f"{call_id}*")), "the recording is not taken over")
        page = await browser.get(f"/staff/calls/{call_id}")
        words = re.sub(r"\s", "", page.words)
        assert re.search(r"给市民回电，王芳（工号1001）.*话务员.*请问.*反映什么问题.*市民.*我要投诉", words), words
        assert re.search(r"1001王芳回电，接通，说了\d+秒.*1001王芳回电，占线", words), words
        [audio] = re.findall(r'src="(/staff/calls/[^"]+/parts/\d+/audio)"', page.text)
        async with session.get(audio) as answer:
            heard = await words_in(city.recogniser, citizens_side(await answer.read()))
        assert "我要投诉" in heard
        assert "请问" not in heard
    async with city.runtime.database.read() as reading:
        actions = [entry.action for entry in await history.of(reading, "call", call_id)]
    tried = ["follow_up_taken", "called_back", "follow_up_done"]
    assert actions == [*tried, *tried, "recording"]


async def is_done(city: City, call_id: str) -> bool:
    return (await stored(city, call_id)).follow_result == "reached"


async def test_what_came_of_a_call_back_is_kept_when_the_service_is_back_that_was_away_at_its_end(city: City) -> None:
    await somebody_is_on_duty(city)
    call_id, asterisk = await missed_call(city), city.asterisk
    left = f"{call_id}-*.called-back"
    async with (
        city.app.browser() as session,
        sip_phone("1001", asterisk.sip_port) as agent,
        sip_phone("3001", asterisk.sip_port) as citizen,
    ):
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        await city.registers(citizen)
        await agent.dial(await ticket(browser, call_id))
        await asyncio.wait_for(citizen.rings.wait(), 15)
        service = asterisk.command("dialplan show globals").partition("SERVICE=")[2].split()[0]
        asterisk.command(f"dialplan set global SERVICE http://127.0.0.1:{free_port()}")
        try:
            await agent.hang_up()
            await until(lambda: list(asterisk.recording_folder.glob(left)), "nothing is noted")
        finally:
            asterisk.command(f"dialplan set global SERVICE {service}")
    city.app.app.ctx.pbx_folder.call_is_over()
    await until(lambda: not list(asterisk.recording_folder.glob(left)), "the note is not taken over")
    async with city.runtime.database.read() as reading:
        [tried] = [one for one in await history.of(reading, "call", call_id) if one.action == "called_back"]
    assert tried.data["status"] == "ANSWER"
