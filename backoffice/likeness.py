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

from backoffice.gazetteer import Gazetteer, Mention, PlaceKind
from backoffice.learning.features import normalised
from backoffice.unlisted import unlisted_names
from knowledge.meaning import meaning

SAME = 0.52
"""Likeness from which a citizen is asked. Measured by ``benchmarks/quality/duplicates.py``."""
WORTH_A_LOOK = 0.3
"""Likeness from which a dispatcher is shown it."""
WITHIN = timedelta(days=14)
"""Matters further apart are not compared: what was put right may be broken again."""
MEANING, WORDS, CATEGORY, BIAS = 8.8, 3.7, 2.3, -5.3
"""Weights of the matter's evidence. Fitted by ``benchmarks/duplicates.py``."""
_HALF_LIFE = timedelta(days=40)
_UNIT = re.compile(r"(\d+)(栋|幢|座|号楼|号院|单元|号)|([1-9一二三四五六七八九])(期)(?![间限待望货])")
_FIGURES = str.maketrans("一二三四五六七八九", "123456789")
_SURELY_OTHER = 0.3
_ROAD_ALONE = 0.6
_PAIR = 2


@dataclass(frozen=True)
class Report:
    """What somebody reported."""

    words: str
    """What is said of the matter, without its places."""
    sites: frozenset[str]
    """Estates, landmarks, villages named, those an address tells though no gazetteer lists them, too."""
    roads: frozenset[str]
    units: frozenset[tuple[str, str]]
    """Numbers of houses and blocks: (3, 栋)."""
    category: Sequence[str]
    """Codes from the top down."""
    at: datetime
    """When it was reported."""
    happened_at: datetime | None = None
    """When it happened, where that is known to the hour."""
    districts: frozenset[str] = frozenset()
    """Codes of the districts that were named themselves."""

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
    where, said = normalised(address or ""), normalised(text)
    units = frozenset(
        ((number or phase).translate(_FIGURES), unit or "期")
        for told in (where, said)
        for number, unit, phase, _ in _UNIT.findall(told)
    )
    in_where, in_said = gazetteer.mentions(where), gazetteer.mentions(said)
    known = [mention for mention in (*in_where, *in_said) if not mention.named_after_nothing]
    sites = {mention.name for mention in known if _is_site(mention)}
    roads = {mention.name for mention in known if not mention.administrative and not _is_site(mention)}
    districts = {place.district for mention in known if mention.administrative for place in mention.places}
    unlisted = unlisted_names(_without(where, in_where, "，"))
    matter = _without(said, in_said)
    for name in sorted(unlisted.sites | unlisted.roads, key=len, reverse=True):
        matter = matter.replace(name, "")
    return Report(
        _UNIT.sub("", matter),
        frozenset(sites | unlisted.sites),
        frozenset(roads | unlisted.roads),
        units,
        tuple(category),
        at,
        happened_at,
        frozenset(districts),
    )


def _is_site(mention: Mention) -> bool:
    return not mention.administrative and {place.kind for place in mention.places} != {PlaceKind.ROAD}


def _without(text: str, mentions: Sequence[Mention], instead: str = "") -> str:
    """``text`` with ``instead`` where names stand."""
    for mention in reversed(mentions):
        text = f"{text[: mention.start]}{instead}{text[mention.end :]}"
    return text


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
    if one.districts and other.districts and not one.districts & other.districts:
        return 0.0  # each city has its 建设路 twice
    if one.sites & other.sites or (one.roads & other.roads and _house_numbers(one) & _house_numbers(other)):
        same = 1.0
    elif one.sites and other.sites:
        same = 0.0
    elif one.roads & other.roads:
        same = 1.0 if one.units & other.units else _ROAD_ALONE
    else:
        same = 0.0
    return same * _units(one, other)


def _house_numbers(report: Report) -> set[str]:
    return {number for number, unit in report.units if unit.startswith("号") and unit != "号楼"}


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
