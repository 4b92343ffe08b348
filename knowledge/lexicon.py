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
from knowledge.beginnings import Beginnings
from knowledge.places import CityWords
from knowledge.reading import Reading, Spelt
from knowledge.rewriting import LONG, Rewriting, alternatives
from knowledge.run_table import distinct, together
from knowledge.runs import code_points

_FOLDER = Path(__file__).parent
NO_CITY = CityWords()
_NO_WORD = "(?![民政场区长直容级值辖委府])"
"""Characters before which 市 begins a word of its own: 市民, 市场."""
TEXT_LIMIT = 600
"""Characters of a question that are read; a matter not named by then is not named."""
LONGEST_WORD = 8

_NOISE = re.compile(r"[^0-9a-z㐀-鿿\n][^0-9a-z㐀-鿿\n]*")
_TENS = re.compile(f"({'|'.join(f'{tens}十' for tens in '二三四五六七八九')}|十)([一二三四五六七八九]?)")
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_JOINS = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
"""Letters of Hangul, which join to syllables."""
_OFTEN = 300
"""Times a word stands in the dictionary's texts from which it is a common one."""
_NEW_WORD_FREQUENCY = 20_000
"""Frequency given to a city's own words: above every rare word, so that they stay whole."""


class Lexicon:
    """The wording of one city: how texts are rewritten and cut into words."""

    def __init__(self, own_words: Iterable[str] = (), city: CityWords = NO_CITY) -> None:
        """``own_words``: terms that must stay whole. ``city``: its places must, too; they tell no matter."""
        tables = _tables(city.folder)
        self._rewriting: Rewriting = tables["rewriting"]
        self._fillers = tables["fillers"]
        self._leading = tables["leading"]
        self._near: dict[str, tuple[str, ...]] = tables["near"]
        self._city = _city_name(city.names)
        places = sorted(name for name in city.places if not any(own in name for own in city.names))
        place_words = set(self.normalise_all(places))
        self.stop: frozenset[str] = tables["stop"] | place_words
        words = {*tables["words"], *self.normalise_all(own_words), *place_words}
        own = sorted(word for word in words if 2 <= len(word) <= LONGEST_WORD and " " not in word)
        self._tokenizer = _tokenizer(own)
        self._known = _general_words().with_others(Beginnings.of(own))

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

    def word_runs(self, read: Reading, bounds: Any) -> Spelt:
        """Every character and every word that can be read anywhere in rows that begin at ``bounds`` among the places.

        Not one cutting into words but all: quick over a whole base, and nothing a query's word could be is missed.
        """
        vocabulary, terms, rows = read.runs(bounds)
        steps, places = read.steps[bounds[0] : bounds[-1]], read.places[bounds[0] : bounds[-1]]
        begins, whole = self._known.holds(vocabulary, 2)
        whole[read.letters] = True
        begun = np.flatnonzero((begins[read.pairs] & (read.pairs >= 0))[steps])
        numbers = vocabulary[read.pairs[steps[begun]]]
        found = [(which, number) for _, which, number in self._known.found(read.codes, places[begun], numbers, 2)]
        said, at = whole[terms], np.concatenate([which for which, _ in found])
        longer_ones = distinct(np.concatenate([number for _, number in found]))
        runs, terms = together((vocabulary, terms[said]), longer_ones)
        return runs, terms, np.concatenate([rows[said], rows[begun[at]]])

    def _rewritten(self, text: str) -> str:
        """Line by line: no rewriting reaches over the end of a line."""
        text = compatible(text).lower()
        if self._city is not None:
            text = self._city.sub(" ", text)
        text = self._fillers.sub(" ", self._leading.sub(" ", text))
        return _NOISE.sub(" ", _TENS.sub(_digits, self._rewriting.of(text)))


def compatible(text: str) -> str:
    """``text`` in Unicode's form NFKC, a long one in a fraction of the time.

    Of a whole base few characters have another form, and each is replaced everywhere at once; where characters may join
    with their neighbours Unicode's own way is gone.
    """
    if len(text) < LONG:
        return unicodedata.normalize("NFKC", text)
    codes = code_points(text)
    held = np.zeros(0x110000, bool)
    held[codes] = True
    forms = {letter: unicodedata.normalize("NFKC", letter) for letter in map(chr, np.flatnonzero(held).tolist())}
    if any(_JOINS.search(form) or any(unicodedata.category(c)[0] == "M" for c in form) for form in forms.values()):
        return unicodedata.normalize("NFKC", text)
    same_length = np.arange(0x110000, dtype=np.uint32)
    for letter, form in forms.items():
        if len(form) == 1:
            same_length[ord(letter)] = ord(form)
    text = same_length[codes].tobytes().decode("utf-32-le", "surrogatepass")
    for letter, form in forms.items():
        if len(form) > 1:
            text = text.replace(letter, form)
    return text


@lru_cache(maxsize=1)
def common_words() -> tuple[str, ...]:
    """Words of two characters that are often said, in a fixed order."""
    frequencies, _ = _general_dictionary()
    return tuple(sorted(word for word, times in frequencies.items() if len(word) == 2 and times > _OFTEN))


def _digits(match: re.Match[str]) -> str:
    """六十五 → 65: ages and terms are said in words and written in figures."""
    tens, ones = match.groups()
    return str(10 * _DIGITS.get(tens[0], 1) + _DIGITS.get(ones, 0))


def _leading(letters: str) -> re.Pattern[str]:
    """Matches ``letters`` at the beginning of a clause, unless nothing comes after them. The first is looked at before
    what stands in front of it: so a search passes over all others at once."""
    return re.compile(f"[{letters}](?<![^\\W_].)[{letters}]*(?=.)")


def _city_name(names: Sequence[str]) -> re.Pattern[str] | None:
    """Matches the city's name: 海口市 whole, but of 海口市民卡 only 海口."""
    if not names:
        return None
    either = (f"{re.escape(name)}{_NO_WORD if name.endswith('市') else ''}" for name in map(str.lower, names))
    return re.compile("|".join(either))


def _read_both(name: str, folder: Path | None) -> dict[str, Any]:
    """A data file of the program, with the city's own of that name."""
    table: dict[str, Any] = read_yaml(_FOLDER / name)
    own = (read_yaml(folder / name) or {}) if folder is not None and (folder / name).exists() else {}
    for part, words in own.items():
        if part not in table or type(words) is not type(table[part]):
            raise ValueError(f"{name}：没有“{part}”这一部分，或者写法不对；可用的有：{'、'.join(table)}。")
        if isinstance(words, dict):
            table[part] |= {word: [*table[part].get(word, ()), *said] for word, said in words.items()}
        else:
            table[part] = [*table[part], *words]
    return table


@lru_cache(maxsize=4)
def _tables(folder: Path | None = None) -> dict[str, Any]:
    """Both data files, prepared; they do not change while the program runs."""
    synonyms = _read_both("synonyms.yml", folder)
    fillers = _read_both("fillers.yml", folder)
    rewritings = {word: word for word in (*synonyms["keep"], *synonyms["same"])}
    for word, wordings in synonyms["same"].items():
        rewritings.update(dict.fromkeys(wordings, word))
    rewriting = Rewriting(rewritings)
    near: dict[str, set[str]] = {}
    for group in synonyms["near"]:
        members = set(map(rewriting.of, group))
        for word in members:
            near.setdefault(word, set()).update(members - {word})
    return {
        "rewriting": rewriting,
        "near": {word: tuple(sorted(others)) for word, others in near.items()},
        "words": {*synonyms["same"], *near},
        "fillers": alternatives(fillers["fillers"]),
        "leading": _leading("".join(fillers["leading"])),
        "stop": frozenset(map(str, fillers["stop"])),
    }


@lru_cache(maxsize=1)
def _general_dictionary() -> tuple[dict[str, int], int]:
    """jieba's own dictionary, read from its package: its cache file would be a guessable name in a shared folder."""
    tokenizer = jieba.Tokenizer()
    frequencies, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    return frequencies, total


@lru_cache(maxsize=1)
def _general_words() -> Beginnings:
    """All words of jieba's dictionary, which has their beginnings, too: as words that never come."""
    frequencies = {word: often for word, often in _general_dictionary()[0].items() if len(word) <= LONGEST_WORD}
    return Beginnings.told(frequencies, [word for word, often in frequencies.items() if often])


def _tokenizer(own_words: Iterable[str]) -> Any:
    """A tokenizer of our own with the city's words; jieba's global one is left alone."""
    frequencies, total = _general_dictionary()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = dict(frequencies), total, True
    for word in own_words:
        tokenizer.add_word(word, _NEW_WORD_FREQUENCY)
    return tokenizer
