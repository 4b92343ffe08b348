"""A position a device told: 我的位置：北纬30.65731°，东经104.06512°（误差约18米）, as the chat page writes it. Pure."""

from __future__ import annotations

import re

_POSITION = re.compile(
    r"[北南]纬(?:[0-8]?\d|90)(?:\.\d{1,8})?°，[东西]经(?:1[0-7]\d|[1-9]?\d|180)(?:\.\d{1,8})?°(?:（误差约\d{1,6}米）)?"
)


def read_position(text: str) -> str | None:
    """The position in ``text``, with how far off it may be; None when there is none."""
    found = _POSITION.search(text)
    return found[0] if found else None
