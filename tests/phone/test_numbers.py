"""Numbers told in groups, by voice and by keys, with pauses as people make them (A4, B11)."""

from __future__ import annotations

import pytest

from channels.voice import script_words as s
from channels.voice.keying import Keying
from core.conversations import TurnOutcome
from core.messages import Reply
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.phone.fast import calling
from tests.phone.test_script import ASKS_PHONE, PLAN, Talk, answered

RECEIPT, PHONE = 8, 11


@pytest.mark.parametrize(
    ("length", "said", "digits"),
    [
        (RECEIPT, "二零二六|零四幺七", "20260417"),
        (RECEIPT, "编号是二零|二六|然后零四|幺七对", "20260417"),
        (RECEIPT, "二零二六|二零二六|后面是零四幺七", "20260417"),
        (RECEIPT, "二零二六|二零二六零四幺七", "20260417"),
        (RECEIPT, "二零二五|不对，二零二六|零四幺七", "20260417"),
        (RECEIPT, "二|零|二|六|零|四|幺|七", "20260417"),
        (RECEIPT, "我看看啊，二零二六|零四幺七", "20260417"),
        (RECEIPT, "前四位二零二六|后四位零四幺七", "20260417"),
        (PHONE, "幺三八|零零幺三|八零零零", "13800138000"),
        (PHONE, "我的电话是幺三八零零幺三|八零零零", "13800138000"),
        (PHONE, "零八七一|六二三四|五六七八", "087162345678"),
        (PHONE, "六二三四|五六七八", "62345678"),
        (PHONE, "幺三八|零零零零|零零零零", "13800000000"),
        (PHONE, "一三八|八八八八|八八八八", "13888888888"),
        (PHONE, "一三三三个八|五六七八九", "13388856789"),
    ],
)
def test_groups_make_one_number_that_is_complete_with_the_last(length: int, said: str, digits: str) -> None:
    keying = Keying(length)
    *parts, last = said.split("|")
    assert [keying.say(part) for part in parts] == [False] * len(parts)
    assert keying.say(last) is True
    assert keying.digits == digits


@pytest.mark.parametrize(
    "said", ["一个", "幸福小区三栋", "我要投诉", "不知道", "二零二六年四月份办的那个", "三天了", ""]
)
def test_what_is_no_part_of_a_number_is_taken_for_none(said: str) -> None:
    keying = Keying(RECEIPT)
    assert (keying.say(said), keying.digits) == (None, "")


def progress() -> Talk:
    return Talk().on(s.Pressed("2"), s.Pressed("3"))


def test_groups_keyed_and_said_are_one_number_and_nothing_is_said_in_between() -> None:
    talk = progress().on(s.Said("二零二六"))
    assert talk.said == ""
    assert (talk.listening.digits, talk.listening.patience) == (4, PLAN.patience["keys"])
    assert "20260417" in talk.on(s.Said("零四幺七")).said
    talk = progress().on(*(s.Pressed(key) for key in "2026"), s.Said("零四幺七"))
    assert "20260417" in talk.said
    assert "20260417" in progress().on(s.Said("二零二六"), *(s.Pressed(key) for key in "0417")).said


def test_a_silence_asks_for_the_rest_and_only_the_next_ends_the_number() -> None:
    talk = progress().on(s.Said("二零二六"), s.Quiet())
    assert talk.said == "已经记下二零二六，请接着说后面的数字。"
    assert talk.listening.patience == PLAN.patience["number"]
    assert "20260417" in talk.on(s.Said("好的"), s.Said("零四幺七")).said
    short = progress().on(s.Said("二零二六"), s.Quiet(), s.Quiet())
    assert short.said == PLAN.say["not_eight"]
    assert "20260417" in short.on(s.Said("二零二六零四幺七")).said, "it begins anew"
    assert progress().on(s.Said("二零二六"), s.Said("说错了")).said == PLAN.say["ask_number"]
    assert progress().on(s.Said("零"), s.Quiet()).did(s.Speak), "a nought that is said calls nobody"


def test_a_number_read_back_is_mended_at_its_end() -> None:
    talk = progress().on(s.Said("二零二六零四幺七"), s.Said("不对，最后一位是八"))
    assert "20260418" in talk.said


def test_a_telephone_number_is_told_to_the_bot_when_it_is_whole() -> None:
    talk = answered(ASKS_PHONE).on(s.Said("幺三八"))
    assert (talk.did(s.Tell), talk.said) == ([], "")
    talk.on(s.Said("零零幺三"), s.Said("八零零零"))
    assert talk.did(s.Tell) == [s.Tell("13800138000")]
    talk = answered(ASKS_PHONE).on(s.Said("我的电话是幺三八零零幺三"), s.Quiet())
    assert talk.said == "已经记下幺三八零零幺三，请接着说后面的数字。"
    assert talk.on(*(s.Pressed(key) for key in "8000")).did(s.Tell) == [s.Tell("13800138000")]
    assert answered(ASKS_PHONE).on(s.Said("幺三八"), s.Quiet(), s.Quiet()).did(s.Tell) == [s.Tell("138")]
    for said in ("六二三四五六七八", "幺三八零零幺三八零零零", "不方便说", "就用这个号码"):
        assert answered(ASKS_PHONE).on(s.Said(said)).did(s.Tell) == [s.Tell(said)]
    talk = answered(ASKS_PHONE).on(s.Said("幺三九"), s.Said("错了错了"))
    assert talk.said == ASKS_PHONE.text
    assert talk.on(s.Said("幺三八零零幺三八零零零")).did(s.Tell)
    assert answered(ASKS_PHONE).on(s.Said("幺三八"), s.Said("我不想留了")).did(s.Tell) == [s.Tell("我不想留了")]


async def test_between_groups_one_may_breathe(town: Runtime, recogniser: VoskRecogniser) -> None:
    """By voice, then by keys and voice, then a telephone number: with the ear, the voice and the clock of a call."""
    engine = ScriptedEngine(lambda _: TurnOutcome((Reply("请留一个联系电话。", asks="phone"),), "{}"))
    async with calling(town, recogniser, engine) as call:
        await call.presses("2", "3")
        await call.until(lambda: "受理编号" in call.told)
        await call.until(lambda: call.call.mouth.speaker.done)
        await call.says("二零二六", pause=1.5)
        await call.says("零四幺七")
        await call.until(lambda: "二零二六，零四幺七" in call.told)
        await call.until(lambda: call.call.mouth.speaker.done)
        await call.says("不对")
        await call.until(lambda: call.told.count("请按键或者说出") == 2)
        await call.presses("2", "0", "2", "6")
        await call.says("零四幺八")
        await call.until(lambda: "二零二六，零四幺八" in call.told)
        await call.until(lambda: call.call.mouth.speaker.done)
        await call.says("对对对")
        await call.until(lambda: "联系电话" in call.told)
        await call.until(lambda: call.call.mouth.speaker.done)
        await call.says("幺三八", pause=2.5)
        await call.says("零零幺三", pause=2.0)
        await call.says("八零零零")
        await call.until(lambda: len(engine.heard) == 2)
        assert [told.text for told in engine.heard] == ["查询进度20260418", "13800138000"]
        assert "请接着说" not in call.told
        await call.hangs_up()
