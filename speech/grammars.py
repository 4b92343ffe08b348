"""What is listened for where little is expected. Words a model does not know are left out by the engine."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from speech.recognition import Expecting

UNKNOWN: Final = "[unk]"
"""How the engine marks what fits no word of a grammar."""

_ALWAYS: Final = (
    "转人工", "人工", "人工服务", "转 人工", "真人", "再说一遍", "重复", "没听清", "听不清", "慢 一点", "说 慢 一点",
    "取消", "返回", "等一下", "稍等",
)  # fmt: skip
_YES_NO: Final = (
    "是", "是的", "对", "对的", "好", "好的", "可以", "确认", "确定", "没错", "没问题", "正确", "同意", "要", "需要",
    "不", "不是", "不对", "不要", "不用", "不用了", "不需要", "不行", "错了", "没有", "没有了", "不同意", "算了",
    "再见", "拜拜", "满意", "非常 满意", "不满意", "一般", "基本 满意",
)  # fmt: skip
_DIGIT_WORDS: Final = ["零", "幺", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
_AROUND_DIGITS: Final = ("不知道", "忘 了", "没有", "不方便", "不", "不用", "是", "号码 是", "电话 是", "我 的 电话 是")
_MENU: Final = (
    "投诉", "我 要 投诉", "举报", "建议", "咨询", "我 要 咨询", "查询", "进度", "查 进度", "查询 进度", "录音", "自助",
    "自助 服务", "市长 信箱", "留言", "一", "二", "三", "四", "五",
)  # fmt: skip

_PHRASES: Final = {
    Expecting.YES_NO: (*_YES_NO, *_ALWAYS),
    Expecting.DIGITS: (*_DIGIT_WORDS, *_AROUND_DIGITS, *_ALWAYS),
    Expecting.MENU: (*_MENU, *_YES_NO, *_ALWAYS),
}


_WHOLE: Final = {kind: frozenset(phrase.replace(" ", "") for phrase in said) for kind, said in _PHRASES.items()}
_SPOKEN_DIGIT: Final = re.compile("[零幺一二三四五六七八九]")
_ENOUGH_DIGITS: Final = 3


def phrases_for(expecting: Expecting) -> tuple[str, ...]:
    """What may be said, words parted by blanks; empty where anything may be."""
    return _PHRASES.get(expecting, ())


def fits(expecting: Expecting, text: str, more: Collection[str] = ()) -> bool:
    """Whether what a grammar made of an utterance is one of its phrases, or digits enough to be meant as such.

    ``more``: phrases that may be said too.
    A grammar hears its own words in anything: 不满意 as 不慢一. Its engine also strings words of phrases together.
    """
    if UNKNOWN in text:
        return False
    if expecting is Expecting.DIGITS and len(_SPOKEN_DIGIT.findall(text)) >= _ENOUGH_DIGITS:
        return True
    return expecting in _WHOLE and (text in _WHOLE[expecting] or text in more)
