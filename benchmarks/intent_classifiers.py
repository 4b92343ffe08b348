"""How often intents are told right, and how much training costs: our classifier beside Rasa's own.

    uv run python -m benchmarks.intent_classifiers

Trains each pipeline through Rasa on ``bot/data/nlu`` and asks it the utterances of ``tests/bot/utterances``, which no
training ever sees. Signals and the fallback are left out: this is about the classifiers alone.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

from bot import deferred
from bot.training import DATA, DOMAIN, tokenizer_words
from core.settings import ROOT, Settings
from core.yaml_files import read_yaml

UTTERANCES = ROOT / "tests" / "bot" / "utterances"
_COUNTS = {"name": "CountVectorsFeaturizer"}
_RASA = {"name": "LogisticRegressionClassifier"}


def main() -> None:
    """Prints a line for each pipeline."""
    deferred.import_now()
    city = Settings().city_dir
    pipelines = {
        "ours": [_ours(city)],
        "ours, blind to the form of a message": [_ours(city, form_weight=0.0)],
        "ours, blind to its meaning": [_ours(city, meaning_weight=0.0)],
        "Rasa, counts of words": [_COUNTS, _RASA],
        "Rasa, counts of words and of 1 to 2 characters": [_COUNTS, _characters(2), _RASA],
        "Rasa, counts of words and of 1 to 4 characters": [_COUNTS, _characters(4), _RASA],
    }
    asked = [(str(text), path.stem) for path in sorted(UTTERANCES.glob("*.yml")) for text in read_yaml(path)]
    measure([_COUNTS, _RASA], asked[:1], city)  # whoever comes first would pay for imports and dictionaries
    for name, pipeline in pipelines.items():
        share, seconds = measure(pipeline, asked, city)
        print(f"{name}: {share:.1%} of {len(asked)} utterances, {seconds:.0f} s of processor time to train", flush=True)


def measure(pipeline: list[dict[str, Any]], asked: list[tuple[str, str]], city: Path) -> tuple[float, float]:
    """The share of utterances whose intent comes first, and the processor seconds training took (load is no matter)."""
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "words"
        words.mkdir()
        (words / "city.txt").write_text("".join(f"{word} 1000 n\n" for word in tokenizer_words(city)), "utf-8")
        tokenizer = {"name": "JiebaTokenizer", "dictionary_path": str(words)}
        config = Path(folder) / "config.yml"
        recipe = {"recipe": "default.v1", "assistant_id": "benchmark", "language": "zh"}
        config.write_text(yaml.safe_dump({**recipe, "pipeline": [tokenizer, *pipeline]}), "utf-8")
        started = time.process_time()
        model = train_nlu(str(config), str(DATA / "nlu"), folder, fixed_model_name="nlu", domain=str(DOMAIN))
        seconds = time.process_time() - started
        right = asyncio.run(_count_right(Agent.load(model), asked))
    return right / len(asked), seconds


async def _count_right(agent: Agent, asked: list[tuple[str, str]]) -> int:
    return sum([(await agent.parse_message(text))["intent"]["name"] == intent for text, intent in asked])


def _ours(city: Path, **config: float) -> dict[str, Any]:
    return {"name": "bot.nlu.intents.CivicIntentClassifier", "city_dir": str(city), **config}


def _characters(most: int) -> dict[str, Any]:
    return {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": most}


if __name__ == "__main__":
    main()
