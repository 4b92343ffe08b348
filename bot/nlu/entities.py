"""A Rasa component that reads phone numbers, places, times, names, parties and numbers (B4, B11)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.reading.digits import read_receipt
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import Gazetteer
from bot.reading.targets import read_target
from bot.reading.times import time_words


class DepartmentNames:
    """The names by which citizens call departments."""

    def __init__(self, names: dict[str, str]) -> None:
        """``names``: spoken name → department code."""
        self._names = sorted(names.items(), key=lambda item: -len(item[0]))

    @classmethod
    def load(cls, city_dir: Path) -> DepartmentNames:
        """Names, short names and aliases of ``departments.yml`` of a city pack."""
        departments = yaml.safe_load((city_dir / "departments.yml").read_text(encoding="utf-8"))
        names: dict[str, str] = {}
        for department in departments:
            for name in (department["name"], department.get("short"), *department.get("aliases", ())):
                if name and len(name) > 1:
                    names.setdefault(name, department["code"])
        return cls(names)

    def read(self, text: str) -> str | None:
        """The code of the first department named in ``text``."""
        return next((code for name, code in self._names if name in text), None)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class CivicEntityExtractor(GraphComponent):  # type: ignore[misc]  # rasa is untyped
    """Adds the entities ``person phone address time number department target`` to messages."""

    def __init__(self, gazetteer: Gazetteer, departments: DepartmentNames) -> None:
        """``gazetteer`` and ``departments`` of the city."""
        self._gazetteer = gazetteer
        self._departments = departments

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CivicEntityExtractor:
        """Reads the city pack at ``config["city_dir"]``."""
        city_dir = Path(config["city_dir"])
        return cls(Gazetteer.load(city_dir), DepartmentNames.load(city_dir))

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
                for name, value in self._read(text).items()
                if value is not None
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages

    def _read(self, text: str) -> dict[str, Any]:
        phone = read_phone(text, self._gazetteer.area_code)
        place = self._gazetteer.read(text)
        return {
            "person": read_name(text),
            "phone": phone.number if phone else None,
            "address": place.words if place and place.precise else None,
            "time": time_words(text),
            "number": read_receipt(text),
            "department": self._departments.read(text),
            "target": read_target(text),
        }
