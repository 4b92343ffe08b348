"""What our components that learn have in common: how Rasa makes them, keeps what they learnt and gives it back.

Kept are the numbers and the vocabularies alone, in one npz archive: nothing in it can run, and it is read in a moment.
(skops, which keeps any estimator whole, takes seconds to import and reads a vocabulary word by word.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from typing_extensions import Self

Part: TypeAlias = CountVectorizer | LogisticRegression
"""What may learn; a :class:`TfidfVectorizer` is a CountVectorizer, too."""
_FILE = "learnt.npz"
_OF_A_MODEL = ("classes_", "coef_", "intercept_")
_WORDS, _WEIGHTS = "words", "idf_"


class LearntComponent(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """A classifier of scikit-learn parts."""

    parts: ClassVar[tuple[str, ...]]
    """The attributes that learn: each a :data:`Part`, made by ``__init__``."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """``config``: Rasa's for this component, over :meth:`get_default_config`."""
        self._config, self._storage, self._resource = config, storage, resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """One that knows nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Self:
        """The same as trained."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / _FILE, allow_pickle=False) as kept:
            for name in cls.parts:
                mine = {key.partition("/")[2]: kept[key] for key in kept.files if key.startswith(f"{name}/")}
                _give_back(getattr(component, name), mine)
        return component

    @classmethod
    def required_components(cls) -> list[type]:
        """A tokenizer: jieba must know the city's words."""
        return [Tokenizer]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in the pipeline trains on our guesses."""
        return training_data

    def _keep(self) -> Resource:
        """Writes down what was learnt."""
        arrays = {f"{name}/{key}": value for name in self.parts for key, value in _learnt(getattr(self, name)).items()}
        with self._storage.write_to(self._resource) as folder:
            _write(folder / _FILE, arrays)
        return self._resource


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    for name, array in arrays.items():
        if array.dtype.hasobject:  # it would be pickled
            raise TypeError(f"{name} is no plain array")
    np.savez(path, **arrays)


def _learnt(part: Part) -> dict[str, Any]:
    """What ``part`` learnt, as plain arrays."""
    if isinstance(part, LogisticRegression):
        return {name: getattr(part, name) for name in _OF_A_MODEL}
    words = sorted(part.vocabulary_, key=part.vocabulary_.__getitem__)
    arrays = {_WORDS: np.frombuffer(json.dumps(words).encode("ascii"), np.uint8)}
    if isinstance(part, TfidfVectorizer):
        arrays[_WEIGHTS] = part.idf_
    return arrays


def _give_back(part: Part, arrays: Mapping[str, Any]) -> None:
    """Makes ``part``, fresh from its constructor, what it was when :func:`_learnt` looked at it."""
    if isinstance(part, LogisticRegression):
        for name in _OF_A_MODEL:
            setattr(part, name, arrays[name])
        return
    part.vocabulary_ = {word: place for place, word in enumerate(json.loads(arrays[_WORDS].tobytes()))}
    if isinstance(part, TfidfVectorizer):
        part.idf_ = arrays[_WEIGHTS]
