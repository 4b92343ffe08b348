"""The parts of a message that speaks of several things: 社保卡怎么补 还有楼下烧烤太吵了. Pure."""

from __future__ import annotations

import re

_BETWEEN = re.compile(
    r"[\s,，。;；!！?？、]*(?:(?<=[^\s]{4})还有(?:一|就是|个|件|，|,| )*(?:件?事(?:情)?|个问题)?|另外(?:再|还|想|，)?|顺便(?:再|还|想)?"
    r"|对了|再(?=问|说|咨询|反映|投诉)|第[一二三](?:个|件|是|，|,| |、)(?:是|问题|事)?|[。;；!！?？\n])[\s,，。;；!！?？]*"
    r"|[\s,，]+"
)
_ANOTHER = re.compile(
    r"(?:^|(?<=[\s,，。;；:：!！?？、了]))"
    r"(?:还有(?![人几多很好许些没不])(?:就是|一?[个件点](?:事情?|问题)?(?:就?是|[，,])?)*|另外(?:还有?|一?[个件点](?:事情?|问题)?(?:就?是|[，,])?)*"
    r"|再(?:一个|一件|就是|者)(?:就?是|事情?|问题)*"
    r"|(?<![^\s])一[个件](?:事情?|问题)?就?是"
    r"|第[一二三四](?:(?:个|件|点|是|就是|事情?|问题)+|(?=[\s,，、:：]))|其[一二三]|[一二三]是)[\s,，、:：]*"
)
_BLANK = re.compile(r"^[\s\W_]*$")
SHORTEST = 4
"""Characters a part has at least; a shorter piece belongs to what follows it."""


def strands_of(text: str) -> list[str]:
    """The pieces of ``text`` that its own words set apart: 还有, 另外, 第二; the whole where none do.

    Commas and full stops set nothing apart here: a story has many sentences.
    """
    strands = [piece.strip(" \n,，。;；、") for piece in _ANOTHER.split(text)]
    return [strand for strand in strands if not _BLANK.match(strand)] or [text.strip()]


def parts_of(text: str) -> list[str]:
    """The pieces of ``text`` between marks, blanks and 还有, 另外, 顺便; the whole where there is but one."""
    parts: list[str] = []
    carried = ""
    for piece in _BETWEEN.split(text):
        if _BLANK.match(piece):
            continue
        carried = f"{carried} {piece}".strip()
        if len(carried) >= SHORTEST:
            parts.append(carried)
            carried = ""
    if carried and parts:
        parts[-1] = f"{parts[-1]} {carried}"
    return parts or [text.strip()]
