"""What a single character of an address tells by itself, and the words it is in."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import jieba

SUFFIXES = {
    character: kind
    for kind, characters in (
        ("province", "省"),
        ("city", "市州盟"),
        ("district", "区县旗"),
        ("town", "镇乡"),
        ("village", "村社屯庄"),
        ("road", "路街道巷弄线"),
        ("number", "号"),
        ("building", "幢栋座"),
        ("unit", "单"),
        ("floor", "楼层"),
        ("room", "室房"),
        ("where", "旁边口侧面近"),
        ("place", "苑园城厦场馆店院所厂司"),
    )
    for character in characters
}
"""Characters that end an element, and of what kind."""
SUFFIX_KINDS = tuple(sorted(set(SUFFIXES.values())))
COUNTING = "零〇一二三四五六七八九十百"
KINDS = "dan-pho"
"""d digit, a letter, n counting word, - dash, p stop, h other Chinese, o other."""
_DASHES = "-—－–_~/\\#"
_STOPS = " ,，.。、()（）;；:："


def kinds_of(text: str) -> str:
    """For each character what kind it is: 3号 → dh."""
    return "".join(map(_kind, text))


def words_of(text: str, *, guess: bool = False) -> list[str]:
    """The words of ``text``; ``guess``: also such as the dictionary does not have."""
    return list(_tokenizer().cut(text, HMM=guess))


def _kind(character: str) -> str:
    if character.isdigit():
        return "d"
    if character.isascii() and character.isalpha():
        return "a"
    for kind, characters in (("n", COUNTING), ("-", _DASHES), ("p", _STOPS)):
        if character in characters:
            return kind
    return "h" if "\u4e00" <= character <= "\u9fff" else "o"


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """A tokenizer of our own: the common one learns a city's words, and a model must see what it saw in training."""
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()
