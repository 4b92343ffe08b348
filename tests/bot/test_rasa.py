"""Rasa's own checks of our data, test stories run by Rasa's own code, and what Rasa must not do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from rasa.cli.utils import validate_files
from rasa.core.agent import Agent
from rasa.core.test import test as run_stories
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.telemetry import is_telemetry_enabled
from rasa.validator import Validator

from bot import training
from core.settings import ROOT, Settings
from core.yaml_files import read_yaml
from tests.fixtures.model import shared_model_dir

STORIES = Path(__file__).parent / "stories"

pytestmark = pytest.mark.xdist_group("engine")


@pytest.fixture(scope="module")
def agent() -> Agent:
    shared_model_dir()
    model = training.trained_model(Settings(_env_file=None, data_dir=ROOT / "var"))  # type: ignore[call-arg]
    return Agent.load(str(model))


def importer(folder: Path, domain: Path = training.DOMAIN) -> TrainingDataImporter:
    return TrainingDataImporter.load_from_config(
        str(training.prepare(folder, Settings().city_dir)),
        str(domain),
        [str(training.DATA / "nlu"), str(training.DATA / "rules.yml")],
    )


def test_rasa_data_validate_finds_nothing_wrong_with_domain_examples_and_rules(tmp_path: Path) -> None:
    ours = importer(tmp_path)
    validate_files(fail_on_warnings=True, max_history=None, importer=ours)
    validator = Validator.from_importer(ours)
    assert validator.verify_intents(ignore_warnings=False)  # the command looks at stories only


@pytest.mark.parametrize(
    ("section", "missing"), [("actions", "action_danger"), ("intents", "urge"), ("forms", "receipt_form")]
)
def test_rasa_data_validate_is_not_content_with_everything(tmp_path: Path, section: str, missing: str) -> None:
    domain = read_yaml(training.DOMAIN)
    kept = domain[section]
    domain[section] = (
        [one for one in kept if one != missing]
        if isinstance(kept, list)
        else {k: v for k, v in kept.items() if k != missing}
    )
    (tmp_path / "domain.yml").write_text(yaml.safe_dump(domain, allow_unicode=True), "utf-8")
    with pytest.raises(SystemExit):
        validate_files(fail_on_warnings=True, max_history=None, importer=importer(tmp_path, tmp_path / "domain.yml"))


async def test_the_stories_in_rasas_own_form_come_true(agent: Agent, tmp_path: Path) -> None:
    written = len(read_yaml(STORIES / "test_manners.yml")["stories"])
    outcome = await run_stories(str(STORIES), agent, out_directory=str(tmp_path), e2e=True, disable_plotting=True)
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert outcome["report"]["conversation_accuracy"]["correct"] == written, failed


async def test_a_story_that_is_not_true_fails(agent: Agent, tmp_path: Path) -> None:
    story = (STORIES / "test_manners.yml").read_text(encoding="utf-8").replace("action_hand_over", "action_answer")
    (tmp_path / "test_wrong.yml").write_text(story, encoding="utf-8")
    outcome = await run_stories(str(tmp_path), agent, out_directory=str(tmp_path), e2e=True, disable_plotting=True)
    counted = outcome["report"]["conversation_accuracy"]
    assert counted["total"] - counted["correct"] == 1


def test_there_are_enough_intents_and_written_examples() -> None:
    examples = [line for file in (training.DATA / "nlu").glob("*.yml") for line in file.read_text().splitlines()]
    domain = read_yaml(training.DOMAIN)
    assert len(domain["intents"]) >= 25
    assert sum(line.startswith("    - ") for line in examples) >= 1500
    entities = {name for entity in domain["entities"] for name in (entity if isinstance(entity, dict) else [entity])}
    assert {"person", "phone", "address", "time", "number", "department", "target"} <= entities


def test_nobody_is_phoned() -> None:
    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
    assert is_telemetry_enabled() is False
