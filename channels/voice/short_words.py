"""What a few words on the telephone mean: yes, no, a person, once more …, however they are said (B11). Pure.

People say 嗯，对对对 and 帮我转一下人工 rather than the words of a list. An utterance means what a word of a kind means
when all the rest of it are small words that say nothing of their own; a sentence that only holds such a word says more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

_LONGEST: Final = 20
"""Characters of what is said in a few words."""
_NOT_WORDS: Final = re.compile(r"[\s\W_]+")
_ASKS: Final = re.compile(r"([对是好行要成会能])不(?:\1|$)")
"""对不对, 好不好: asked back, and neither yes nor no."""
_FIGURE: Final = "([0-9零幺一二三四五六七八九])"
_KEY: Final = re.compile(f"(?:我?要?[按选]第?|第){_FIGURE}(?:个|号键?|键)?|{_FIGURE}(?:号键?|键)?")
_FIGURES: Final = {word: str(figure) for figure, word in enumerate("零一二三四五六七八九")} | {"幺": "1"}
_FEW: Final = 3
_A_WORD: Final = 5
_PERHAPS: Final = re.compile("[对是好行嗯不错确正]")
_YES, _NO, _CHOICE = "agree", "refuse", "choice"


class ShortWords:
    """The kinds of words of a telephone, and the small words around them."""

    def __init__(
        self, words: Mapping[str, Collection[str]], around: Collection[str], beside: Mapping[str, Collection[str]]
    ) -> None:
        """``words`` by kind; ``around``: what may stand around any of them; ``beside``: and around those of one kind.

        Raises ``ValueError`` where a word is empty.
        """
        self._words = {kind: _of(listed) for kind, listed in words.items()}
        self._around = _of(around)
        self._small = {kind: self._around | _of(beside.get(kind, ())) for kind in {*words, _CHOICE}}

    def mean(self, kind: str, text: str) -> bool:
        """Whether ``text`` says what the words of ``kind`` say, and nothing more."""
        plain = _plain(text)
        if kind in {_YES, _NO} and _ASKS.search(plain):
            return False
        return _made_of(plain, self._words[kind], self._small[kind])

    def yes_or_no(self, text: str) -> bool | None:
        """Yes or no; None where it is neither. 没错 is a yes, though 错 is in it."""
        if self.mean(_YES, text):
            return True
        return False if self.mean(_NO, text) else None

    def name(self, words: Collection[str], text: str) -> bool:
        """Whether ``text`` names what is offered under one of ``words``: 我要留言, 查一下进度."""
        return _made_of(_plain(text), words, self._small[_CHOICE])

    def key(self, text: str) -> str:
        """The key whose figure is said: 二, 按二, 第二个; empty where none is."""
        found = _KEY.fullmatch(self._bare(_plain(text)))
        figure = (found[1] or found[2]) if found else ""
        return _FIGURES.get(figure, figure)

    def _bare(self, plain: str) -> str:
        """Without the small words at both ends."""
        while small := next((word for word in self._around if plain.startswith(word) and plain != word), ""):
            plain = plain[len(small) :]
        while small := next((word for word in self._around if plain.endswith(word) and plain != word), ""):
            plain = plain[: -len(small)]
        return plain


def may_be_yes_or_no(text: str) -> bool:
    """Whether what is neither may be one badly heard, or half of one; a longer sentence tells something."""
    plain = _plain(text)
    return len(plain) < _FEW or (len(plain) <= _A_WORD and _PERHAPS.search(plain) is not None)


def _of(listed: Collection[str]) -> frozenset[str]:
    words = frozenset(map(str, listed))
    if "" in words:
        raise ValueError("有一个词是空的")
    return words


def _plain(text: str) -> str:
    return _NOT_WORDS.sub("", text)


def _made_of(plain: str, words: Collection[str], small: Collection[str]) -> bool:
    """Whether a text parts into ``words``, at least one of them, and ``small`` ones."""
    if not plain or len(plain) > _LONGEST:
        return False
    reached = {(0, False)}
    """How far it has been parted, and whether one of the words has been met by then."""
    for at in range(len(plain)):
        for met in (False, True):
            if (at, met) in reached:
                reached |= {(at + len(word), True) for word in words if plain.startswith(word, at)}
                reached |= {(at + len(word), met) for word in small if plain.startswith(word, at)}
    return (len(plain), True) in reached
