"""How long a call waits for what, to the frame: silence, a bad line, the bot, words over our own, a long story."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from backoffice.calls import Call, CallLine
from channels.voice.outgoing import PROTECTED
from core.conversations import Message, TurnOutcome
from core.messages import Reply
from core.outbox import OutboxRow
from core.runtime import Runtime
from core.settings import Settings
from speech.audio import seconds_of, silence
from speech.recognition import Expecting, Heard
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.conftest import BUSY
from tests.fixtures.voices import cough, hum, noise, said
from tests.phone.fast import FastCall, calling, somebody_comes_on_duty
from tests.phone.line import words_in
from tests.speech.edge_service import edge_service

pytestmark = pytest.mark.usefixtures("nothing_stays")

STORY = "幸福小区半夜施工噪音太大"
A_FRAME = 0.045
"""What a beat more or less may make, and the time a sentence's last frame needs."""


@dataclass(frozen=True)
class Ear:
    """An ear that hears the same in everything (:class:`speech.recognition.Recogniser`)."""

    text: str = ""
    """Empty: a line so bad that no word comes through."""

    def begin(self, expecting: Expecting, more: Collection[str] = ()) -> Ear:
        """One utterance."""
        return self

    async def feed(self, pcm: bytes) -> str:
        """Nothing yet."""
        return ""

    async def finish(self) -> Heard:
        """What it always hears."""
        return Heard(self.text)

    def close(self) -> None:
        """Nothing to give back."""


async def said_out(call: FastCall, text: str) -> None:
    """Waits until ``text`` has been begun, and everything with it has been said."""
    await call.until(lambda: text in call.told)
    await call.until(lambda: call.call.mouth.speaker.done)


async def ending_of(runtime: Runtime) -> str | None:
    async with runtime.database.read() as session:
        return (await session.scalars(select(Call))).one().ending


async def test_a_silent_caller_is_asked_after_three_seconds_and_left_after_three_more(runtime: Runtime) -> None:
    async with calling(runtime, Ear()) as call:
        await call.presses("2")
        for _ in range(2):
            await call.until(lambda: not call.call.mouth.speaker.done)
            await call.until(lambda: call.call.mouth.speaker.done)
            waited = await call.until(lambda: not call.call.mouth.speaker.done)
            assert waited == pytest.approx(3.0, abs=A_FRAME)
        await call.until(lambda: call.over)
        assert "请您稍后再拨" in call.told
        assert await call.end() == "bye"
    assert await ending_of(runtime) == "silence"


async def test_only_noise_ends_politely(runtime: Runtime, recogniser: VoskRecogniser) -> None:
    async with calling(runtime, recogniser) as call:
        await call.presses("2")
        call.speaks(noise(120, 2500))
        await call.until(lambda: call.over, 120)
        assert await call.end() == "bye"
    assert await ending_of(runtime) in {"bad_line", "silence"}


@pytest.mark.parametrize("sound", [cough(), hum(), said("嗯")], ids=["cough", "hum", "嗯"])
async def test_a_cough_does_not_cost_a_word_of_the_announcement(
    runtime: Runtime, recogniser: VoskRecogniser, sound: bytes
) -> None:
    async with calling(runtime, recogniser) as call:
        await call.until(lambda: call.is_speaking)
        await call.waits(7)
        await call.sounds(sound)
        await call.until(lambda: call.call.mouth.speaker.done)
        assert "要咨询的问题" in await words_in(recogniser, bytes(call.handset.heard))
        await call.hangs_up()
        assert not [line for line in call.call.transcript.lines if line.speaker == "citizen"]


async def test_a_bad_line_is_told_waited_for_twice_two_seconds_and_left(runtime: Runtime) -> None:
    async with calling(runtime, Ear()) as call:
        await call.presses("2")
        await said_out(call, "咨询")
        await call.says("我要投诉")
        await said_out(call, "线路不太清楚")
        waited = await call.until(lambda: not call.call.mouth.speaker.done)
        assert waited == pytest.approx(2.0, abs=A_FRAME)
        await said_out(call, "请您再说一遍")
        waited = await call.until(lambda: not call.call.mouth.speaker.done)
        assert waited == pytest.approx(2.0, abs=A_FRAME)
        await call.until(lambda: call.over)
        assert "线路不太好，请您稍后再拨" in call.told
        assert await call.end() == "bye"
    assert await ending_of(runtime) == "bad_line"


async def test_a_key_waits_three_seconds_for_the_next_and_the_rating_five(
    runtime: Runtime, recogniser: VoskRecogniser
) -> None:
    filed = TurnOutcome((Reply("登记好了。", outcome="order"),), "{}")
    async with calling(runtime, recogniser, ScriptedEngine(lambda _: filed)) as call:
        await call.presses("2", "3")
        await call.until(lambda: "受理编号" in call.told)
        await call.presses("1", "2")
        assert await call.until(lambda: "请接着说" in call.told) == pytest.approx(3.0, abs=0.1)
        await call.presses("*", "*")
        await said_out(call, "要咨询的问题")
        await call.says("我要投诉")
        await said_out(call, "登记好了")
        await said_out(call, "还有什么可以帮您")
        await said_out(call, "非常满意")
        assert await call.until(lambda: "感谢您的来电" in call.told) == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize("others", [False, True], ids=["nobody is answered", "others are"])
async def test_a_bot_that_answers_nobody_is_waited_for_less_than_two_seconds(
    runtime: Runtime, recogniser: VoskRecogniser, others: bool
) -> None:
    engine = ScriptedEngine()
    engine.gate.clear()
    async with calling(runtime, recogniser, engine) as call:

        def over() -> bool:
            if others:  # their answers come all the time: the bot is busy and does not hang
                call.call.house.bot.beat(call.time.now)
            return call.over

        await call.until(lambda: call.is_speaking)
        await call.waits(1.2)
        await call.says("我要投诉")
        heard_out = call.time.now
        await call.until(lambda: engine.heard)
        told = call.time.now
        assert await call.until(lambda: "请稍等" in call.told) == pytest.approx(0.9, abs=A_FRAME)
        await call.until(over)
        if others:
            assert call.time.now - told == pytest.approx(6.0, abs=A_FRAME)
        else:
            assert call.time.now - told == pytest.approx(1.6, abs=A_FRAME)
            assert call.time.now - heard_out < 0.75 + 1.7  # the pause that ends a turn, and less than two seconds
        assert await call.end() == "queue"
    assert await ending_of(runtime) == "failed"


async def test_a_prompts_first_second_is_protected_and_then_the_same_words_interrupt(
    runtime: Runtime, recogniser: VoskRecogniser
) -> None:
    async with calling(runtime, recogniser) as call:
        await call.presses("2")
        await call.until(lambda: "留言" in call.told)
        begun = call.time.now
        await call.waits(0.2)
        call.speaks(said(STORY) + said(STORY))
        await call.until(lambda: call.call.mouth.speaker.held)
        assert call.time.now - begun == pytest.approx(PROTECTED, abs=A_FRAME)
        await call.until(lambda: call.engine.heard)
        assert call.engine.heard[0].text.startswith(STORY)
        assert call.call.measures.kept()["interruptions"][0]["barge_in"] < A_FRAME


@pytest.mark.parametrize("way", ["a key", "words"])
async def test_that_the_call_is_recorded_is_heard_to_its_end_before_anybody_gets_to_people(
    runtime: Runtime, recogniser: VoskRecogniser, way: str
) -> None:
    await somebody_comes_on_duty(runtime)
    async with calling(runtime, recogniser) as call:
        await call.until(lambda: call.call.mouth.sounds)
        if way == "a key":
            await call.waits(0.3)
            await call.presses("0", "5")
        else:
            call.speaks(said("转人工"))
        await call.until(lambda: call.over)
        assert "录音" in await words_in(recogniser, bytes(call.handset.heard)[: -int(1.5 * 16000)])
        announced, transfer = [line for line in call.call.transcript.lines if line.speaker == "bot"][:2]
        assert announced.text.startswith("本次通话将录音")
        assert transfer.starts >= announced.ends
        whole = b"".join([pcm async for pcm in call.call.house.synthesiser.speak(announced.text)])
        assert announced.ends - announced.starts >= seconds_of(whole) * 1000 - 1000 * A_FRAME
        assert "转接人工" in transfer.text
        assert await call.end() == "queue"


async def test_who_tells_for_longer_than_an_utterance_is_not_talked_down(
    runtime: Runtime, recogniser: VoskRecogniser
) -> None:
    answer = TurnOutcome((Reply("好的，请您接着说，" * 8),), "{}")
    async with calling(runtime, recogniser, ScriptedEngine(lambda _: answer)) as call:
        await call.until(lambda: call.is_speaking)
        await call.waits(1.2)
        call.speaks((said(STORY) + silence(0.2)) * 13)  # some 36 s
        await call.until(lambda: call.engine.heard)  # the first half is answered while they go on
        await call.until(lambda: call.call.mouth.sounds)
        assert await call.until(lambda: call.call.mouth.speaker.held) < PROTECTED + 0.5
        await call.until(lambda: len(call.engine.heard) == 2)
        assert sum(told.text.count(STORY) for told in call.engine.heard) >= 12


async def test_a_long_answer_is_cut_short_for_the_ear_and_sent_as_a_text(
    runtime: Runtime, recogniser: VoskRecogniser
) -> None:
    long = "带身份证到社保窗口办理补卡。" * 12
    answer = TurnOutcome((Reply(long, card={"kind": "answer", "summary": long}, outcome="answered"),), "{}")
    async with calling(runtime, recogniser, ScriptedEngine(lambda _: answer), mobile=True) as call:
        await call.until(lambda: call.is_speaking)
        await call.waits(1.2)
        await call.says("社保卡丢了怎么补办")
        await said_out(call, "还是发短信给您")
        await call.says("好的")
        await said_out(call, "短信马上发给您")
    assert call.told.count("带身份证") < 8
    async with runtime.database.read() as session:
        [row] = await session.scalars(select(OutboxRow).where(OutboxRow.topic == "sms"))
        message = await session.get_one(Message, row.payload["message_id"])
        await session.refresh(message, ["text"])
        assert message.text == long


async def test_a_turn_is_counted_in_the_measures(runtime: Runtime, recogniser: VoskRecogniser) -> None:
    names = ("turn", "recognition", "answer", "synthesis", "barge_in")

    def counted() -> dict[str, float]:
        return {name: REGISTRY.get_sample_value(f"huiyin_call_{name}_seconds_count") or 0.0 for name in names}

    async with calling(runtime, recogniser) as call:
        await call.until(lambda: "您好" in call.told)
        before = counted()
        ended = REGISTRY.get_sample_value("huiyin_calls_ended_total", {"ending": "hung_up"}) or 0.0
        await call.says("我要投诉")
        await call.until(lambda: call.told.endswith("我要投诉"))
        after = counted()
        await call.hangs_up()
    for name in names:
        assert after[name] - before[name] == 1, name
    assert REGISTRY.get_sample_value("huiyin_calls_ended_total", {"ending": "hung_up"}) == ended + 1


async def test_a_voice_that_hangs_is_replaced_in_time_and_then_left_alone(
    sqlite_settings: Settings, runtime: Runtime
) -> None:
    settings = sqlite_settings.model_copy(update={"edge_voice": "zh-CN-XiaoxiaoNeural"})
    async with edge_service() as service:
        service.temper = "silent"
        begun = time.monotonic()
        async with calling(replace(runtime, settings=settings), None) as call:
            await call.until(lambda: call.is_speaking)
            assert 1.4 < time.monotonic() - begun < 1.5 + BUSY  # what its first sound has
            while len(service.asked) < 3:
                await call.waits(1)
            await call.until(lambda: call.call.mouth.speaker.done)
            await call.presses("2")
            await call.until(lambda: call.told.endswith("转人工请按零。") and call.is_speaking)
            assert len(service.asked) == 3


async def test_without_ears_a_recording_is_filed_to_be_listened_to(town: Runtime) -> None:
    from backoffice.order_tables import Order

    async with calling(town, None) as call:
        await call.until(lambda: "现在只能按键和录音" in call.told)
        await call.presses("2", "2")
        await call.until(lambda: call.call.message.on)
        await call.says(STORY)
        await call.presses("#")
        await call.until(lambda: "确认提交" in call.told)
        await call.presses("1")
        await call.until(lambda: "受理编号" in call.told)
    async with town.database.read() as session:
        order = (await session.scalars(select(Order))).one()
        await session.refresh(order, ["content"])
    assert re.search(r"共[34]秒，请听录音", order.content)


async def test_ten_minutes_of_talk_are_led_recorded_and_kept_to_the_end(runtime: Runtime) -> None:
    engine = ScriptedEngine(lambda _: TurnOutcome((Reply("好的。", asks="content"),), "{}"))
    async with calling(runtime, Ear(STORY), engine) as call:
        await call.until(lambda: call.is_speaking)
        await call.waits(1.2)
        tasks, threads = len(asyncio.all_tasks()), threading.active_count()
        while call.time.now < 1600:
            await call.says(STORY, pause=4.0)
        assert len(asyncio.all_tasks()) <= tasks
        assert threading.active_count() <= threads + 2
        await call.hangs_up()
    told = [one.text for one in engine.heard]
    assert len(told) > 75
    assert set(told) == {STORY}
    async with runtime.database.read() as session:
        record = (await session.scalars(select(Call))).one()
        kept = [line for line in await session.scalars(select(CallLine)) if line.speaker == "citizen"]
    assert record.seconds == pytest.approx(600, abs=8)
    assert record.recording is not None
    recording = Path(runtime.settings.media_dir) / record.recording
    assert recording.stat().st_size == pytest.approx(record.seconds * 32000, rel=0.01)
    assert len(kept) == len(told)
    assert kept[-1].ends > 590_000
