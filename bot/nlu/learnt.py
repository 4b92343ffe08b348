"""What our components that learn have in common: how Rasa makes them, keeps what they learnt and gives it back."""

from __future__ import annotations

from typing import Any, ClassVar

import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.training_data.training_data import TrainingData
from typing_extensions import Self

_TRUSTED = ["scipy.sparse._csr.csr_matrix"]
"""What a model may hold besides plain scikit-learn: anything else in the file is refused."""


class LearntComponent(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """A classifier of scikit-learn parts, kept by skops in one file."""

    file: ClassVar[str]
    """Its name within the component's folder."""
    parts: ClassVar[tuple[str, ...]]
    """The attributes that learn, in the order in which the file has them."""

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
        with model_storage.read_from(resource) as folder:
            learnt = skops.io.load(folder / cls.file, trusted=_TRUSTED)
        for name, part in zip(cls.parts, learnt, strict=True):
            setattr(component, name, part)
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
        with self._storage.write_to(self._resource) as folder:
            skops.io.dump([getattr(self, name) for name in self.parts], folder / self.file)
        return self._resource
