"""The city's own words: its name, the names of its places, what its people say (files of the city pack)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.yaml_files import read_yaml

OWN_WORDING = ("synonyms.yml", "fillers.yml")
"""Files of a city pack in the form of the program's own (``knowledge/``), read beside them; both may be missing."""
_KINDS = ("市", "地区", "盟")


@dataclass(frozen=True)
class CityWords:
    """What a city's words mean to the search."""

    names: tuple[str, ...] = ()
    """The city's own name, whole and short: nobody asks about another, so it tells nothing."""
    places: frozenset[str] = frozenset()
    """Names of its places: they say where something is, never which matter is asked about."""
    folder: Path | None = None
    """Where its own synonyms and fillers are; None: it has none."""


def city_words(city_dir: Path) -> CityWords:
    """The words of the city pack in ``city_dir``; none when it has no ``gazetteer.yml``."""
    path = city_dir / "gazetteer.yml"
    gazetteer = read_yaml(path) if path.exists() else {}
    places = frozenset(name for name in _names(gazetteer.get("districts", [])) if len(name) > 1)
    folder = city_dir if any((city_dir / name).exists() for name in OWN_WORDING) else None
    return CityWords(names_of_city(str(gazetteer.get("city") or "")), places, folder)


def names_of_city(city: str) -> tuple[str, ...]:
    """What a city is called, whole and short: 海口市, 海口; nothing of one character, which is a word of its own."""
    short = next((city.removesuffix(kind) for kind in _KINDS if city.endswith(kind)), city)
    return tuple(dict.fromkeys(name for name in (city, short) if len(name) > 1))


def _names(districts: list[dict[str, Any]]) -> Iterator[str]:
    for district in districts:
        yield from district.get("aliases", ())
        for area in (district, *district.get("streets", ())):
            yield area["name"]
            for kind in ("roads", "communities", "estates", "landmarks"):
                yield from area.get(kind, ())
