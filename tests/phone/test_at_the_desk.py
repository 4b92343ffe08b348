"""What an agent sees of a telephone call that comes to people, before the first word."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientSession
from sqlalchemy import select

from backoffice import duty
from backoffice.calls import Call
from backoffice.staff import NewStaff, Role, create
from core.conversations import Conversation, TurnOutcome
from core.messages import Reply
from tests.backoffice.web.office import Browser
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.kannel import until
from tests.phone.conftest import Exchange
from tests.phone.led import ASKED, talking
from tests.phone.line import SECRET


async def test_a_call_sent_to_people_stands_at_the_desk_with_what_was_said_and_taken_down(
    phone: Exchange, engine: ScriptedEngine
) -> None:
    def takes_down(request: Any) -> TurnOutcome:
        return TurnOutcome((Reply(ASKED, asks="time"),), "{}", draft={"content": "半夜施工噪音", "address": "幸福小区"})

    engine.script = takes_down
    async with talking(phone) as call:
        await until(lambda: engine.heard, "the bot was told nothing")
        async with phone.app.runtime.database.write() as session:
            new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
            agent = await create(session, new, "Correct-Horse-9", "test", phone.app.runtime.clock.now())
            await duty.go_on_duty(session, agent.id, phone.app.runtime.clock.now())
        await asyncio.sleep(1)
        await call.press("0")
        assert await call.next() == "queue"
        async with phone.app.runtime.database.read() as session:
            [conversation] = await session.scalars(select(Conversation))
        async with phone.app.browser() as session:
            browser = Browser(session)
            assert (await browser.sign_in("agent", "Correct-Horse-9")).status == 303
            page = await browser.get(f"/staff/desk/{conversation.id}")
            await told(phone, call.call_id, "rings")
            await until(lambda: is_with(phone, call.call_id, agent.id), "nobody is told that it rings")
            await told(phone, call.call_id, "answered")
            await until(lambda: is_owned_by(phone, conversation.id, agent.id), "the agent has no conversation")
            assert "您正在接待" in (await browser.get(f"/staff/desk/{conversation.id}")).words
            assert await told(phone, call.call_id, "back", answered="1") == "talk"
            assert not await is_with(phone, call.call_id, agent.id)
    for words in ("我要投诉", ASKED, "半夜施工噪音", "幸福小区", "138****8000", "接管", "电话"):
        assert words in page.words, words


async def told(phone: Exchange, call_id: str, what: str, **more: str) -> str:
    """What the dialplan is answered when it tells something of the call and of the agent's telephone."""
    form = {"uuid": call_id, "secret": SECRET, "extension": "1001", **more}
    async with ClientSession() as session, session.post(f"{phone.base}/voice/pbx/{what}", data=form) as answer:
        return await answer.text()


async def is_with(phone: Exchange, call_id: str, staff_id: int) -> bool:
    async with phone.app.runtime.database.read() as session:
        return (await session.get_one(Call, call_id)).with_staff == staff_id


async def is_owned_by(phone: Exchange, conversation_id: str, staff_id: int) -> bool:
    async with phone.app.runtime.database.read() as session:
        return (await session.get_one(Conversation, conversation_id)).staff_id == staff_id
