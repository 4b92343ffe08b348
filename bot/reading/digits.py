"""Digits and numbers as people say them: 幺三八…, 三个八, 八十八, full-width figures, with pauses and fillers (B11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import cn2an

from bot.reading.standing import read_standing

_SPOKEN = {
    "零": "0", "〇": "0", "洞": "0", "幺": "1", "么": "1", "一": "1", "二": "2", "两": "2", "三": "3",
    "四": "4", "五": "5", "六": "6", "七": "7", "拐": "7", "八": "8", "九": "9", "勾": "9",
}  # fmt: skip
_FULL_WIDTH = {ord("０") + i: str(i) for i in range(10)}
DIGIT = "0-9零〇洞幺一二两三四五六七拐八九勾"
"""Inside a character class: what stands for one digit."""
NUMBER = "[0-9零〇幺一二两三四五六七八九十百]{1,8}"
"""A number, said digit by digit or counted."""
_REPEATED = re.compile(rf"([二两三四五六七八九2-9])个([{DIGIT}])(?!十|百|千|万|个)")
_PAUSE = r"[\s\-—–.,，、。·]*(?:(?:嗯|呃|啊|哦|那个|然后|接着|再加上?|加上|后面|中间|接下来|最后)(?:是|就是)?)?[\s\-—–.,，、。·]*"
_RUN = re.compile(rf"[{DIGIT}](?:{_PAUSE}[{DIGIT}])*")
_COUNTED = re.compile("[十百千万]")
_PARTLY_COUNTED = re.compile(
    r"[一二两三四五六七八九]百(?:零[一二三四五六七八九]|[一二三四五六七八九]十[一二三四五六七八九]?)(?=[零〇幺一二三四五六七八九])"
)
_RECEIPT_LENGTH = 8
_NOT_A_RECEIPT = re.compile(r"(?:座机|固话|电话|手机|号码|区号|身份证|卡号|户号|快递)[^，。,;；]{0,6}$")


@dataclass(frozen=True)
class Run:
    """Digits that were said in one go."""

    start: int
    end: int
    """In the text after :func:`unfolded`."""
    digits: str


def unfolded(text: str) -> str:
    """The text with full-width figures as plain ones and repetitions said out: 三个八 → 888."""
    return _REPEATED.sub(lambda m: figure(m.group(2)) * int(figure(m.group(1))), text.translate(_FULL_WIDTH))


def spoken_to_digits(text: str) -> str:
    """Every spoken digit as a figure; other characters stay. 三个八 → 888."""
    return "".join(map(figure, unfolded(text)))


def runs(unfolded_text: str) -> Iterator[Run]:
    """Runs of digits in a text that is :func:`unfolded`, with pauses and fillers inside a run left out."""
    for found in _RUN.finditer(unfolded_text):
        digits = "".join(figure(c) for c in found.group() if c.isdigit() or c in _SPOKEN)
        yield Run(found.start(), found.end(), digits)


def digit_runs(text: str) -> list[str]:
    """Runs of digits, with pauses and fillers inside a run left out. 138 0013 8000 → ["13800138000"]."""
    return [run.digits for run in runs(unfolded(text))]


def counted_out(text: str) -> str:
    """Hundreds said at the head of a row of digits as digits: 一百三十五一二三四五六七八 → 135一二三四五六七八."""
    return _PARTLY_COUNTED.sub(lambda m: str(number(m.group())), text)


def number(words: str) -> int | None:
    """A number in figures, digits or counting words: 120, 五零一, 一百零八; None when it is none."""
    plain = words.translate(_FULL_WIDTH)
    if not _COUNTED.search(plain):
        digits = "".join(map(figure, plain))
        return int(digits) if digits.isdigit() else None
    try:
        return int(cn2an.cn2an(plain.replace("两", "二").replace("幺", "一").replace("〇", "零"), "smart"))
    except ValueError:
        return None


def in_figures(words: str) -> str:
    """A number as figures, digits said one by one kept one by one: 五零一 → 501, 八十八 → 88; as it is if it is none."""
    if not _COUNTED.search(words):
        return "".join(map(figure, words.translate(_FULL_WIDTH)))
    value = number(words)
    return words if value is None else str(value)


def figure(character: str) -> str:
    """A spoken digit as a figure; any other character as it is."""
    return _SPOKEN.get(character, character)


_QUERY_CODE = re.compile(r"(?<![0-9A-Za-z])(?=[0-9A-Za-z]*[A-Za-z])(?=[0-9A-Za-z]*\d)[0-9A-Za-z]{6}(?![0-9A-Za-z])")
"""Figures of a code beside a number are none of the number's: 4M3KW8 10000033."""


def read_receipt(text: str) -> str | None:
    """The 8-digit number of a work order in ``text``, if there is exactly one."""
    return read_standing(_receipt, text)


def _receipt(text: str) -> str | None:
    plain = unfolded(_QUERY_CODE.sub("，", text))
    found = {
        run.digits
        for run in runs(plain)
        if len(run.digits) == _RECEIPT_LENGTH and not _NOT_A_RECEIPT.search(plain[: run.start])
    }
    return found.pop() if len(found) == 1 else None
