"""Searching an index: which articles answer a text, and how sure that is. Pure.

All kinds of evidence are weighed into one score; for the few best articles a calibrated confidence is worked out. The
weights are data (``confidence.yml``), fitted by ``benchmarks/fit_confidence.py``.
"""

from __future__ import annotations

import math
from dataclasses import astuple, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rapidfuzz import fuzz

from knowledge.article import Article
from knowledge.index import Evidence, Index, Query

KINDS = tuple(field.name for field in fields(Evidence))
"""The kinds of evidence, in the order of :class:`Evidence`."""
FEATURES = ("score", "margin", "cover", "fuzzy", "words", "meaning", "length")
"""What the confidence of one candidate is worked out from."""


def search(index: Index, text: str, day: date, *, limit: int = 4) -> list[tuple[Article, float]]:
    """The best articles in force on ``day`` with their confidence (0 to 1), best first; at most ``limit``.

    Raises nothing, whatever ``text`` holds; text without a single letter finds nothing.
    """
    query = index.query(text)
    if not query.words or not index.articles:
        return []
    evidence = index.evidence(query)
    scores = np.where(index.holding(day), weigh(evidence), -np.inf)
    best = _best(scores, max(limit, 2))
    found = []
    for position in best[:limit]:
        found.append((index.articles[position], confidence(index, query, evidence, scores, best, position)))
    return sorted(found, key=lambda hit: -hit[1])


def weigh(evidence: Evidence) -> Any:
    """All evidence in one score: array (articles,)."""
    weights = _weights()["ranking"]
    total: Any = sum(weights[kind] * values for kind, values in zip(KINDS, astuple(evidence), strict=True))
    return total


def confidence(index: Index, query: Query, evidence: Evidence, scores: Any, best: Any, position: int) -> float:
    """How sure it is (0 to 1) that the article at ``position``, one of the ``best``, is the one asked for."""
    weights = _weights()["confidence"]
    values = candidate(index, query, evidence, scores, best, position)
    z = weights["intercept"] + sum(weights[name] * value for name, value in zip(FEATURES, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, z))))


def candidate(index: Index, query: Query, evidence: Evidence, scores: Any, best: Any, position: int) -> list[float]:
    """The features of one candidate, in the order of :data:`FEATURES`."""
    rivals = [float(scores[other]) for other in best if other != position]
    text = query.text.replace(" ", "")
    return [
        float(scores[position]),
        float(scores[position]) - max(rivals, default=0.0),
        cover(index, query, position),
        max(fuzz.ratio(text, phrasing) for phrasing in index.phrasings[position]) / 100,
        float(evidence.words[position]),
        float(evidence.meaning[position]),
        1.0 / (1.0 + len(query.informative)),
    ]


def cover(index: Index, query: Query, position: int) -> float:
    """The share of what the query's informative words tell that the article speaks of (0 to 1)."""
    topic, answer = index.topic_words[position], index.answers[position]
    told = spoken = 0.0
    for word in query.informative:
        weight = index.topics.weight(word)
        told += weight
        if word in topic:
            spoken += weight
        elif word in answer or not topic.isdisjoint(index.lexicon.near(word)):
            spoken += weight / 2
    return spoken / told if told else 0.0


def _best(scores: Any, count: int) -> Any:
    """Positions of the ``count`` best articles in force, best first."""
    count = min(count, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    top = top[np.isfinite(scores[top])]
    return top[np.argsort(-scores[top], kind="stable")]


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = yaml.safe_load(
        Path(__file__).with_name("confidence.yml").read_text(encoding="utf-8")
    )
    return table
