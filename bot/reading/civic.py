"""Everything that can be read from one message, for one city: read once, used by several components."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from bot.reading.amounts import read_amounts
from bot.reading.digits import read_receipt
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import Place, PlaceReader
from bot.reading.plates import plate_words, read_plate
from bot.reading.targets import read_target
from bot.reading.times import time_words
from core.yaml_files import read_yaml

_KEPT = 512
"""Messages whose readings are kept for the components after the first."""
_NOISE = re.compile(r"[\s\W_]+")
_LONG_NUMBER = re.compile(r"\d{5,}")
_NUMBERED = re.compile(r"[\d一二三四五六七八九十]+号")
"""政务大厅3号窗口: the number tells nobody without the house."""
_LITTLE = 2
_PLACE, _TIME, _NUMBER = "甲", "乙", "丙"
"""Signs that stand for a place, a time, a number; what is said hardly ever holds them otherwise."""


class CivicReader:
    """Reads the city's entities."""

    def __init__(self, places: PlaceReader, departments: dict[str, str]) -> None:
        """``departments``: the names by which citizens call departments → code."""
        self.places = places
        self._departments = sorted(departments.items(), key=lambda item: -len(item[0]))
        self.entities = lru_cache(maxsize=_KEPT)(self.read)

    @classmethod
    @lru_cache(maxsize=2)  # one reader per city for the life of the process
    def of(cls, city_dir: str) -> CivicReader:
        """The reader of the city pack in ``city_dir``."""
        folder = Path(city_dir)
        departments = read_yaml(folder / "departments.yml")
        names: dict[str, str] = {}
        for department in departments:
            for name in (department["name"], department.get("short"), *department.get("aliases", ())):
                if name and len(name) > 1:
                    names.setdefault(name, department["code"])
        return cls(PlaceReader.load(folder), names)

    def read(self, text: str) -> dict[str, str]:
        """Entity name → value, of those ``text`` holds. ``address_said``: the address's own words, if they differ."""
        phone = read_phone(text, self.places.area_code)
        place = self.places.read(text)
        precise = place if place is not None and place.precise else None
        found = {
            "person": read_name(text),
            "phone": phone.number if phone else None,
            "address": precise.normal if precise else None,
            "address_said": precise.words if precise and precise.words != precise.normal else None,
            "time": time_words(text),
            "number": read_receipt(text),
            "department": self._department(text),
            "target": _party(text, precise),
            "plate": read_plate(text),
            "amount": "、".join(amount.words for amount in read_amounts(text)),
        }
        return {name: value for name, value in found.items() if value}

    def _department(self, text: str) -> str | None:
        plate = plate_words(text)
        text = text.replace(plate, "") if plate else text
        return next((code for name, code in self._departments if name in text), None)

    def gist(self, text: str) -> str:
        """What is said, without where, when and which number: each of these as one sign, blanks taken out.

        Intents are told apart by what is said; an address in it, of whatever length, must not outweigh that.
        """
        entities = self.entities(text)
        for name, sign in (("address_said", _PLACE), ("address", _PLACE), ("time", _TIME)):
            if name in entities:
                text = text.replace(entities[name], sign)
        return _LONG_NUMBER.sub(_NUMBER, _NOISE.sub("", text))


def _from_the_place_on(target: str, text: str, place: Place) -> str:
    """和平路烧烤店 for 平路烧烤店, where it began amid the place 和平路."""
    at, begin = text.find(target), text.find(place.words)
    amid = 0 <= begin < at < begin + len(place.words) < at + len(target)
    return text[begin : at + len(target)] if amid else target


def _party(text: str, place: Place | None) -> str | None:
    """Whom ``text`` is about; not what only tells where (第一医院门诊楼前面), nor what lies there where it says no more."""
    target = read_target(text)
    if target is None or place is None:
        return target
    target = _from_the_place_on(target, text, place)
    apart = target.removeprefix(place.words)
    named = apart and not _NUMBERED.match(apart) and read_target(apart) == apart
    target = apart if named else target  # 长江路惠客超市 on 长江路
    tells_where = target in place.words and not place.words.endswith(target)
    is_all = len(_NOISE.sub("", text)) - len(_NOISE.sub("", place.words)) <= _LITTLE
    return None if tells_where or is_all else target
