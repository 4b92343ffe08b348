"""Whether two reports are likely of the same matter (B5, C5): place, words, meaning, category and days apart. Pure.

Two matters at one place are the hard case, and one matter at two places; so place and matter must both agree, each is
judged by itself, and what disagrees most decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from backoffice.gazetteer import Gazetteer, PlaceKind
from backoffice.learning.features import normalised
from knowledge.meaning import meaning

SAME = 0.5
"""Likeness from which a citizen is asked. Measured by ``benchmarks/quality/duplicates.py``."""
WORTH_A_LOOK = 0.3
"""Likeness from which a dispatcher is shown it."""
WITHIN = timedelta(days=14)
"""Matters further apart are not compared: what was put right may be broken again."""
MEANING, WORDS, CATEGORY, BIAS = 8.8, 3.7, 2.3, -5.3
"""Weights of the matter's evidence. Fitted by ``benchmarks/duplicates.py``."""
_HALF_LIFE = timedelta(days=40)
_UNIT = re.compile(r"(\d+)(栋|幢|座|号楼|号院|单元|号)")
_SURELY_OTHER = 0.3
_ROAD_ALONE = 0.6
_PAIR = 2


@dataclass(frozen=True)
class Report:
    """What somebody reported."""

    words: str
    """What is said of the matter, without its places."""
    sites: frozenset[str]
    """Estates, landmarks, villages named."""
    roads: frozenset[str]
    units: frozenset[tuple[str, str]]
    """Numbers of houses and blocks: (3, 栋)."""
    category: Sequence[str]
    """Codes from the top down."""
    at: datetime
    """When it was reported."""
    happened_at: datetime | None = None
    """When it happened, where that is known to the hour."""

    @cached_property
    def vector(self) -> Any:
        """What its words mean: a unit vector, found once however many reports it is compared with."""
        return meaning().vector(self.words)


def read(
    text: str,
    address: str | None,
    category: Sequence[str],
    at: datetime,
    gazetteer: Gazetteer,
    happened_at: datetime | None = None,
) -> Report:
    """A report of what was said, where, and when."""
    told = normalised(f"{address or ''}，{text}")
    sites: set[str] = set()
    roads: set[str] = set()
    spans: list[tuple[int, int]] = []
    for mention in gazetteer.mentions(told):
        spans.append((mention.start, mention.end))
        if not mention.administrative and not mention.named_after_nothing:
            kinds = {place.kind for place in mention.places}
            (roads if kinds == {PlaceKind.ROAD} else sites).add(mention.name)
    units = frozenset((number, unit) for number, unit in _UNIT.findall(told))
    for start, end in reversed(spans):
        told = told[:start] + told[end:]
    said = told if not address else told.split("，", 1)[-1]
    matter = _UNIT.sub("", said)
    return Report(matter, frozenset(sites), frozenset(roads), units, tuple(category), at, happened_at)


def likeness(one: Report, other: Report) -> float:
    """How likely both speak of the same matter, from 0 to 1."""
    apart = time_apart(one, other)
    if apart > WITHIN:
        return 0.0
    place = place_likeness(one, other)
    if not place:
        return 0.0
    fading = float(0.5 ** (apart / _HALF_LIFE))
    return place * matter_likeness(one, other) * fading


def time_apart(one: Report, other: Report) -> timedelta:
    """Between what happened, where both tell when; otherwise between the reports: who says nothing speaks of now."""
    if one.happened_at is not None and other.happened_at is not None:
        return abs(one.happened_at - other.happened_at)
    return abs(one.at - other.at)


def place_likeness(one: Report, other: Report) -> float:
    """1: the same place; 0: other places, or nobody says which."""
    if one.sites and other.sites:
        same = 1.0 if one.sites & other.sites else 0.0
    elif one.roads & other.roads:
        same = 1.0 if one.units & other.units else _ROAD_ALONE
    else:
        same = 0.0
    return same * _units(one, other)


def _units(one: Report, other: Report) -> float:
    """Less than 1 where both name a block or number and none is the same."""
    for unit in {unit for _, unit in one.units} & {unit for _, unit in other.units}:
        mine, theirs = ({n for n, u in report.units if u == unit} for report in (one, other))
        if not mine & theirs:
            return _SURELY_OTHER
    return 1.0


def matter_likeness(one: Report, other: Report) -> float:
    """How likely the words speak of the same matter, wherever."""
    evidence = BIAS + float(np.dot((MEANING, WORDS, CATEGORY), signs(one, other)))
    return 1 / (1 + math.exp(-evidence))


def signs(one: Report, other: Report) -> Any:
    """Likeness of meaning, of pairs of characters, and of the category: three numbers from 0 to 1."""
    pairs = [{report.words[at : at + _PAIR] for at in range(len(report.words) - 1)} for report in (one, other)]
    least = min(map(len, pairs))
    return np.array(
        [
            max(float(one.vector @ other.vector), 0.0),
            len(pairs[0] & pairs[1]) / least if least else 0.0,
            _category(one, other),
        ]
    )


def _category(one: Report, other: Report) -> float:
    deepest = max(len(one.category), len(other.category))
    shared = 0
    for mine, theirs in zip(one.category, other.category, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared / deepest if deepest else 0.0
