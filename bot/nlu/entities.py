"""A Rasa component that reads phone numbers, places, times, names, parties and numbers (B4, B11)."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.reading.civic import CivicReader


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CivicEntityExtractor(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """Adds what :class:`bot.reading.civic.CivicReader` reads to messages, as the entities of ``bot/domain.yml``."""

    def __init__(self, reader: CivicReader) -> None:
        """``reader`` of the city."""
        self._reader = reader

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CivicEntityExtractor:
        """Reads the city pack at ``config["city_dir"]``."""
        return cls(CivicReader.of(config["city_dir"]))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The demo city."""
        return {"city_dir": "cities/yunzhou"}

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds what can be read from each message's text."""
        for message in messages:
            text = message.get(TEXT) or ""
            found = [
                {"entity": name, "value": value, "start": 0, "end": len(text), "extractor": "CivicEntityExtractor"}
                for name, value in self._reader.entities(text).items()
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages
