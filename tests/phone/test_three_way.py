"""Real calls with a third party: asked aside while the citizen hears music, all three talking, each way out of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from backoffice import call_third, call_transfer, desk
from backoffice.staff import Staff
from backoffice.third_party import Wish
from core import history
from core.conversations import Conversation, Owner
from tests.backoffice.web.office import Answer, Browser
from tests.fixtures.kannel import until
from tests.fixtures.sip import Call, SipPhone, sip_phone
from tests.fixtures.voices import said
from tests.phone.city import COLLEAGUE, PASSWORD, Caller, City, nobody_is_on_duty, somebody_is_on_duty
from tests.phone.line import is_quiet, words_in
from tests.phone.ports import free_port

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="session")]


_SAID_AGAIN = 3


@dataclass
class Talk:
    """A citizen and an agent on the telephone, and the agent's desk."""

    city: City
    caller: Caller
    agent: SipPhone
    browser: Browser
    conversation_id: str

    async def panel(self) -> str:
        """Who is in the call, as the desk shows it."""
        page = await self.browser.get(f"/staff/desk/{self.conversation_id}")
        found = re.search(r'id="third" data-stand="(\w*)"', page.text)
        return found[1] if found else "none"

    async def wants(self, wish: str, **fields: str) -> Answer:
        """Presses one of the desk's buttons."""
        answer = await self.browser.post(f"/staff/desk/{self.conversation_id}/third/{wish}", fields)
        assert answer.status == 303, answer.words
        return answer

    async def invites(self, kind: str) -> None:
        """Calls the first department, or colleague, of the list."""
        page = await self.browser.get(f"/staff/desk/{self.conversation_id}")
        found = re.search(rf'<option value="({kind}:\d+)">', page.text)
        assert found is not None, page.words
        await self.wants("invite", third=found[1])

    async def stands(self, stand: str) -> None:
        """Waits until the desk shows it."""

        async def shown() -> bool:
            return await self.panel() == stand

        await until(shown, f"the desk does not show {stand!r}")

    async def are_together(self, one: Call, other: Call) -> bool:
        """Whether each of two hears the other."""
        heard = self.hear(one, "我要投诉", other), self.hear(other, "请问您要反映什么问题", one)
        return await asyncio.gather(*heard) == [[True], [True]]

    async def hears(self, listener: Call, words: str) -> None:
        """Waits until ``words`` are among what was heard lately."""

        async def heard() -> bool:
            return words in await words_in(self.city.recogniser, bytes(listener.rtp.heard[-16000 * 4 :]))

        await until(heard, f"{words} is not heard")

    async def all_hear(self, speaker: Call, words: str, *listeners: Call) -> None:
        """All ``listeners`` hear what ``speaker`` says, who says it again where a busy line has swallowed it."""
        for _ in range(_SAID_AGAIN):
            if all(await self.hear(speaker, words, *listeners)):
                return
        raise AssertionError(f"{words} is not heard by all")

    async def hear(self, speaker: Call, words: str, *listeners: Call) -> list[bool]:
        """Who of ``listeners`` hears what ``speaker`` says."""
        starts = [len(one.rtp.heard) for one in listeners]
        speaker.rtp.speak(said(words))
        await speaker.rtp.said()
        await asyncio.sleep(0.6)
        heard = [
            await words_in(self.city.recogniser, bytes(one.rtp.heard[start:]))
            for one, start in zip(listeners, starts, strict=True)
        ]
        return [words[-4:] in one for one in heard]


@asynccontextmanager
async def talking(city: City, number: str, *, queued: bool = False) -> AsyncIterator[Talk]:
    """A call the agent has answered: taken at the desk, or out of the queue."""
    await somebody_is_on_duty(city)
    async with sip_phone("1001", city.asterisk.sip_port) as agent, city.app.browser() as session:
        await city.registers(agent)
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        async with city.citizen(number) as caller:
            await until(lambda: caller.call.rtp.sounds, "no greeting")
            if queued:
                await caller.call.rtp.press("0")
            else:
                await the_agent_takes_it(city)
            await asyncio.wait_for(agent.rings.wait(), 25)
            conversation_id = (await city.latest_call()).conversation_id
            assert conversation_id is not None
            talk = Talk(city, caller, agent, browser, conversation_id)
            await talk.stands("")
            yield talk


async def the_agent_takes_it(city: City) -> None:
    async with city.runtime.database.write() as session:
        staff = (await session.scalars(select(Staff).where(Staff.number == "1001"))).one()
        open_ones = select(Conversation).where(Conversation.owner == Owner.BOT.value, Conversation.channel == "voice")
        conversation = (await session.scalars(open_ones.order_by(Conversation.created_at.desc()))).first()
        assert conversation is not None
        await desk.take(session, conversation.id, staff, city.runtime.clock.now())


async def test_a_department_is_asked_aside_joins_and_stays_with_the_citizen_when_the_agent_puts_down(
    city: City,
) -> None:
    async with sip_phone("3001", city.asterisk.sip_port) as department:
        await city.registers(department)  # it is the trunk here: what is dialled out comes to it
        department.picks_up.clear()
        async with talking(city, "13700137001") as talk:
            citizen, agent = talk.caller.call, talk.agent.call
            assert agent is not None
            await talk.all_hear(citizen, "我要投诉", agent)
            await talk.invites("department")
            await asyncio.wait_for(department.invited.wait(), 15)
            await talk.stands("called")
            await talk.hears(citizen, "请不要")
            department.picks_up.set()
            await asyncio.wait_for(department.rings.wait(), 15)
            third = department.call
            assert third is not None
            await talk.stands("aside")

            async def the_third_hears_the_agent() -> bool:
                said_aside, said_alone = await asyncio.gather(
                    talk.hear(agent, "请问您要反映什么问题", third, citizen),
                    talk.hear(citizen, "我要投诉", third, agent),
                )
                assert [said_aside[1], *said_alone] == [False] * 3, "somebody hears what is not for them"
                return said_aside[0]

            await until(the_third_hears_the_agent, "the third does not hear the agent aside")
            assert not is_quiet(bytes(citizen.rtp.heard[-16000 * 2 :])), "no music"
            await talk.wants("join")
            await talk.stands("together")
            await talk.all_hear(citizen, "我要投诉", third, agent)
            await talk.all_hear(third, "请问您要反映什么问题", citizen, agent)
            await talk.agent.hang_up()
            await talk.stands("none")
            await until(lambda: talk.are_together(citizen, third), "the citizen and the third do not hear each other")
            await department.hang_up()
            assert "满意" in await talk.caller.hears()
        call = await city.latest_call()
        async with city.runtime.database.read() as session:
            actions = [entry.action for entry in await history.of(session, "call", call.id)]
        assert actions == ["invite", "third_answers", "join", "agent_leaves", "third_leaves"]
        await the_parts_are_on_the_page(city, call.id)


async def the_parts_are_on_the_page(city: City, call_id: str) -> None:
    """The talk before, and that of the three from the moment they were together; who came and went."""
    folder = city.asterisk.recording_folder
    await until(lambda: not list(folder.glob(f"{call_id}*")), "the PBX's recordings are not taken over")
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        words = re.sub(r"\s", "", (await browser.get(f"/staff/calls/{call_id}")).words)
    assert "与话务员的通话，王芳（工号1001）" in words
    talk = words.partition("三方通话，王芳（工号1001）")[2]
    assert re.search(r"市民.*我要投诉.*话务员、第三方.*请问您要反映什么问题", talk), words
    for deed in ("1001王芳呼叫", "1001王芳三方通话", "1001王芳退出，由"):
        assert deed in words, words


async def test_who_is_busy_is_told_of_who_puts_down_is_gone_and_a_colleague_takes_the_call_over(city: City) -> None:
    await somebody_is_on_duty(city, COLLEAGUE)
    port = city.asterisk.sip_port
    async with sip_phone("3001", port) as department, sip_phone("1002", port) as colleague:
        await city.registers(department)
        await city.registers(colleague)
        department.declines = True
        async with talking(city, "13700137002") as talk:
            citizen, agent = talk.caller.call, talk.agent.call
            assert agent is not None
            await the_service_dies_with_an_invitation_under_way(talk)
            await talk.wants("dismiss")
            await talk.stands("")
            await talk.all_hear(citizen, "我要投诉", agent)
            await talk.invites("department")
            await asyncio.gather(talk.hears(citizen, "没有接通现在继续"), talk.hears(agent, "没有接通现在继续"))
            await talk.stands("")
            await until(
                lambda: talk.are_together(citizen, agent), "the two do not hear each other after the word to both"
            )
            await talk.invites("staff")
            await asyncio.wait_for(colleague.rings.wait(), 15)
            await talk.stands("aside")
            nobody_listens = f"http://127.0.0.1:{free_port()}"
            city.asterisk.command(f"dialplan set global SERVICE {nobody_listens}")
            await colleague.hang_up()
            # each of the PBX's questions fails first
            await until(lambda: talk.are_together(citizen, agent), "the two do not come together without the service")
            city.asterisk.command(f"dialplan set global SERVICE {city.app.base}")
            assert await talk.panel() == "aside"  # nobody could tell the desk
            await talk.wants("dismiss")
            await talk.stands("")
            colleague.rings.clear()
            await talk.invites("staff")
            await asyncio.wait_for(colleague.rings.wait(), 15)
            await talk.stands("aside")
            await talk.wants("leave")
            await asyncio.wait_for(agent.ended.wait(), 5)
            third = colleague.call
            assert third is not None
            await until(lambda: talk.are_together(citizen, third), "the citizen and the third do not hear each other")
            async with city.runtime.database.read() as session:
                conversation = await session.get_one(Conversation, talk.conversation_id)
                assert (await session.get_one(Staff, conversation.staff_id)).number == "1002"
            console = city.asterisk.command
            channel = re.search(r"PJSIP/1002-\w+", console("core show channels concise"))
            assert channel is not None
            console(f"channel redirect {channel[0]} helper,s,1")  # gone, and nothing tells of it
            started = asyncio.get_running_loop().time()
            await until(lambda: not is_quiet(bytes(citizen.rtp.heard[-3200:])), "silence")
            assert asyncio.get_running_loop().time() - started < 5  # it is looked at every second
            assert "满意" in await talk.caller.hears()


async def test_who_puts_down_while_it_rings_transfers_the_call_and_with_both_gone_at_once_nobody_waits_for_nobody(
    city: City,
) -> None:
    await nobody_is_on_duty(city)  # whose telephone is registered, and has gone: it would be rung for 15 s first
    async with sip_phone("3001", city.asterisk.sip_port) as department:
        await city.registers(department)
        department.picks_up.clear()
        async with talking(city, "13700137003") as talk:
            await talk.invites("department")
            await asyncio.wait_for(department.invited.wait(), 15)
            department.invited.clear()
            await talk.agent.hang_up()
            await asyncio.wait_for(department.invited.wait(), 15)
            department.picks_up.set()
            await asyncio.wait_for(department.rings.wait(), 15)
            third = department.call
            assert third is not None
            await talk.all_hear(third, "请问您要反映什么问题", talk.caller.call)
            await department.hang_up()
        async with talking(city, "13700137004", queued=True) as talk:
            department.rings.clear()
            await talk.invites("department")
            await asyncio.wait_for(department.rings.wait(), 15)
            await talk.stands("aside")
            await asyncio.gather(talk.agent.hang_up(), department.hang_up())
            assert "满意" in await talk.caller.until_heard("满意", 15)


async def the_service_dies_with_an_invitation_under_way(talk: Talk) -> None:
    """It is kept, and the PBX has never heard of it."""
    runtime = talk.city.runtime
    now = runtime.clock.now()
    async with runtime.database.write() as session:
        staff = (await session.scalars(select(Staff).where(Staff.number == "1001"))).one()
        department = (await call_transfer.departments_with_telephone(session))[0]
        chosen = f"department:{department.id}"
        asked = await call_third.ask(session, talk.conversation_id, staff, Wish.INVITE, chosen, now)
        await call_third.is_taken(session, asked, now)
