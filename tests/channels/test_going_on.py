"""A call that broke off goes on in the web chat, by the link in the text (A11)."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import calls
from backoffice.calls import Ending, Outcome
from bot.turns import TurnRequest
from channels.exchange import Exchange
from channels.going_on import read_ticket, ticket
from channels.voice.leaving import End, store
from channels.voice.link import Announced, Link
from channels.webchat.going_on import NOT_OURS, SETTLED, TOO_LATE
from core.clock import FrozenClock
from core.conversations import Conversation, DialogueState, Message, TurnOutcome
from core.messages import QuickReply, Reply
from core.privacy import Keyring
from core.settings import Settings
from tests.channels.chatting import chat, visitor
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer, running_app

STORY = "幸福小区半夜施工噪音太大"
ASKED = Reply("请问您贵姓？", {"kind": "summary"}, quick_replies=(QuickReply("不方便说", "不说"),), asks="name")
CITIZEN = "13800138000"


@pytest.fixture
async def app(sqlite_settings: Settings, clock: FrozenClock, engine: ScriptedEngine) -> AsyncIterator[AppServer]:
    """The application, with an address citizens can reach."""
    settings = sqlite_settings.model_copy(update={"public_url": "https://12345.example/"})
    async with running_app(settings, clock, engine) as running:
        yield running
        engine.gate.set()


async def broken_off(app: AppServer, engine: ScriptedEngine, asked: Reply = ASKED) -> tuple[str, str]:
    """A call that ended with an open question; the conversation of it, and the link its citizen got."""

    def takes_down(request: TurnRequest) -> TurnOutcome:
        return TurnOutcome((asked,), f"{request.tracker or ''}|{request.text}", draft={"content": STORY})

    engine.script, exchange = takes_down, Exchange(app.runtime, engine)
    link = Link(app.runtime, exchange, Announced(str(uuid.uuid4()), "asterisk", CITIZEN, mobile=True), alone=True)
    await link.open(None)
    await link.tell(STORY)
    await exchange.settled()
    await exchange.stop()
    await store(link, End(Outcome(Ending.HUNG_UP, seconds=12), app.runtime.clock.now()))
    async with app.runtime.database.read() as session:
        ours = select(Message).join(Conversation).where(Conversation.channel == "sms")
        text = (await session.scalars(ours.order_by(Message.id.desc()).limit(1))).one().text
    found = re.search(r" (http\S+)(/go/[A-Za-z0-9_-]{20}) 接着办。", text)
    assert found is not None, text
    assert found[1] == "https://12345.example"
    return link.conversation_id, found[2]


async def test_the_link_leads_to_the_chat_with_all_that_was_said_and_only_its_button_moves_it(
    app: AppServer, engine: ScriptedEngine
) -> None:
    source, link = await broken_off(app, engine)
    async with visitor(app) as browser:
        async with app.browser() as program:  # one that looks at the links of texts
            for _ in range(2):
                async with program.get(link) as page:
                    assert (page.status, "接着办" in await page.text()) == (200, True)
        async with browser.post(link, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["location"]) == (303, "/chat")
        async with chat(browser) as talk:
            await talk.quiet()
            [(_, one, text), (_, other, question)] = talk.messages()
            assert (one, other, question) == ("bot", "bot", ASKED.text)
            assert text.startswith("刚才电话里您说的已经记下")
            asked = [frame for frame in talk.frames if frame.get("text") == ASKED.text]
            assert [frame["card"] for frame in asked] == [ASKED.card]
            await talk.say("姓王")
            await talk.next("message", author="bot")
        assert (engine.heard[-1].tracker, engine.heard[-1].channel) == (f"|{STORY}", "webchat")
        async with browser.post(link, allow_redirects=False) as answer:  # a second click
            assert (answer.status, answer.headers["location"]) == (303, "/chat")
        async with browser.get(link, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["location"]) == (302, "/chat")
    async with visitor(app) as other:
        async with other.post(link) as answer:
            assert (answer.status, SETTLED in await answer.text()) == (409, True)
        async with other.get(link) as page:
            assert SETTLED in await page.text()
    async with app.runtime.database.read() as session:
        assert (await session.get_one(Conversation, source)).closed_at is not None, "the matter is in one place"
        assert await session.get(DialogueState, source) is None


async def test_what_is_open_now_is_asked_where_they_have_called_again_meanwhile(
    app: AppServer, engine: ScriptedEngine
) -> None:
    _, first = await broken_off(app, engine)
    further = Reply("请问您的电话是多少？", asks="phone")
    _, second = await broken_off(app, engine, further)
    assert first != second
    async with visitor(app) as browser, browser.post(first), chat(browser) as talk:
        await talk.quiet()
        assert talk.messages()[-1][2] == further.text


async def test_a_matter_of_ones_own_is_never_replaced_nor_a_call_taken_from_who_talks(
    app: AppServer, engine: ScriptedEngine
) -> None:
    source, link = await broken_off(app, engine)
    async with visitor(app) as busy, chat(busy) as talk:
        await talk.say("我要投诉停车")
        await talk.next("message", author="bot")
        async with busy.post(link, headers={"Accept": "application/json"}) as answer:
            assert (answer.status, (await answer.json())["reason"]) == (409, SETTLED)
    now = app.runtime.clock.now()
    async with app.runtime.database.write() as session:  # the citizen calls again
        again = str(uuid.uuid4())
        await calls.begin(session, again, "asterisk", caller=CITIZEN, called="", channel="", now=now)
        await calls.is_led(session, again, source, None)
    async with visitor(app) as browser, browser.post(link) as answer:
        assert answer.status == 409
    async with app.runtime.database.read() as session:
        assert await session.get(DialogueState, source) is not None


async def test_what_is_no_link_of_ours_or_too_old_leads_nowhere(
    app: AppServer, engine: ScriptedEngine, clock: FrozenClock
) -> None:
    _, link = await broken_off(app, engine)
    good = link.removeprefix("/go/")
    async with visitor(app) as browser:
        for bad in (good[:-1] + ("A" if good[-1] != "A" else "B"), "x", "A" * 20, "一" * 20, good + "="):
            async with browser.get(f"/go/{bad}") as page:
                assert (page.status, NOT_OURS in await page.text()) == (404, True), bad
        async with browser.post(link, headers={"Origin": "https://elsewhere.example"}) as answer:
            assert answer.status == 403
        clock.move(timedelta(minutes=app.runtime.settings.conversation_idle_minutes + 1))
        async with browser.post(link) as answer:
            assert (answer.status, TOO_LATE in await answer.text()) == (410, True)
        for _ in range(30):
            async with browser.get("/go/x") as page:
                pass
        assert page.status == 429


def test_a_ticket_is_read_back_and_no_other_key_makes_it() -> None:
    ours, theirs = Keyring(b"1" * 32), Keyring(b"2" * 32)
    assert [read_ticket(ours, ticket(ours, number)) for number in (1, 2**40)] == [1, 2**40]
    assert read_ticket(ours, ticket(theirs, 1)) is None
    assert len(ticket(ours, 2**40)) == 20
