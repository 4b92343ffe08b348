"""How a citizen's wording becomes comparable with an official's: synonyms, fillers, words.

The tables are data (``synonyms.yml``, ``fillers.yml``). A lexicon never changes once made, so any number of
threads may use one while the next is being built.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jieba
import numpy as np

from core.yaml_files import read_yaml
from knowledge.run_table import RunTable
from knowledge.runs import all_runs, number, runs

_FOLDER = Path(__file__).parent
TEXT_LIMIT = 600
"""Characters of a question that are read; a matter not named by then is not named."""
LONGEST_WORD = 8

_NOISE = re.compile(r"[^0-9a-z㐀-鿿\n]+")
_TENS = re.compile("([二三四五六七八九]?)十([一二三四五六七八九]?)")
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_LONG = 10_000
"""Characters from which it pays to look at each only once."""
_JOINS = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
"""Letters of Hangul, which join to syllables."""
_GROUP = 16
_NEW_WORD_FREQUENCY = 20_000
"""Frequency given to a city's own words: above every rare word, so that they stay whole."""


class Lexicon:
    """The wording of one city: how texts are rewritten and cut into words."""

    def __init__(self, own_words: Iterable[str] = (), places: Iterable[str] = ()) -> None:
        """``own_words``: terms that must stay whole. ``places``: names that must too, and tell no matter."""
        tables = _tables()
        self._rewritings: dict[str, str] = tables["rewritings"]
        self._rewrite = tables["rewrite"]
        self._fillers = tables["fillers"]
        self._leading = tables["leading"]
        self._near: dict[str, tuple[str, ...]] = tables["near"]
        place_words = set(self.normalise_all(places))
        self.stop: frozenset[str] = tables["stop"] | place_words
        words = {*tables["words"], *self.normalise_all(own_words), *place_words}
        own = sorted(word for word in words if 2 <= len(word) <= LONGEST_WORD and " " not in word)
        self._tokenizer = _tokenizer(own)
        self._vocabulary = dict(_general_words())
        for size in {len(word) for word in own}:
            numbers = np.array([number(word) for word in own if len(word) == size], np.uint64)
            self._vocabulary[size] = RunTable(np.union1d(self._vocabulary[size].numbers, numbers))

    def normalise(self, text: str) -> str:
        """``text`` without fillers, marks and case, its synonyms rewritten; spaces stay between clauses."""
        return self._rewritten(text[: 2 * TEXT_LIMIT].replace("\n", " "))[:TEXT_LIMIT].strip()

    def normalise_all(self, texts: Iterable[str]) -> list[str]:
        """:meth:`normalise` of many texts at once, which is quicker."""
        given = [text[: 2 * TEXT_LIMIT].replace("\n", " ") for text in texts]
        return [text.strip() for text in self._rewritten("\n".join(given)).split("\n")] if given else []

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

    def word_runs(self, normalised: Sequence[str]) -> tuple[Any, Any]:
        """Every character and every word that can be read anywhere in ``normalised`` texts, and the row of each.

        Not one cutting into words but all: quick over a whole base, and nothing a query's word could be is missed.
        """
        numbers, rows = [], []
        for size, found, at in runs(normalised, range(1, LONGEST_WORD + 1)):
            known = slice(None) if size == 1 else self._vocabulary[size].holds(found)
            numbers.append(found[known])
            rows.append(at[known])
        return np.concatenate(numbers), np.concatenate(rows)

    def _rewritten(self, text: str) -> str:
        """Line by line: no rewriting reaches over the end of a line."""
        text = compatible(text).lower()
        text = self._fillers.sub(" ", self._leading.sub(" ", text))
        text = self._rewrite.sub(lambda match: self._rewritings[match.group()], text)
        return _NOISE.sub(" ", _TENS.sub(_digits, text))


def compatible(text: str) -> str:
    """``text`` in Unicode's form NFKC, a long one in a fraction of the time.

    Of a whole base few characters have another form, and each is replaced everywhere at once; where characters may join
    with their neighbours Unicode's own way is gone.
    """
    if len(text) < _LONG:
        return unicodedata.normalize("NFKC", text)
    forms = {letter: unicodedata.normalize("NFKC", letter) for letter in set(text)}
    if any(_JOINS.search(form) or any(unicodedata.category(c)[0] == "M" for c in form) for form in forms.values()):
        return unicodedata.normalize("NFKC", text)
    for letter, form in forms.items():
        if form != letter:
            text = text.replace(letter, form)
    return text


def everyday_words() -> dict[str, tuple[str, ...]]:
    """What citizens say for an official's word, by that word (``synonyms.yml``)."""
    words: dict[str, tuple[str, ...]] = _tables()["everyday"]
    return words


def _digits(match: re.Match[str]) -> str:
    """六十五 → 65: ages and terms are said in words and written in figures."""
    tens, ones = match.groups()
    return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))


def _alternatives(wordings: Iterable[str]) -> re.Pattern[str]:
    """Matches the longest wording at a place; grouped by first letters, so that most places cost few looks."""
    by_first: dict[str, list[str]] = {}
    for wording in sorted(wordings, key=len, reverse=True):
        by_first.setdefault(wording[0], []).append(re.escape(wording[1:]))
    branches = [f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items()]
    firsts = [re.escape(first) for first in by_first]
    groups = [
        f"(?=[{''.join(firsts[start : start + _GROUP])}])(?:{'|'.join(branches[start : start + _GROUP])})"
        for start in range(0, len(firsts), _GROUP)
    ]
    return re.compile(f"(?=[{''.join(firsts)}])(?:{'|'.join(groups)})")


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    """Both data files, prepared; they belong to the program and do not change while it runs."""
    synonyms = read_yaml(_FOLDER / "synonyms.yml")
    fillers = read_yaml(_FOLDER / "fillers.yml")
    rewritings = {word: word for word in (*synonyms["keep"], *synonyms["same"])}
    for word, wordings in synonyms["same"].items():
        rewritings.update(dict.fromkeys(wordings, word))
    rewrite = _alternatives(rewritings)
    near: dict[str, set[str]] = {}
    for group in synonyms["near"]:
        members = {rewrite.sub(lambda match: rewritings[match.group()], word) for word in group}
        for word in members:
            near.setdefault(word, set()).update(members - {word})
    return {
        "everyday": {word: tuple(wordings) for word, wordings in synonyms["same"].items()},
        "rewritings": rewritings,
        "rewrite": rewrite,
        "near": {word: tuple(sorted(others)) for word, others in near.items()},
        "words": {*synonyms["same"], *near},
        "fillers": _alternatives(fillers["fillers"]),
        "leading": re.compile(f"(?:^|(?<=[\\W_]))[{''.join(fillers['leading'])}]+(?=.)"),
        "stop": frozenset(map(str, fillers["stop"])),
    }


@lru_cache(maxsize=1)
def _general_dictionary() -> tuple[dict[str, int], int]:
    """jieba's own dictionary, read from its package: its cache file would be a guessable name in a shared folder."""
    tokenizer = jieba.Tokenizer()
    frequencies, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    return frequencies, total


@lru_cache(maxsize=1)
def _general_words() -> dict[int, RunTable]:
    """All words of jieba's dictionary, by length."""
    by_size: dict[int, list[str]] = {size: [] for size in range(2, LONGEST_WORD + 1)}
    for word, frequency in _general_dictionary()[0].items():
        if frequency and len(word) in by_size:
            by_size[len(word)].append(word)
    return {size: RunTable(np.unique(all_runs(words, (size,))[0])) for size, words in by_size.items()}


def _tokenizer(own_words: Iterable[str]) -> Any:
    """A tokenizer of our own with the city's words; jieba's global one is left alone."""
    frequencies, total = _general_dictionary()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dict(frequencies), total, True
    for word in own_words:
        tokenizer.add_word(word, _NEW_WORD_FREQUENCY)
    return tokenizer
