"""The web chat: acknowledged is stored, resumed is complete; by its socket and by plain HTTP."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core import conversations
from core.clock import FrozenClock
from core.conversations import Conversation, Message
from core.messages import QuickReply, Reply
from tests.channels.chatting import chat, visitor
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.app import AppServer


async def test_what_is_said_is_acknowledged_and_answered(app: AppServer) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        key = await open_chat.say("社保卡丢了怎么补办")
        ack = await open_chat.next("ack")
        answer = await open_chat.next("message", author="bot")
    assert ack == {"type": "ack", "id": key, "conversation": answer["conversation"], "seq": 1}
    assert (answer["seq"], answer["text"]) == (2, "答：社保卡丢了怎么补办")
    assert answer["at"] == "2026-11-16T02:00:00+00:00"


async def test_the_ack_comes_before_anything_the_message_causes(app: AppServer) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("你好")
        await open_chat.next("message", author="bot")
    kinds = [frame["type"] for frame in open_chat.frames if frame["type"] in ("ack", "message", "typing")]
    assert kinds == ["ack", "typing", "message", "message"]


async def test_a_message_is_stored_when_it_is_acknowledged(app: AppServer, engine: ScriptedEngine) -> None:
    engine.gate.clear()
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("还没答")
        ack = await open_chat.next("ack")
        async with app.runtime.database.read() as session:
            stored = await conversations.messages_after(session, ack["conversation"], 0)
    assert [message.text for message in stored] == ["还没答"]


async def test_the_same_id_is_the_same_message(app: AppServer) -> None:
    async with visitor(app) as browser, chat(browser) as one, chat(browser) as two:
        key = str(uuid4())
        await asyncio.gather(one.say("确认", key), two.say("确认", key), one.say("确认", key))
        acks = [await one.next("ack"), await two.next("ack"), await one.next("ack")]
        await one.quiet()
        await two.quiet()
    assert {ack["seq"] for ack in acks} == {1}
    expected = [(1, "citizen", "确认"), (2, "bot", "答：确认")]
    assert one.messages() == two.messages() == expected


async def test_two_visitors_with_the_same_message_id_are_two_messages(app: AppServer) -> None:
    key = str(uuid4())
    async with visitor(app) as first, visitor(app) as second, chat(first) as one, chat(second) as two:
        await one.say("甲的话", key)
        await two.say("乙的话", key)
        mine, yours = await one.next("message", author="bot"), await two.next("message", author="bot")
    assert (mine["text"], yours["text"]) == ("答：甲的话", "答：乙的话")
    assert mine["conversation"] != yours["conversation"]


async def test_a_button_says_which_message_it_belongs_to(app: AppServer, engine: ScriptedEngine) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("身份证和结婚证都丢了")
        answer = await open_chat.next("message", author="bot")
        place = {"conversation": answer["conversation"], "seq": answer["seq"]}
        await open_chat.send(type="say", id="judges-it-1", text="没用", about=place)
        await open_chat.next("message", author="bot")
        async with browser.post(
            "/api/chat/messages", json={"id": "judges-it-2", "text": "有用", "about": place}
        ) as sent:
            assert sent.status == 200
        await open_chat.next("message", author="bot")
        assert [request.about for request in engine.heard] == [None, place, place]
        for wrong in ("2", {"conversation": answer["conversation"]}, {"conversation": "other", "seq": 2}):
            await open_chat.send(type="say", id="judges-it-3", text="没用", about=wrong)
            assert (await open_chat.next("error"))["code"] == "bad_frame"
        bad = {"id": "judges-it-4", "text": "有用", "about": {"seq": 2}}
        async with browser.post("/api/chat/messages", json=bad) as sent:
            assert sent.status == 400


async def test_fifty_first_messages_over_many_sockets_open_one_conversation(app: AppServer) -> None:
    async with visitor(app) as browser:
        async with chat(browser) as one, chat(browser) as two, chat(browser) as three:
            await asyncio.gather(*((one, two, three)[n % 3].say(f"第{n}句") for n in range(50)))
            for open_chat in (one, two, three):
                await open_chat.next("message", seq=100)
        async with app.runtime.database.read() as session:
            assert await session.scalar(select(func.count()).select_from(Conversation)) == 1
            assert await session.scalar(select(func.count()).select_from(Message)) == 100
        for open_chat in (one, two, three):
            assert [seq for seq, _, _ in open_chat.messages()] == list(range(1, 101))


async def test_a_reconnect_gets_what_it_missed_and_nothing_twice(app: AppServer, engine: ScriptedEngine) -> None:
    async with visitor(app) as browser:
        async with chat(browser) as open_chat:
            await open_chat.say("一")
            place = await open_chat.next("message", author="bot")
            engine.gate.clear()
            await open_chat.say("二")
            await open_chat.next("ack")
        engine.gate.set()
        await app.app.ctx.exchange.settled()
        async with chat(browser, place["conversation"], place["seq"]) as again:
            await again.quiet()
    assert again.messages() == [(3, "citizen", "二"), (4, "bot", "答：二")]


async def test_a_connection_cut_at_every_point_loses_and_doubles_nothing(app: AppServer) -> None:
    """A client as the page is one: it remembers its place, and sends again what was not acknowledged."""
    shown: dict[int, str] = {}
    conversation: str | None = None
    async with visitor(app) as browser:
        for number in range(12):
            key = str(uuid4())
            for patience in (0.0, 0.002, 0.01, 5.0):  # gives up earlier than the server at first
                place = max(shown, default=0)
                async with chat(browser, conversation, place) as open_chat:
                    await open_chat.say(f"第{number}句", key)
                    try:
                        ack = await asyncio.wait_for(open_chat.next("ack", id=key), patience)
                        conversation = ack["conversation"]
                    except asyncio.TimeoutError:
                        pass
                for frame in open_chat.frames:
                    if frame["type"] == "message":
                        assert frame["seq"] not in shown, "shown twice"
                        shown[frame["seq"]] = frame["text"]
                        conversation = frame["conversation"]
        await app.app.ctx.exchange.settled()
        async with chat(browser, conversation, max(shown, default=0)) as open_chat:
            await open_chat.quiet()
        shown |= {seq: text for seq, _, text in open_chat.messages()}
    assert sorted(shown) == list(range(1, 25))
    said = [text for text in shown.values() if text.startswith("第")]
    assert said == [f"第{n}句" for n in range(12)]


async def test_somebody_who_comes_back_sees_the_last_talk_and_where_it_stands(app: AppServer) -> None:
    async with visitor(app) as browser:
        async with chat(browser) as open_chat:
            await open_chat.say("你好")
            answer = await open_chat.next("message", author="bot")
            await open_chat.send(type="read", conversation=answer["conversation"], seq=1)
            await open_chat.quiet(0.05)
        async with browser.ws_connect("/chat/socket") as socket:
            await socket.send_str('{"type": "resume"}')
            frames = [json.loads((await socket.receive(5)).data) for _ in range(3)]
    assert [(f["seq"], f["text"]) for f in frames[:2]] == [(1, "你好"), (2, "答：你好")]
    assert frames[2] == {
        "type": "state",
        "conversation": answer["conversation"],
        "owner": "bot",
        "agent": None,
        "position": None,
        "on_duty": None,
        "closed": False,
        "read": 1,
    }


async def test_a_message_after_the_conversation_was_closed_reaches_the_open_page(
    app: AppServer, clock: FrozenClock
) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("你好")
        answer = await open_chat.next("message", author="bot")
        clock.move(timedelta(hours=3))
        await app.app.ctx.exchange.close_idle()
        await open_chat.next("state", closed=True)
        async with app.runtime.database.write() as session:
            old = await session.get_one(Conversation, answer["conversation"])
            await conversations.notify(
                session, old.contact_id, "webchat", "web", Reply("您的工单有答复了"), clock.now()
            )
        news = await open_chat.next("message", author="system")
        state = await open_chat.next("state", closed=False)
    assert news["conversation"] != answer["conversation"]
    assert (news["seq"], state["conversation"]) == (1, news["conversation"])


async def test_the_page_learns_who_answers(app: AppServer, clock: FrozenClock) -> None:
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("转人工")
        conversation_id = (await open_chat.next("message", author="bot"))["conversation"]
        async with app.runtime.database.write() as session:
            conversation = await conversations.lock(session, conversation_id)
            await conversations.hand_over(session, conversation, "asked", clock.now())
        waiting = await open_chat.next("state", owner="waiting")
        async with app.runtime.database.write() as session:
            conversation = await conversations.lock(session, conversation_id)
            await conversations.take(session, conversation, 1, clock.now())
        taken = await open_chat.next("state", owner="person")
        async with app.runtime.database.write() as session:
            conversation = await conversations.lock(session, conversation_id)
            await conversations.say(session, conversation, "staff", Reply("我来帮您"), clock.now(), staff_id=1)
        spoken = await open_chat.next("message", author="staff")
        await open_chat.say("谢谢")
        await open_chat.next("ack")
        await open_chat.quiet()
    assert (waiting["position"], taken["position"]) == (1, None)
    assert (waiting["on_duty"], taken["on_duty"]) == (False, None)
    assert spoken["text"] == "我来帮您"
    assert [f for f in open_chat.frames if f["type"] == "message" and f["author"] == "bot"] == [
        f for f in open_chat.frames if f["type"] == "message" and f["text"] == "答：转人工"
    ]


async def test_cards_and_quick_replies_arrive_and_what_is_for_machines_does_not(
    app: AppServer, engine: ScriptedEngine
) -> None:
    reply = Reply(
        "请选择",
        card={"kind": "choices", "options": [{"title": "补办", "text": "怎么补办"}]},
        quick_replies=(QuickReply("转人工"),),
        asks="choice",
        details={"article": "ss-001"},
    )
    engine.script = lambda _: conversations.TurnOutcome((reply,), None)
    async with visitor(app) as browser, chat(browser) as open_chat:
        await open_chat.say("社保卡")
        frame = await open_chat.next("message", author="bot")
    assert frame["card"] == reply.card
    assert frame["quick_replies"] == [{"title": "转人工", "text": "转人工"}]
    assert not {"asks", "details", "outcome", "payload"} & frame.keys()


# ------------------------------------------------------------------------------------------- by plain HTTP


async def test_the_whole_talk_works_without_a_socket(app: AppServer) -> None:
    async with visitor(app) as browser:
        for _ in range(2):  # a repeat is the same message
            async with browser.post("/api/chat/messages", json={"id": "12345678", "text": "你好"}) as answer:
                assert answer.status == 200
                ack = await answer.json()
        await app.app.ctx.exchange.settled()
        async with browser.get("/api/chat/messages") as answer:
            everything = await answer.json()
        place = f"conversation={ack['conversation']}&after={ack['seq']}"
        async with browser.get(f"/api/chat/messages?{place}") as answer:
            rest = await answer.json()
    assert ack["seq"] == 1
    assert [(m["seq"], m["text"]) for m in everything["messages"]] == [(1, "你好"), (2, "答：你好")]
    assert [m["seq"] for m in rest["messages"]] == [2]
    assert rest["state"]["owner"] == "bot"


async def test_older_messages_come_on_request(app: AppServer) -> None:
    async with visitor(app) as browser:
        async with chat(browser) as open_chat:
            for number in range(40):
                await open_chat.say(f"第{number}句")
            last = await open_chat.next("message", seq=80)
        async with chat(browser) as again:
            await again.quiet()
        first_shown = again.messages()[0][0]
        assert first_shown == 31
        place = f"conversation={last['conversation']}&before={first_shown}"
        async with browser.get(f"/api/chat/messages?{place}") as answer:
            older = await answer.json()
    assert [m["seq"] for m in older["messages"]] == list(range(1, 31))
    assert older["more"] is False


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ('{"id": "12345678", "text": ""}', 422, "empty"),
        ('{"id": "12345678"}', 400, "bad_request"),
        ('{"text": "x"}', 400, "bad_request"),
        ("[1]", 400, "bad_request"),
        ("{", 400, "bad_request"),
        (json.dumps({"id": "12345678", "text": "长" * 20001}), 413, "too_long"),
    ],
)
async def test_a_bad_request_gets_a_reason_in_chinese(app: AppServer, body: str, status: int, code: str) -> None:
    async with (
        visitor(app) as browser,
        browser.post("/api/chat/messages", data=body, headers={"Content-Type": "application/json"}) as answer,
    ):
        assert answer.status == status
        problem = await answer.json()
    assert problem["error"] == code
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["reason"])
