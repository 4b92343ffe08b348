"""Messages citizens leave: every word of them is kept, however the message ends."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice.calls import Call
from backoffice.order_tables import Order
from channels.voice.script_words import Leg
from core.conversations import Conversation, TurnOutcome
from core.messages import Reply
from core.runtime import Runtime
from speech.audio import silence
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.voices import said
from tests.phone.fast import FastCall, calling, somebody_comes_on_duty

FIRST, SECOND = "幸福小区半夜施工噪音太大", "社保卡丢了怎么补办"


async def orders(runtime: Runtime) -> list[Order]:
    async with runtime.database.read() as session:
        found = list(await session.scalars(select(Order).order_by(Order.id)))
        for order in found:
            await session.refresh(order, ["content", "reporter_phone"])
        return found


async def kept(runtime: Runtime) -> Call:
    async with runtime.database.read() as session:
        return (await session.scalars(select(Call))).one()


async def begins_to_record(call: FastCall, *keys: str) -> None:
    """Past the prompt and the tone."""
    await call.presses(*keys)
    await call.until(lambda: call.call.message.on)


async def test_the_end_key_right_after_the_last_word_loses_no_word(town: Runtime, recogniser: VoskRecogniser) -> None:
    async with calling(town, recogniser) as call:
        await begins_to_record(call, "2", "2")
        await call.says(FIRST)
        await call.presses("#")
        await call.until(lambda: "确认提交" in call.told)
        await call.presses("1")
        await call.until(lambda: "受理编号" in call.told)
        # a second one, of two sentences, in the same call
        await begins_to_record(call, "*", "2", "2")
        await call.says(FIRST, pause=1.5)
        await call.says(SECOND)
        await call.presses("#")
        await call.until(lambda: call.told.count("确认提交") == 2)
        await call.presses("1")
        await call.until(lambda: call.told.count("您的留言已经登记") == 2)
        await call.hangs_up()
        assert not call.engine.heard
    first, second = await orders(town)
    assert first.content.endswith(f"：{FIRST}")
    assert second.content.endswith(f"：{FIRST}，{SECOND}")
    assert first.number != second.number
    assert (await kept(town)).follow_up is None


async def test_the_longest_message_ends_with_its_last_words_too(town: Runtime, recogniser: VoskRecogniser) -> None:
    async with calling(town, recogniser) as call:
        call.call.message._longest = 12.0
        await begins_to_record(call, "2", "2")
        while call.call.message.on and not call.over:
            await call.sounds(said(FIRST) + silence(0.3))
        assert call.call.message.text.count(FIRST) >= 3
        assert 11 < call.call.message.seconds <= 12.1


async def test_who_speaks_without_a_pause_is_not_taken_for_silent(town: Runtime, recogniser: VoskRecogniser) -> None:
    async with calling(town, recogniser) as call:
        await begins_to_record(call, "2", "2")
        for _ in range(4):  # some 11 s without a pause that ends a turn
            await call.sounds(said(FIRST) + silence(0.2))
        assert call.call.message.on
        assert 7.5 < await call.until(lambda: "确认提交" in call.told) < 10  # 8 s of silence end it, and the prompt
        assert call.call.message.text.count(FIRST) == 4


@pytest.mark.parametrize("ends", ["#", "hangs up"])
async def test_a_message_for_who_calls_back_is_kept_however_it_ends(
    town: Runtime, recogniser: VoskRecogniser, ends: str
) -> None:
    async with calling(town, recogniser) as call:
        await call.presses("0")
        await call.until(lambda: "话务员都不在" in call.told)
        await begins_to_record(call, "1")
        await call.says(FIRST)
        if ends == "#":
            await call.presses("#")
            await call.until(lambda: call.over)
            await call.end()
        else:
            await call.hangs_up()
        assert not call.engine.heard
    record = await kept(town)
    assert (record.follow_up, record.ending) == ("voicemail", "voicemail" if ends == "#" else "hung_up")
    assert FIRST in [line.text for line in call.call.transcript.lines]


@pytest.mark.parametrize("when", ["while recording", "at the question", "silent at the question", "good-bye"])
@pytest.mark.parametrize("caller", ["13800138000", None], ids=["number", "withheld"])
async def test_a_complaint_nobody_confirmed_is_listened_to_or_filed(
    town: Runtime, recogniser: VoskRecogniser, when: str, caller: str | None
) -> None:
    async with calling(town, recogniser, caller=caller) as call:
        await begins_to_record(call, "2", "2")
        await call.says(FIRST)
        if when != "while recording":
            await call.presses("#")
            await call.until(lambda: "确认提交" in call.told)
        if when == "good-bye":
            await call.until(lambda: call.call.mouth.speaker.done)
            await call.says("再见")
        if when.startswith("silent") or (when == "good-bye"):
            await call.until(lambda: call.over, 120)
            await call.end()
        else:
            await call.hangs_up()
    filed = await orders(town)
    assert (await kept(town)).follow_up == ("voicemail" if caller else None)
    assert [FIRST in order.content for order in filed] == ([] if caller else [True])


@pytest.mark.parametrize("how", ["cancelled", "back", "too short"])
async def test_what_was_cancelled_is_kept_for_nobody(town: Runtime, recogniser: VoskRecogniser, how: str) -> None:
    async with calling(town, recogniser) as call:
        await begins_to_record(call, "2", "2")
        if how == "too short":
            await call.waits(2)
        else:
            await call.says(FIRST)
        await call.presses("*" if how == "back" else "#")
        if how == "cancelled":
            await call.until(lambda: "确认提交" in call.told)
            await call.presses("2")
        await call.waits(2)
        assert ("没有录到" if how == "too short" else "已经取消") in call.told
        await call.hangs_up()
    assert not await orders(town)
    assert (await kept(town)).follow_up is None


@pytest.mark.parametrize("moment", ["prompt", "recording", "question"])
@pytest.mark.parametrize("way", ["key", "word"])
async def test_a_person_is_reached_out_of_a_recording(
    town: Runtime, recogniser: VoskRecogniser, moment: str, way: str
) -> None:
    await somebody_comes_on_duty(town)
    async with calling(town, recogniser) as call:
        await call.presses("2", "2")
        if moment != "prompt" or way == "word":
            await call.until(lambda: call.call.message.on)
        if moment == "question":
            await call.says(FIRST)
            await call.presses("#")
            await call.until(lambda: "确认提交" in call.told)
            await call.until(lambda: call.call.mouth.speaker.done)
        if way == "key":
            await call.presses("0")
        else:
            await call.says("转人工")
        await call.until(lambda: call.over)
        assert await call.end() == "queue"
        assert not call.engine.heard


async def test_a_hum_is_a_yes_where_a_yes_is_asked_for(town: Runtime, recogniser: VoskRecogniser) -> None:
    engine = ScriptedEngine(lambda _: TurnOutcome((Reply("请您核对。", asks="confirm"),), "{}"))
    async with calling(town, recogniser, engine) as call:
        await call.until(lambda: call.is_speaking)
        await call.waits(1.2)
        await call.says("我要投诉")
        await call.until(lambda: "核对" in call.told)
        await call.until(lambda: call.call.mouth.speaker.done)
        await call.says("嗯", pause=2)
        assert [told.text for told in engine.heard] == ["我要投诉", "嗯"]


async def test_a_conversation_people_were_too_busy_for_is_the_bots_again(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    await somebody_comes_on_duty(town)
    engine = ScriptedEngine()
    async with calling(town, recogniser, engine) as call:
        await call.presses("0")
        await call.until(lambda: call.over)
        assert await call.end() == "queue"
    call_id = call.call.link.call.id
    async with calling(town, recogniser, engine, leg=Leg.UNANSWERED, call_id=call_id) as call:
        await call.until(lambda: "都在忙" in call.told)
        await call.waits(1.2)
        await call.says("我要投诉")
        await call.until(lambda: call.told.endswith("我要投诉"))
        await call.hangs_up()
    async with town.database.read() as session:
        conversation = (await session.scalars(select(Conversation))).one()
    assert (conversation.owner, (await kept(town)).follow_up) == ("bot", "missed")
