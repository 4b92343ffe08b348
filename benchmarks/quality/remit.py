"""Remit: held-out messages that want what the hotline does not take, and others that only sound like it, told by the
trained model."""

from __future__ import annotations

import asyncio
from typing import Any

from benchmarks.quality import Data, Row
from benchmarks.quality.intents import parsed
from bot.nlu.constants import SIGNAL_ENTITY
from bot.nlu.remit import OUT_OF_REMIT
from core.settings import ROOT
from core.yaml_files import read_yaml

MESSAGES = ROOT / "tests" / "bot" / "remit.yml"


def measure(data: Data) -> list[Row]:
    """The share of matters not accepted that are refused, for the right reason, and of others that are not."""
    said = read_yaml(MESSAGES)
    wanted = [(text, reason) for reason, texts in said["refused"].items() for text in texts]
    reasons = [_refused_for(message) for message in asyncio.run(parsed([text for text, _ in wanted]))]
    wrongly = [_refused_for(message) for message in asyncio.run(parsed(said["accepted"]))]
    right = sum(reason == expected for reason, (_, expected) in zip(reasons, wanted, strict=True))
    return [
        Row("not accepted: refused", len(wanted), sum(r is not None for r in reasons) / len(wanted)),
        Row("not accepted: sent where it belongs", len(wanted), right / len(wanted)),
        Row("only sounds like it: not refused", len(wrongly), sum(r is None for r in wrongly) / len(wrongly)),
    ]


def _refused_for(message: dict[str, Any]) -> str | None:
    if message["intent"]["name"] != OUT_OF_REMIT:
        return None
    return next((found["value"] for found in message["entities"] if found["entity"] == SIGNAL_ENTITY), "default")
