"""Searching an index: which articles answer a text, and how sure that is. Pure.

All kinds of evidence are weighed into one score. The best articles are looked at closely and put in order, and for each
a confidence is worked out. Articles nobody wrote a question for are weighed apart, since only their answers can speak
for them. The weights are data (``confidence.yml``), fitted by ``benchmarks/fit_confidence.py``
and ``fit_asked.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from functools import lru_cache
from operator import itemgetter, mul
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from core.yaml_files import read_yaml
from knowledge.article import Article
from knowledge.index import OPENING, Evidence, Index, Query

KINDS = tuple(field.name for field in fields(Evidence))
"""The kinds of evidence, in the order of :class:`Evidence`."""
FEATURES = ("score", "cover", "keyword", "missing", "fuzzy", "meaning", "length", "said", "opening", "long")
"""What is known of one candidate by itself."""
STANDING = ("share", "margin")
"""How it stands among the others: its share by the order's odds, and how far its score is before the best other's."""
_OF_FEATURES, _OF_ALL = itemgetter(*FEATURES), itemgetter(*FEATURES, *STANDING)
"""The weights of all features, in their order."""
_LENGTH, SHORT = FEATURES.index("length"), 1 / 3 - 1e-9
"""A question of one or two telling words is a name more than a sentence: 公积金怎么提取."""
CANDIDATES = 12
"""How many of the best articles are looked at closely."""
Weights = Mapping[str, Mapping[str, float]]


def search(
    index: Index,
    text: str,
    day: date,
    *,
    limit: int = 4,
    without: int | None = None,
    preferred: Mapping[str, float] = MappingProxyType({}),
) -> list[tuple[Article, float]]:
    """The best articles in force on ``day`` with their confidence (0 to 1), best first; at most ``limit`` (≤ 12).

    ``without``: position of an article that is to be as if it were not there. ``preferred``: what is added to the order
    of some articles, by code (a logarithm of odds). Raises nothing, whatever ``text`` holds;
    text without a single letter finds nothing.
    """
    query = index.query(text)
    if not query.words or not index.articles:
        return []
    evidence = index.evidence(query)
    scores = weigh(index, evidence)
    if without is not None:
        scores[without] = -np.inf
    best = rivals = best_positions(scores, CANDIDATES)
    if not all(index.articles[position].holds_on(day) for position in rivals):
        best = best_positions(np.where(index.holding(day), scores, -np.inf), CANDIDATES)
        # one no longer in force is a rival still: if it fits better, what is left is not the answer
        rivals = np.union1d(best, rivals)
    best, rivals = best.tolist(), rivals.tolist()
    if not _names_a_matter(index, query, best[:limit]):
        return []
    features = {position: candidate(index, query, evidence, scores, position) for position in rivals}
    orders = {
        position: order(index, position, features[position]) + preferred.get(index.articles[position].code, 0.0)
        for position in rivals
    }
    standings = standing(orders, {position: values[0] for position, values in features.items()})
    most = _at_most(index, query, rivals)
    likely = [min(most, confidence(index, position, features[position], standings[position])) for position in best]
    together = max(1.0, sum(likely))  # of several that look right, one is
    found = [(position, each / together) for position, each in zip(best, likely, strict=True)]
    return [(index.articles[position], each) for position, each in sorted(found, key=lambda one: -one[1])[:limit]]


def weigh(index: Index, evidence: Evidence) -> Any:
    """All evidence in one score: array (articles,)."""
    weights = weights_in_force()
    scores = _weighed(evidence, weights["asked"]["ranking"])
    unasked = np.flatnonzero(~index.asked)
    scores[unasked] = _weighed(evidence, weights["unasked"]["ranking"], unasked)
    return scores


def candidate(index: Index, query: Query, evidence: Evidence, scores: Any, position: int) -> list[float]:
    """The features of one candidate, in the order of :data:`FEATURES`."""
    text, answer = query.text.replace(" ", ""), index.answers[position]
    return [
        float(scores[position]),
        *coverage(index, query, position),
        process.extractOne(text, index.phrasings(position), scorer=fuzz.ratio)[1] / 100,
        float(evidence.meaning[position]),
        1.0 / (1.0 + len(query.informative)),
        *_shares_said(query, answer),
        math.log1p(len(answer)) / 8,
    ]


def order(index: Index, position: int, features: list[float]) -> float:
    """By how much a candidate is put before others: differences are logarithms of odds."""
    weights = _weights(index, position)["order"]
    total: float = weights["intercept"] + sum(map(mul, _OF_FEATURES(weights), features))
    return total if index.asked[position] else total + index.unasked_odds


def standing(orders: Mapping[int, float], scores: Mapping[int, float]) -> dict[int, tuple[float, float]]:
    """How each candidate stands among the others, as :data:`STANDING`."""
    top = max(orders.values(), default=0.0)
    odds = {position: math.exp(each - top) for position, each in orders.items()}
    together = sum(odds.values())
    first, second = (*sorted(scores.values(), reverse=True)[:2], 0.0, 0.0)[:2]
    return {
        position: (odds[position] / together, score - (second if score == first else first))
        for position, score in scores.items()
    }


def confidence(index: Index, position: int, features: list[float], standing: tuple[float, float]) -> float:
    """How sure it is (0 to 1) that a candidate is the one asked for."""
    short = index.asked[position] and features[_LENGTH] >= SHORT
    weights = _weights(index, position)["short" if short else "confidence"]
    z = weights["intercept"] + sum(map(mul, _OF_ALL(weights), (*features, *standing)))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, z))))


def _weights(index: Index, position: int) -> Weights:
    return weights_in_force()["asked" if index.asked[position] else "unasked"]


def _weighed(evidence: Evidence, weights: Mapping[str, float], positions: Any = slice(None)) -> Any:
    return sum(weights[kind] * getattr(evidence, kind)[positions] for kind in KINDS if weights[kind])


def _shares_said(query: Query, answer: str) -> tuple[float, float]:
    """How much of what a query tells, run by run of its characters, ``answer`` and its opening say too: 0 to 1."""
    told = sum(query.runs.values()) or 1.0
    opening = answer[:OPENING]
    said = [(run, weight) for run, weight in query.runs.items() if run in answer]
    return sum([weight for _, weight in said]) / told, sum([weight for run, weight in said if run in opening]) / told


def coverage(index: Index, query: Query, position: int) -> tuple[float, float, float]:
    """How far an article speaks of what a query's informative words tell.

    The share it speaks of, the share its keywords name, and the share of the most telling word it says nothing of.
    """
    topic, answer, keywords = index.topics[position], index.answers[position], index.keywords[position]
    told = spoken = named = missing = 0.0
    for word, weight in query.informative.items():
        told += weight
        named += weight * (word in keywords)
        if word in topic:
            spoken += weight
        elif word in answer or any(near in topic for near in index.lexicon.near(word)):
            spoken += weight / 2
        else:
            missing = max(missing, weight)
    return (spoken / told, named / told, missing / told) if told else (0.0, 0.0, 0.0)


def _names_a_matter(index: Index, query: Query, best: Any) -> bool:
    """A short word alone (额, 随便, 骗子) names a matter only if it is in keywords; no informative word names none."""
    if len(query.informative) != 1:
        return bool(query.informative)
    (word,) = query.informative
    if len(word) > 2:
        return True
    keywords = [index.keywords[position] or index.topics[position] for position in best]
    return any(word in held if len(word) == 2 else word in held.split() for held in keywords)


def _at_most(index: Index, query: Query, rivals: Any) -> float:
    """How sure one can be of any: of those that a word said alone (医保) names, each may be meant."""
    if len(query.words) != 1:
        return 1.0
    (word,) = query.words
    named = sum(word in index.phrasings(position)[0] or word in index.keywords[position] for position in rivals)
    return 1.0 / max(1, named)


def best_positions(scores: Any, count: int) -> Any:
    """Positions of the ``count`` best articles in force, best first."""
    count = min(count, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    top = top[np.isfinite(scores[top])]
    return top[np.argsort(-scores[top], kind="stable")]


@lru_cache(maxsize=1)
def weights_in_force() -> dict[str, Weights]:
    """The weights of ``confidence.yml``, for articles that are ``asked`` and that are ``unasked``.

    For each: ``ranking`` by kind of evidence, ``order``, ``confidence`` and, of those asked, ``short`` by feature.
    """
    table: dict[str, Weights] = read_yaml(Path(__file__).with_name("confidence.yml"))
    return table
