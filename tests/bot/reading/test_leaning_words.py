"""Words that can only be meant of what was said before: whom to turn to then, that it was said, who is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.case_words import stays
from bot.corrections import respelt
from bot.nlu.constants import COMING, FOUND
from bot.nlu.detector import Listening
from bot.nlu.signals import Signals
from bot.reading.corrections import Correction, corrections_apart, swapped
from bot.reading.cues import is_aggrieved, is_blame, trouble_after_thanks
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
        ("我妈丢了身份证怎么补", None),
        ("老公天天打不想活了", "suicide"),
        ("同学欺负想跳楼", "suicide"),
        ("他们不发工资想跳楼", "suicide"),
        ("我朋友给我发消息说要自杀联系不上她", "rescue"),
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


@pytest.mark.parametrize(
    "text",
    [
        "谢谢你们接电话，我举报幸福小区3栋有人无证开诊所，但是社区一直不管",
        "我反映的长江路井盖，工人说处理好了，但是一直没人来",
    ],
)
def test_what_stands_before_a_but_is_of_the_matter_where_it_is_trouble_itself(text: str) -> None:
    assert trouble_after_thanks(text) is None


@pytest.mark.parametrize("text", ["没用多久就修好了，必须点个赞", "消防员冒着凶险救人", "被人骂也不还口，这师傅真好"])
def test_words_of_blame_in_praise_are_none(text: str) -> None:
    assert not is_blame(text)


@pytest.mark.parametrize("text", ["政务大厅几点关门", "关门时间是几点", "要不还是先问问"])
def test_words_of_trouble_in_a_question_of_hours_are_none(text: str) -> None:
    assert not is_aggrieved(text)


@pytest.mark.parametrize("text", ["小区前面没说过停电", "已经报了警"])
def test_what_was_told_to_others_was_not_told_here(text: str) -> None:
    assert not has_said_it(text)


def test_somebody_back_is_told_apart_from_a_danger_that_is_over() -> None:
    told = {text: SIGNALS.find_after_alarm(text) for text in ("他回来了", "没事了，人找到了", "还没找到", "他找到了我")}
    assert {text: found and found.value for text, found in told.items()} == {
        "他回来了": FOUND,
        "没事了，人找到了": FOUND,
        "还没找到": None,
        "他找到了我": None,
    }


def test_lets_withdraw_it_is_no_staying() -> None:
    assert (stays("要不撤了吧"), stays("先别撤")) == (False, True)


def test_a_place_keeps_the_character_that_joins_words_elsewhere() -> None:
    assert corrections_apart("地址不对，和平路3号才对，电话尾号是7778") == ["地址不对，和平路3号才对", "电话尾号是7778"]
