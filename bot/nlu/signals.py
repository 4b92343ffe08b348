"""A Rasa component that decides the intent of messages no statistical guess may decide: danger, a wish for a person,
bare yes and no, a bare receipt number. The patterns are data: ``bot/data/signals.yml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.constants import SIGNAL_ENTITY
from bot.reading.digits import spoken_to_digits

_FILE = Path(__file__).parent.parent / "data" / "signals.yml"
_NOISE = re.compile(r"[\s\W_]+")
_FILLERS = re.compile(r"^(?:嗯|呃|额|那个|就是说?|啊|喂|你好|您好)+(?=.)|(?:啊|呀|吧|哈|呢|嘛|哦|的呀)+$")


@dataclass(frozen=True)
class Signal:
    """One line of ``signals.yml``."""

    intent: str
    value: str | None
    exact: frozenset[str]
    pattern: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def matches(self, text: str) -> bool:
        """Whether the message (blanks and punctuation taken out) carries this signal."""
        if text in self.exact or _FILLERS.sub("", text) in self.exact:
            return True
        if self.pattern is None or not self.pattern.search(text):
            return False
        return self.unless is None or not self.unless.search(text)


def load_signals(*files: Path) -> list[Signal]:
    """The signals of all ``files`` that exist, in order."""
    entries = [entry for file in files if file.exists() for entry in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return [
        Signal(
            intent=entry["intent"],
            value=entry.get("value"),
            exact=frozenset(str(word) for word in entry.get("exact", ())),
            pattern=re.compile(entry["pattern"]) if "pattern" in entry else None,
            unless=re.compile(entry["unless"]) if "unless" in entry else None,
        )
        for entry in entries
    ]


def find_signal(signals: list[Signal], text: str) -> Signal | None:
    """The first signal that ``text`` carries."""
    plain = _NOISE.sub("", text)
    digits = spoken_to_digits(plain)
    return next((s for s in signals if s.matches(plain) or (s.value == "receipt" and s.matches(digits))), None)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SignalDetector(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """Overrules the classifier where ``signals.yml`` says so; must stand after it in the pipeline."""

    def __init__(self, signals: list[Signal]) -> None:
        """``signals`` in order of precedence."""
        self._signals = signals

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SignalDetector:
        """Reads the pattern files; ``config["city_dir"]`` may hold one of the city's own."""
        own = [Path(config["city_dir"]) / "signals.yml"] if config.get("city_dir") else []
        return cls(load_signals(*own, _FILE))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No city file unless one is named."""
        return {"city_dir": None}

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of messages that carry a signal, with full confidence."""
        for message in messages:
            signal = find_signal(self._signals, message.get(TEXT) or "")
            if signal is None:
                continue
            message.set(INTENT, {"name": signal.intent, "confidence": 1.0}, add_to_output=True)
            if signal.value:
                entity = {"entity": SIGNAL_ENTITY, "value": signal.value, "start": 0, "end": len(message.get(TEXT))}
                message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages
