"""A call in the browser: Chromium with a recording as its microphone talks to the hotline and hears it answer."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from backoffice import duty
from backoffice.calls import Call, recording_path
from backoffice.staff import NewStaff, Role, create
from channels.webchat.session import COOKIE
from core import conversations
from core.clock import SystemClock
from core.conversations import Conversation, TurnOutcome
from core.messages import Reply
from core.settings import Settings
from speech.audio import silence
from speech.vosk_recognition import VoskRecogniser
from tests.channels.chatting import chat, visitor
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.browser import PHONE, chromium, window
from tests.fixtures.kannel import until
from tests.fixtures.voices import MODEL
from tests.fixtures.voices import said as voice
from tests.phone.line import words_in

pytestmark = pytest.mark.real_time

ASKED = "请问是什么时候发生的"


def asks(request: Any) -> TurnOutcome:
    return TurnOutcome(replies=(Reply(ASKED, asks="time"),), tracker=None)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine(asks)


@pytest.fixture
async def app(sqlite_settings: Settings, engine: ScriptedEngine) -> AsyncIterator[AppServer]:
    """The service, hearing with the test model, in real time."""
    settings = sqlite_settings.model_copy(update={"asr_model": MODEL})
    async with running_app(settings, SystemClock(), engine) as running:
        yield running


@pytest.fixture
async def recogniser() -> AsyncIterator[VoskRecogniser]:
    made = VoskRecogniser(MODEL)
    yield made
    made.close()


def microphone(folder: Path, pcm: bytes) -> tuple[str, ...]:
    """Arguments by which Chromium hears ``pcm`` (8 kHz), once."""
    path = folder / "microphone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(pcm)
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}%noloop",
    )


def listen_in(page: Page) -> bytearray:
    """What the hotline says into the browser."""
    heard = bytearray()

    def opened(socket: Any) -> None:
        socket.on("framereceived", lambda got: heard.extend(got) if isinstance(got, bytes) else None)

    page.on("websocket", opened)
    return heard


async def latest(app: AppServer) -> Call:
    async with app.runtime.database.read() as session:
        found = await session.scalars(select(Call).order_by(Call.begun_at.desc()))
        return found.all()[0]


async def said_in(app: AppServer) -> list[tuple[str, str, str]]:
    """Channel, author and words of all there is."""
    async with app.runtime.database.read() as session:
        [conversation] = await session.scalars(select(Conversation))
        found = await conversations.messages_after(session, conversation.id, 0)
        return [(conversation.channel, message.author, message.text) for message in found]


async def test_a_citizen_speaks_into_the_browser_is_understood_and_hears_the_answer(
    app: AppServer, engine: ScriptedEngine, recogniser: VoskRecogniser, tmp_path: Path
) -> None:
    pcm = silence(8) + voice("我要投诉") + silence(60)  # 8 s: also a busy machine has put the call through
    async with chromium(*microphone(tmp_path, pcm)) as browser, window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        heard = listen_in(page)
        await opened.open("/chat")
        await page.click("#menu summary")
        await page.click("text=网页通话")
        await expect(page.locator("#note")).to_be_hidden()
        assert await opened.findings() == []
        await page.click("#start")
        await expect(page.locator("#call")).to_have_attribute("data-state", "speaking")
        await until(lambda: engine.heard, "the bot was told nothing")
        told = engine.heard[0]
        assert (told.text, told.channel) == ("我要投诉", "webchat")
        start = len(heard)
        await until(lambda: len(heard) - start > 4 * 16000, "nothing came back")
        assert "什么时候发生的" in await words_in(recogniser, bytes(heard[start:]))
        assert await opened.findings() == []
        assert not await opened.is_wider_than_the_screen()
        await page.click("#stop")
        await expect(page.locator("#state")).to_contain_text("通话结束")
        await expect(page.locator("#start")).to_be_focused()
        assert opened.complaints == []
        await until(lambda: _has_ended(app), "the call has no end")
        call = await latest(app)
        assert (call.line, call.ending) == ("browser", "hung_up")
        path = recording_path(app.runtime.settings.media_dir, call)
        assert path is not None
        audio = path.read_bytes()[44:]
        citizen = b"".join(audio[at : at + 2] for at in range(0, len(audio), 4))
        assert await words_in(recogniser, citizen) == "我要投诉"
        await page.click(".call-link")
        await expect(page.locator("#messages")).to_contain_text(ASKED)
    assert await said_in(app) == [("webchat", "citizen", "我要投诉"), ("webchat", "bot", ASKED)]


async def _has_ended(app: AppServer) -> bool:
    return (await latest(app)).ended_at is not None


async def test_without_a_microphone_the_page_says_why_and_keys_lead_to_a_person_in_the_chat(app: AppServer) -> None:
    async with app.runtime.database.write() as session:
        new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
        agent = await create(session, new, "Correct-Horse-9", "test", app.runtime.clock.now())
        await duty.go_on_duty(session, agent.id, app.runtime.clock.now())
    async with chromium("--deny-permission-prompts") as browser, window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/call")
        await page.click("#start")
        await expect(page.locator("#note")).to_contain_text("麦克风")
        await page.click("#silent")
        await expect(page.locator("#keys")).to_be_visible()
        await expect(page.locator("#mute")).to_be_hidden()
        await expect(page.locator("#call")).to_have_attribute("data-state", "speaking")
        await page.keyboard.press("0")
        await expect(page.locator("#state")).to_contain_text("话务员")
        await page.click(".call-link")
        await expect(page.locator("#state-words")).to_contain_text("排队")
        await opened.open("/call")
        await page.click("#start")
        await page.click("#silent")
        await expect(page.locator("#state")).to_contain_text("话务员正在网上对话里为您服务")
        assert opened.complaints == []


async def test_the_page_says_beforehand_what_does_not_work(sqlite_settings: Settings) -> None:
    deaf = sqlite_settings.model_copy(update={"asr_model": sqlite_settings.data_dir / "nothing"})
    async with running_app(deaf, SystemClock()) as app, app.browser() as session, session.get("/call") as page:
        assert "现在听不懂说话，只能按键和录音" in await page.text()
    off = sqlite_settings.model_copy(update={"browser_calls_at_once": 0})
    async with running_app(off, SystemClock()) as app, app.browser() as session, session.get("/call") as page:
        words = await page.text()
        assert "还没有开通网页通话" in words
        assert 'id="start"' not in words


async def test_strangers_foreign_pages_and_second_windows_get_no_line(app: AppServer) -> None:
    async with app.browser() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect("/call/socket")
        await (await session.get("/call")).read()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect("/call/socket", headers={"Origin": "https://evil.example"})
        assert any(cookie.key == COOKIE for cookie in session.cookie_jar)
        first = await session.ws_connect("/call/socket")
        assert json.loads((await first.receive()).data)["type"] == "started"
        await asyncio.sleep(0.2)
        second = await session.ws_connect("/call/socket")
        refused = json.loads((await second.receive()).data)
        assert refused == {"type": "refused", "reason": "您已经在通话中，可能在另一个窗口里。"}
        await first.close()


async def test_of_two_windows_opened_in_one_moment_only_one_gets_a_line(app: AppServer) -> None:
    async with app.browser() as session:
        await (await session.get("/call")).read()
        sockets = await asyncio.gather(*(session.ws_connect("/call/socket") for _ in range(3)))
        said = [json.loads((await socket.receive()).data) for socket in sockets]
        assert sorted(one["type"] for one in said) == ["refused", "refused", "started"]
        for socket in sockets:
            await socket.close()


async def test_a_call_that_ends_in_silence_leaves_the_conversation_in_writing_open(app: AppServer) -> None:
    async with visitor(app) as session:
        async with chat(session) as written:
            await written.say("我要投诉")
            await written.next("message", author="bot")
        before = app.runtime.clock.now() - timedelta(hours=1)
        async with app.runtime.database.write() as stored:
            [conversation] = await stored.scalars(select(Conversation))
            conversation.last_message_at = before
        socket = await session.ws_connect("/call/socket")
        said = [json.loads(got.data) async for got in socket if got.type is aiohttp.WSMsgType.TEXT]
        assert said[-1] == {"type": "ended", "next": "bye"}
    await until(lambda: _has_ended(app), "the call has no end")
    assert (await latest(app)).ending == "silence"
    async with app.runtime.database.read() as stored:
        [conversation] = await stored.scalars(select(Conversation))
        assert (conversation.closed_at, conversation.owner) == (None, "bot")


@pytest.mark.parametrize("rubbish", [b"\1\2\3", b"\0" * 64_000, "{", '{"type": "key", "key": "12"}', "[]", "x" * 500])
async def test_a_line_that_sends_rubbish_ends_and_the_next_one_works(app: AppServer, rubbish: str | bytes) -> None:
    async with app.browser() as session:
        await (await session.get("/call")).read()
        socket = await session.ws_connect("/call/socket")
        await socket.receive()
        await (socket.send_bytes(rubbish) if isinstance(rubbish, bytes) else socket.send_str(rubbish))
        said = [json.loads(got.data) async for got in socket if got.type is aiohttp.WSMsgType.TEXT]
        assert said[-1] == {"type": "ended", "next": "people"}
        assert app.app.ctx.gateway.live("browser") == []
