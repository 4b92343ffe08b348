"""Slots: what is read out of utterances: names, phones, places, times, targets, amounts, plates, order numbers."""

from __future__ import annotations

from benchmarks.quality import Data, Row
from tests.bot.reading.slot_scores import SLOTS, score
from tests.bot.reading.test_slots import FILES, SECOND, YUNZHOU, reading


def measure(data: Data) -> list[Row]:
    """F1 over all slots of every file of utterances."""
    rows = []
    for file in FILES:
        reader = SECOND if file.startswith("second") else YUNZHOU
        found = score(file, reading(reader), ("target",) if file.startswith("parties") else SLOTS)
        rows.append(Row(f"{file}: F1", found.utterances, found.f1))
    return rows
