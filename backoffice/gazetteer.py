"""The city's names of places: found in what citizens say, also where recognition or typing put others that sound the
same, and what district and street they tell.

Pure. A name known in several districts proves nothing by itself; names that point to different districts are
doubt, and doubt is left to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from backoffice.sounds import sound_of, sounds_of_name
from knowledge.places import names_of_city


class PlaceKind(str, Enum):
    """What a name in the gazetteer stands for, the most telling first."""

    STREET = "street"
    """A street office (街道), an area of its own."""
    COMMUNITY = "community"
    """A community (社区) or village committee of a street."""
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
class Mention:
    """Where a text names a place."""

    start: int
    end: int
    name: str
    """As the gazetteer has it."""
    places: tuple[PlaceName, ...]
    """All places of that name."""
    exact: bool
    """False where the text only sounds like the name."""

    @property
    def named_after_nothing(self) -> bool:
        """公交站: a kind of place, of which there are many."""
        return self.name in _KINDS_OF_PLACE

    @property
    def administrative(self) -> bool:
        """Whether it says the area itself rather than a place in it."""
        return all(place.kind in _EXPLICIT for place in self.places)


@dataclass(frozen=True)
class Location:
    """An area found, and the names that told it."""

    area: str | None
    words: tuple[str, ...] = ()
    district: str | None = None
    community: str | None = None


_EXPLICIT = frozenset({PlaceKind.STREET, PlaceKind.DISTRICT})
_KINDS_OF_PLACE = frozenset(
    {"公交站", "公交车站", "地铁站", "菜市场", "农贸市场", "车站", "停车场", "加油站", "派出所"}
)
_SHORTEST_HEARD = 3
"""Characters a name needs to be known by its sound: 长江 sounds like too much else."""
_SHORTEST_REST = 4
"""Characters left of a name without its city or district from which the rest is a name too: 甲市妇幼保健院."""


class Gazetteer:
    """Finds names of places in text, and areas by them."""

    def __init__(self, names: Iterable[PlaceName], city: str = "", area_code: str = "") -> None:
        """``city``: its name, 甲市; ``area_code``: of its telephone numbers, with the 0."""
        self.city, self.area_code = city, area_code
        places: dict[str, list[PlaceName]] = {}
        for place in names:
            places.setdefault(place.name, []).append(place)
        self._places = {name: tuple(of_name) for name, of_name in _with_short_names(places, city).items()}
        self._lengths = _lengths_by_first(self._places)
        heard: dict[tuple[str, ...], str] = {}
        for name in self._places:
            if len(name) >= _SHORTEST_HEARD:
                for sounds in sounds_of_name(name):
                    heard.setdefault(sounds, name)
        self._heard = heard
        self._heard_lengths = _lengths_by_first(heard)

    @property
    def names(self) -> Iterable[str]:
        """All names, short ones included."""
        return self._places.keys()

    def mentions(self, text: str) -> list[Mention]:
        """The names in ``text`` from left to right; where several overlap the longest, exact ones before sounds."""
        found = [*self._exact(text), *self._sound_alikes(text)]
        found.sort(key=lambda mention: (mention.start - mention.end, not mention.exact, mention.start))
        taken = bytearray(len(text))
        kept = []
        for mention in found:
            if not any(taken[mention.start : mention.end]):
                taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
                kept.append(mention)
        return sorted(kept, key=lambda mention: mention.start)

    def locate(self, address: str | None, content: str) -> Location:
        """The area of ``address`` or, where that tells nothing, of ``content``; None on doubt."""
        for text in (address or "", content):
            mentions = self.mentions(text)
            if mentions:
                return self.located(mentions)
        return Location(None)

    def located(self, mentions: Sequence[Mention]) -> Location:
        """The area that ``mentions`` agree on."""
        words = tuple(dict.fromkeys(mention.name for mention in mentions))
        district = self._district(mentions)
        if district is None:
            return Location(None, words)
        inside = [place for mention in mentions for place in mention.places if place.district == district]
        said = {place.area for place in inside if place.kind is PlaceKind.STREET}
        streets = said or {place.area for place in inside if place.area != district}
        communities = {place.name for place in inside if place.kind is PlaceKind.COMMUNITY}
        community = communities.pop() if len(communities) == 1 else None
        return Location(streets.pop() if len(streets) == 1 else district, words, district, community)

    def _district(self, mentions: Sequence[Mention]) -> str | None:
        said = {place.district for mention in mentions for place in mention.places if place.kind in _EXPLICIT}
        if said:
            return said.pop() if len(said) == 1 else None
        named = [mention for mention in mentions if not mention.named_after_nothing]
        return _common_district(named or mentions)

    def _exact(self, text: str) -> Iterator[Mention]:
        for start, character in enumerate(text):
            for length in self._lengths.get(character, ()):
                name = text[start : start + length]
                places = self._places.get(name)
                if places is not None and len(name) == length:
                    yield Mention(start, start + length, name, places, exact=True)
                    break

    def _sound_alikes(self, text: str) -> Iterator[Mention]:
        sounds = tuple(map(sound_of, text))
        for start, sound in enumerate(sounds):
            for length in self._heard_lengths.get(sound, ()):
                name = self._heard.get(sounds[start : start + length])
                if name is not None and _is_mistaken_for(text[start : start + length], name):
                    yield Mention(start, start + length, name, self._places[name], exact=False)
                    break


def place_names_of(
    code: str, kind: PlaceKind, names: Iterable[str], *, district: str | None = None
) -> Iterator[PlaceName]:
    """``names`` as places of ``kind`` in the area ``code``, each once."""
    return (PlaceName(name, kind, code, district or code) for name in dict.fromkeys(names))


def _is_mistaken_for(said: str, name: str) -> bool:
    """Another word of the same sound: not the name itself, but with a character of it, and no blank or figure."""
    return said != name and any(a == b for a, b in zip(said, name, strict=True)) and said.isalpha()


def _with_short_names(places: dict[str, list[PlaceName]], city: str) -> dict[str, list[PlaceName]]:
    """The places, also by what is left of a name without the city or district it begins with."""
    fronts = {*names_of_city(city), *(name for name, of in places.items() if of[0].kind is PlaceKind.DISTRICT)}
    with_short: dict[str, list[PlaceName]] = defaultdict(list, places)
    for name, of_name in places.items():
        for front in fronts:
            rest = name.removeprefix(front)
            if _SHORTEST_REST <= len(rest) < len(name) and rest not in places:
                with_short[rest] = [*with_short[rest], *of_name]
    return with_short


def _lengths_by_first(keys: Iterable[str] | Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """For each first character or sound, the lengths of the keys that begin with it, longest first."""
    lengths: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        lengths[key[0]].add(len(key))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _common_district(mentions: Sequence[Mention]) -> str | None:
    """The one district in which every name occurs."""
    common: set[str] | None = None
    for mention in mentions:
        districts = {place.district for place in mention.places}
        common = districts if common is None else common & districts
    return common.pop() if common is not None and len(common) == 1 else None
