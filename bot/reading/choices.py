"""Which of the options offered a citizen means: 第二个, 倒数第一个, 选A, 一和三都有, 没一个对的. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

NONE_OF_THEM: tuple[int, ...] = ()
"""What :func:`read_choice` gives for 都不是."""

_NUMERAL = "[一二两三四五六七八九1-9１-９A-Ea-e]"
_WORTH = {sign: at % 9 for at, sign in enumerate("一二三四五六七八九123456789１２３４５６７８９")} | {"两": 1}
_LETTERS = "abcde"
_MARKS = re.compile(r"[\s\W_]+")
_NONE = re.compile(
    r"^(?:这|上面|下面|列出|里面|那|你说|几|两|些|个|的|以上|里|我说的|好像)*"
    r"(?:(?:[都全]?(?:不是|不对|不行|不符合|不合适)|[都全](?:没有|不要))(?:我要|我想|想要|的|了|问|选项|找|对|啊|呀|吧|这[几些]?个?|这些|那个|我)*"
    r"|[没无]一个(?:是|对|符合|能|行).{0,4}|一个[都也](?:不|没).{0,4}|没有?(?:一个|哪个|合适|对|我[要想]).{0,8}|不在(?:里面|其中|这里|上面).{0,2})$"
)
_FILLERS = re.compile(
    r"按?你说的|还是|说的|两个里头?的|就行|可以|看看|那个|这个|我|给|要|想|选项?|择|点|请|就|吧|啊|呀|呢|嗯|哦|的|那|问|数字|字母|编号|是"
)
_UNIT = "(?:个|条|项|种|号|款|样)?"
_NOT_WORDS = re.compile(r"\W|那个|这个|的|第|我要|我想|选|吧")
_SHORT = 12
"""Characters up to which an answer names a question by a word of it."""
_ONE = re.compile(rf"^(?:第|老)?({_NUMERAL}){_UNIT}$")
_FROM_END = re.compile(rf"^倒数第?({_NUMERAL}){_UNIT}$")
_BOTH = re.compile(
    rf"^第?({_NUMERAL}){_UNIT}(?:和|跟|与|还有|加|以及|同)第?({_NUMERAL}){_UNIT}(?:都|也|两)?{_UNIT}(?:有|对)?$"
)
_RUN = re.compile(rf"^(头|前|后|最后)({_NUMERAL}){_UNIT}都?(?:有|对)?$")
_NOT_THAT = re.compile(rf"^(?:不第?{_NUMERAL}{_UNIT}|第?{_NUMERAL}{_UNIT}不|不)(?=第)")
_FIRST = re.compile(rf"^(?:最上面?|最前面?|头一?|首|第一){_UNIT}$")
_LAST = re.compile(rf"^(?:最后面?|最下面?|最底下|最末尾?|末尾?|末了|尾|最后那?一?){_UNIT}$")
_FORMER = re.compile(rf"^(?:前|前面|上|上面|前头|上头|前者|前一){_UNIT}$")
_LATTER = re.compile(rf"^(?:后|后面|下|下面|后头|下头|后者|后一|底下){_UNIT}$")
_MIDDLE = re.compile(rf"^(?:正?中间|当中){_UNIT}$")


def read_choice(text: str, count: int) -> tuple[int, ...] | None:
    """The places, from 0, of the options that ``text`` names among ``count``; :data:`NONE_OF_THEM` for none.

    None where the words are no choice, or do not say which: a place that was not offered, 后面那个 of three.
    """
    plain = _MARKS.sub("", text)
    if _NONE.match(plain):
        return NONE_OF_THEM
    said = _FILLERS.sub("", plain)
    said = _NOT_THAT.sub("", said)
    for pattern, places in _PLACES:
        found = pattern.match(said)
        if found is not None:
            named = places(found, count)
            return named if named and all(0 <= place < count for place in named) else None
    return None


def _worth(sign: str) -> int:
    return _LETTERS.index(sign.lower()) if sign.lower() in _LETTERS else _WORTH[sign]


def _run(found: re.Match[str], count: int) -> tuple[int, ...]:
    many = _worth(found[2]) + 1
    if many > count:
        return ()
    return tuple(range(many)) if found[1] in {"头", "前"} else tuple(range(count - many, count))


_PLACES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], int], tuple[int, ...]]], ...] = (
    (_ONE, lambda found, _: (_worth(found[1]),)),
    (_FROM_END, lambda found, count: (count - 1 - _worth(found[1]),)),
    (_BOTH, lambda found, _: tuple(sorted({_worth(found[1]), _worth(found[2])}))),
    (_FIRST, lambda _, __: (0,)),
    (_LAST, lambda _, count: (count - 1,)),
    (_FORMER, lambda _, count: (0,) if count == 2 else ()),
    (_LATTER, lambda _, count: (1,) if count == 2 else ()),
    (_MIDDLE, lambda _, count: (count // 2,) if count % 2 else ()),
    (_RUN, _run),
)
"""How a place is named, the surest first."""


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in marks and blanks only."""
    return _MARKS.sub("", one) == _MARKS.sub("", other)


def named_by_a_word(text: str, questions: Sequence[str]) -> int | None:
    """The place of the question that a short answer names by a word of it alone: 换领那个; None when none or several."""
    plain = _NOT_WORDS.sub("", text)
    if len(plain) > _SHORT:
        return None
    pieces = {plain[i : i + 2] for i in range(len(plain) - 1)}
    named = [[at for at, question in enumerate(questions) if piece in question] for piece in pieces]
    telling = {places[0] for places in named if len(places) == 1}
    return telling.pop() if len(telling) == 1 else None
