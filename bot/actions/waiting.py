"""Several matters told in one message: the one being taken down first, the others after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.base import Event, Turn, set_slots
from bot.actions.intake_slots import (
    EMPTY,
    INTAKE_FORM,
    REQUESTED,
    WAITING,
)
from bot.actions.several import as_if_alone
from bot.plan import KIND_OF_INTENT
from bot.services import Services
from bot.situation import Utterance
from core.messages import Reply

_QUOTED = 16
"""Characters of a matter that are said back to tell which one it is."""


def begin_waiting(turn: Turn, services: Services, known: Mapping[str, Any]) -> list[Event]:
    """The next of several matters told in one message. ``known``: what holds for it, too: who reports it."""
    following, *rest = turn.slot(WAITING)
    said = as_if_alone(turn.utterance, following["text"], services, following["intent"])
    turn.say(Reply(f"接着登记您说的另一件事：“{_in_short(said.text)}”。"))
    values = {**known, **services.reader.begin(said, services.now(), turn.metadata.get("sender_phone"))}
    fresh = {**EMPTY, **values, "kind": KIND_OF_INTENT[said.intent].value}
    fresh |= {"category": services.category_of(said.text), "intake": (turn.slot("intake") or 0) + 1}
    begun = set_slots({**fresh, WAITING: rest or None})
    return [ActiveLoop(None), SlotSet(REQUESTED, None), *begun, FollowupAction(INTAKE_FORM)]


def tell_one_by_one(turn: Turn, first: Utterance, later: Sequence[Utterance]) -> None:
    count = "一两三四五六七八九"[len(later) : len(later) + 1] or "几"
    turn.say(Reply(f"您说了{count}件事，一件一件登记，一件都不会漏。先说“{_in_short(first.text)}”这件。"))


def _in_short(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
