"""The program's words with what a city has told of itself filled in. Pure."""

from __future__ import annotations

import re

from backoffice.city_facts import CityFacts

_PERHAPS = re.compile(r"\[([^\[\]]*)\]")
"""Said only where all that stands in it is known."""
_OPEN = re.compile(r"\{(\w+)\}")


def filled(text: str, city: CityFacts) -> str:
    """``text`` as it is said in ``city``: what the city has not told is not spoken of."""
    kept = _PERHAPS.sub(lambda part: part[1] if is_known(part[1], city) else "", text)
    return _OPEN.sub(lambda name: _told(city)[name[1]], kept)


def is_known(text: str, city: CityFacts) -> bool:
    """Whether ``city`` has told all that ``text`` leaves open."""
    return set(_OPEN.findall(text)) <= _told(city).keys()


def _told(city: CityFacts) -> dict[str, str]:
    return {"city": city.name, **city.phones}
