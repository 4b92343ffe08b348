"""Who is rung for a citizen: the desk says who is on duty, the PBX who has a telephone; a call goes to who has both."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from aiohttp import ClientSession

from channels.voice.gateway import Gateway
from channels.voice.script_words import Leg
from tests.fixtures.kannel import until
from tests.fixtures.sip import sip_phone
from tests.phone.city import AGENT, CHIEF, COLLEAGUE, City, nobody_is_on_duty, somebody_is_on_duty
from tests.phone.conftest import Exchange
from tests.phone.fast import somebody_comes_on_duty
from tests.phone.line import CITIZEN, SECRET, line


async def told(phone: Exchange, what: str, call_id: str, telephones: str) -> str:
    """What the dialplan is answered that tells its telephones."""
    fields = {"uuid": call_id, "secret": SECRET, "telephones": telephones, "from": CITIZEN, "answered": "0"}
    async with ClientSession() as session:
        sent = {"params": fields} if what == "takers" else {"data": fields}
        asked = session.get if what == "takers" else session.post
        async with asked(f"{phone.base}/voice/pbx/{what}", **sent) as answer:  # type: ignore[arg-type]
            return await answer.text()


async def test_a_telephone_counts_only_with_its_owner_on_duty_and_all_do_when_something_has_failed(
    phone: Exchange,
) -> None:
    call_id, unknown = str(uuid.uuid4()), str(uuid.uuid4())
    assert await told(phone, "call", call_id, "none,1001") == "ok"
    async with line(phone.base, phone.port, call_id=call_id, known=False) as call:
        await until(lambda: call.seconds > 0.4, "no greeting")
        await call.press("0")  # nobody is on duty: it stays with the bot
        await asyncio.sleep(1)
        assert not call.given_back.is_set()
        await somebody_comes_on_duty(phone.app.runtime)
        assert await told(phone, "takers", unknown, "none,1002") == "takers,1002"  # a call we do not know has failed
        await call.press("0")  # 1001 is on duty, and 1002 can be reached
        await asyncio.sleep(1)
        assert not call.given_back.is_set()
        assert await told(phone, "takers", unknown, "none,1001,1002") == "takers,1001"
        await call.press("0")
        assert await call.next() == "queue"
    assert await told(phone, "takers", call_id, "none,1002") == "takers"
    assert await told(phone, "back", call_id, "none") == "talk"
    assert await told(phone, "takers", call_id, "none,1002") == "takers,1002"


async def is_missed(city: City) -> bool:
    return (await city.latest_call()).follow_up == "missed"


async def comes_back(city: City) -> bool:
    """Whether it is with the bot again, nobody having answered."""
    gateway: Gateway = city.app.app.ctx.gateway
    return gateway.leg_of((await city.latest_call()).id) is Leg.UNANSWERED


@pytest.mark.real_time
@pytest.mark.asyncio(loop_scope="session")
async def test_who_is_off_duty_is_not_rung_who_comes_is_and_who_will_not_wait_presses_a_key(city: City) -> None:
    await nobody_is_on_duty(city)
    await somebody_is_on_duty(city, CHIEF)  # has no telephone
    port = city.asterisk.sip_port
    async with sip_phone("1001", port) as agent, sip_phone("1002", port) as colleague:
        await city.registers(agent)
        await city.registers(colleague)
        colleague.declines = True
        async with city.citizen("13700137011") as caller:
            await until(lambda: caller.call.rtp.sounds, "no greeting")
            await caller.call.rtp.press("0")
            await until(lambda: is_missed(city), "it is not told that nobody is there")
            assert "PJSIP/citizen" not in city.asterisk.command("queue show people")
            await somebody_is_on_duty(city, COLLEAGUE)
            await caller.call.rtp.press("0")
            await caller.until_heard("继续")
            await caller.call.rtp.press("1")
            await until(lambda: comes_back(city), "it is not back with the bot")
            await asyncio.sleep(1)
            await caller.call.rtp.press("0")
            await until(lambda: "PJSIP/citizen" in city.asterisk.command("queue show people"), "not in the queue")
            assert not agent.invited.is_set()
            await somebody_is_on_duty(city, AGENT)
            await asyncio.wait_for(agent.rings.wait(), 15)
            await agent.hang_up()
    await nobody_is_on_duty(city)
