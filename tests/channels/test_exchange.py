"""The exchange: stored once, answered once, in order, and never without a word (design 2, 3, 5, 8, 9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backoffice import duty
from backoffice.staff import Role, Staff
from bot.turns import TurnRequest
from channels.exchange import Exchange
from channels.words import HARD_LIMIT, Refused
from core import conversations
from core.clock import FrozenClock
from core.contacts import Contact, Sender
from core.conversations import Conversation, Message, Owner, TurnOutcome
from core.messages import Attachment, InboundMessage, Reply
from core.runtime import Runtime
from tests.channels.scripted import ScriptedEngine, echo


@asynccontextmanager
async def exchange_of(runtime: Runtime, engine: ScriptedEngine) -> AsyncIterator[Exchange]:
    exchange = Exchange(runtime, engine)
    await exchange.start()
    try:
        yield exchange
    finally:
        engine.gate.set()
        await exchange.stop()


def said(text: str, *, key: str, visitor: str = "visitor-1", attachment: Attachment | None = None) -> InboundMessage:
    return InboundMessage(Sender("webchat", "main", visitor), key, text, attachment=attachment)


async def transcript(runtime: Runtime) -> list[tuple[str, str]]:
    async with runtime.database.read() as session:
        found = await session.scalars(select(Message).order_by(Message.conversation_id, Message.seq))
        return [(message.author, message.text) for message in found]


async def the_conversation(runtime: Runtime) -> Conversation:
    async with runtime.database.read() as session:
        return (await session.scalars(select(Conversation))).one()


async def count(runtime: Runtime, table: type[Conversation] | type[Contact] | type[Message]) -> int:
    async with runtime.database.read() as session:
        return (await session.scalar(select(func.count()).select_from(table))) or 0


async def somebody_on_duty(runtime: Runtime) -> None:
    now = runtime.clock.now()
    async with runtime.database.write() as session:
        person = Staff(
            username="agent",
            number="001",
            name="王芳",
            password_hash="!",
            role=Role.AGENT,
            active=True,
            created_at=now,
            password_changed_at=now,
        )
        session.add(person)
        await session.flush()
        await duty.go_on_duty(session, person.id, now)


async def test_a_message_is_answered_and_the_dialogue_remembers(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    async with exchange_of(any_runtime, engine) as exchange:
        await exchange.receive(said("一", key="a"))
        await exchange.settled()
        await exchange.receive(said("二", key="b"))
        await exchange.settled()
    assert await transcript(any_runtime) == [("citizen", "一"), ("bot", "答：一"), ("citizen", "二"), ("bot", "答：二")]
    assert [request.tracker for request in engine.heard] == [None, "|一"]


async def test_messages_said_in_a_rush_are_answered_one_at_a_time_and_in_order(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    engine.gate.clear()
    async with exchange_of(any_runtime, engine) as exchange:
        for number in range(5):
            await exchange.receive(said(str(number), key=str(number)))
        engine.gate.set()
        await exchange.settled()
    assert [request.text for request in engine.heard] == ["0", "1", "2", "3", "4"]
    assert set(engine.most_at_once.values()) == {1}
    assert engine.heard[-1].tracker == "|0|1|2|3"


async def test_fifty_first_messages_at_once_open_one_conversation(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    async with exchange_of(any_runtime, engine) as exchange:
        received = await asyncio.gather(*(exchange.receive(said(f"第{n}句", key=str(n))) for n in range(50)))
        await exchange.settled()
    assert len({one.conversation_id for one in received}) == 1
    assert sorted(one.seq for one in received) == sorted({one.seq for one in received})
    assert await count(any_runtime, Conversation) == 1
    assert await count(any_runtime, Contact) == 1
    lines = await transcript(any_runtime)
    assert sorted(text for author, text in lines if author == "citizen") == sorted(f"第{n}句" for n in range(50))
    assert len([author for author, _ in lines if author == "bot"]) == 50
    assert set(engine.most_at_once.values()) == {1}


async def test_repeats_at_once_are_one_message_with_one_answer(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    async with exchange_of(any_runtime, engine) as exchange:
        received = await asyncio.gather(*(exchange.receive(said("只说一次", key="same")) for _ in range(20)))
        await exchange.settled()
        again = await exchange.receive(said("只说一次", key="same"))
    assert {(one.message_id, one.seq) for one in (*received, again)} == {(received[0].message_id, 1)}
    assert sorted(one.duplicate for one in received) == [False] + [True] * 19
    assert await transcript(any_runtime) == [("citizen", "只说一次"), ("bot", "答：只说一次")]


async def test_a_repeat_after_the_conversation_was_closed_does_not_open_another(any_runtime: Runtime) -> None:
    async with exchange_of(any_runtime, ScriptedEngine()) as exchange:
        first = await exchange.receive(said("你好", key="a"))
        await exchange.settled()
        async with any_runtime.database.write() as session:
            conversation = await conversations.lock(session, first.conversation_id)
            await conversations.close(session, conversation, "system", any_runtime.clock.now())
        again = await exchange.receive(said("你好", key="a"))
    assert (again.message_id, again.duplicate) == (first.message_id, True)
    assert await count(any_runtime, Conversation) == 1


async def test_other_conversations_go_on_while_one_is_thinking(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    engine.gate.clear()
    async with exchange_of(any_runtime, engine) as exchange:
        await exchange.receive(said("慢", key="a", visitor="slow"))
        await engine.begun.acquire()
        await exchange.receive(said("快", key="b", visitor="quick"))
        await asyncio.wait_for(engine.begun.acquire(), 5)
    assert [request.text for request in engine.heard] == ["慢", "快"]


async def test_a_reply_begun_before_a_takeover_is_dropped(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    engine.gate.clear()
    async with exchange_of(any_runtime, engine) as exchange:
        received = await exchange.receive(said("我要投诉", key="a"))
        await engine.begun.acquire()
        async with any_runtime.database.write() as session:
            conversation = await conversations.lock(session, received.conversation_id)
            await conversations.take(session, conversation, 7, any_runtime.clock.now())
        engine.gate.set()
        await exchange.settled()
    assert await transcript(any_runtime) == [("citizen", "我要投诉")]
    assert (await the_conversation(any_runtime)).owner == Owner.PERSON.value


async def test_what_is_said_to_a_person_is_left_to_the_person(any_runtime: Runtime) -> None:
    await somebody_on_duty(any_runtime)
    engine = ScriptedEngine(lambda _: TurnOutcome((Reply("为您转人工"),), None, handoff="asked"))
    async with exchange_of(any_runtime, engine) as exchange:
        await exchange.receive(said("转人工", key="a"))
        await exchange.settled()
        await exchange.receive(said("有人吗", key="b"))
        await exchange.settled()
        await exchange.take_up_unfinished()
        await exchange.settled()
    assert [request.text for request in engine.heard] == ["转人工"]
    assert [text for _, text in await transcript(any_runtime)] == ["转人工", "为您转人工", "有人吗"]


async def test_while_nobody_is_there_the_bot_goes_on_and_the_citizen_keeps_the_place_in_the_line(
    any_runtime: Runtime,
) -> None:
    engine = ScriptedEngine(
        lambda r: TurnOutcome((Reply(f"答：{r.text}"),), None, handoff="asked" if r.text == "转人工" else None)
    )
    async with exchange_of(any_runtime, engine) as exchange:
        await exchange.receive(said("转人工", key="a"))
        await exchange.settled()
        await exchange.receive(said("有人吗", key="b"))
        await exchange.settled()
        assert (await transcript(any_runtime))[-1] == ("bot", "答：有人吗")
        assert (await the_conversation(any_runtime)).owner == Owner.WAITING.value
        await somebody_on_duty(any_runtime)
        await exchange.receive(said("终于来人了", key="c"))
        await exchange.settled()
    assert (await transcript(any_runtime))[-1] == ("citizen", "终于来人了")


async def test_what_was_said_before_a_handover_in_the_same_rush_is_not_answered_by_the_bot(
    any_runtime: Runtime,
) -> None:
    engine = ScriptedEngine(lambda _: TurnOutcome((Reply("为您转人工"),), None, handoff="asked"))
    engine.gate.clear()
    async with exchange_of(any_runtime, engine) as exchange:
        await exchange.receive(said("转人工", key="a"))
        await exchange.receive(said("快点", key="b"))
        engine.gate.set()
        await exchange.settled()
    assert [request.text for request in engine.heard] == ["转人工"]
    conversation = await the_conversation(any_runtime)
    assert (conversation.owner, conversation.epoch, conversation.turn_lease_holder) == ("waiting", 1, None)


def _raises(_: TurnRequest) -> TurnOutcome:
    raise RuntimeError("the model is gone")


def _says_nothing(_: TurnRequest) -> TurnOutcome:
    return TurnOutcome((Reply("  "),), "state")


@pytest.mark.parametrize("script", [_raises, _says_nothing])
async def test_a_failed_or_empty_turn_is_an_apology_and_a_person(
    any_runtime: Runtime, script: type[TurnOutcome]
) -> None:
    async with exchange_of(any_runtime, ScriptedEngine(script)) as exchange:
        await exchange.receive(said("你好", key="a"))
        await exchange.settled()
    (_, (author, text)) = await transcript(any_runtime)
    assert author == "bot"
    assert "抱歉" in text
    conversation = await the_conversation(any_runtime)
    assert (conversation.owner, conversation.handoff_reason) == ("waiting", "bot_failed")


async def test_a_turn_that_takes_too_long_is_an_apology_and_a_person_and_its_late_answer_is_not_said(
    any_runtime: Runtime,
) -> None:
    hasty = replace(any_runtime, settings=any_runtime.settings.model_copy(update={"turn_time_limit": 0.05}))
    engine = ScriptedEngine()
    engine.gate.clear()
    async with exchange_of(hasty, engine) as exchange:
        await exchange.receive(said("你好", key="a"))
        await exchange.settled()
        engine.gate.set()
        await asyncio.sleep(0.02)
    assert [author for author, _ in await transcript(any_runtime)] == ["citizen", "bot"]
    assert (await the_conversation(any_runtime)).handoff_reason == "bot_failed"


async def test_the_time_a_turn_waits_for_others_is_not_counted(runtime: Runtime) -> None:
    limits = {"turn_time_limit": 0.3, "turns_at_once": 1}
    busy = replace(runtime, settings=runtime.settings.model_copy(update=limits))
    engine = ScriptedEngine()
    engine.pause = 0.1
    async with exchange_of(busy, engine) as exchange:
        for number in range(8):
            await exchange.receive(said("你好", key=f"{number}", visitor=f"visitor-{number}"))
        await exchange.settled()
    assert engine.most_of_all == 1
    assert [text for author, text in await transcript(runtime) if author == "bot"] == ["答：你好"] * 8


async def test_whoever_had_to_wait_too_long_for_the_bot_gets_a_person(runtime: Runtime) -> None:
    assert isinstance(runtime.clock, FrozenClock)
    overrun = replace(runtime, settings=runtime.settings.model_copy(update={"turns_at_once": 1}))
    engine = ScriptedEngine()
    engine.gate.clear()
    async with exchange_of(overrun, engine) as exchange:
        await exchange.receive(said("先来的", key="a", visitor="first"))
        await engine.begun.acquire()
        await exchange.receive(said("后来的", key="b", visitor="second"))
        runtime.clock.move(timedelta(seconds=21))
        engine.gate.set()
        await exchange.settled()
    assert [request.text for request in engine.heard] == ["先来的"]
    answers = sorted((text for author, text in await transcript(runtime) if author == "bot"), key=len)
    assert answers[0] == "答：先来的"
    assert "抱歉" in answers[1]


async def test_an_answer_that_cannot_be_stored_is_an_apology_and_a_person(any_runtime: Runtime) -> None:
    unstorable = Reply("好", card={"kind": "answer", "when": object()})
    async with exchange_of(any_runtime, ScriptedEngine(lambda _: TurnOutcome((unstorable,), None))) as exchange:
        await exchange.receive(said("你好", key="a"))
        await exchange.settled()
    assert "抱歉" in (await transcript(any_runtime))[1][1]
    assert (await the_conversation(any_runtime)).handoff_reason == "bot_failed"


async def test_a_message_stored_by_a_process_that_died_is_answered_once_by_the_next(any_runtime: Runtime) -> None:
    dead = ScriptedEngine()
    dead.gate.clear()
    first = Exchange(any_runtime, dead)
    received = await first.receive(said("还在吗", key="a"))
    await dead.begun.acquire()  # killed here: the message is stored, leased, and its turn never ends
    assert isinstance(any_runtime.clock, FrozenClock)
    engine = ScriptedEngine()
    async with exchange_of(any_runtime, engine) as exchange:
        if not any_runtime.database.is_sqlite:
            assert engine.heard == [], "the lease may still be held by a living process"
            any_runtime.clock.move(conversations.TURN_LEASE + timedelta(seconds=1))
        await asyncio.gather(*(exchange.take_up_unfinished() for _ in range(5)))
        await exchange.settled()
        assert (await exchange.receive(said("还在吗", key="a"))).message_id == received.message_id
        await exchange.settled()
    dead.gate.set()  # a process taken for dead comes back with its answer
    await first.settled()
    assert len(engine.heard) == 1
    assert await transcript(any_runtime) == [("citizen", "还在吗"), ("bot", "答：还在吗")]


async def test_two_processes_do_not_work_on_one_conversation_at_once(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    async with exchange_of(any_runtime, engine) as one, exchange_of(any_runtime, engine) as other:
        await asyncio.gather(
            *(process.receive(said(f"{n}", key=f"{n}")) for n, process in enumerate((one, other) * 10))
        )
        await asyncio.gather(one.settled(), other.settled())
    assert len(engine.heard) == 20
    assert set(engine.most_at_once.values()) == {1}


async def test_stopping_ends_the_running_turn_and_leaves_the_rest_to_the_next_start(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    engine.gate.clear()
    exchange = Exchange(any_runtime, engine)
    await exchange.start()
    await exchange.receive(said("一", key="a"))
    await exchange.receive(said("二", key="b"))
    await engine.begun.acquire()
    stopping = asyncio.create_task(exchange.stop())
    await asyncio.sleep(0)
    await exchange.receive(said("三", key="c"))
    engine.gate.set()
    await stopping
    assert [request.text for request in engine.heard] == ["一"]
    async with exchange_of(any_runtime, engine) as successor:
        await successor.settled()
    assert [request.text for request in engine.heard] == ["一", "二", "三"]
    assert [text for author, text in await transcript(any_runtime) if author == "bot"] == ["答：一", "答：二", "答：三"]


async def test_a_caller_that_hangs_up_leaves_no_message_without_a_turn(any_runtime: Runtime) -> None:
    engine = ScriptedEngine()
    async with exchange_of(any_runtime, engine) as exchange:
        caller = asyncio.create_task(exchange.receive(said("喂", key="a")))
        await asyncio.sleep(0)
        caller.cancel()
        await exchange.settled()
    assert await transcript(any_runtime) == [("citizen", "喂"), ("bot", "答：喂")]


async def test_a_quiet_conversation_of_the_bot_is_closed_and_one_of_a_person_is_not(runtime: Runtime) -> None:
    assert isinstance(runtime.clock, FrozenClock)
    async with exchange_of(runtime, ScriptedEngine()) as exchange:
        quiet = await exchange.receive(said("你好", key="a", visitor="quiet"))
        taken = await exchange.receive(said("你好", key="b", visitor="taken"))
        await exchange.settled()
        async with runtime.database.write() as session:
            conversation = await conversations.lock(session, taken.conversation_id)
            await conversations.take(session, conversation, 7, runtime.clock.now())
        runtime.clock.move(timedelta(minutes=runtime.settings.conversation_idle_minutes - 1))
        fresh = await exchange.receive(said("刚来", key="c", visitor="fresh"))
        await exchange.settled()
        runtime.clock.move(timedelta(minutes=2))
        await exchange.close_idle()
        async with runtime.database.read() as session:
            closed = set(await session.scalars(select(Conversation.id).where(Conversation.closed_at.is_not(None))))
        assert closed == {quiet.conversation_id}
        again = await exchange.receive(said("我又来了", key="d", visitor="quiet"))
    assert again.conversation_id not in {quiet.conversation_id, taken.conversation_id, fresh.conversation_id}
    assert again.seq == 1


async def test_a_long_text_is_stored_whole_and_the_bot_reads_its_beginning(runtime: Runtime) -> None:
    engine = ScriptedEngine()
    text = "长" * 10_000
    async with exchange_of(runtime, engine) as exchange:
        await exchange.receive(said(text, key="a"))
        await exchange.settled()
    assert (await transcript(runtime))[0] == ("citizen", text)
    assert engine.heard[0].text == "长" * runtime.settings.text_limit


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x07", "\u200b\u202e", "\ufeff", "\ud800"])
async def test_an_empty_text_is_refused_with_a_reason(runtime: Runtime, text: str) -> None:
    async with exchange_of(runtime, ScriptedEngine()) as exchange:
        with pytest.raises(Refused) as refusal:
            await exchange.receive(said(text, key="a"))
    assert refusal.value.code == "empty"
    assert "没有输入" in refusal.value.reason
    assert await transcript(runtime) == []


async def test_a_text_beyond_the_limit_is_refused_and_one_at_the_limit_is_not(runtime: Runtime) -> None:
    async with exchange_of(runtime, ScriptedEngine()) as exchange:
        await exchange.receive(said("字" * HARD_LIMIT, key="a"))
        with pytest.raises(Refused) as refusal:
            await exchange.receive(said("字" * (HARD_LIMIT + 1), key="b"))
    assert refusal.value.code == "too_long"
    assert len([author for author, _ in await transcript(runtime) if author == "citizen"]) == 1


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("坏\x00字\x1b[31m符\x7f", "坏字[31m符"),
        ("gnp.\u202egpj", "gnp.gpj"),
        ("半个\ud83d表情", "半个表情"),
        ("👨‍👩‍👧‍👦 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨‍👩‍👧‍👦 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("'; DROP TABLE messages; --", "'; DROP TABLE messages; --"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
async def test_control_characters_go_and_everything_else_stays(runtime: Runtime, raw: str, kept: str) -> None:
    async with exchange_of(runtime, ScriptedEngine(echo)) as exchange:
        await exchange.receive(said(raw, key="a"))
        await exchange.settled()
    assert (await transcript(runtime))[0] == ("citizen", kept)
