"""Where in the city a matter lies: district and street from the names in what the citizen says.

Pure. A name known in several districts proves nothing by itself; names that point to different districts are
doubt, and doubt is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class PlaceKind(str, Enum):
    """What a name in the gazetteer stands for, the most telling first."""

    STREET = "street"
    """A street office (街道), an area of its own."""
    DISTRICT = "district"
    ESTATE = "estate"
    LANDMARK = "landmark"
    ROAD = "road"


@dataclass(frozen=True)
class PlaceName:
    """A name and the area it lies in."""

    name: str
    kind: PlaceKind
    area: str
    """Code of the district or street."""
    district: str
    """Code of the district."""


@dataclass(frozen=True)
class Location:
    """An area found, and the names that told it."""

    area: str | None
    words: tuple[str, ...] = ()


_EXPLICIT = frozenset({PlaceKind.STREET, PlaceKind.DISTRICT})


class Gazetteer:
    """Finds areas in text."""

    def __init__(self, names: Iterable[PlaceName]) -> None:
        self._places: dict[str, list[PlaceName]] = {}
        for place in names:
            self._places.setdefault(place.name, []).append(place)
        longest_first = sorted(self._places, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def locate(self, address: str | None, content: str) -> Location:
        """The area of ``address`` or, where that tells nothing, of ``content``; None on doubt."""
        for text in (address or "", content):
            words = tuple(dict.fromkeys(self._pattern.findall(text)))
            if words:
                return Location(self._agree(words), words)
        return Location(None)

    def _agree(self, words: tuple[str, ...]) -> str | None:
        places = [place for word in words for place in self._places[word]]
        said = [place for place in places if place.kind in _EXPLICIT]
        district = _common_district(self._places, words)
        if said:
            districts = {place.district for place in said}
            district = districts.pop() if len(districts) == 1 else None
        if district is None:
            return None
        streets = {place.area for place in said if place.kind is PlaceKind.STREET}
        return streets.pop() if len(streets) == 1 else district


def _common_district(places: dict[str, list[PlaceName]], words: tuple[str, ...]) -> str | None:
    """The one district in which every name occurs."""
    common: set[str] | None = None
    for word in words:
        districts = {place.district for place in places[word]}
        common = districts if common is None else common & districts
    return common.pop() if common is not None and len(common) == 1 else None
