"""Who asks for time gets it, in every part of a call, and nothing of what was said is lost (A5, B11)."""

from __future__ import annotations

import pytest

from channels.voice import script_words as s
from core.conversations import TurnOutcome
from core.messages import Reply
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.phone.fast import calling
from tests.phone.test_script import ASKS_PHONE, PLAN, Talk, answered
from tests.phone.test_script_words import STATES

SAID = ["等一下", "好，稍等啊", "我找找", "你等会儿"]
NOTHING_ASKED = ["recording", "message"]


@pytest.mark.parametrize("state", [name for name in STATES if name not in NOTHING_ASKED])
@pytest.mark.parametrize("said", SAID)
def test_who_asks_for_time_gets_half_a_minute_in_every_state(state: str, said: str) -> None:
    before = STATES[state]()
    asked = next(command for command in reversed(before.done) if isinstance(command, s.Listen))
    talk = before.on(s.Said(said))
    assert talk.said == PLAN.say["take_your_time"]
    assert (talk.listening.patience, talk.listening.expecting) == (30, asked.expecting)
    assert not talk.did(s.Tell)
    again = talk.on(s.Quiet())
    assert again.said, "after that the question comes again, or the call goes to its end"


@pytest.mark.parametrize("state", NOTHING_ASKED)
def test_while_a_message_is_recorded_nothing_is_said_into_it(state: str) -> None:
    talk = STATES[state]().on(s.Said("等一下"))
    assert not talk.did(s.Speak) + talk.did(s.Listen)


def test_a_number_is_waited_for_longer_than_a_word() -> None:
    for talk in (Talk().on(s.Pressed("2"), s.Pressed("3")), answered(ASKS_PHONE)):
        assert talk.listening.patience == PLAN.patience["number"] == 10
        assert talk.on(s.Quiet()).listening.patience == 10, "the second time too"
        assert talk.on(s.Quiet()).goes.ending == "silence"


async def test_who_looks_for_the_paper_is_waited_for_and_what_was_keyed_in_is_kept(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    asks = TurnOutcome((Reply("请问是哪一位？", asks="name"),), "{}")
    async with calling(town, recogniser, ScriptedEngine(lambda _: asks)) as call:
        await call.presses("2", "3", "2", "0", "2", "6")
        await call.says("等一下")
        await call.until(lambda: "不着急" in call.told)
        await call.until(lambda: call.call.mouth.speaker.done)
        await call.waits(25)
        assert not call.over
        await call.presses("0", "4", "1", "7")
        await call.until(lambda: "您查询的编号是" in call.told)
        await call.hangs_up()


async def test_a_message_goes_on_after_the_citizen_has_looked_something_up(
    town: Runtime, recogniser: VoskRecogniser
) -> None:
    async with calling(town, recogniser) as call:
        await call.presses("2", "2")
        await call.until(lambda: call.call.message.on)
        await call.says("幸福小区半夜施工噪音太大", pause=1.5)
        await call.says("等一下", pause=20)
        assert call.call.message.on
        await call.says("社保卡丢了怎么补办", pause=1.5)
        assert await call.until(lambda: not call.call.message.on) < 9
        assert "等一下，社保卡丢了怎么补办" in call.call.message.text
        await call.hangs_up()
