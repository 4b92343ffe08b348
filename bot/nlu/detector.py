"""What detectors have in common that alone decide one intent: a classifier learnt from what is meant and from what only
sounds like it, with the reason; sure words make it believe sooner. What each listens for is data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import jieba
import numpy as np
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_RANKING_KEY,
    METADATA,
    METADATA_INTENT,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.constants import SIGNAL_ENTITY
from bot.nlu.features import WORD, Features, likeliest, shares, tfidf
from bot.nlu.learnt import LearntComponent
from bot.reading.civic import CivicReader
from core.yaml_files import read_yaml

NOTHING = "nothing"
"""What an example is marked with that tells of it not at all; all others with the reason."""
_DATA = Path(__file__).parent.parent / "data"
_NOISE = re.compile(r"[\s\W_]+")
_PLACE = "甲"
_CLAUSE = re.compile(r"[^。！？；，!?;,\n]*[。！？；，!?;,\n]+|[^。！？；，!?;,\n]+")


@dataclass(frozen=True)
class Listening:
    """What a detector listens for, and when it believes: a file of ``bot/data/``."""

    line: float
    """The share from which a message is believed."""
    line_with_words: float
    """The same, where it holds sure words."""
    line_of_long: float
    """The same, in a message longer than ``long`` characters without sure words."""
    line_of_long_with_words: float
    long: int
    shortest: int
    """Characters from which a message without sure words is believed: 袭人 is a name."""
    piece: int | None
    """Characters of which a longer message is judged at a time, so that it tells of it if most of it does; None: as a
    whole."""
    words: dict[str, re.Pattern[str]]
    """Sure words by reason."""
    cues: dict[str, re.Pattern[str]]
    """Turns of phrase that speak for it or against it."""
    speak_for: frozenset[str]
    """The cues that speak for it; all others speak against it."""

    @classmethod
    @lru_cache(maxsize=8)
    def load(cls, name: str) -> Listening:
        """As shipped with the program."""
        content = read_yaml(_DATA / name)
        patterns = {
            part: {name: re.compile(pattern) for name, pattern in content[part].items()} for part in ("words", "cues")
        }
        lines = ("line", "line_with_words", "line_of_long", "line_of_long_with_words", "long", "shortest")
        return cls(
            words=patterns["words"],
            cues=patterns["cues"],
            speak_for=frozenset(content["speak_for"]),
            piece=content.get("piece"),
            **{line: content[line] for line in lines},
        )

    def line_for(self, length: int, *, with_words: bool) -> float:
        """The share from which a message of ``length`` characters is believed."""
        if length > self.long:
            return self.line_of_long_with_words if with_words else self.line_of_long
        return self.line_with_words if with_words else self.line

    def pieces_of(self, text: str) -> list[str]:
        """``text``, cut at the ends of clauses where it is long."""
        if self.piece is None or len(text) <= self.piece:
            return [text]
        pieces = [""]
        for clause in _CLAUSE.findall(text):
            if pieces[-1] and len(pieces[-1]) + len(clause) > self.piece:
                pieces.append("")
            pieces[-1] += clause
        return pieces

    def reason_in(self, text: str) -> str | None:
        """The reason whose sure words are in ``text``."""
        return next((reason for reason, pattern in self.words.items() if pattern.search(text)), None)

    def cues_in(self, text: str) -> list[str]:
        """The names of the cues in ``text``, and whether it holds sure words, alone or with a cue against them."""
        found = [name for name, pattern in self.cues.items() if pattern.search(text)]
        reason = self.reason_in(text)
        alone = self.speak_for.issuperset(found)
        sure = [f"word_{reason}", "word", *(["word_alone"] if alone else [])] if reason else []
        return [*found, *sure]


@dataclass(frozen=True)
class Verdict:
    """What a message tells of it."""

    reason: str
    """Which it would be: a key in ``bot/data/refusals.yml``."""
    share: float
    """How likely it is, 0 to 1."""
    believed: bool


class Detector(LearntComponent):
    """Decides one intent, for or against what the classifier before it guessed."""

    intent: ClassVar[str]
    listens_for: ClassVar[str]
    """The file of ``bot/data/`` with what it listens for."""
    counts: ClassVar[float]
    """Times an example that tells of it counts in learning, beside one that does not."""
    usual: ClassVar[str]
    """The reason of examples that are marked with none."""
    words_tell_why: ClassVar[bool]
    """Whether sure words say the reason; otherwise what was learnt says it."""
    parts = ("_characters", "_words", "_cues", "_model", "_reasons")

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """``config``: ``C`` (inverse regularisation), the weights of words, cues and meaning, ``city_dir``."""
        super().__init__(config, storage, resource)
        self._reader = CivicReader.of(config["city_dir"])
        self._known = Listening.load(self.listens_for)
        self._characters, self._words, self._cues = (
            tfidf("char", 1, 3),
            tfidf("word", 1, 2),
            CountVectorizer(token_pattern=WORD),
        )
        weighed = ((self._characters, 1.0), (self._words, config["word_weight"]), (self._cues, config["cue_weight"]))
        self._features = Features(weighed, config["meaning_weight"])
        self._model = LogisticRegression(
            C=config["C"], class_weight={False: 1, True: self.counts}, solver="liblinear", random_state=42
        )
        self._reasons = LogisticRegression(C=config["C"], class_weight="balanced", solver="liblinear", random_state=42)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Chosen by cross-validation on the training examples."""
        weights = {"word_weight": 0.5, "cue_weight": 0.5, "meaning_weight": 1.0}
        return {"C": 20.0, **weights, "city_dir": "cities/yunzhou"}

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples; those of other intents do not tell of it."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        self.fit([str(e.get(TEXT)) for e in examples], [self._reason_of(e) for e in examples])
        return self._keep()

    def fit(self, texts: list[str], reasons: list[str]) -> None:
        """Learns from ``texts`` and the reason of each, or :data:`NOTHING`."""
        features, told = (
            self._features.fit([self._seen(self._plain(text)) for text in texts]),
            np.array(reasons) != NOTHING,
        )
        self._model.fit(features, told)
        self._reasons.fit(features[told], np.array(reasons)[told])

    def judge(self, texts: list[str]) -> list[Verdict]:
        """The verdict on each of ``texts``."""
        pieces = [[self._plain(piece) for piece in self._known.pieces_of(text)] for text in texts]
        return [self._verdict(parts, [self._told(piece) for piece in parts]) for parts in pieces]

    def _told(self, plain: str) -> tuple[float, str]:
        """The share of one piece, and its likeliest reason."""
        row = self._features.one(self._seen(plain))
        return float(shares(self._model, row)[1]), str(likeliest(self._reasons, row))

    def _verdict(self, pieces: list[str], told: list[tuple[float, str]]) -> Verdict:
        """``told``: the share and the likeliest reason of each of ``pieces``."""
        plain, share = "".join(pieces), sum(share for share, _ in told) / len(told)
        sure = self._known.reason_in(plain)
        line = self._known.line_for(len(plain), with_words=sure is not None)
        believed = share >= line and (sure is not None or len(plain) >= self._known.shortest)
        return Verdict(sure if sure and self.words_tell_why else max(told)[1], share, believed)

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent of messages that tell of it, with full confidence; takes wrong guesses of it back."""
        for message, verdict in zip(messages, self.judge([m.get(TEXT) or "" for m in messages]), strict=True):
            if verdict.believed and self._may_decide(message, verdict):
                message.set(INTENT, {"name": self.intent, "confidence": 1.0}, add_to_output=True)
                entity = {"entity": SIGNAL_ENTITY, "value": verdict.reason, "start": 0, "end": len(message.get(TEXT))}
                message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
            else:
                self._take_back(message)
        return messages

    def _may_decide(self, message: Message, verdict: Verdict) -> bool:
        """Whether nothing else of the message speaks against the verdict."""
        return True

    def _take_back(self, message: Message) -> None:
        """Where it was guessed wrongly, the next likely guess stands, and it is out of the ranking."""
        ranking = [guess for guess in message.get(INTENT_RANKING_KEY) or [] if guess["name"] != self.intent]
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        if (message.get(INTENT) or {}).get("name") == self.intent:
            nothing = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0}
            message.set(INTENT, dict(ranking[0]) if ranking else nothing, add_to_output=True)

    def _plain(self, text: str) -> str:
        """What is said, without where: 消防队对面 is a place. When it was stays in it."""
        entities = self._reader.entities(text)
        for name in ("address_said", "address"):
            text = text.replace(entities[name], _PLACE) if name in entities else text
        return _NOISE.sub("", text)

    def _seen(self, plain: str) -> tuple[str, str, str]:
        """What each vectoriser sees of a text."""
        return plain, " ".join(jieba.cut(plain)), " ".join(["said", *self._known.cues_in(plain)])

    def _reason_of(self, example: Message) -> str:
        if example.get(INTENT) != self.intent:
            return NOTHING
        return str(((example.get(METADATA) or {}).get(METADATA_INTENT) or {}).get("reason", self.usual))
