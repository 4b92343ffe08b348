"""The end of a call, however the citizen says how it was, or that they want nothing more (A5, B11)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from backoffice.calls import Call
from channels.voice import script_words as s
from channels.voice.grades import read_grade
from channels.voice.phone_plan import load_phone_plan
from core.conversations import TurnOutcome
from core.messages import Reply
from core.runtime import Runtime
from speech.vosk_recognition import VoskRecogniser
from tests.channels.scripted import ScriptedEngine
from tests.phone.fast import calling
from tests.phone.test_script import FILED, PLAN, Talk, answered

LEGS: dict[str, Callable[[], Talk]] = {
    "after the bot": lambda: answered(FILED).on(s.Quiet(), s.Quiet()),
    "after a person": lambda: Talk(leg=s.Leg.AFTER_PERSON),
}
RATED = {
    "1": "非常满意 很满意 非常好 特别满意啊 太好了 很好很好 十分满意，谢谢你 服务态度非常好 第一个 按一",
    "2": "满意 满意满意 挺好的 挺满意的 不错不错 比较满意吧 我挺满意的 小姑娘挺耐心的 二 第二个 选二吧",
    "3": "基本满意 还行 一般般 一般般吧 还可以吧 马马虎虎 还算满意 凑合 三",
    "4": "不满意 不太满意 太差了 很差 不怎么满意 不行 不好 不是很满意 差评 服务太差了 一点都不满意 非常不满意 最后一个",
}
THANKS = (
    "谢谢你啊 好的好的 谢谢 不用了 再见 没有了谢谢 好的谢谢您 辛苦了 不评了 嗯好的 可以了 行行行 不用评价了 没事了再见"
)


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize(("key", "said"), [(key, text) for key, texts in RATED.items() for text in texts.split()])
def test_a_rating_is_read_by_its_meaning(leg: str, key: str, said: str) -> None:
    talk = LEGS[leg]().on(s.Said(said))
    assert (talk.did(s.Rate), talk.goes.next) == ([s.Rate(int(key), PLAN.rating[key])], "bye")


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize("said", THANKS.split())
def test_thanks_end_the_call_and_send_nobody_back_to_the_queue(leg: str, said: str) -> None:
    talk = LEGS[leg]().on(s.Said(said))
    assert (talk.did(s.Rate), talk.said, talk.goes.next) == ([], PLAN.say["bye"], "bye")


@pytest.mark.parametrize("leg", LEGS)
@pytest.mark.parametrize(("said", "key"), [("可以", "3"), ("好", "2"), ("嗯可以", "3"), ("好吧", "2")])
def test_what_may_be_a_grade_or_mere_assent_is_asked_about_once_and_then_taken_for_a_grade(
    leg: str, said: str, key: str
) -> None:
    talk = LEGS[leg]().on(s.Said(said))
    assert talk.said == PLAN.say["rate_again"] + PLAN.rate_prompt()
    assert not talk.did(s.Leave)
    talk.on(s.Said(said))
    assert (talk.did(s.Rate), talk.goes.next) == ([s.Rate(int(key), PLAN.rating[key])], "bye")


@pytest.mark.parametrize("said", ["声音很好听", "哎我说那个"])
def test_what_is_no_rating_after_a_person_is_asked_about_once_more_and_never_costs_another_wait(said: str) -> None:
    talk = LEGS["after a person"]().on(s.Said(said))
    assert talk.said == PLAN.say["rate_again"] + PLAN.rate_prompt()
    assert talk.on(s.Said(said)).goes.next == "bye"
    assert not [command for command in talk.done if isinstance(command, s.Seek)]


@pytest.mark.parametrize("said", ["还想问社保卡丢了怎么补办", "我还要投诉楼上太吵", "路灯坏了没人修", "给我转人工吧"])
def test_a_new_matter_after_a_person_is_for_a_person_and_after_the_bot_for_the_bot(said: str) -> None:
    assert LEGS["after a person"]().on(s.Said(said)).did(s.Seek)
    talk = LEGS["after the bot"]().on(s.Said(said))
    assert talk.did(s.Seek) if "人工" in said else talk.did(s.Tell) == [s.Tell(said)]


def test_the_nearest_of_a_citys_own_grades_is_meant(tmp_path: Path) -> None:
    five = ["非常满意", "比较满意", "一般", "不满意", "非常不满意"]
    assert [read_grade(text, five) for text in ("太好了", "挺好", "还行", "不太满意", "太差了")] == [0, 1, 2, 3, 4]
    assert [read_grade(text, ["满意", "不满意"]) for text in ("很好", "还行", "很差")] == [0, 0, 1]
    assert [read_grade(text, five) for text in ("楼上好吵", "不好意思", "好几天没水了", "")] == [None] * 4
    (tmp_path / "phone.yml").write_text("rating: {5: 好, 6: 不好}\n")
    talk = Talk(plan=load_phone_plan(tmp_path), leg=s.Leg.AFTER_PERSON)
    assert "好请按5，不好请按6" in talk.said
    assert talk.on(s.Said("很差")).did(s.Rate) == [s.Rate(2, "不好")], "the second grade, whatever its key"
    other = Talk(plan=load_phone_plan(tmp_path), leg=s.Leg.AFTER_PERSON)
    assert other.on(s.Said("好")).did(s.Rate) == [s.Rate(1, "好")], "no mere assent: it is offered"


async def test_what_is_said_is_kept_as_a_grade_and_in_words(town: Runtime, recogniser: VoskRecogniser) -> None:
    filed = TurnOutcome((Reply("登记好了。", outcome="order"),), "{}")
    async with calling(town, recogniser, ScriptedEngine(lambda _: filed)) as call:
        await call.until(lambda: call.is_speaking)
        await call.waits(8)
        await call.says("我要投诉")
        for asked, answer in (("还有什么可以帮您", "没有了谢谢"), ("非常满意", "很满意")):
            await call.until(lambda asked=asked: asked in call.told and call.call.mouth.speaker.done)  # type: ignore[misc]
            await call.says(answer)
        await call.until(lambda: call.over)
        await call.end()
    async with town.database.read() as session:
        kept = (await session.scalars(select(Call))).one()
    assert (kept.rating, kept.rating_words) == (1, "非常满意")
