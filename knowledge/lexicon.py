"""How a citizen's wording becomes comparable with an official's: synonyms, fillers, words.

The tables are data (``synonyms.yml``, ``fillers.yml``). A lexicon never changes once made, so any number of
threads may use one while the next is being built.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jieba
import yaml

_FOLDER = Path(__file__).parent
TEXT_LIMIT = 600
"""Characters of a question that are read; a matter not named by then is not named."""

_NOISE = re.compile(r"[^0-9a-z㐀-鿿]+")
_TENS = re.compile("([二三四五六七八九]?)十([一二三四五六七八九]?)")
_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九", 1)}
_NEW_WORD_FREQUENCY = 20_000
"""Frequency given to a city's own words: above every rare word, so that they stay whole."""


class Lexicon:
    """The wording of one city: how texts are rewritten and cut into words."""

    def __init__(self, own_words: Iterable[str] = (), places: Iterable[str] = ()) -> None:
        """``own_words``: terms that must stay whole. ``places``: names that must too, and tell no matter."""
        tables = _tables()
        self._rewritings: dict[str, str] = tables["rewritings"]
        self._rewrite = _alternatives(self._rewritings)
        self._fillers = _alternatives(tables["fillers"])
        self._leading = re.compile(f"(?:^|(?<=[\\W_]))[{''.join(tables['leading'])}]+(?=.)")
        place_words = set(map(self.normalise, places))
        self.stop: frozenset[str] = tables["stop"] | place_words
        self._near: dict[str, tuple[str, ...]] = tables["near"]
        words = {*self._rewritings.values(), *self._near, *map(self.normalise, own_words), *place_words}
        self._tokenizer = _tokenizer(word for word in words if 2 <= len(word) <= 12 and " " not in word)

    def normalise(self, text: str) -> str:
        """``text`` without fillers, marks and case, its synonyms rewritten; spaces stay between clauses."""
        text = unicodedata.normalize("NFKC", text[: 2 * TEXT_LIMIT]).lower()
        text = self._fillers.sub(" ", self._leading.sub(" ", text))
        text = _TENS.sub(_digits, self._rewrite.sub(self._rewritten, text))
        return _NOISE.sub(" ", text).strip()[:TEXT_LIMIT]

    def words(self, normalised: str) -> list[str]:
        """The words of a normalised text, in order."""
        return [word for word in self._tokenizer.cut(normalised, HMM=False) if word != " "]

    def parts(self, word: str) -> list[str]:
        """The shorter words inside a long one: 临时身份证 → 临时, 身份, 身份证."""
        known, size = self._tokenizer.FREQ, len(word)
        spans = ((at, at + n) for n in (2, 3) if n < size for at in range(size - n + 1))
        return [word[start:end] for start, end in spans if known.get(word[start:end])]

    def near(self, word: str) -> tuple[str, ...]:
        """Words that stand for something close to ``word``."""
        return self._near.get(word, ())

    def _rewritten(self, match: re.Match[str]) -> str:
        return self._rewritings[match.group()]


def _digits(match: re.Match[str]) -> str:
    """六十五 → 65: ages and terms are said in words and written in figures."""
    tens, ones = match.groups()
    return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))


def _alternatives(wordings: Iterable[str]) -> re.Pattern[str]:
    """Matches the longest wording at a place; grouped by first letter, so that most places cost one look."""
    by_first: dict[str, list[str]] = {}
    for wording in sorted(wordings, key=len, reverse=True):
        by_first.setdefault(wording[0], []).append(re.escape(wording[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items()))


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    """Both data files, prepared; they belong to the program and do not change while it runs."""
    synonyms = yaml.safe_load((_FOLDER / "synonyms.yml").read_text(encoding="utf-8"))
    fillers = yaml.safe_load((_FOLDER / "fillers.yml").read_text(encoding="utf-8"))
    rewritings = {wording: wording for wording in synonyms["keep"]}
    for word, wordings in synonyms["same"].items():
        rewritings[str(word)] = str(word)
        rewritings.update({str(wording): str(word) for wording in wordings})
    near: dict[str, set[str]] = {}
    for group in synonyms["near"]:
        members = {rewritings.get(word, word) for word in group}
        for word in members:
            near.setdefault(word, set()).update(members - {word})
    return {
        "rewritings": rewritings,
        "near": {word: tuple(sorted(others)) for word, others in near.items()},
        "fillers": fillers["fillers"],
        "leading": fillers["leading"],
        "stop": frozenset(map(str, fillers["stop"])),
    }


@lru_cache(maxsize=1)
def _general_dictionary() -> tuple[dict[str, int], int]:
    """jieba's own dictionary, read from its package: its cache file would be a guessable name in a shared folder."""
    tokenizer = jieba.Tokenizer()
    frequencies, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    return frequencies, total


def _tokenizer(own_words: Iterable[str]) -> Any:
    """A tokenizer of our own with the city's words; jieba's global one is left alone."""
    frequencies, total = _general_dictionary()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dict(frequencies), total, True
    for word in own_words:
        tokenizer.add_word(word, _NEW_WORD_FREQUENCY)
    return tokenizer
