"""Chinese characters as the pinyin a synthesiser is fed with."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin

from core.yaml_files import read_yaml

_FILE: Final = Path(__file__).parent / "readings.yml"
_CITY_FILE: Final = "readings.yml"
_PAUSES: Final = str.maketrans({"，": ", ", "、": ", ", "：": ", ", "。": ". ", "！": ". ", "？": "? ", "；": ". "})


class Pinyin:
    """Reads characters with a table of words whose usual reading is wrong."""

    def __init__(self, readings: Mapping[str, str]) -> None:
        """``readings``: word → pinyin with tone numbers, blanks between syllables."""
        self._readings = dict(readings)
        table = json.dumps(self._readings, sort_keys=True).encode()
        self.version = hashlib.sha256(table).hexdigest()[:8]
        """Another table, another version."""
        longest_first = sorted(self._readings, key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    @classmethod
    def load(cls, city_dir: Path | None = None) -> Pinyin:
        """The table of the house, and the city's own before it."""
        readings: dict[str, str] = read_yaml(_FILE)
        own = city_dir / _CITY_FILE if city_dir else None
        if own is not None and own.exists():
            readings |= read_yaml(own) or {}
        return cls(readings)

    def of(self, text: str) -> str:
        """``text`` in pinyin with tone numbers, one blank between syllables, with its pauses."""
        said, at = [], 0
        for match in self._words.finditer(text) if self._words else ():
            said += [*_usual(text[at : match.start()]), self._readings[match.group()]]
            at = match.end()
        said += _usual(text[at:])
        return re.sub(r"\s+", " ", " ".join(said)).replace(" ,", ",").replace(" .", ".").replace(" ?", "?").strip()


def _usual(text: str) -> list[str]:
    return lazy_pinyin(
        text.translate(_PAUSES), style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False, tone_sandhi=True
    )
