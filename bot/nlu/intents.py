"""A Rasa intent classifier for short spoken Mandarin: logistic regression over TF-IDF of characters and words, over
the meaning of the whole (knowledge/meaning.py), over the cues of its form, and over what kinds of data it holds.

Rasa's own LogisticRegressionClassifier counts n-grams without weighing them, and knows nothing of form; what each of
these is worth is measured in docs/adr/0006-intent-classifier.md.
"""

from __future__ import annotations

from typing import Any

import jieba
import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.constants import PARTS
from bot.nlu.features import WORD, Features, shares, tfidf
from bot.nlu.learnt import LearntComponent
from bot.reading.civic import CivicReader
from bot.reading.cues import cues_of
from bot.reading.parts import parts_of

_RANKING = 5
_MOST_PARTS = 6
"""A message of more parts is a story, whose pieces say little by themselves."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CivicIntentClassifier(LearntComponent):
    """Ranks intents by the gist of a message; jieba must know the city's words (JiebaTokenizer teaches it them)."""

    parts = ("_characters", "_words", "_form", "_model")

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """``config``: ``C`` (inverse regularisation), ``word_weight``, ``form_weight``, ``meaning_weight``,
        ``city_dir``."""
        super().__init__(config, storage, resource)
        self._reader = CivicReader.of(config["city_dir"])
        self._characters, self._words, self._form = (
            tfidf("char", 1, 2),
            tfidf("word", 1, 2),
            CountVectorizer(token_pattern=WORD),
        )
        weighed = ((self._characters, 1.0), (self._words, config["word_weight"]), (self._form, config["form_weight"]))
        self._features = Features(weighed, config["meaning_weight"])
        self._model = LogisticRegression(
            C=config["C"], class_weight="balanced", solver="liblinear", random_state=42
        )  # one against the rest, twenty times as fast as all at once and as often right

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Chosen by cross-validation on the training examples."""
        weights = {"word_weight": 0.4, "form_weight": 0.3, "meaning_weight": 1.0}
        return {"C": 10.0, **weights, "city_dir": "cities/yunzhou"}

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples with an intent."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        features = self._features.fit([self._seen(str(example.get(TEXT))) for example in examples])
        self._model.fit(features, [example.get(INTENT) for example in examples])
        return self._keep()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking, and the same of the parts of a message that has several."""
        for message in messages:
            text = message.get(TEXT) or ""
            parts = parts_of(text)
            several = parts if 1 < len(parts) <= _MOST_PARTS else []
            whole, *of_parts = map(self._ranking, [text, *several])
            message.set(INTENT, whole[0], add_to_output=True)
            message.set("intent_ranking", whole, add_to_output=True)
            if several:
                told = [{TEXT: part, **ranking[0]} for part, ranking in zip(several, of_parts, strict=True)]
                message.set(PARTS, told, add_to_output=True)
        return messages

    def _ranking(self, text: str) -> list[dict[str, Any]]:
        each, names = shares(self._model, self._features.one(self._seen(text))), self._model.classes_
        best = np.argsort(each)[::-1][:_RANKING]
        return [{"name": str(names[place]), "confidence": float(each[place])} for place in best]

    def _seen(self, text: str) -> tuple[str, str, str]:
        """What each vectoriser sees of a text."""
        gist = self._reader.gist(text)
        form = " ".join([*cues_of(text), *(f"holds_{name}" for name in self._reader.entities(text))])
        return gist, " ".join(jieba.cut(gist)), form
