"""The index over a knowledge base: what each article is asked by, in words, characters and sounds.

Pure: made from articles, never changed afterwards, no database. A new state of the base is a new index, so a search
that runs while the next index is being built sees the old state whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from knowledge.article import Article
from knowledge.grams import GramIndex
from knowledge.lexicon import Lexicon
from knowledge.meaning import meaning
from knowledge.postings import Postings

STOP_WEIGHT = 0.25
"""How much a word that names no matter (怎么, 多少钱) counts against one that does."""
PART_WEIGHT = 0.35
"""How much a word inside a longer word counts against the longer one."""
NEAR_WEIGHT = 0.45
"""How much a word of the same ``near`` group counts against the word itself."""


@dataclass(frozen=True)
class Query:
    """A question, prepared."""

    text: str
    """Normalised."""
    words: tuple[str, ...]
    """Each word once, in order."""
    informative: tuple[str, ...]
    """The words that say what it is about."""


@dataclass(frozen=True)
class Evidence:
    """How well every article answers a query, by kind of evidence; arrays (articles,), about 0 to 1."""

    words: Any
    """Words of the query in the best single phrasing."""
    grams: Any
    """Runs of characters of the query in the best single phrasing."""
    topic: Any
    """Words of the query anywhere in question, variants and keywords."""
    sounds: Any
    """Runs of syllables in question, variants and keywords."""
    answer: Any
    """Runs of characters in the answer."""
    meaning: Any
    """Likeness of meaning to the nearest phrasing."""
    subject: Any
    """Likeness of meaning to question and answer together."""


class WordIndex:
    """Posting lists over words."""

    def __init__(self, rows_of_words: Sequence[Sequence[str]]) -> None:
        """``rows_of_words``: the words of each row."""
        self._ids: dict[str, int] = {}
        terms = [self._ids.setdefault(word, len(self._ids)) for words in rows_of_words for word in words]
        rows = np.repeat(np.arange(len(rows_of_words)), [len(words) for words in rows_of_words])
        self._postings = Postings(rows, np.asarray(terms, np.int64), len(rows_of_words), len(self._ids))
        self._unseen = float(np.log1p(len(rows_of_words)))

    def weight(self, word: str) -> float:
        """How much ``word`` tells: its inverse document frequency; a word never seen tells most."""
        term = self._ids.get(word)
        return self._unseen if term is None else float(self._postings.idf[term])

    def scores(self, weighted: dict[str, float], said: dict[str, float]) -> Any:
        """BM25 of every row for ``weighted`` words, over what a row of just the ``said`` words would about score."""
        known = [(self._ids[word], weight) for word, weight in weighted.items() if word in self._ids]
        terms, weights = [term for term, _ in known], [weight for _, weight in known]
        return self._postings.scores(terms, weights) / max(
            sum(self.weight(word) * weight for word, weight in said.items()), 1e-6
        )


class Index:
    """Everything a search needs to know about a set of articles."""

    def __init__(self, articles: Sequence[Article], places: Iterable[str] = ()) -> None:
        """``places``: names of the city's places; they stay whole words and never say what a question is about."""
        self.articles = tuple(articles)
        self.lexicon = Lexicon((word for article in articles for word in article.keywords), places)
        normalise, cut = self.lexicon.normalise, self._words_and_parts
        by_article = [[normalise(text) for text in (a.question, *a.variants)] for a in self.articles]
        self.phrasings = [tuple(texts) for texts in by_article]
        self.answers = [normalise(article.answer) for article in self.articles]
        keywords = [normalise(" ".join(article.keywords)) for article in self.articles]
        flat = [text for texts in by_article for text in texts]
        self._starts = np.cumsum([0, *map(len, by_article)])[:-1]
        phrasing_words = [cut(text) for text in flat]
        topic_words = self._by_article(phrasing_words, by_article)
        topic_words = [words + cut(extra) for words, extra in zip(topic_words, keywords, strict=True)]
        self.topic_words = [frozenset(words) for words in topic_words]
        self._words = WordIndex(phrasing_words)
        self.topics = WordIndex(topic_words)
        self._grams = GramIndex(flat)
        topics = [" ".join([*texts, extra]) for texts, extra in zip(by_article, keywords, strict=True)]
        self._sounds = GramIndex(topics, by_sound=True)
        self._answer_grams = GramIndex(self.answers)
        self._meaning = meaning()
        self._phrasing_vectors = self._meaning.vectors(flat)
        whole = [" ".join([*texts, answer]) for texts, answer in zip(by_article, self.answers, strict=True)]
        self._article_vectors = self._meaning.vectors(whole)
        self._first_day = np.array([a.valid_from.toordinal() for a in self.articles], np.int64)
        self._last_day = np.array([(a.valid_to or date.max).toordinal() for a in self.articles], np.int64)

    def holding(self, day: date) -> Any:
        """Which articles are in force on ``day``: bool array (articles,)."""
        return (self._first_day <= day.toordinal()) & (day.toordinal() <= self._last_day)

    def query(self, text: str) -> Query:
        """Prepares a question."""
        normalised = self.lexicon.normalise(text)
        words = tuple(dict.fromkeys(self.lexicon.words(normalised)))
        informative = tuple(word for word in words if word not in self.lexicon.stop)
        return Query(normalised, words, informative)

    def evidence(self, query: Query) -> Evidence:
        """All kinds of evidence for all articles."""
        vector = self._meaning.vectors([query.text])[0]
        said = {word: STOP_WEIGHT if word in self.lexicon.stop else 1.0 for word in query.words}
        weighted = {part: PART_WEIGHT * w for word, w in said.items() for part in self.lexicon.parts(word)}
        weighted.update((near, NEAR_WEIGHT * w) for word, w in said.items() for near in self.lexicon.near(word))
        weighted.update(said)
        return Evidence(
            words=self._best_phrasing(self._words.scores(weighted, said)),
            grams=self._best_phrasing(_normed(self._grams, query)),
            topic=self.topics.scores(weighted, said),
            sounds=_normed(self._sounds, query),
            answer=_normed(self._answer_grams, query),
            meaning=self._best_phrasing(self._phrasing_vectors @ vector),
            subject=self._article_vectors @ vector,
        )

    def _words_and_parts(self, normalised: str) -> list[str]:
        words = self.lexicon.words(normalised)
        return words + [part for word in words for part in self.lexicon.parts(word)]

    def _best_phrasing(self, scores: Any) -> Any:
        return np.maximum.reduceat(scores, self._starts) if len(self.articles) else scores

    @staticmethod
    def _by_article(rows: list[list[str]], groups: list[list[str]]) -> list[list[str]]:
        """The words of all phrasings of each article together."""
        left = iter(rows)
        return [[word for _ in group for word in next(left)] for group in groups]


def _normed(grams: GramIndex, query: Query) -> Any:
    scores, ideal = grams.scores(query.text)
    return scores / ideal
