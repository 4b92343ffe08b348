"""A number that is keyed in or said, in one go or in groups with pauses between them. Pure."""

from __future__ import annotations

import re
from typing import Final

from bot.reading.digits import digit_runs, spoken_to_digits
from bot.wording import gist_of

_LONGEST: Final = 20
_MOBILE: Final = 11
_MOBILE_BEGINS: Final = "1"
_LANDLINE: Final = 7
"""Digits a number has at least that is no mobile's; with the area code, which begins with 0, three more."""
_A_GROUP: Final = 3
"""Digits from which the same said once more is a repetition: 二零二六 … 二零二六."""
_MAY_BE_ONE: Final = 4
"""Digits a part of a number has at least beside other words, which are fewer."""
_ABOUT: Final = re.compile(
    r"[前后][一二两三四五六七八几0-9]位|[一二两三四五六七八九十0-9]+位数?|受理|查询|编号|单号|工单|后面|前面|接着|还有|继续|再|最后|尾号|对|好|等"
)
"""What is said around the digits of a number."""
_COUNTED: Final = re.compile("[个年月日天栋楼层元岁]")
_TAKEN_BACK: Final = re.compile(r"不对|错了|不是|重新|重来|说错")


class Keying:
    """Digits of one number, until it is complete or the citizen says so by #; * begins anew, and empties."""

    def __init__(self, length: int) -> None:
        """``length``: digits of a complete number; 0: only # ends it."""
        self.digits = ""
        self.reminded = False
        """Whether the rest has been asked for in a silence."""
        self._length = length
        self._group = ""
        """What was said last."""
        self._by_voice = False

    def press(self, key: str) -> bool:
        """One key; whether the number has ended with it."""
        if key == "*":
            ended = not self.digits  # * on nothing: leave
            self._begin_anew()
            return ended
        if key == "#":
            return True
        self.digits = (self.digits + key)[:_LONGEST]
        self._group = ""
        return len(self.digits) == self._length and self._is_of_that_length()

    def say(self, text: str) -> bool | None:
        """What was said, after what was keyed or said before; whether the number is complete with it.

        None, and nothing is taken, where it is no number.
        """
        said = self._whole_in(text) or _part_in(text)
        if not said:
            return None
        if _TAKEN_BACK.search(text):
            self._begin_anew()
        again = said == self._group and len(said) >= _A_GROUP and not self._ends_with(said)
        if len(said) == self._length or (len(self.digits) >= _A_GROUP and said.startswith(self.digits)):
            self.digits = said  # all of it, from its beginning
        elif not again:
            self.digits = (self.digits + said)[:_LONGEST]
        self._group, self._by_voice = said, True
        return not self.missing

    @property
    def missing(self) -> int:
        """How many digits are wanting at least."""
        if self._length != _MOBILE:
            return max(0, self._length - len(self.digits))
        shortest = _MOBILE if self.digits.startswith(_MOBILE_BEGINS) else _LANDLINE + 3 * self.digits.startswith("0")
        return max(0, shortest - len(self.digits))

    def is_key(self, key: str) -> bool:
        """Whether nothing but one key was pressed."""
        return self.digits == key and not self._by_voice

    def pauses(self) -> bool:
        """In a silence: whether the rest is to be asked for. The first one only; after that the number is as it is."""
        first = not self.reminded and self.missing > 0
        self.reminded = self.reminded or first
        self._group = ""  # what is said when the rest was asked for is the rest
        return first

    def _ends_with(self, group: str) -> bool:
        """Whether ``group`` makes the number whole to the digit: 138, 0000, 0000."""
        return self._length > 0 and len(self.digits) + len(group) == self._length

    def _begin_anew(self) -> None:
        self.digits = self._group = ""
        self.reminded = self._by_voice = False

    def _whole_in(self, text: str) -> str:
        return next((run for run in reversed(digit_runs(text)) if len(run) == self._length), "")

    def _is_of_that_length(self) -> bool:
        """A landline is as long as it is: only mobile numbers end by themselves at eleven."""
        return self._length != _MOBILE or self.digits.startswith(_MOBILE_BEGINS)


def is_digits(text: str) -> bool:
    """Whether ``text`` is digits and words about them, and nothing else: 后面是零四幺七."""
    return _rest(text) == ""


def _part_in(text: str) -> str:
    """The digits of a part of a number: all there are where nothing else is said, else the longest run."""
    found = digit_runs(_ABOUT.sub("，", _TAKEN_BACK.sub("，", text)))
    rest = _rest(text)
    if not rest:
        return "".join(found)
    longest = max(found, key=len, default="")
    counts = len(rest) >= _MAY_BE_ONE or _COUNTED.search(rest) is not None
    return longest if len(longest) >= _MAY_BE_ONE and not counts else ""


def _rest(text: str) -> str:
    """What is said besides digits and words about them."""
    plain = spoken_to_digits(_ABOUT.sub("，", _TAKEN_BACK.sub("，", text)))
    counted = "".join(re.findall(r"(?<=\d)个", plain))  # 一个 is no digit
    return counted + re.sub(r"\d", "", gist_of(plain))
