"""The service and all agents away: the PBX takes messages itself, and nobody who called is forgotten afterwards."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from backoffice import duty
from backoffice.staff import NewStaff, Role, create
from core.clock import SystemClock
from core.settings import Settings
from speech import espeak
from speech.vosk_recognition import VoskRecogniser
from tests.backoffice.web.office import Browser
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.asterisk import Asterisk, running_asterisk
from tests.fixtures.kannel import until
from tests.fixtures.sip import Call, sip_phone
from tests.fixtures.voices import said
from tests.phone.line import SECRET, citizens_side, words_in
from tests.phone.ports import free_port, with_phone

pytestmark = [pytest.mark.real_time, pytest.mark.asyncio(loop_scope="module")]
PASSWORD = "Correct-Horse-9"
_ASKED_FOR = 0.3
"""Seconds an answer takes for which the dialplan still waits."""
LEFT_A_MESSAGE, WAITED_IN_VAIN = "13800138000", "13700137000"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asterisk]:
    ports = (free_port(), free_port(), 20000 + free_port() % 20000)
    folder = tmp_path_factory.mktemp("pbx")
    async with running_asterisk(
        folder, service=f"http://127.0.0.1:{free_port()}", audiosocket=free_port(), secret=SECRET, ports=ports
    ) as running:
        yield running


async def test_a_bot_that_gives_every_call_back_and_nobody_there_end_at_a_message_for_the_pbx(
    asterisk: Asterisk, sqlite_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, settings = asterisk.recording_folder, with_phone(sqlite_settings, port=free_port())
    nobody_listens = asterisk.command("dialplan show globals").partition("SERVICE=")[2].split()[0]
    monkeypatch.setattr(espeak, "PROGRAM", "/nonexistent/espeak-ng")
    async with running_app(settings, SystemClock(), ScriptedEngine()) as app:
        asterisk.command(f"dialplan set global SERVICE {app.base}")
        asterisk.command(f"dialplan set global AUDIOSOCKET 127.0.0.1:{settings.audiosocket_port}")
        async with sip_phone("citizen", asterisk.sip_port) as citizen:
            call = await citizen.dial("+8612345", caller="13800138009")
            await until(lambda: list(folder.glob("*-message.part.wav")), "the call goes round and round")
            assert not call.ended.is_set()
        await until(lambda: list(folder.glob("*-message.wav")), "the message is lost")
    asterisk.command(f"dialplan set global SERVICE {nobody_listens}")
    for left in folder.glob("*-*"):
        left.unlink()


async def test_who_calls_while_nothing_and_nobody_answers_is_asked_for_a_message_and_called_back(
    asterisk: Asterisk, sqlite_settings: Settings, recogniser: VoskRecogniser
) -> None:
    settings = with_phone(sqlite_settings, pbx_recordings=asterisk.recording_folder)
    prompts = asterisk.recording_folder / "prompts"
    async with running_app(settings, SystemClock(), ScriptedEngine()):
        await until((prompts / "queue.wav").exists, "the PBX has no prompts of its own")  # the last one
    async with sip_phone("citizen", asterisk.sip_port) as citizen:
        call = await citizen.dial("12345", caller=LEFT_A_MESSAGE)
        await until(lambda: call.rtp.sounds, "silence")
        assert call.rtp.sounds[0] - call.invited_at < 2
        await until(lambda: is_over(call.rtp.sounds), "the prompt does not end")
        assert "没有" in await words_in(recogniser, bytes(call.rtp.heard))
        call.rtp.speak(said("我要投诉幸福小区半夜施工噪音太大"))
        await call.rtp.said()
        await citizen.hang_up()
    async with sip_phone("1001", asterisk.sip_port) as agent, sip_phone("citizen", asterisk.sip_port) as citizen:
        agent.picks_up.clear()
        await agent.register()
        await citizen.dial("12345", caller=WAITED_IN_VAIN)
        await asyncio.wait_for(agent.invited.wait(), 15)
        await citizen.hang_up()
        await until(lambda: len(list(asterisk.recording_folder.glob("*.ended"))) == 2, "a put-down is lost")
    async with running_app(settings, SystemClock(), ScriptedEngine()) as app:
        await until(lambda: not list(asterisk.recording_folder.glob("*-*.*")), "what was left is not taken over")
        async with app.browser() as session:
            browser = await signed_in(app, session)
            page = await browser.get("/staff/calls")
            for words in ("138****8000", "有留言", "听留言", "137****7000", "没接到"):
                assert words in page.words, words
            found = re.search(r'href="(/staff/calls/[-0-9a-f]+)">听留言', page.text)
            assert found is not None
            sheet = await browser.get(found[1])
            assert "施工噪音太大" in re.sub(r"\s", "", sheet.words)
            audio = re.search(r'src="(/staff/calls/[^"]+/audio)"', sheet.text)
            assert audio is not None
            async with session.get(audio[1]) as answer:
                heard = await words_in(recogniser, citizens_side(await answer.read()))
    assert "我要投诉幸福小区半夜施工噪音太大" in heard


async def test_who_goes_to_people_hears_it_ring_while_the_dialplan_still_asks_whom(asterisk: Asterisk) -> None:
    heard: list[int] = []
    calls: list[Call] = []

    async def whom(_: web.Request) -> web.Response:
        await until(lambda: calls, "the call was not answered")
        before = calls[0].rtp.packets
        await asyncio.sleep(_ASKED_FOR)
        heard.append(calls[0].rtp.packets - before)
        return web.Response(text="takers")

    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=503)

    service = web.Application()
    service.add_routes([web.get("/voice/pbx/takers", whom), web.route("*", "/{rest:.*}", elsewhere)])
    runner = web.AppRunner(service)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    nobody_listens = asterisk.command("dialplan show globals").partition("SERVICE=")[2].split()[0]
    asterisk.command(f"dialplan set global SERVICE http://127.0.0.1:{port}")
    try:
        async with sip_phone("citizen", asterisk.sip_port) as citizen:
            calls.append(await citizen.dial("12345", caller="13800138010"))
            await until(lambda: heard, "nobody was asked who takes the call")
            await citizen.hang_up()
    finally:
        asterisk.command(f"dialplan set global SERVICE {nobody_listens}")
        await runner.cleanup()
    assert heard[0] > 5


def is_over(sounds: list[float]) -> bool:
    """Whether nothing has been heard for a while."""
    return asyncio.get_running_loop().time() - sounds[-1] > 0.8


async def signed_in(app: AppServer, session: ClientSession) -> Browser:
    """An agent's browser."""
    now = app.runtime.clock.now()
    async with app.runtime.database.write() as database:
        new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
        await duty.go_on_duty(database, (await create(database, new, PASSWORD, "test", now)).id, now)
    browser = Browser(session)
    assert (await browser.sign_in("agent", PASSWORD)).status == 303
    return browser
