"""Number plates of cars: 云A12345, typed or spoken (云A幺二三四五, 京N三个八六六), with pauses (GA 36-2018)."""

from __future__ import annotations

import re

from bot.reading.digits import DIGIT, figure, unfolded
from bot.reading.standing import read_standing

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SPECIAL_END = "学警港澳挂领使应急"
_PAUSE = r"[\s·.\-—－]*"
_SIGN = rf"[A-HJ-NP-Za-hj-np-z{DIGIT}]"
_PLATE = re.compile(
    rf"([{_PROVINCES}]){_PAUSE}([A-HJ-NP-Za-hj-np-z]){_PAUSE}"
    rf"({_SIGN}(?:{_PAUSE}{_SIGN}){{4,5}}|{_SIGN}(?:{_PAUSE}{_SIGN}){{3}}{_PAUSE}[{_SPECIAL_END}])(?![A-Za-z0-9])"
)
_BLANKS = re.compile(_PAUSE)
_GREEN = re.compile(r"[DABCEFGHJK][0-9A-Z][0-9]{4}|[0-9]{5}[DABCEFGHJK]")
_FIVE = 5


def read_plate(text: str) -> str | None:
    """The plate in ``text``: 云A12345, six signs after the city's letter for a new-energy car; None without one."""
    return read_standing(_read, text)


def plate_words(text: str) -> str | None:
    """The plate in ``text`` as it was said."""
    found = _PLATE.search(text)
    return found.group() if found else None


def _read(text: str) -> str | None:
    found = _PLATE.search(unfolded(text))
    if found is None:
        return None
    signs = "".join(map(figure, _BLANKS.sub("", found.group(3)))).upper()
    if len(signs) > _FIVE and not _GREEN.fullmatch(signs):
        signs = signs[:_FIVE]
    return found.group(1) + found.group(2).upper() + signs
