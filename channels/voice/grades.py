"""How satisfied somebody is by what they say: 挺好的, 不太满意, 一般般吧, 很好很好 (A5, B11). Pure.

The grades a city offers are read by the same rule as what the citizen says, so that 很差 is the worst there is, whether
that is called 不满意 or 非常不满意.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.reading.choices import read_choice

_NOT_WORDS: Final = re.compile(r"[\s\W_]+")
_WORDS: Final[Mapping[int, str]] = {
    2: "满分 完美 没得说 没话说 一级棒",
    1: "满意 好 不错 好评 棒 赞 点赞 周到 耐心 热情 专业 负责 到位 及时 清楚 快",
    0: (
        "基本满意 还算满意 勉强满意 还行 还可以 还算可以 可以 还好 还凑合 凑合 一般 一般般 马马虎虎 过得去 勉强 "
        "将就 普通 普普通通 中等 不好不坏 差不多 说得过去 就那样"
    ),
    -1: (
        "不满意 不太满意 不怎么满意 不是很满意 不是太满意 不大满意 没那么满意 不够满意 谈不上满意 不好 不太好 "
        "不怎么好 不是很好 不行 不太行 不怎么样 不咋地 不咋样 差 差劲 差评 差一点 差点 失望 糟糕 糟 垃圾 敷衍 恶劣 "
        "烂 没用 慢 不耐烦 不负责 不耐心 不专业"
    ),
    -2: "一点都不满意 一点也不满意 完全不满意 根本不满意",
}
"""From 2, as good as can be, to -2."""
_MUCH: Final = "非常 很 特别 十分 太 超 超级 极 极其 相当 最 百分之百 百分百 真 真是 实在"
_BESIDE: Final = (
    "嗯 啊 哦 呃 哎 唉 那 那个 这个 这次 就 就是 吧 呀 呢 嘛 哈 啦 了 的 得 地 给 是 都 也 挺 蛮 比较 还 还是 "
    "总体 整体 总的来说 感觉 觉得 我 我们 你 你们 您 他 她 对 服务 态度 回答 解答 处理 办事 话务员 接线员 "
    "工作人员 同志 姑娘 小姑娘 小伙子 小姐 师傅 人 谢谢 谢谢你 谢谢您 多谢 再见 评价 个 打 说 讲 选"
)
_WORTH: Final[Mapping[str, int]] = {word: worth for worth, words in _WORDS.items() for word in words.split()}
_LONGEST_FIRST: Final = sorted({*_WORTH, *_MUCH.split(), *_BESIDE.split()}, key=len, reverse=True)
_LONGEST: Final = 20


def read_grade(text: str, grades: Sequence[str]) -> int | None:
    """The place, from 0, of the grade among ``grades`` that ``text`` means; None where it is no rating.

    By its place (第二个), or by what it says: the nearest grade there is, of two the better one.
    """
    said = _worth(text)
    if said is None:
        places = read_choice(text, len(grades))
        return places[0] if places and len(places) == 1 else None
    worths = [_worth(grade) for grade in grades]
    near = [(abs(said - worth), place) for place, worth in enumerate(worths) if worth is not None]
    return min(near)[1] if near else None


def falls(grades: Sequence[str]) -> bool:
    """Whether grades go from the best to the worst, as far as their words tell."""
    worths = [worth for grade in grades if (worth := _worth(grade)) is not None]
    return worths == sorted(worths, reverse=True)


def _worth(text: str) -> int | None:
    """From 2 to -2; what was said last counts: 满意，不，不太满意. None where more is said than that."""
    plain = _NOT_WORDS.sub("", text)
    if len(plain) > _LONGEST:
        return None
    said, much = None, False
    while plain:
        word = next((word for word in _LONGEST_FIRST if plain.startswith(word)), None)
        if word is None:
            return None
        plain = plain[len(word) :]
        if word in _WORTH:
            said, much = max(-2, min(2, _WORTH[word] * (1 + much))), False
        elif word in _MUCH.split():
            much = True
    return said
