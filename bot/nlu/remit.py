"""A Rasa component that tells whether somebody wants what the hotline does not take (B3), and why it does not: a
classifier learnt from such wishes and from what only sounds like them (``near_remit.yml``: how to sue, unpaid wages,
what lies beside a court, police that do not come). It alone decides the intent ``out_of_remit``, after danger; sure
words (``bot/data/remit.yml``) make it believe sooner."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.danger import DANGER
from bot.nlu.detector import Detector, Verdict
from bot.reading.elsewhere import ElsewhereReader

OUT_OF_REMIT = "out_of_remit"
_ELSEWHERE = "elsewhere"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class RemitDetector(Detector):
    """Decides the intent ``out_of_remit``. A matter refused wrongly is lost; one taken wrongly a person will see."""

    intent = OUT_OF_REMIT
    listens_for = "remit.yml"
    counts = 2
    usual = "default"
    words_tell_why = False

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        """``config``: as :class:`Detector` has it; the city of ``city_dir`` and its province are not elsewhere."""
        super().__init__(config, storage, resource)
        self._of_places = ElsewhereReader.of(config["city_dir"])

    def _may_decide(self, message: Message, verdict: Verdict) -> bool:
        """Danger comes first; and what lies at a place of this city is no other city's."""
        here = any(entity["entity"] == "address" for entity in message.get(ENTITIES, []))
        if verdict.reason == _ELSEWHERE and (here or self._of_places.is_home(message.get(TEXT) or "")):
            return False
        return (message.get(INTENT) or {}).get("name") != DANGER
