"""Rasa's own checks of our data, the held-out utterances, and what Rasa must not do."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.telemetry import is_telemetry_enabled
from rasa.validator import Validator

from bot import training
from core.settings import ROOT, Settings
from tests.fixtures.model import shared_model_dir

UTTERANCES = Path(__file__).parent / "utterances"
FLOOR = 0.68
"""Share of held-out utterances whose intent must be found."""

pytestmark = pytest.mark.xdist_group("engine")


@pytest.fixture(scope="module")
def agent() -> Agent:
    shared_model_dir()
    model = training.trained_model(Settings(_env_file=None, data_dir=ROOT / "var"))  # type: ignore[call-arg]
    return Agent.load(str(model))


def test_rasa_finds_nothing_wrong_with_domain_examples_and_rules(tmp_path: Path) -> None:
    importer = TrainingDataImporter.load_from_config(
        str(training.prepare(tmp_path, Settings().city_dir)),
        str(training.DOMAIN),
        [str(training.DATA / "nlu"), str(training.DATA / "rules.yml")],
    )
    validator = Validator.from_importer(importer)
    assert validator.verify_intents(ignore_warnings=False)
    assert validator.verify_example_repetition_in_intents(ignore_warnings=False)
    assert validator.verify_intents_in_stories(ignore_warnings=False)
    assert validator.verify_forms_in_stories_rules()
    assert validator.verify_actions_in_stories_rules()
    assert validator.verify_story_structure(ignore_warnings=False)


def test_there_are_enough_intents_and_written_examples() -> None:
    examples = [line for file in (training.DATA / "nlu").glob("*.yml") for line in file.read_text().splitlines()]
    domain = yaml.safe_load(training.DOMAIN.read_text(encoding="utf-8"))
    assert len(domain["intents"]) >= 25
    assert sum(line.startswith("    - ") for line in examples) >= 1500
    entities = {name for entity in domain["entities"] for name in (entity if isinstance(entity, dict) else [entity])}
    assert {"person", "phone", "address", "time", "number", "department", "target"} <= entities


def test_held_out_utterances_find_their_intent(agent: Agent) -> None:
    async def share() -> float:
        right = total = 0
        for file in sorted(UTTERANCES.glob("*.yml")):
            for text in yaml.safe_load(file.read_text(encoding="utf-8")):
                parsed = await agent.parse_message(str(text))
                right, total = right + (parsed["intent"]["name"] == file.stem), total + 1
        return right / total

    assert asyncio.run(share()) >= FLOOR


def test_nobody_is_phoned() -> None:
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
    assert is_telemetry_enabled() is False
