"""What the web chat does not take and how much of it; whose session it is: nobody hears anybody else."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
from sqlalchemy import text

from channels.webchat.limits import MESSAGES_AT_ONCE, MOST_SOCKETS
from channels.webchat.session import COOKIE
from core.clock import FrozenClock
from core.live import citizen_typing_topic, live, staff_typing_topic
from core.settings import Settings
from tests.channels.chatting import chat, visitor
from tests.fixtures.app import AppServer, running_app


@pytest.mark.parametrize(
    "data",
    [
        "not json",
        "[]",
        "{}",
        '{"type": "say"}',
        '{"type": "say", "id": "short", "text": "x"}',
        '{"type": "say", "id": "12345678", "text": 5}',
        '{"type": "say", "id": {"a": 1}, "text": "x"}',
        '{"type": "resume", "conversation": "../../etc", "after": 0}',
        '{"type": "resume", "conversation": null, "after": "x"}',
        '{"type": "read", "conversation": "00000000-0000-0000-0000-000000000000", "seq": -1}',
        '{"type": "take_over"}',
        "[" * 50_000,
        '{"a":' * 20_000,
    ],
    ids=lambda data: data[:60],
)
async def test_a_frame_that_is_none_gets_a_reason_and_the_socket_stays(app: AppServer, data: str) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.socket.send_str(data)
        if '"after": "x"' not in data:
            problem = await open_chat.next("error")
            assert problem["code"] == "bad_frame"
            assert problem["reason"]
        await open_chat.say("还在吗")
        await open_chat.next("message", author="bot")


@pytest.mark.parametrize(
    ("words", "code"), [("", "empty"), ("  \n ", "empty"), ("\u200b", "empty"), ("长" * 20001, "too_long")]
)
async def test_a_text_that_is_refused_gets_a_reason_and_no_ack(app: AppServer, words: str, code: str) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        key = await open_chat.say(words)
        problem = await open_chat.next("error")
    assert (problem["code"], problem["id"]) == (code, key)
    assert not [frame for frame in open_chat.frames if frame["type"] == "ack"]


async def test_ten_thousand_characters_are_taken_whole(app: AppServer) -> None:
    text = "幸福小区" * 2500
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say(text)
        said = await open_chat.next("message", author="citizen")
    assert said["text"] == text


async def test_a_frame_larger_than_any_message_ends_the_socket(app: AppServer) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.socket.send_str("x" * 300_000)
        ended = await open_chat.socket.receive(5)
    assert ended.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    assert open_chat.socket.close_code == 1009


async def test_a_flood_is_told_to_wait_and_another_visitor_is_not(app: AppServer, clock: FrozenClock) -> None:
    async with visitor(app) as browser, visitor(app) as neighbour, chat(browser) as loud, chat(neighbour) as calm:
        for number in range(MESSAGES_AT_ONCE + 1):
            key = await loud.say(f"{number}")
        problem = await loud.next("error")
        assert (problem["code"], problem["id"]) == ("too_fast", key)
        assert problem["retry_after"] == 1.0
        await calm.say("我也在同一个网络里")
        await calm.next("ack")
        clock.move(timedelta(seconds=1))
        await loud.say("等了一会儿", key)
        await loud.next("ack", id=key)


async def test_typing_is_told_both_ways(app: AppServer, clock: FrozenClock) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("你好")
        ack = await open_chat.next("ack")
        await open_chat.next("message", author="bot")
        with live.listen(citizen_typing_topic(ack["conversation"])) as typing:
            await open_chat.send(type="typing")
            await asyncio.wait_for(typing.wait(), 5)
        await open_chat.quiet(0.05)
        open_chat.frames.clear()
        live.signal(staff_typing_topic(ack["conversation"]))
        assert await open_chat.next("typing") == {"type": "typing"}


async def test_a_message_that_cannot_be_stored_says_so_and_can_be_sent_again(app: AppServer) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        async with app.runtime.database.write() as session:
            await session.execute(text("ALTER TABLE inbound_receipts RENAME TO elsewhere"))
        key = await open_chat.say("你好")
        problem = await open_chat.next("error")
        assert (problem["code"], problem["id"]) == ("failed", key)
        async with app.runtime.database.write() as session:
            await session.execute(text("ALTER TABLE elsewhere RENAME TO inbound_receipts"))
        await open_chat.say("你好", key)
        await open_chat.next("ack", id=key)
        await open_chat.next("message", author="bot")


async def test_too_many_windows_of_one_visitor_are_sent_away(app: AppServer) -> None:
    async with visitor(app) as browser, visitor(app) as neighbour, AsyncExitStack() as windows:
        for _ in range(MOST_SOCKETS):
            await windows.enter_async_context(chat(browser))
        async with browser.ws_connect("/chat/socket") as one_more:
            await one_more.receive(5)
            assert one_more.close_code == 1013
        async with chat(neighbour) as calm:
            await calm.say("你好")
            await calm.next("ack")


async def test_without_a_dialogue_core_a_person_answers(sqlite_settings: Settings, clock: FrozenClock) -> None:
    async with running_app(sqlite_settings, clock) as app, visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("有人吗")
        answer = await open_chat.next("message", author="bot")
        state = await open_chat.next("state", owner="waiting")
    assert "工作人员会尽快回复您" in answer["text"]
    assert state["position"] == 1


# ------------------------------------------------------------------------------------------- whose session it is


async def _socket_status(browser: ClientSession, **headers: str) -> tuple[int, str]:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    async with browser.get("/chat/socket", headers=upgrade | headers) as answer:
        return answer.status, await answer.text()


async def test_no_session_no_socket(app: AppServer) -> None:
    async with app.browser() as browser:
        status, body = await _socket_status(browser)
        with pytest.raises(WSServerHandshakeError):
            await browser.ws_connect("/chat/socket")
    assert status == 403
    assert json.loads(body)["error"] == "no_session"
    assert "刷新" in json.loads(body)["reason"]


async def test_a_forged_or_borrowed_signature_is_no_session_and_the_page_gives_a_new_one(app: AppServer) -> None:
    async with visitor(app) as mine, visitor(app) as theirs:
        cookie = mine.cookie_jar.filter_cookies(app.base)[COOKIE].value  # type: ignore[arg-type]
        foreign = theirs.cookie_jar.filter_cookies(app.base)[COOKIE].value  # type: ignore[arg-type]
    visitor_id, issued, signature = cookie.split(".")
    forged = [
        f"{foreign.split('.')[0]}.{issued}.{signature}",
        f"{visitor_id}.{int(issued) + 1}.{signature}",
        f"{visitor_id}.{issued}.{'0' * 64}",
        f"{visitor_id}.{issued}",
        "default",
        "",
    ]
    for value in forged:
        async with app.browser() as browser:
            browser.cookie_jar.update_cookies({COOKIE: value})
            async with browser.post("/api/chat/messages", json={"id": "12345678", "text": "我是别人"}) as answer:
                assert answer.status == 403
                assert (await answer.json())["error"] == "no_session"
            async with browser.get("/chat") as page:
                assert page.cookies[COOKIE].value not in (*forged, cookie, foreign)
            async with chat(browser) as open_chat:
                await open_chat.say("你好")
                await open_chat.next("ack")


async def test_an_old_cookie_is_renewed_by_the_page_and_not_believed_for_ever(
    app: AppServer, clock: FrozenClock
) -> None:
    async with visitor(app) as browser:
        first = browser.cookie_jar.filter_cookies(app.base)[COOKIE].value  # type: ignore[arg-type]
        clock.move(timedelta(days=2))
        async with browser.get("/chat") as page:
            renewed = page.cookies[COOKIE].value
        assert renewed != first
        assert renewed.split(".")[0] == first.split(".")[0]
    clock.move(timedelta(days=177))
    for days, status in ((0, 200), (1, 403)):
        clock.move(timedelta(days=days))
        async with app.browser() as browser:
            browser.cookie_jar.update_cookies({COOKIE: first})
            async with browser.get("/api/chat/messages") as answer:
                assert answer.status == status


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(app: AppServer) -> None:
    async with app.browser() as browser, browser.get("/chat") as page:
        cookie = page.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


async def test_a_page_of_somebody_else_cannot_open_a_socket_or_post(app: AppServer) -> None:
    async with visitor(app) as browser:
        status, body = await _socket_status(browser, Origin="https://evil.example")
        assert (status, json.loads(body)["error"]) == (403, "foreign_origin")
        headers = {"Origin": "https://evil.example"}
        async with browser.post("/api/chat/messages", json={"id": "12345678", "text": "x"}, headers=headers) as answer:
            assert answer.status == 403
        async with browser.ws_connect("/chat/socket", origin=app.base) as socket:
            await socket.send_str('{"type": "resume"}')
            assert json.loads((await socket.receive(5)).data)["type"] == "state"


async def test_a_conversation_of_somebody_else_cannot_be_resumed_or_read(app: AppServer) -> None:
    async with visitor(app) as mine, visitor(app) as theirs:
        async with chat(mine) as open_chat:
            await open_chat.say("我的秘密")
            place = await open_chat.next("message", author="bot")
        async with chat(theirs, place["conversation"], 0) as nosy:
            await nosy.quiet()
        assert nosy.messages() == []
        for query in ("after=0", "before=5"):
            async with theirs.get(f"/api/chat/messages?conversation={place['conversation']}&{query}") as answer:
                assert (await answer.json())["messages"] == []
