"""Danger: held-out messages of people in danger, and of others that only sound like it, told by the trained model."""

from __future__ import annotations

import asyncio

from benchmarks.quality import Data, Row
from benchmarks.quality.intents import intents_of
from core.settings import ROOT
from core.yaml_files import read_yaml

MESSAGES = ROOT / "tests" / "bot" / "danger.yml"


def measure(data: Data) -> list[Row]:
    """The share of dangers that are told, and of other messages that give no alarm."""
    said: dict[str, list[str]] = read_yaml(MESSAGES)
    told = {name: asyncio.run(intents_of(texts)) for name, texts in said.items()}
    alarms = {name: sum(intent == "danger" for intent in intents) for name, intents in told.items()}
    return [
        Row("people in danger: told", len(told["danger"]), alarms["danger"] / len(told["danger"])),
        Row("only sounds like it: no alarm", len(told["safe"]), 1 - alarms["safe"] / len(told["safe"])),
    ]
