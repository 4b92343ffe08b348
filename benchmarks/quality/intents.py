"""Intents: held-out utterances, told by the trained dialogue model; beside it TF-IDF with a linear SVC."""

from __future__ import annotations

import asyncio
import re
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.quality import Data, Row, plain_classifier
from bot.training import DATA, trained_model
from core.settings import ROOT, load_settings
from core.yaml_files import read_yaml

UTTERANCES = ROOT / "tests" / "bot" / "utterances"
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


class NoModel(RuntimeError):
    """The dialogue model is not trained; the message says what to do."""


def measure(data: Data) -> list[Row]:
    """The share of utterances whose intent is found."""
    said = [(str(text), path.stem) for path in sorted(UTTERANCES.glob("*.yml")) for text in read_yaml(path)]
    told = asyncio.run(intents_of([text for text, _ in said]))
    ours = sum(intent == wanted for intent, (_, wanted) in zip(told, said, strict=True)) / len(said)
    return [Row("held-out utterances: accuracy", len(said), ours, baseline(said), plain_classifier.NAME)]


async def intents_of(texts: list[str]) -> list[str]:
    """The intent of each of ``texts``; raises :class:`NoModel`."""
    return [message["intent"]["name"] for message in await parsed(texts)]


async def parsed(texts: list[str]) -> list[dict[str, Any]]:
    """Each of ``texts`` as the trained model understands it (Rasa's message: intent, entities); raises
    :class:`NoModel`."""
    model = trained_model(load_settings())
    if model is None:
        raise NoModel("还没有训练对话模型，请先运行 huiyin train")
    agent = _agent(model)
    return [await agent.parse_message(text) for text in texts]


@cache
def _agent(model: Path) -> Any:
    from rasa.core.agent import Agent  # takes some seconds to import

    return Agent.load(str(model))


def baseline(said: list[tuple[str, str]]) -> float:
    """The same utterances by characters and pairs up to four, learnt from the same examples."""
    tables = [read_yaml(path) for path in sorted((DATA / "nlu").glob("*.yml"))]
    groups = [group for table in tables for group in table["nlu"] if "intent" in group]
    examples = [
        (_MARKED.sub(r"\1", line[2:]), group["intent"].split("/")[0])
        for group in groups
        for line in group["examples"].strip().split("\n")
    ]
    learnt, asked = zip(*examples, strict=True), zip(*said, strict=True)
    return plain_classifier.figures(*learnt, *asked)["top1"]
