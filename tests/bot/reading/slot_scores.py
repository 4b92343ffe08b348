"""Compares what was read from utterances with what they hold (slots_dev.yml, slots_test.yml)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.yaml_files import read_yaml

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 25, 10, 0)
SLOTS = ("name", "phone", "address", "area", "time", "at", "target", "amount", "plate", "order")
_ANY = "any"

Read = Callable[[str, "str | None"], Mapping[str, Any]]
"""Text and the field asked for → slot → value; instants as ``datetime`` on a Chinese wall clock."""


@dataclass
class Score:
    """Counts of one slot."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where there was nothing to find and nothing was found."""
        all_of_them = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / all_of_them if all_of_them else 1.0


@dataclass
class Scores:
    """All slots over a file of utterances."""

    slots: dict[str, Score] = field(default_factory=lambda: {slot: Score() for slot in SLOTS})
    utterances: int = 0
    perfect: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Over all slots."""
        total = Counter[str]()
        for score in self.slots.values():
            total.update(right=score.right, wrong=score.wrong, missed=score.missed)
        return Score(total["right"], total["wrong"], total["missed"]).f1

    def table(self) -> str:
        """One line per slot."""
        lines = [
            f"{slot:8} {s.f1:.3f}  right {s.right:3} wrong {s.wrong:3} missed {s.missed:3}"
            for slot, s in self.slots.items()
        ]
        return "\n".join([*lines, f"all      {self.f1:.3f}  perfect {self.perfect}/{self.utterances}"])


def utterances(part: str) -> list[dict[str, Any]]:
    """The utterances of a file, ``slots_dev`` …"""
    said = read_yaml(HERE / f"{part}.yml")
    return [{**each, "text": str(each["text"])} for each in said]


def score(part: str, read: Read, slots: Sequence[str] = SLOTS) -> Scores:
    """How well ``read`` reads ``slots`` in the utterances of a file."""
    scores = Scores()
    for utterance in utterances(part):
        found = read(utterance["text"], utterance.get("asked"))
        scores.utterances += 1
        perfect = True
        for slot in slots:
            wanted, got = _wanted(utterance, slot), found.get(slot)
            if _ANY in wanted or (slot == "target" and got is not None and got == utterance.get("plate")):
                continue  # a car is known by its plate
            if any(_same(slot, got, each) for each in wanted):
                scores.slots[slot].right += got is not None
                continue
            perfect = False
            scores.slots[slot].wrong += got is not None
            scores.slots[slot].missed += None not in wanted
            scores.faults.append(f"{utterance['text']} · {slot}: {got} instead of {wanted}")
        scores.perfect += perfect
    return scores


def _wanted(utterance: Mapping[str, Any], slot: str) -> list[Any]:
    wanted = utterance.get(slot)
    if slot == "amount":
        return wanted if wanted and isinstance(wanted[0], list) else [wanted]
    return wanted if isinstance(wanted, list) else [wanted]


def _same(slot: str, got: Any, wanted: Any) -> bool:
    if got is None or wanted is None:
        return got is wanted
    if slot == "phone":
        return re.sub(r"\D", "", str(got)) == re.sub(r"\D", "", str(wanted))
    if slot == "at":
        return _same_instant(got, wanted)
    if slot == "amount":
        return list(got) == list(wanted)
    small = "[\\s的]" if slot == "address" else r"\s"
    return re.sub(small, "", str(got)) == re.sub(small, "", str(wanted))


def _same_instant(got: datetime, wanted: Any) -> bool:
    if wanted == "now":
        return NOW - timedelta(hours=1) <= got <= NOW
    if isinstance(wanted, str):
        return got == datetime.fromisoformat(wanted)
    return bool(got.date() == wanted)
