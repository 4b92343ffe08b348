"""The index over a knowledge base: what each article is asked by, in words, characters, sounds and meaning.

Pure: made from articles, never changed afterwards, no database. A new state of the base is a new index, so a search
that runs while the next index is being built sees the old state whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from knowledge.article import Article
from knowledge.lexicon import NO_CITY, Lexicon
from knowledge.meaning import meaning
from knowledge.places import CityWords
from knowledge.postings import Postings
from knowledge.reading import Reading
from knowledge.runs import number, runs_of
from knowledge.vectors import Vectors

STOP_WEIGHT = 0.25
"""How much a word that names no matter (怎么, 多少钱) counts against one that does."""
PART_WEIGHT = 0.35
"""How much a word inside a longer word counts against the longer one."""
NEAR_WEIGHT = 0.45
"""How much a word of the same ``near`` group counts against the word itself."""
GRAM_SIZES = (1, 2)
SOUND_SIZES = (2, 3)
ANSWER_LENGTHS = 0.9
"""How much the length of an answer counts (BM25's b): long ones say something of everything."""
OPENING = 60
"""Characters at the beginning of an answer, where it says what it is about."""


@dataclass(frozen=True)
class Query:
    """A question, prepared."""

    text: str
    """Normalised."""
    words: tuple[str, ...]
    """Each word once, in order."""
    telling: Mapping[str, float]
    """How much each word tells (:meth:`Index.tells`)."""
    informative: Mapping[str, float]
    """The same of the words that say what it is about."""
    runs: Mapping[str, float]
    """Its runs of characters, and how much each tells in the answers of this base."""
    numbers: Any
    """The runs as numbers, as often as they come: uint64 (occurrences,)."""


@dataclass(frozen=True)
class Evidence:
    """How well every article answers a query, by kind of evidence; arrays (articles,), about 0 to 1."""

    words: Any
    """Words of the query in question, variants and keywords."""
    grams: Any
    """Runs of characters in question, variants and keywords."""
    sounds: Any
    """Runs of syllables in question, variants and keywords."""
    answer: Any
    """Runs of characters in the answer."""
    subject: Any
    """Likeness of meaning to question, variants and answer together."""
    meaning: Any
    """Likeness of meaning to the nearest single phrasing."""


class Index:
    """Everything a search needs to know about a set of articles."""

    def __init__(self, articles: Sequence[Article], city: CityWords = NO_CITY) -> None:
        """``city``: its words; its name and its places never say what a question is about."""
        self.articles = tuple(articles)
        self.lexicon = Lexicon((word for article in articles for word in article.keywords), city)
        self._first_day = np.array([a.valid_from.toordinal() for a in self.articles], np.int64)
        self._last_day = np.array([(a.valid_to or date.max).toordinal() for a in self.articles], np.int64)
        self._index_texts()

    def _index_texts(self) -> None:
        normalise = self.lexicon.normalise_all
        sizes = np.array([1 + len(article.variants) for article in self.articles], np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        self._starts: list[int] = starts.tolist()
        self._phrasings = normalise(text for article in self.articles for text in (_asked(article), *article.variants))
        self.keywords = normalise(" ".join(article.keywords) for article in self.articles)
        self.answers = normalise(article.answer for article in self.articles)
        self.asked = np.array([any(map(str.strip, self.phrasings(at))) for at in range(len(sizes))], bool)
        self.unasked_odds = math.log((int((~self.asked).sum()) + 0.5) / (int(self.asked.sum()) + 0.5))
        topics = [(*self.phrasings(at), words) for at, words in enumerate(self.keywords)]
        self.topics = list(map(" ".join, topics))

        count = len(self.articles)
        read = Reading([*(text for topic in topics for text in topic), *self.answers])
        topics_begin = read.bounds[starts + np.arange(count + 1)]
        answers_begin = read.bounds[len(read.bounds) - 1 - count :]
        self._words = Postings(*self.lexicon.word_runs(read, topics_begin), count)
        self._grams = Postings(*read.runs(topics_begin), count)
        self._sounds = Postings(*read.sounds(topics_begin), count)
        self._answer_grams = Postings(*read.runs(answers_begin), count, length_counts=ANSWER_LENGTHS)
        self._vectors = Vectors(read, sizes)

    asked: Any
    """Which articles have a question of their own: bool array (articles,). The others are found by their answers."""
    unasked_odds: float
    """How many of the others there are for each of those, as a logarithm."""

    def phrasings(self, position: int) -> list[str]:
        """The normalised question and variants of an article."""
        return self._phrasings[self._starts[position] : self._starts[position + 1]]

    def holding(self, day: date) -> Any:
        """Which articles are in force on ``day``: bool array (articles,)."""
        return (self._first_day <= day.toordinal()) & (day.toordinal() <= self._last_day)

    def query(self, text: str) -> Query:
        """Prepares a question."""
        normalised = self.lexicon.normalise(text)
        words = tuple(dict.fromkeys(self.lexicon.words(normalised)))
        telling = dict(zip(words, self.tells(words), strict=True))
        informative = {word: weight for word, weight in telling.items() if word not in self.lexicon.stop}
        numbers = runs_of(normalised, GRAM_SIZES)
        runs = list(dict.fromkeys(_spelt(normalised)))
        told = self._answer_grams.idf([number(run) for run in runs]).tolist()
        return Query(normalised, words, telling, informative, dict(zip(runs, told, strict=True)), numbers)

    def tells(self, words: Sequence[str]) -> list[float]:
        """How much each word tells in this base: rare words tell more, one never seen most."""
        weights: list[float] = self._words.idf([number(word) for word in words]).tolist()
        return weights

    def evidence(self, query: Query) -> Evidence:
        """All kinds of evidence for all articles."""
        grams = np.unique(query.numbers)
        sounds = np.unique(runs_of(query.text, SOUND_SIZES, by_sound=True))
        vector = meaning().of_runs(query.numbers)
        subject = self._vectors.subject(vector)
        found = {
            "words": self._share_of_words(query),
            "grams": self._grams.share(grams),
            "sounds": self._sounds.share(sounds),
            "answer": self._answer_grams.share(grams),
            "subject": subject,
        }
        return Evidence(**found, meaning=self._vectors.nearest_phrasing(vector, sum(found.values()), subject))

    def _share_of_words(self, query: Query) -> Any:
        """By words, those inside them and those near them: array (articles,)."""
        said = {word: STOP_WEIGHT if word in self.lexicon.stop else 1.0 for word in query.words}
        weighted = {part: PART_WEIGHT * w for word, w in said.items() for part in self.lexicon.parts(word)}
        weighted.update((near, NEAR_WEIGHT * w) for word, w in said.items() for near in self.lexicon.near(word))
        weighted.update(said)
        told = sum(weight * query.telling[word] for word, weight in said.items())
        return self._words.share([number(word) for word in weighted], list(weighted.values()), told)


def _asked(article: Article) -> str:
    """The question, unless it is but the beginning of the answer, put there since nobody had asked."""
    title = article.answer.startswith(article.question) and not article.question.endswith(("?", "？"))
    return "" if title else article.question


def _spelt(text: str) -> Iterator[str]:
    """The runs of characters in ``text``, as :func:`knowledge.runs.runs_of` counts them."""
    for size in GRAM_SIZES:
        for at in range(len(text) - size + 1):
            run = text[at : at + size]
            if " " not in run:
                yield run


@lru_cache(maxsize=1)
def empty_index() -> Index:
    """The index of no articles. One for all: it never changes, and the general words in it are forty megabytes."""
    return Index([])
