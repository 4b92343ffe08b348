"""A Rasa intent classifier for short spoken Mandarin: logistic regression over TF-IDF of characters and words, over
the cues of a message's form, and over what kinds of data it holds.

Rasa's own LogisticRegressionClassifier counts n-grams without weighing them, and knows nothing of form; what each of
these is worth is measured in docs/adr/0006-intent-classifier.md.
"""

from __future__ import annotations

from typing import Any

import jieba
import numpy as np
import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.reading.civic import CivicReader
from bot.reading.cues import cues_of

_WORD = r"\S+"
_FILE = "intents.skops"
_TRUSTED = ["scipy.sparse._csr.csr_matrix"]
"""What a model may hold besides plain scikit-learn: anything else in the file is refused."""
_RANKING = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CivicIntentClassifier(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """Ranks intents by the gist of a message; jieba must know the city's words (JiebaTokenizer teaches it them)."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """``config``: ``C`` (inverse regularisation), ``word_weight``, ``form_weight``, ``city_dir``."""
        self._config, self._storage, self._resource = config, storage, resource
        self._reader = CivicReader.of(config["city_dir"])
        self._characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
        self._words = TfidfVectorizer(analyzer="word", token_pattern=_WORD, ngram_range=(1, 2), sublinear_tf=True)
        self._form = CountVectorizer(token_pattern=_WORD)
        self._model = LogisticRegression(
            C=config["C"], class_weight="balanced", solver="liblinear", random_state=42
        )  # one against the rest, twenty times as fast as all at once and as often right

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CivicIntentClassifier:
        """A classifier that knows nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CivicIntentClassifier:
        """The classifier as trained."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            parts = skops.io.load(folder / _FILE, trusted=_TRUSTED)
        classifier._characters, classifier._words, classifier._form, classifier._model = parts
        return classifier

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Chosen by cross-validation on the training examples."""
        return {"C": 10.0, "word_weight": 0.4, "form_weight": 0.1, "city_dir": "cities/yunzhou"}

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from all examples with an intent."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        gists = self._gists(examples)
        self._characters.fit(gists)
        self._words.fit(_words(gists))
        self._form.fit(self._forms(examples))
        self._model.fit(self._features(examples), [example.get(INTENT) for example in examples])
        with self._storage.write_to(self._resource) as folder:
            skops.io.dump([self._characters, self._words, self._form, self._model], folder / _FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking."""
        if not messages:
            return messages
        for message, shares in zip(messages, self._model.predict_proba(self._features(messages)), strict=True):
            best = np.argsort(shares)[::-1][:_RANKING]
            ranking = [{"name": str(self._model.classes_[i]), "confidence": float(shares[i])} for i in best]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in the pipeline trains on our guesses."""
        return training_data

    def _features(self, messages: list[Message]) -> csr_matrix:
        gists = self._gists(messages)
        words = self._words.transform(_words(gists)) * self._config["word_weight"]
        form = self._form.transform(self._forms(messages)) * self._config["form_weight"]
        return hstack([self._characters.transform(gists), words, form]).tocsr()

    def _gists(self, messages: list[Message]) -> list[str]:
        return [self._reader.gist(message.get(TEXT) or "") for message in messages]

    def _forms(self, messages: list[Message]) -> list[str]:
        return [self._form_of(message.get(TEXT) or "") for message in messages]

    def _form_of(self, text: str) -> str:
        return " ".join([*cues_of(text), *(f"holds_{name}" for name in self._reader.entities(text))])


def _words(gists: list[str]) -> list[str]:
    return [" ".join(jieba.cut(gist)) for gist in gists]
