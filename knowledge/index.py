"""The index over a knowledge base: what each article is asked by, in words, characters, sounds and meaning.

Pure: made from articles, never changed afterwards, no database. A new state of the base is a new index, so a search
that runs while the next index is being built sees the old state whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from knowledge.article import Article
from knowledge.lexicon import NO_CITY, Lexicon
from knowledge.meaning import meaning, unit
from knowledge.places import CityWords
from knowledge.postings import Postings
from knowledge.runs import all_runs, number

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
CLOSE_LOOK = 64
"""For so many articles, the nearest by everything else, the meaning of each single phrasing is compared."""


@dataclass(frozen=True)
class Query:
    """A question, prepared."""

    text: str
    """Normalised."""
    words: tuple[str, ...]
    """Each word once, in order."""
    informative: Mapping[str, float]
    """The words that say what it is about, and how much each tells (:meth:`Index.tells`)."""
    runs: Mapping[str, float]
    """Its runs of characters, and how much each tells in the answers of this base."""


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
        self._index_meaning()

    def _index_texts(self) -> None:
        normalise = self.lexicon.normalise_all
        sizes = [1 + len(article.variants) for article in self.articles]
        self._starts = np.cumsum([0, *sizes])
        self._phrasings = normalise(text for article in self.articles for text in (_asked(article), *article.variants))
        self.keywords = normalise(" ".join(article.keywords) for article in self.articles)
        self.answers = normalise(article.answer for article in self.articles)
        self.asked = np.array([any(map(str.strip, self.phrasings(at))) for at in range(len(sizes))], bool)
        self.unasked_odds = math.log((int((~self.asked).sum()) + 0.5) / (int(self.asked.sum()) + 0.5))
        self.topics = [" ".join((*self.phrasings(at), words)) for at, words in enumerate(self.keywords)]

        count = len(self.articles)
        self._words = Postings(*self.lexicon.word_runs(self.topics), count)
        self._grams = Postings(*all_runs(self.topics, GRAM_SIZES), count)
        self._sounds = Postings(*all_runs(self.topics, SOUND_SIZES, by_sound=True), count)
        self._answer_grams = Postings(*all_runs(self.answers, GRAM_SIZES), count, length_counts=ANSWER_LENGTHS)

    def _index_meaning(self) -> None:
        self._meaning = meaning()
        said = self._meaning.sums(self._phrasings)
        rest = self._meaning.sums([f"{words} {text}" for words, text in zip(self.keywords, self.answers, strict=True)])
        shape = (len(self.articles), len(said))
        phrasings_of = csr_matrix((np.ones(len(said), np.float32), np.arange(len(said)), self._starts), shape)
        self._article_vectors = unit(phrasings_of @ said + rest)
        said /= np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-6)
        self._phrasing_vectors = said.astype(np.float16)  # looked at a few at a time

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
        informative = [word for word in words if word not in self.lexicon.stop]
        told = dict(zip(informative, self.tells(informative), strict=True))
        return Query(normalised, words, told, self._tell(normalised))

    def _tell(self, text: str) -> dict[str, float]:
        spans = {text[at : at + size] for size in GRAM_SIZES for at in range(len(text) - size + 1)}
        runs = [span for span in spans if " " not in span]
        return dict(zip(runs, self._answer_grams.idf([number(run) for run in runs]).tolist(), strict=True))

    def tells(self, words: Sequence[str]) -> list[float]:
        """How much each word tells in this base: rare words tell more, one never seen most."""
        weights: list[float] = self._words.idf([number(word) for word in words]).tolist()
        return weights

    def evidence(self, query: Query) -> Evidence:
        """All kinds of evidence for all articles."""
        said = {word: STOP_WEIGHT if word in self.lexicon.stop else 1.0 for word in query.words}
        weighted = {part: PART_WEIGHT * w for word, w in said.items() for part in self.lexicon.parts(word)}
        weighted.update((near, NEAR_WEIGHT * w) for word, w in said.items() for near in self.lexicon.near(word))
        weighted.update(said)
        grams = np.unique(all_runs([query.text], GRAM_SIZES)[0])
        sounds = np.unique(all_runs([query.text], SOUND_SIZES, by_sound=True)[0])
        vector = self._meaning.vector(query.text)
        subject = _likeness(self._article_vectors, vector)
        found = {
            "words": _share(self._words, weighted, said),
            "grams": _share_of_runs(self._grams, grams),
            "sounds": _share_of_runs(self._sounds, sounds),
            "answer": _share_of_runs(self._answer_grams, grams),
            "subject": subject,
        }
        return Evidence(**found, meaning=self._nearest_phrasing(vector, sum(found.values()), subject))

    def _best_phrasing(self, scores: Any) -> Any:
        return np.maximum.reduceat(scores, self._starts[:-1]) if len(self.articles) else scores

    def _nearest_phrasing(self, vector: Any, preliminary: Any, subject: Any) -> Any:
        """Likeness to the nearest phrasing where it matters; elsewhere the article's as a whole stands for it."""
        if len(self.articles) <= CLOSE_LOOK:
            return self._best_phrasing(_likeness(self._phrasing_vectors, vector))
        close = np.argpartition(-preliminary, CLOSE_LOOK)[:CLOSE_LOOK]
        counts = self._starts[close + 1] - self._starts[close]
        begins = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(self._starts[close] - begins, counts)
        likeness = subject.copy()
        likeness[close] = np.maximum.reduceat(_likeness(self._phrasing_vectors[rows], vector), begins)
        return likeness


def _asked(article: Article) -> str:
    """The question, unless it is but the beginning of the answer, put there since nobody had asked."""
    title = article.answer.startswith(article.question) and not article.question.endswith(("?", "？"))
    return "" if title else article.question


def _likeness(vectors: Any, vector: Any) -> Any:
    """Cosines of unit ``vectors`` with a unit ``vector``; on one core, since waking others costs more than it saves."""
    return np.einsum("ij,j->i", vectors.astype(np.float32, copy=False), vector)


def _share(postings: Postings, weighted: dict[str, float], said: dict[str, float]) -> Any:
    """How well each row answers ``weighted`` words, of which ``said`` are the query's own."""
    query = [number(word) for word in said], np.fromiter(said.values(), float, len(said))
    return postings.share([number(word) for word in weighted], list(weighted.values()), query)


def _share_of_runs(postings: Postings, runs: Any) -> Any:
    return postings.share(runs, np.ones(len(runs), np.float32))


@lru_cache(maxsize=1)
def empty_index() -> Index:
    """The index of no articles. One for all: it never changes, and the general words in it are forty megabytes."""
    return Index([])
