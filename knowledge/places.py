"""Names of the city's places: they say where something is, never which matter is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.yaml_files import read_yaml


def place_names(city_dir: Path) -> frozenset[str]:
    """All names of two letters and more in the city pack's ``gazetteer.yml``; empty when the pack has none."""
    path = city_dir / "gazetteer.yml"
    if not path.exists():
        return frozenset()
    gazetteer = read_yaml(path)
    return frozenset(name for name in _names(gazetteer.get("districts", [])) if len(name) > 1)


def _names(districts: list[dict[str, Any]]) -> Iterator[str]:
    for district in districts:
        yield from district.get("aliases", ())
        for area in (district, *district.get("streets", ())):
            yield area["name"]
            for kind in ("roads", "communities", "estates", "landmarks"):
                yield from area.get(kind, ())
