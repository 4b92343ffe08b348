"""Words that can only be meant of what was said before: whom to turn to then, that it was said, who is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.case_words import stays
from bot.corrections import respelt
from bot.nlu.constants import COMING
from bot.nlu.detector import Listening
from bot.nlu.signals import Signals
from bot.reading.corrections import Correction, corrections_apart, swapped
from bot.reading.cues import is_blame, trouble_after_thanks
from bot.wording import asks_where_then, has_said_it
from core.settings import ROOT

SIGNALS = Signals.load(Path(ROOT) / "bot" / "data" / "signals.yml")


@pytest.mark.parametrize("text", ["那我找谁", "那你们不管谁管", "那我该去哪反映呢", "那怎么办"])
def test_whom_to_turn_to_then_is_asked(text: str) -> None:
    assert asks_where_then(text)


@pytest.mark.parametrize("text", ["路灯坏了找谁", "那我找谁修暖气", "身份证怎么办"])
def test_whom_to_turn_to_with_something_is_another_question(text: str) -> None:
    assert not asks_where_then(text)


@pytest.mark.parametrize("text", ["刚不是说了西湖花园吗", "上面都说了", "不是告诉你们了吗", "怎么又问"])
def test_that_it_was_said_is_heard(text: str) -> None:
    assert has_said_it(text)


def test_that_something_is_a_question_is_no_reproach() -> None:
    assert not has_said_it("还有个问题")


@pytest.mark.parametrize("text", ["那你们派人来不", "你们什么时候派人", "快派人", "帮我报警", "你们来不来"])
def test_whether_somebody_is_sent_is_heard_after_an_alarm_only(text: str) -> None:
    found = SIGNALS.find_after_alarm(text)
    assert found is not None
    assert found.value == COMING
    otherwise = SIGNALS.find(text)
    assert otherwise is None or otherwise.value != COMING


@pytest.mark.parametrize("text", ["快派人来，火越来越大了", "你们来不来啊他要跳了", "派人来，我妈没气了"])
def test_what_else_is_told_beside_it_may_be_the_danger_itself(text: str) -> None:
    assert SIGNALS.find_after_alarm(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("对面楼顶有个女的要跳楼", "rescue"),
        ("我同事要跳楼大家拉不住", "rescue"),
        ("我不想活了", "suicide"),
        ("女朋友跑了想跳楼", "suicide"),
        ("老公打我我不想活了", "suicide"),
        ("孩子没了想自杀", "suicide"),
        ("我老公要跳楼", "rescue"),
        ("朋友说不想活了", "rescue"),
        ("他不理我，我想死", "suicide"),
        ("我妈走了以后我想死", "suicide"),
        ("我爸走丢了", "missing"),
        ("女儿离家出走两天了", "missing"),
        ("我妈手机丢了", None),
    ],
)
def test_ones_own_end_is_told_apart_from_anothers_and_from_who_is_missing(text: str, reason: str | None) -> None:
    assert Listening.load("danger.yml").reason_in(text) == reason


def test_corrections_of_several_fields_stand_apart_and_of_one_together() -> None:
    assert corrections_apart("时间不对，是从上周一开始的，电话尾号是7778") == [
        "时间不对，是从上周一开始的",
        "电话尾号是7778",
    ]
    assert corrections_apart("电话错了，应该是13800138000") == ["电话错了，应该是13800138000"]


def test_what_stands_after_the_wrong_words_is_not_doubled() -> None:
    right = Correction((), "翠湖社区门口", "翠湖花园")
    assert swapped({"address": "翠湖花园门口"}, right, "") == {"address": "翠湖社区门口"}


def test_one_character_takes_the_place_of_that_which_sounds_like_it() -> None:
    assert (respelt("郭靖怡", "静"), respelt("郭靖怡", "强"), respelt("郭靖怡", "王强")) == ("郭静怡", None, None)


def test_new_trouble_after_thanks_is_what_is_told() -> None:
    assert trouble_after_thanks("上次的修好了，谢谢，这回是长江路也有两盏不亮") == "长江路也有两盏不亮"
    assert trouble_after_thanks("谢谢你们，现在路灯亮堂堂的，真好") is None


def test_blame_without_thanks_is_blame() -> None:
    assert is_blame("小姑娘态度差得很，直接挂我电话")
    assert not is_blame("师傅手艺真好，一点不差")
    assert not is_blame("感谢保安，被骂了还笑着帮我")


@pytest.mark.parametrize(("text", "left"), [("等等先别撤", True), ("不撤了", True), ("撤了吧", False)])
def test_what_is_not_to_be_withdrawn_stays(text: str, left: bool) -> None:
    assert stays(text) is left
