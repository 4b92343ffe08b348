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
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.nlu.constants import PARTS
from bot.nlu.learnt import LearntComponent
from bot.reading.civic import CivicReader
from bot.reading.cues import cues_of
from bot.reading.parts import parts_of
from knowledge.meaning import meaning, unit

_WORD = r"\S+"
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
        self._characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
        self._words = TfidfVectorizer(analyzer="word", token_pattern=_WORD, ngram_range=(1, 2), sublinear_tf=True)
        self._form = CountVectorizer(token_pattern=_WORD)
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
        texts = [str(example.get(TEXT)) for example in examples]
        gists = self._gists(texts)
        self._characters.fit(gists)
        self._words.fit(_words(gists))
        self._form.fit(self._forms(texts))
        self._model.fit(self._features(texts), [example.get(INTENT) for example in examples])
        return self._keep()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking, and the same of the parts of a message that has several."""
        for message in messages:
            text = message.get(TEXT) or ""
            parts = parts_of(text)
            several = parts if 1 < len(parts) <= _MOST_PARTS else []
            whole, *of_parts = self._rankings([text, *several])
            message.set(INTENT, whole[0], add_to_output=True)
            message.set("intent_ranking", whole, add_to_output=True)
            if several:
                told = [{TEXT: part, **ranking[0]} for part, ranking in zip(several, of_parts, strict=True)]
                message.set(PARTS, told, add_to_output=True)
        return messages

    def _rankings(self, texts: list[str]) -> list[list[dict[str, Any]]]:
        shares = self._model.predict_proba(self._features(texts))
        best = np.argsort(shares, axis=1)[:, ::-1][:, :_RANKING]
        names = self._model.classes_
        return [
            [{"name": str(names[i]), "confidence": float(row[i])} for i in order]
            for row, order in zip(shares, best, strict=True)
        ]

    def _features(self, texts: list[str]) -> csr_matrix:
        gists = self._gists(texts)
        words = self._words.transform(_words(gists)) * self._config["word_weight"]
        form = self._form.transform(self._forms(texts)) * self._config["form_weight"]
        meant = csr_matrix(unit(meaning().sums(gists)) * self._config["meaning_weight"])
        return hstack([self._characters.transform(gists), words, form, meant]).tocsr()

    def _gists(self, texts: list[str]) -> list[str]:
        return [self._reader.gist(text) for text in texts]

    def _forms(self, texts: list[str]) -> list[str]:
        return [self._form_of(text) for text in texts]

    def _form_of(self, text: str) -> str:
        return " ".join([*cues_of(text), *(f"holds_{name}" for name in self._reader.entities(text))])


def _words(gists: list[str]) -> list[str]:
    return [" ".join(jieba.cut(gist)) for gist in gists]
