"""Everything that can be read from one message, for one city: read once, used by several components."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

from bot.reading.digits import read_receipt
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import Gazetteer
from bot.reading.targets import read_target
from bot.reading.times import time_words

_KEPT = 512
"""Messages whose readings are kept for the components after the first."""
_NOISE = re.compile(r"[\s\W_]+")
_LONG_NUMBER = re.compile(r"\d{5,}")
_PLACE, _TIME, _NUMBER = "甲", "乙", "丙"
"""Signs that stand for a place, a time, a number; what is said hardly ever holds them otherwise."""


class CivicReader:
    """Reads the city's entities."""

    def __init__(self, gazetteer: Gazetteer, departments: dict[str, str]) -> None:
        """``departments``: the names by which citizens call departments → code."""
        self.gazetteer = gazetteer
        self._departments = sorted(departments.items(), key=lambda item: -len(item[0]))
        self.entities = lru_cache(maxsize=_KEPT)(self._entities)

    @classmethod
    @lru_cache(maxsize=2)  # one reader per city for the life of the process
    def of(cls, city_dir: str) -> CivicReader:
        """The reader of the city pack in ``city_dir``."""
        folder = Path(city_dir)
        departments = yaml.safe_load((folder / "departments.yml").read_text(encoding="utf-8"))
        names: dict[str, str] = {}
        for department in departments:
            for name in (department["name"], department.get("short"), *department.get("aliases", ())):
                if name and len(name) > 1:
                    names.setdefault(name, department["code"])
        return cls(Gazetteer.load(folder), names)

    def _entities(self, text: str) -> dict[str, str]:
        """Entity name → value, of those ``text`` holds."""
        phone = read_phone(text, self.gazetteer.area_code)
        place = self.gazetteer.read(text)
        found = {
            "person": read_name(text),
            "phone": phone.number if phone else None,
            "address": place.words if place and place.precise else None,
            "time": time_words(text),
            "number": read_receipt(text),
            "department": next((code for name, code in self._departments if name in text), None),
            "target": read_target(text),
        }
        return {name: value for name, value in found.items() if value}

    def gist(self, text: str) -> str:
        """What is said, without where, when and which number: each of these as one sign, blanks taken out.

        Intents are told apart by what is said; an address in it, of whatever length, must not outweigh that.
        """
        entities = self.entities(text)
        for name, sign in (("address", _PLACE), ("time", _TIME)):
            if name in entities:
                text = text.replace(entities[name], sign)
        return _LONG_NUMBER.sub(_NUMBER, _NOISE.sub("", text))
