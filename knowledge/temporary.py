"""Temporary articles, of an outage or a closed road: given first while they are in force, and not a moment longer.

Pure. While the water is off on a street, whoever asks about water most likely means that: a temporary article in force
is taken to be :data:`ODDS` times as likely as it sounds, compared with what holds all year round.
"""

from __future__ import annotations

from datetime import datetime

from knowledge.article import Article

ODDS = 6.0


def favour(found: list[tuple[Article, float]], now: datetime) -> list[tuple[Article, float]]:
    """What a search found (confidences from 0 to 1), without what is over and with what is temporary favoured."""
    holding = [(article, confidence) for article, confidence in found if article.holds_at(now)]
    if all(article.ends_at is None for article, _ in holding):
        return holding
    favoured = [(a, confidence if a.ends_at is None else _more_likely(confidence)) for a, confidence in holding]
    # of several that look right, one is: what the temporary one gains, the others lose
    gained = sum(c for a, c in favoured if a.ends_at is not None)
    others = sum(c for a, c in favoured if a.ends_at is None)
    share = min(1.0, max(0.0, 1.0 - gained) / others) if others else 1.0
    weighed = [(a, c if a.ends_at is not None else c * share) for a, c in favoured]
    return sorted(weighed, key=lambda hit: -hit[1])


def _more_likely(confidence: float) -> float:
    return ODDS * confidence / (1.0 - confidence + ODDS * confidence)
