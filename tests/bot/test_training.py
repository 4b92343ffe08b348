"""When a model is trained: whenever something it is made of has changed, and never otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import training
from core.settings import ROOT, Settings

CITY = ROOT / "cities" / "yunzhou"


class Workshop:
    """Everything a model is made of, in a folder of the test's own, and a stand-in for Rasa that counts its models."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trained = folder, 0
        self.settings = Settings(_env_file=None, data_dir=folder / "var", city_dir=folder / "city")  # type: ignore[call-arg]

    def train(self, into: Path, _city: Path) -> Path:
        """In the place of Rasa."""
        self.trained += 1
        (into / "made.tar.gz").write_bytes(b"model")
        return into / "made.tar.gz"


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    shutil.copytree(CITY, tmp_path / "city")
    for name in ("DATA", "CONFIG", "DOMAIN"):
        source: Path = getattr(training, name)
        copied = tmp_path / source.name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copied)
        monkeypatch.setattr(training, name, copied)
    made = Workshop(tmp_path)
    monkeypatch.setattr(training, "_train", made.train)
    return made


def test_nothing_changed_nothing_trained(workshop: Workshop) -> None:
    assert training.trained_model(workshop.settings) is None
    first = training.train(workshop.settings)
    assert first.read_bytes() == b"model"
    assert training.trained_model(workshop.settings) == first
    assert training.train(workshop.settings) == first
    assert workshop.trained == 1


@pytest.mark.parametrize(
    "changed",
    [
        "config.yml",
        "domain.yml",
        "data/rules.yml",
        "data/danger.yml",
        "data/elsewhere.yml",
        "data/nlu/complain.yml",
        "city/gazetteer.yml",
        "city/departments.yml",
    ],
)
def test_a_model_is_made_anew_when_one_of_its_files_changes_and_the_old_one_again_when_it_changes_back(
    workshop: Workshop, changed: str
) -> None:
    first, file = training.train(workshop.settings), workshop.folder / changed
    before = file.read_bytes()
    file.write_bytes(before + b"\n# another line\n")
    assert training.trained_model(workshop.settings) is None
    second = training.train(workshop.settings)
    assert second != first
    file.write_bytes(before)
    assert training.train(workshop.settings) == first
    assert workshop.trained == 2


def test_new_examples_and_a_citys_own_signals_make_another_model(workshop: Workshop) -> None:
    seen = {training.fingerprint(workshop.settings.city_dir)}
    (workshop.folder / "data" / "nlu" / "sing.yml").write_text("nlu: []", "utf-8")
    seen.add(training.fingerprint(workshop.settings.city_dir))
    (workshop.folder / "city" / "signals.yml").write_text("[]", "utf-8")
    seen.add(training.fingerprint(workshop.settings.city_dir))
    assert len(seen) == 3


@pytest.mark.parametrize("apart", ["city/articles/identity.yml", "city/routing.yml", "data/intake.yml"])
def test_what_no_model_is_made_of_trains_none(workshop: Workshop, apart: str) -> None:
    first, file = training.train(workshop.settings), workshop.folder / apart
    file.write_bytes(file.read_bytes() + b"\n# another line\n")
    assert training.train(workshop.settings) == first
    assert workshop.trained == 1


def test_a_training_that_fails_leaves_no_model(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_into: Path, _city: Path) -> Path:
        raise RuntimeError("Rasa could not train a model")

    monkeypatch.setattr(training, "_train", fails)
    with pytest.raises(RuntimeError):
        training.train(workshop.settings)
    assert training.trained_model(workshop.settings) is None
    assert list(workshop.settings.model_dir.glob("*")) == []


def test_a_few_older_models_are_kept_to_go_back_to(workshop: Workshop) -> None:
    rules = workshop.folder / "data" / "rules.yml"
    for number in range(6):
        rules.write_text(f"# {number}\n", "utf-8")
        newest = training.train(workshop.settings)
    kept = list(workshop.settings.model_dir.glob("*.tar.gz"))
    assert newest in kept
    assert len(kept) == 4
