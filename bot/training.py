"""Training: the model is made anew when anything it is made of has changed, and never otherwise."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from bot import deferred
from core.settings import ROOT, Settings
from core.yaml_files import parse_yaml, read_yaml

CONFIG = ROOT / "config.yml"
DOMAIN = ROOT / "bot" / "domain.yml"
DATA = ROOT / "bot" / "data"
_CITY_FILES = ("gazetteer.yml", "departments.yml", "signals.yml")
_STEP = "Finished training component"
_STEPS = 4
"""Trained parts of ``config.yml``: the classifier, the detectors of danger and of what is not taken, the rules."""
_KEEP = 3
"""Models kept besides the newest, to go back to."""

Progress = Callable[[float, str], None]
"""Told the share done (0 to 1) and, in Chinese, what is being done."""


def fingerprint(city_dir: Path) -> str:
    """A digest of everything a model is made of."""
    digest = hashlib.sha256(f"rasa {version('rasa')} {city_dir.absolute()}".encode())
    training_files = sorted(
        [
            *(DATA / "nlu").glob("*.yml"),
            DATA / "rules.yml",
            DATA / "danger.yml",
            DATA / "remit.yml",
            DATA / "elsewhere.yml",
            *_pipeline_code(),
        ]
    )
    city_files = [city_dir / name for name in _CITY_FILES]
    for path in (CONFIG, DOMAIN, *training_files, *city_files):
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def trained_model(settings: Settings) -> Path | None:
    """The model for the present data, if it has been trained."""
    model = _model_path(settings)
    return model if model.exists() else None


def train(settings: Settings, progress: Progress = lambda share, what: None) -> Path:
    """Trains a model, unless the present data's is there; returns its path. Takes about a minute on two cores."""
    model = _model_path(settings)
    if model.exists():
        progress(1.0, "模型已是最新")
        return model
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, _reported(progress):
        progress(0.02, "准备训练数据")
        made = _train(Path(folder), settings.city_dir)
        shutil.move(made, model.with_suffix(".part"))
    model.with_suffix(".part").rename(model)
    _prune(settings.model_dir, model)
    progress(1.0, "训练完成")
    return model


def tokenizer_words(city_dir: Path) -> list[str]:
    """The city's own words, for the tokenizer: places and departments."""
    gazetteer = read_yaml(city_dir / "gazetteer.yml")
    departments = read_yaml(city_dir / "departments.yml")
    words = set(_names(gazetteer)) | set(_names(departments))
    return sorted(word for word in words if 2 <= len(word) <= 12 and " " not in word)


def rasa_config(city_dir: Path, words: Path) -> dict[str, Any]:
    """``config.yml`` with the city filled in."""
    text = CONFIG.read_text(encoding="utf-8")
    config: dict[str, Any] = parse_yaml(
        text.replace("{city_dir}", str(city_dir.absolute())).replace("{words}", str(words))
    )
    return config


def prepare(folder: Path, city_dir: Path) -> Path:
    """Writes the city's words and the filled-in configuration into ``folder``; returns the configuration's path."""
    words = folder / "words"
    words.mkdir()
    (words / "city.txt").write_text("".join(f"{word} 1000 n\n" for word in tokenizer_words(city_dir)), encoding="utf-8")
    config = folder / "config.yml"
    config.write_text(yaml.safe_dump(rasa_config(city_dir, words), allow_unicode=True), encoding="utf-8")
    return config


def _train(folder: Path, city_dir: Path) -> Path:
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # our fingerprint is the cache
    deferred.import_now()
    from rasa.model_training import train as rasa_train

    with redirect_stdout(io.StringIO()):  # Rasa praises itself there
        result = rasa_train(
            domain=str(DOMAIN),
            config=str(prepare(folder, city_dir)),
            training_files=[str(DATA / "nlu"), str(DATA / "rules.yml")],
            output=str(folder),
            fixed_model_name="model",
            force_training=True,
        )
    if result.code != 0 or result.model is None:
        raise RuntimeError("Rasa could not train a model")
    return Path(result.model)


@contextmanager
def _reported(progress: Progress) -> Iterator[None]:
    """Turns Rasa's log of finished parts into progress."""
    done = 0

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            nonlocal done
            if _STEP in record.getMessage():
                done += 1
                progress(min(done / (_STEPS + 1), 0.98), "训练对话模型")

    logger, listener = logging.getLogger("rasa.engine.training.hooks"), Listener()
    level = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
        logger.propagate = True


def _pipeline_code() -> list[Path]:
    """What our components are made of: the classifier learns from what the readers read, and from meanings."""
    meaning = [ROOT / "knowledge" / name for name in ("meaning.npz", "meaning.py", "runs.py")]
    return [*(ROOT / "bot" / "nlu").glob("*.py"), *(ROOT / "bot" / "reading").glob("*.py"), *meaning]


def _model_path(settings: Settings) -> Path:
    return settings.model_dir / f"{fingerprint(settings.city_dir)}.tar.gz"


def _prune(folder: Path, newest: Path) -> None:
    older = sorted((m for m in folder.glob("*.tar.gz") if m != newest), key=lambda m: m.stat().st_mtime, reverse=True)
    for model in older[_KEEP:]:
        model.unlink()


def _names(content: Any) -> Iterator[str]:
    """Every name and alias anywhere in a city file."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in {"name", "short"} and isinstance(value, str):
                yield value
            elif key in {
                "aliases",
                "roads",
                "communities",
                "estates",
                "landmarks",
                "villages",
                "parks",
                "markets",
                "schools",
                "hospitals",
            }:
                yield from (word for word in value if isinstance(word, str))
            else:
                yield from _names(value)
    elif isinstance(content, list):
        for item in content:
            yield from _names(item)
