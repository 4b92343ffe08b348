"""Searching an index: which articles answer a text, and how sure that is. Pure.

All kinds of evidence are weighed into one score; for the few best articles a calibrated confidence is worked out. The
weights are data (``confidence.yml``), fitted by ``benchmarks/fit_confidence.py``.
"""

from __future__ import annotations

import math
from dataclasses import fields
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
FEATURES = ("score", "margin", "cover", "keyword", "missing", "fuzzy", "meaning", "length")
"""What the confidence of one candidate is worked out from."""
CANDIDATES = 4
"""How many of the best articles are looked at closely."""


def search(index: Index, text: str, day: date, *, limit: int = 4) -> list[tuple[Article, float]]:
    """The best articles in force on ``day`` with their confidence (0 to 1), best first; at most ``limit`` (≤ 4).

    Raises nothing, whatever ``text`` holds; text without a single letter finds nothing.
    """
    query = index.query(text)
    if not query.words or not index.articles:
        return []
    evidence = index.evidence(query)
    scores = weigh(evidence)
    best = best_positions(np.where(index.holding(day), scores, -np.inf), CANDIDATES)
    if not _names_a_matter(index, query, best):
        return []
    # one no longer in force is a rival still: if it fits better, what is left is not the answer
    rivals = np.union1d(best, best_positions(scores, CANDIDATES))
    likely = [confidence(index, query, evidence, scores, rivals, position) for position in best]
    together = max(1.0, sum(likely))  # of several that look right, one is
    found = [(index.articles[position], each / together) for position, each in zip(best, likely, strict=True)]
    return sorted(found, key=lambda hit: -hit[1])[:limit]


def weigh(evidence: Evidence) -> Any:
    """All evidence in one score: array (articles,)."""
    weights = weights_in_force()["ranking"]
    total: Any = sum(weights[kind] * getattr(evidence, kind) for kind in KINDS)
    return total


def confidence(index: Index, query: Query, evidence: Evidence, scores: Any, rivals: Any, position: int) -> float:
    """How sure it is (0 to 1) that the article at ``position``, one among ``rivals``, is the one asked for."""
    weights = weights_in_force()["confidence"]
    values = candidate(index, query, evidence, scores, rivals, position)
    z = weights["intercept"] + sum(weights[name] * value for name, value in zip(FEATURES, values, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, z))))


def candidate(index: Index, query: Query, evidence: Evidence, scores: Any, rivals: Any, position: int) -> list[float]:
    """The features of one candidate, in the order of :data:`FEATURES`."""
    others = [float(scores[rival]) for rival in rivals if rival != position]
    text = query.text.replace(" ", "")
    return [
        float(scores[position]),
        float(scores[position]) - max(others, default=0.0),
        *coverage(index, query, position),
        max(fuzz.ratio(text, phrasing) for phrasing in index.phrasings(position)) / 100,
        float(evidence.meaning[position]),
        1.0 / (1.0 + len(query.informative)),
    ]


def coverage(index: Index, query: Query, position: int) -> tuple[float, float, float]:
    """How far an article speaks of what a query's informative words tell.

    The share it speaks of, the share its keywords name, and the share of the most telling word it says nothing of.
    """
    topic, answer, keywords = index.topics[position], index.answers[position], index.keywords[position]
    told = spoken = named = missing = 0.0
    for word, weight in zip(query.informative, index.tells(query.informative), strict=True):
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
    if len(query.informative) != 1 or len(query.informative[0]) > 2:
        return bool(query.informative)
    word = query.informative[0]
    keywords = [index.keywords[position] for position in best]
    return any(word in held if len(word) == 2 else word in held.split() for held in keywords)


def best_positions(scores: Any, count: int) -> Any:
    """Positions of the ``count`` best articles in force, best first."""
    count = min(count, len(scores))
    top = np.argpartition(-scores, count - 1)[:count]
    top = top[np.isfinite(scores[top])]
    return top[np.argsort(-scores[top], kind="stable")]


@lru_cache(maxsize=1)
def weights_in_force() -> dict[str, dict[str, float]]:
    """The weights of ``confidence.yml``: ``ranking`` by kind of evidence, ``confidence`` by feature."""
    table: dict[str, dict[str, float]] = yaml.safe_load(
        Path(__file__).with_name("confidence.yml").read_text(encoding="utf-8")
    )
    return table
