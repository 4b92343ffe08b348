"""A person: messages that ask for one, and others that only speak of people, told by the trained model."""

from __future__ import annotations

import asyncio

from benchmarks.quality import Data, Row
from benchmarks.quality.intents import intents_of
from core.settings import ROOT
from core.yaml_files import read_yaml

MESSAGES = ROOT / "tests" / "bot" / "human.yml"


def measure(data: Data) -> list[Row]:
    """The share of wishes for a person that are heard, and of other messages that call nobody."""
    said: dict[str, list[str]] = read_yaml(MESSAGES)
    called = {name: sum(i == "human" for i in asyncio.run(intents_of(texts))) for name, texts in said.items()}
    heard = {name: called[name] / len(said[name]) for name in said}
    return [
        Row("a person is wanted, held out: called", len(said["asked_measured"]), heard["asked_measured"]),
        Row("only speaks of people, held out: nobody called", len(said["near_measured"]), 1 - heard["near_measured"]),
        Row("a person is wanted, tried: called", len(said["asked_tried"]), heard["asked_tried"]),
        Row("only speaks of people, tried: nobody called", len(said["near_tried"]), 1 - heard["near_tried"]),
    ]
