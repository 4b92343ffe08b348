"""Which of the options offered a citizen means (``bot/reading/choices.py``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.reading.choices import NONE_OF_THEM, named_by_a_word, read_choice
from core.yaml_files import read_yaml

HELD_OUT = Path(__file__).parent.parent / "utterances" / "choose.yml"
OF_THREE: dict[str, tuple[int, ...] | None] = {
    "第二个": (1,),
    "2": (1,),
    "选3": (2,),
    "嗯那个我要第二条": (1,),
    "按你说的第二种": (1,),
    "还是第一个吧": (0,),
    "就头一个": (0,),
    "老二": (1,),
    "选A": (0,),
    "B": (1,),
    "倒数第一个": (2,),
    "倒数第二个": (1,),
    "最后一个": (2,),
    "选最后那项": (2,),
    "最上面的": (0,),
    "中间的那个": (1,),
    "一和三都有": (0, 2),
    "我要第二个和第三个": (1, 2),
    "头两个都是": (0, 1),
    "不是第一个，是第二个": (1,),
    "第一个不是，第二个": (1,),
    "都不是": NONE_OF_THEM,
    "都不对": NONE_OF_THEM,
    "这几个都不对": NONE_OF_THEM,
    "没有我要的选项": NONE_OF_THEM,
    "一个都不是": NONE_OF_THEM,
    "不在里面": NONE_OF_THEM,
    "上面都没有": NONE_OF_THEM,
    "你说的那两个都不是": NONE_OF_THEM,
    "第四条": None,
    "选5": None,
    "后面那个": None,
    "上面那个": None,
    "没有": None,
    "第一个小孩上户口要什么": None,
    "三个月能办好吗": None,
    "一个人能办吗": None,
    "没有房产证能落户吗": None,
    "都不是，我想问的是社保": None,
}
OF_TWO: dict[str, tuple[int, ...] | None] = {
    "后面那个": (1,),
    "我选后者": (1,),
    "上面那个": (0,),
    "倒数第二个": (0,),
    "中间那个": None,
    "第三个吧": None,
    "倒数第三个": None,
}
NOT_SEEN: dict[str, tuple[int, ...] | None] = {
    "要第三条": (2,),
    "两个里头的前面那个": None,
    "没一个对的": NONE_OF_THEM,
    "选5": None,
    "末尾那项": (2,),
    "第二项就行": (1,),
}


@pytest.mark.parametrize(("text", "meant"), OF_THREE.items())
def test_what_is_meant_of_three(text: str, meant: tuple[int, ...] | None) -> None:
    assert read_choice(text, 3) == meant


@pytest.mark.parametrize(("text", "meant"), OF_TWO.items())
def test_what_is_meant_of_two(text: str, meant: tuple[int, ...] | None) -> None:
    assert read_choice(text, 2) == meant


def test_choices_written_for_the_classifier_are_read_too() -> None:
    written = read_yaml(HELD_OUT)
    assert {text: read_choice(text, 3) for text in written} == NOT_SEEN
    assert read_choice("两个里头的前面那个", 2) == (0,)


def test_a_word_that_only_one_question_has_names_it() -> None:
    questions = ["身份证到期怎么换领？", "身份证丢了怎么补领？"]
    assert named_by_a_word("到期那个", questions) == 0
    assert named_by_a_word("身份证的", questions) is None
    assert named_by_a_word("我家楼下的路灯坏了三天了到期怎么办", questions) is None
