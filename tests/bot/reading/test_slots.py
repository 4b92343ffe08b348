"""What is read from what citizens say (B4, B11): slots_dev.yml and slots_test.yml, written before the readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks import quality
from bot.reading.amounts import read_amounts
from bot.reading.civic import CivicReader
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import PlaceReader
from bot.reading.targets import read_target
from bot.reading.times import read_time
from core.clock import CHINA
from core.settings import ROOT
from tests.bot.reading.slot_scores import HERE, NOW, SLOTS, Read, score

FILES = ("slots_dev", "second_dev", "parties_dev", "slots_test", "second_test", "parties_test")
"""The readers were fitted to the *dev* files; of the others only the figures were looked at."""
YUNZHOU = CivicReader.of(str(ROOT / "cities" / "yunzhou"))
SECOND = CivicReader(PlaceReader.load(HERE / "second_city"), {})


def reading(reader: CivicReader) -> Read:
    """Reads all slots as an intake does that has asked for a field."""

    def read(text: str, asked: str | None) -> Mapping[str, Any]:
        entities = reader.entities(text)
        place = reader.places.read(text, asked=asked == "address")
        place = place if place and (place.precise or asked == "address") else None
        phone = read_phone(text, reader.places.area_code, asked=asked == "phone")
        time = read_time(text, NOW.replace(tzinfo=CHINA), asked=asked == "time")
        amounts = [each.words if each.yuan is None else float(each.yuan) for each in read_amounts(text)]
        return {
            "name": read_name(text, asked=asked == "name"),
            "phone": phone.number if phone else None,
            "address": place.normal if place else None,
            "area": place.location.area if place else None,
            "time": time.words if time else None,
            "at": time.instant.replace(tzinfo=None) if time and time.instant else None,
            "target": read_target(text, asked=True) if asked == "target" else entities.get("target"),
            "amount": amounts or None,
            "plate": entities.get("plate"),
            "order": entities.get("number") if asked != "time" else None,
        }

    return read


@pytest.mark.parametrize("file", FILES)
def test_slots_are_read_from_what_citizens_say(file: str) -> None:
    reader = SECOND if file.startswith("second") else YUNZHOU
    scores = score(file, reading(reader), ("target",) if file.startswith("parties") else SLOTS)
    assert scores.f1 >= quality.floors()["slots"][f"{file}: F1"], scores.table() + "\n" + "\n".join(scores.faults)
