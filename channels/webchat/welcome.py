"""What the first screen says: the city's own words, from ``welcome.yml`` of its city pack."""

from __future__ import annotations

from pathlib import Path

from pydantic.dataclasses import dataclass

from backoffice.city_pack import read_part


@dataclass(frozen=True, config={"extra": "forbid"})
class Matter:
    """One of the common matters: what its button shows, and what it says when pressed."""

    title: str
    text: str
    icon: str = "message"
    """An icon of the sprite (scripts/vendor_assets.py)."""


@dataclass(frozen=True, config={"extra": "forbid"})
class Welcome:
    """The first screen."""

    city: str
    hotline: str
    greeting: str
    matters: tuple[Matter, ...]


def read_welcome(city_dir: Path) -> Welcome:
    """The welcome of a city pack. Raises :class:`backoffice.pack_problems.CityPackRefused` without a proper one."""
    return read_part(city_dir, "welcome", Welcome)
