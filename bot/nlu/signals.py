"""A Rasa component that decides the intent of messages no statistical guess may decide: a wish for a person,
bare yes and no, a bare receipt number; and that takes guesses back which need more than a guess to be believed. The
patterns are data: ``bot/data/signals.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from backoffice.sounds import sound_of, sounds_of_name
from bot.nlu.constants import ALARM, ALARMED, SIGNAL_ENTITY
from bot.plan import MATTER_INTENTS
from bot.reading.digits import spoken_to_digits
from bot.reading.elsewhere import ElsewhereReader
from core.yaml_files import read_yaml

_FILE = Path(__file__).parent.parent / "data" / "signals.yml"
_LONGEST_SOUND = 8
_NOISE = re.compile(r"[\s\W_]+")
_FILLERS = re.compile(r"^(?:嗯|呃|额|那个|就是说?|啊|喂|你好|您好)+(?=.)|(?:啊|呀|吧|哈|呢|嘛|哦|的呀)+$")


_FOREIGN = re.compile(r"^(?=.*[A-Za-z<>{}])[^\u4e00-\u9fff]{9,}$", re.DOTALL)
"""Longer texts without a Chinese character: markup, code, another language. The classifier has seen none."""
_FACES = re.compile("[\U0001f000-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf]")
"""Without the signs that only give a face its colour."""
_WORDS = re.compile(r"\w")
"""Without any, a message is marks and faces alone, and a guess about it is worth nothing."""


_IN_DANGER = {"name": "danger", "confidence": 1.0}
"""What :class:`bot.nlu.danger.DangerDetector` decided: nothing comes before it."""
_NOT_UNDERSTOOD = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0}
_NOT_TAKEN = {"name": "out_of_remit", "confidence": 1.0}
"""What :class:`bot.nlu.remit.RemitDetector` decided: only a wish for a person comes before it."""


@dataclass(frozen=True)
class Signal:
    """One line of ``signals.yml``."""

    intent: str
    value: str | None
    exact: frozenset[str]
    pattern: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    after: str | None = None
    """Counts only right after this, and then before everything else."""
    beside: re.Pattern[str] | None = None
    """Where given, all that may stand beside the pattern: with anything else in it, a message says more than that."""
    faces: frozenset[str] = frozenset()
    """The faces of which a message without words consists."""
    sounds: frozenset[tuple[str, ...]] = frozenset()
    """What the whole message may sound like, whichever characters recognition or typing put."""

    def matches(self, text: str) -> bool:
        """Whether the message (blanks and punctuation taken out) carries this signal."""
        bare = _FILLERS.sub("", text)
        if text in self.exact or bare in self.exact or self._sounds_so(bare):
            return True
        if self.pattern is None or self.pattern.search(text) is None:
            return False
        if self.beside is not None and self.beside.sub("", self.pattern.sub("", text)):
            return False
        return self.unless is None or self.unless.search(text) is None

    def _sounds_so(self, text: str) -> bool:
        return len(text) <= _LONGEST_SOUND and bool(self.sounds) and tuple(map(sound_of, text)) in self.sounds


_ELSEWHERE = Signal("out_of_remit", "elsewhere", frozenset(), None, None)
_OF_A_PLACE = MATTER_INTENTS | {"out_of_remit", "inform", "request_order", DEFAULT_NLU_FALLBACK_INTENT_NAME}
"""Intents of messages that may tell a matter, and with it where it lies."""
_YOURS = re.compile(r"你们?(?:能|可以)?管|归你们|管不管|能投诉|要投诉")


_A_GUESS = 0.18
"""Confidence from which a guess may take the place of another (``threshold`` of the fallback in config.yml)."""


@dataclass(frozen=True)
class Doubt:
    """When a guess of the classifier's is not believed."""

    intents: frozenset[str]
    below: float
    longer: int = 0
    """Characters above which alone it is not believed."""

    def rejects(self, intent: str, confidence: float, length: int) -> bool:
        """Whether ``intent``, guessed of a message of ``length`` characters, gives way to the next likely one."""
        return intent in self.intents and confidence < self.below and length > self.longer


@dataclass(frozen=True)
class Signals:
    """Everything of ``signals.yml``."""

    signals: tuple[Signal, ...]
    """In order of precedence."""
    doubts: tuple[Doubt, ...]
    after_alarm: tuple[Signal, ...] = ()
    """What is heard first where whom to call in danger was just told."""

    @classmethod
    def load(cls, *files: Path) -> Signals:
        """What all ``files`` that exist hold, in order."""
        entries = [e for file in files if file.exists() for e in read_yaml(file)]
        signals = [_signal(entry) for entry in entries if "intent" in entry]
        return cls(
            tuple(signal for signal in signals if signal.after is None),
            tuple(_doubt(entry) for entry in entries if "doubt" in entry),
            tuple(signal for signal in signals if signal.after == ALARM),
        )

    def find(self, text: str) -> Signal | None:
        """The first signal that ``text`` carries."""
        plain, faces = _NOISE.sub("", text), frozenset(_FACES.findall(text))
        if faces and not plain:
            return next((s for s in self.signals if faces <= s.faces), None)
        digits = spoken_to_digits(plain)
        return next((s for s in self.signals if s.matches(plain) or (s.value == "receipt" and s.matches(digits))), None)

    def find_after_alarm(self, text: str) -> Signal | None:
        """What ``text`` says of the danger that was just told of: that it is over, that help has been called."""
        plain = _NOISE.sub("", text)
        return next((signal for signal in self.after_alarm if signal.matches(plain)), None)

    def believed(self, ranking: Sequence[Mapping[str, Any]], text: str) -> Mapping[str, Any] | None:
        """The first guess of ``ranking`` about ``text`` that stands; where none does, the first, if only its length
        speaks against it. None: nothing is to be believed."""
        length = len(_NOISE.sub("", text))
        stand = (guess for guess in ranking if not any(self._rejecting(guess, length)))
        found = next((guess for guess in stand if guess["confidence"] >= _A_GUESS), None)
        if found is not None or not ranking:
            return found
        return ranking[0] if all(doubt.longer for doubt in self._rejecting(ranking[0], length)) else None

    def _rejecting(self, guess: Mapping[str, Any], length: int) -> Iterator[Doubt]:
        return (doubt for doubt in self.doubts if doubt.rejects(guess["name"], guess["confidence"], length))


def _doubt(entry: Mapping[str, Any]) -> Doubt:
    return Doubt(frozenset(entry["doubt"]), entry["below"], entry.get("longer", 0))


def _signal(entry: Mapping[str, Any]) -> Signal:
    return Signal(
        intent=entry["intent"],
        value=entry.get("value"),
        exact=frozenset(str(word) for word in entry.get("exact", ())),
        pattern=_pattern(entry, "pattern"),
        unless=_pattern(entry, "unless"),
        after=entry.get("after"),
        beside=_pattern(entry, "beside"),
        faces=frozenset(entry.get("faces", ())),
        sounds=frozenset(heard for words in entry.get("sounds", ()) for heard in sounds_of_name(words)),
    )


def _pattern(entry: Mapping[str, Any], name: str) -> re.Pattern[str] | None:
    return re.compile(entry[name]) if name in entry else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SignalDetector(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """Overrules the classifier where ``signals.yml`` says so; must stand after it in the pipeline."""

    def __init__(self, signals: Signals, elsewhere: ElsewhereReader | None = None) -> None:
        """``signals`` of the program and of the city; ``elsewhere`` knows what is not the city's."""
        self._signals, self._elsewhere = signals, elsewhere

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
        elsewhere = ElsewhereReader.of(config["city_dir"]) if config.get("city_dir") else None
        return cls(Signals.load(*own, _FILE), elsewhere)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No city file unless one is named."""
        return {"city_dir": None}

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of messages that carry a signal, with full confidence; takes doubtful guesses back."""
        for message in messages:
            alarmed = (message.get(METADATA) or {}).get(ALARMED)
            over = self._signals.find_after_alarm(message.get(TEXT) or "") if alarmed else None
            if over is not None:
                _carry(message, over)
            elif message.get(INTENT) != _IN_DANGER:
                self._decide(message)
        return messages

    def _decide(self, message: Message) -> None:
        text = message.get(TEXT) or ""
        refused = message.get(INTENT) == _NOT_TAKEN
        signal = self._signals.find(text)
        if refused and signal is not None and signal.intent != "human":
            signal = None
        if signal is None and not refused:
            if self._is_none_of_ours(text):
                message.set(INTENT, dict(_NOT_UNDERSTOOD), add_to_output=True)
                return
            self._doubt(message)
        if self._lies_elsewhere(message, signal):
            signal = _ELSEWHERE
        if signal is not None:
            _carry(message, signal)

    @staticmethod
    def _is_none_of_ours(text: str) -> bool:
        return _FOREIGN.match(text) is not None or _WORDS.search(text) is None

    def _lies_elsewhere(self, message: Message, signal: Signal | None) -> bool:
        """Whether the message tells a matter that lies in another city, and no place of this one."""
        text = message.get(TEXT) or ""
        intent = signal.intent if signal else (message.get(INTENT) or {}).get("name")
        if self._elsewhere is None or not (intent in _OF_A_PLACE or _YOURS.search(text)):
            return False
        here = any(entity["entity"] == "address" for entity in message.get(ENTITIES, []))
        return not here and self._elsewhere.read(_NOISE.sub("", text))

    def _doubt(self, message: Message) -> None:
        ranking = message.get(INTENT_RANKING_KEY) or []
        guess = self._signals.believed(ranking, message.get(TEXT) or "")
        if ranking:
            message.set(INTENT, dict(guess or _NOT_UNDERSTOOD), add_to_output=True)


def _carry(message: Message, signal: Signal) -> None:
    message.set(INTENT, {"name": signal.intent, "confidence": 1.0}, add_to_output=True)
    if signal.value:
        entity = {"entity": SIGNAL_ENTITY, "value": signal.value, "start": 0, "end": len(message.get(TEXT))}
        others = [found for found in message.get(ENTITIES, []) if found["entity"] != SIGNAL_ENTITY]
        message.set(ENTITIES, [*others, entity], add_to_output=True)
