"""Real calls with people at the other end: a person asked for, orders by voice, calls taken and transferred."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from backoffice import desk
from backoffice.order_tables import Order
from backoffice.staff import Staff
from core import history
from core.conversations import Conversation, Owner
from tests.backoffice.web.office import Browser
from tests.fixtures.browser import chromium, window
from tests.fixtures.kannel import until
from tests.fixtures.sip import sip_phone
from tests.fixtures.voices import said
from tests.phone.city import PASSWORD, City, asked, digits_in, somebody_is_on_duty
from tests.phone.line import citizens_side, words_in

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="session")]


@asynccontextmanager
async def desk_of_the_agent(city: City) -> AsyncIterator[Page]:
    """The desk in the agent's browser, with no conversation open."""
    async with chromium() as browser, window(browser, city.app.base) as opened:
        await opened.open("/staff/sign-in?next=/staff/desk")
        await opened.page.fill("#username", "agent")
        await opened.page.fill("#password", PASSWORD)
        await opened.page.click("main button[type=submit]")
        await expect(opened.page.locator("#desk-list-body")).to_be_visible()
        yield opened.page
        assert opened.complaints == []


async def test_one_key_reaches_a_person_who_sees_what_was_said_before_the_first_word_and_is_rated_afterwards(
    city: City,
) -> None:
    await somebody_is_on_duty(city)
    async with sip_phone("1001", city.asterisk.sip_port) as agent, desk_of_the_agent(city) as page:
        await city.registers(agent)
        agent.picks_up.clear()
        async with city.citizen("13900139000") as caller:
            await until(lambda: caller.call.rtp.sounds, "no greeting")
            before = (await asked(city))[0]
            await caller.interrupts_with("我要投诉幸福小区半夜施工噪音太大")

            async def is_answered() -> bool:
                return (await asked(city))[0] != before

            await until(is_answered, "the bot does not answer")
            await caller.call.rtp.press("0")
            await asyncio.wait_for(agent.invited.wait(), 15)
            await expect(page.locator("#talk-state")).to_have_attribute("data-group", "waiting")
            await expect(page.locator(".msg-citizen")).to_contain_text(["我要投诉幸福小区半夜施工噪音太大"])
            drafted = page.locator("section", has=page.locator("#context-draft"))
            for words in ("投诉", "施工噪音太大", "幸福小区"):
                await expect(drafted).to_contain_text(words)
            agent.picks_up.set()
            await asyncio.wait_for(agent.rings.wait(), 15)
            await expect(page.locator("#talk-state")).to_have_attribute("data-group", "mine")
            assert agent.call is not None
            agent.call.rtp.speak(said("请问您要反映什么问题"))
            start = len(caller.call.rtp.heard)
            await asyncio.sleep(4)
            heard = await words_in(city.recogniser, bytes(caller.call.rtp.heard[start:]))
            assert "请问您要反映什么问题" in heard
            caller.says("我要投诉")
            start = len(agent.call.rtp.heard)
            await asyncio.sleep(2)
            assert "我要投诉" in await words_in(city.recogniser, bytes(agent.call.rtp.heard[start:]))
            await agent.hang_up()
            await asyncio.sleep(1)
            assert "满意" in await caller.hears()
            await caller.call.rtp.press("2")
            await caller.until_ended()
        await until(lambda: _is_rated(city), "the rating is not stored")
        call = await city.latest_call()
        assert (call.rating, call.rating_words, call.follow_up) == (2, "满意", None)
        async with city.runtime.database.read() as session:
            answered = await session.get_one(Staff, call.answered_by)
            conversation = await session.get_one(Conversation, call.conversation_id)
        assert (answered.number, call.with_staff) == ("1001", None)
        await until(lambda: _is_over(city, conversation.id), "the conversation is not over with the call")
        await the_talk_with_the_agent_is_on_the_page(city, call.id)


async def the_talk_with_the_agent_is_on_the_page(city: City, call_id: str) -> None:
    """Its words on both sides, whose they are, its audio, and who has heard it."""
    folder = city.asterisk.recording_folder
    await until(lambda: not list(folder.glob(f"{call_id}*")), "the PBX's recording is not taken over")
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        page = await browser.get(f"/staff/calls/{call_id}")
        words = re.sub(r"\s", "", page.words)
        assert "与话务员的通话，王芳（工号1001）" in words
        talk = words.partition("与话务员的通话")[2]
        assert re.search(r"话务员.*请问您要反映什么问题.*市民.*我要投诉", talk), talk
        [audio] = re.findall(r'src="(/staff/calls/[^"]+/parts/\d+/audio)"', page.text)
        async with session.get(audio) as answer:
            heard = await words_in(city.recogniser, citizens_side(await answer.read()))
        assert "我要投诉" in heard
        assert "请问" not in heard
        assert "1001王芳听录音" in re.sub(r"\s", "", (await browser.get(f"/staff/calls/{call_id}")).words)


async def _is_over(city: City, conversation_id: str) -> bool:
    async with city.runtime.database.read() as session:
        return (await session.get_one(Conversation, conversation_id)).closed_at is not None


async def _is_rated(city: City) -> bool:
    return (await city.latest_call()).rating is not None


ANSWERS = {
    "content": "幸福小区半夜施工噪音太大",
    "address": "人民路八十八号",
    "time": "昨天晚上十点",
    "name": "我叫王小明",
    "confirm": "确认",
}
"""What the citizen says to what the bot asks; to anything else they say no."""


async def test_an_order_is_filed_by_voice_and_keys_and_its_number_heard(city: City) -> None:
    async with city.citizen() as caller:
        await until(lambda: caller.call.rtp.sounds, "no greeting")
        last, filed = (await asked(city))[0], len(await city.orders())
        await caller.interrupts_with("我要投诉幸福小区半夜施工噪音太大")
        for _ in range(12):

            async def answered(before: int = last) -> bool:
                return (await asked(city))[0] != before

            await until(answered, "the bot does not answer")
            if len(await city.orders()) > filed:
                break
            last, what = await asked(city)
            if what == "phone":
                await asyncio.sleep(1.6)
                await caller.call.rtp.press(*"13800138000")
            else:
                await caller.interrupts_with(ANSWERS.get(what or "", "不用了"))
        order = (await city.orders())[-1]
        digits = digits_in(await caller.hears(40))
    async with city.runtime.database.read() as session:
        found = await session.get_one(Order, order.id)
        await session.refresh(found, ["content", "reporter_phone"])
        assert "施工噪音太大" in found.content
        assert (found.channel, found.kind, found.reporter_phone) == ("voice", "complain", "13800138000")
        assert (found.address, found.happened) == ("幸福小区", "半夜")
    assert digits.count(order.number) == 2
    await the_call_is_on_the_page_of_its_order(city, order.number)


async def the_call_is_on_the_page_of_its_order(city: City, number: str) -> None:
    """The words of both sides beside the recording, in which the citizen is understood again."""
    await until(lambda: _has_ended(city), "the end of the call is not stored")
    await somebody_is_on_duty(city)
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        page = await browser.get(f"/staff/orders/{number}")
        words = re.sub(r"\s", "", page.words)
        assert "电话录音" in words
        assert re.search(r"市民我要投诉幸福小区半夜施工噪音太大", words), words
        [audio] = re.findall(r'src="(/staff/calls/[^"]+/audio)"', page.text)
        async with session.get(audio) as answer:
            heard = await words_in(city.recogniser, citizens_side(await answer.read()))
    assert "施工噪音太大" in heard


async def _has_put_down(city: City) -> bool:
    """The citizen, asked to rate: until then the call has ended as one that was transferred."""
    return (await city.latest_call()).ending == "hung_up"


async def _has_ended(city: City) -> bool:
    return (await city.latest_call()).ended_at is not None


async def test_a_live_call_taken_at_the_desk_rings_that_agent_is_transferred_to_a_department_and_rated(
    city: City,
) -> None:
    await somebody_is_on_duty(city)
    port = city.asterisk.sip_port
    async with sip_phone("1001", port) as agent, sip_phone("3001", port) as department:
        await city.registers(agent)
        await city.registers(department)  # it is the trunk here: what is dialled out comes to it
        async with city.citizen("13700137000") as caller:
            await until(lambda: caller.call.rtp.sounds, "no greeting")
            async with city.runtime.database.write() as session:
                staff = (await session.scalars(select(Staff).where(Staff.number == "1001"))).one()
                open_ones = select(Conversation).where(
                    Conversation.owner == Owner.BOT.value, Conversation.channel == "voice"
                )
                conversation = (await session.scalars(open_ones.order_by(Conversation.created_at.desc()))).first()
                assert conversation is not None
                await desk.take(session, conversation.id, staff, city.runtime.clock.now())
            await asyncio.wait_for(agent.rings.wait(), 25)
            assert agent.call is not None
            start = len(agent.call.rtp.heard)
            caller.says("我要投诉")
            await asyncio.sleep(2)
            assert "我要投诉" in await words_in(city.recogniser, bytes(agent.call.rtp.heard[start:]))
            number = await transferred(city, conversation.id)
            await agent.hang_up()
            await asyncio.wait_for(department.rings.wait(), 15)
            assert department.call is not None
            assert department.dialled == number
            caller.says("我要投诉")
            department.call.rtp.speak(said("请问您要反映什么问题"))
            at_department, at_caller = len(department.call.rtp.heard), len(caller.call.rtp.heard)
            await asyncio.sleep(4)
            assert "我要投诉" in await words_in(city.recogniser, bytes(department.call.rtp.heard[at_department:]))
            assert "反映什么问题" in await words_in(city.recogniser, bytes(caller.call.rtp.heard[at_caller:]))
            await department.hang_up()
            assert "满意" in await caller.hears()
        await until(lambda: _has_put_down(city), "the call does not end")
        call = await city.latest_call()
        assert (call.ending, call.transfer_to) == ("hung_up", None)
        async with city.runtime.database.read() as session:
            assert [entry.action for entry in await history.of(session, "call", call.id)] == ["transfer"]
            answered = await session.get_one(Staff, call.answered_by)
            assert answered.number == "1001"


async def transferred(city: City, conversation_id: str) -> str:
    """The agent chooses a department at the desk; the number that is to be dialled."""
    async with city.app.browser() as session:
        browser = Browser(session)
        assert (await browser.sign_in("agent", PASSWORD)).status == 303
        page = await browser.get(f"/staff/desk/{conversation_id}")
        shown = re.search(r'<option value="(\d+)">(\S+) ([\d-]+)</option>', page.text)
        assert shown is not None, page.words
        fields = {"department": shown[1]}
        assert (await browser.post(f"/staff/desk/{conversation_id}/transfer", fields)).status == 303
        assert f"电话转给{shown[2]}" in (await browser.get(f"/staff/desk/{conversation_id}")).words
        return shown[3].replace("-", "")
