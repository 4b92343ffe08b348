"""What the bot tells of its city: its name, and whom to call in an emergency. Knows no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic.dataclasses import dataclass as checked_dataclass

from backoffice.city_pack import GazetteerFile, read_part

EMERGENCY = "emergency"


@checked_dataclass(frozen=True, config={"extra": "forbid"})
class EmergencyFile:
    """``emergency.yml``: numbers of the city beside 110, 119 and 120. Each may be left out."""

    gas: str = ""


@dataclass(frozen=True)
class CityFacts:
    """What the words of the program leave open."""

    name: str
    phones: Mapping[str, str] = field(default_factory=dict)
    """By what they are for, as the program's words name them: ``gas_phone``. None that the city did not tell."""

    @property
    def unknown_phones(self) -> tuple[str, ...]:
        """What the city could tell and did not, in words."""
        return tuple(what for name, what in _PHONES.items() if name not in self.phones)


_PHONES = {"gas_phone": "燃气抢修"}


def read_city_facts(folder: Path) -> CityFacts:
    """The facts in a city pack. Raises :class:`backoffice.city_pack.CityPackRefused`."""
    told = read_part(folder, EMERGENCY, EmergencyFile)
    phones = {f"{name}_phone": number.strip() for name, number in vars(told).items() if number.strip()}
    return CityFacts(read_part(folder, "gazetteer", GazetteerFile).city, phones)
