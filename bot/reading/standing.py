"""What stands of a message that takes words back: 昨天，不对，是前天晚上; 是12栋不是11栋. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")

_TAKEN_BACK = re.compile(
    r"(?:[啊哦呃噢哎唉]+不(?:是|对)?|不对|(?:说|写|记|弄|讲|报|搞|填|念)错了?|错了|口误|有误)(?:不对|了|啊|呀|吧)*"
    r"[\s,，。]*(?:(?:我说的|应该|应当|其实|要)?是|改成|改为)?"
)
_NOT_THIS = re.compile(
    r"(?:而)?不是[^，,。;；\s是]{1,20}?(?:[,，\s]*(?:(?=我是)|(?:而|应该|应当)?是)|$|(?=[，,。;；\s]))"
)


def versions(text: str) -> tuple[str, ...]:
    """The message as it stands after what was taken back, then the whole of it."""
    found = list(_TAKEN_BACK.finditer(text))
    rest = text[found[-1].end() :] if found else text
    standing = _NOT_THIS.sub(" ", rest).strip(" ，,。")
    return (standing, text) if standing and standing != text else (text,)


def read_standing(read: Callable[[str], _Found | None], text: str) -> _Found | None:
    """What ``read`` finds in what stands of ``text``; where that holds nothing, in all of it."""
    return next((found for found in map(read, versions(text)) if found is not None), None)
