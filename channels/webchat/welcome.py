"""What the first screen says: the city's own words, from ``welcome.yml`` of its city pack."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from core.yaml_files import read_yaml


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
    """The welcome of a city pack. Raises OSError or pydantic's ValidationError for a pack without a proper one."""
    fields = read_yaml(city_dir / "welcome.yml")
    return TypeAdapter(Welcome).validate_python(fields)
