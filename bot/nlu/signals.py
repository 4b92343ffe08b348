"""A Rasa component that decides the intent of messages no statistical guess may decide: danger, a wish for a person,
bare yes and no, a bare receipt number; and that takes guesses back which need more than a guess to be believed. The
patterns are data: ``bot/data/signals.yml``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
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
        return self.pattern is not None and self.pattern.search(text) is not None and not self.excepts(text)

    def excepts(self, text: str) -> bool:
        """Whether the message speaks of this, and says that it is not so: 去年着过火."""
        if self.pattern is None or self.unless is None:
            return False
        return self.pattern.search(text) is not None and self.unless.search(text) is not None


@dataclass(frozen=True)
class Doubt:
    """When a guess of the classifier's is not believed."""

    intent: str
    below: float
    pattern: re.Pattern[str] | None

    def rejects(self, intent: str, confidence: float, text: str) -> bool:
        """Whether ``intent``, guessed for ``text``, gives way to the next likely one."""
        if intent != self.intent:
            return False
        return confidence < self.below or (self.pattern is not None and self.pattern.search(text) is not None)


@dataclass(frozen=True)
class Signals:
    """Everything of ``signals.yml``."""

    signals: tuple[Signal, ...]
    """In order of precedence."""
    doubts: tuple[Doubt, ...]

    @classmethod
    def load(cls, *files: Path) -> Signals:
        """What all ``files`` that exist hold, in order."""
        entries = [e for file in files if file.exists() for e in yaml.safe_load(file.read_text(encoding="utf-8"))]
        return cls(
            tuple(_signal(entry) for entry in entries if "intent" in entry),
            tuple(
                Doubt(entry["doubt"], entry["below"], _pattern(entry, "pattern"))
                for entry in entries
                if "doubt" in entry
            ),
        )

    def find(self, text: str) -> Signal | None:
        """The first signal that ``text`` carries."""
        plain = _NOISE.sub("", text)
        digits = spoken_to_digits(plain)
        return next((s for s in self.signals if s.matches(plain) or (s.value == "receipt" and s.matches(digits))), None)

    def believed(self, ranking: Sequence[Mapping[str, Any]], text: str) -> Mapping[str, Any] | None:
        """The first guess of ``ranking`` that stands; None when none does."""
        plain = _NOISE.sub("", text)
        return next((guess for guess in ranking if not self._rejected(guess, plain)), None)

    def _rejected(self, guess: Mapping[str, Any], text: str) -> bool:
        name = guess["name"]
        if not any(doubt.intent == name for doubt in self.doubts):
            return False
        if any(signal.intent == name and signal.excepts(text) for signal in self.signals):
            return True
        return any(doubt.rejects(name, guess["confidence"], text) for doubt in self.doubts)


def _signal(entry: Mapping[str, Any]) -> Signal:
    return Signal(
        intent=entry["intent"],
        value=entry.get("value"),
        exact=frozenset(str(word) for word in entry.get("exact", ())),
        pattern=_pattern(entry, "pattern"),
        unless=_pattern(entry, "unless"),
    )


def _pattern(entry: Mapping[str, Any], name: str) -> re.Pattern[str] | None:
    return re.compile(entry[name]) if name in entry else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SignalDetector(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """Overrules the classifier where ``signals.yml`` says so; must stand after it in the pipeline."""

    def __init__(self, signals: Signals) -> None:
        """``signals`` of the program and of the city."""
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
        return cls(Signals.load(*own, _FILE))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No city file unless one is named."""
        return {"city_dir": None}

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of messages that carry a signal, with full confidence; takes doubtful guesses back."""
        for message in messages:
            signal = self._signals.find(message.get(TEXT) or "")
            if signal is None:
                self._doubt(message)
                continue
            message.set(INTENT, {"name": signal.intent, "confidence": 1.0}, add_to_output=True)
            if signal.value:
                entity = {"entity": SIGNAL_ENTITY, "value": signal.value, "start": 0, "end": len(message.get(TEXT))}
                message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages

    def _doubt(self, message: Message) -> None:
        guess = self._signals.believed(message.get(INTENT_RANKING_KEY) or [], message.get(TEXT) or "")
        if guess is not None:
            message.set(INTENT, dict(guess), add_to_output=True)
