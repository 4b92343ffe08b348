"""Rasa's memory of a conversation, kept on our database (docs/adr/0003-own-tracker-store.md).

A turn's tracker comes in with the turn and goes out with it, so that it is written in the same transaction as the
replies: a turn that is dropped or dies leaves no trace in the dialogue's memory. What is kept is what the rules need
to go on (slots, the running form), not the history of events: the messages themselves stand in the conversation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.constants import ALARMED

_JUST_NOW = timedelta(hours=1)
_NOT_KEPT = frozenset({"session_started_metadata"})


def condensed(tracker: DialogueStateTracker) -> str:
    """Everything of a tracker that the next turn needs, as JSON."""
    events: list[Event] = [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
    events += [
        SlotSet(name, slot.value)
        for name, slot in tracker.slots.items()
        if slot.value != slot.initial_value and name not in _NOT_KEPT
    ]
    if tracker.active_loop_name:
        events.append(ActiveLoop(tracker.active_loop_name))
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return json.dumps([_plain(event) for event in events], ensure_ascii=False)


def alarmed_just_now(tracker: str | None, now: datetime) -> bool:
    """Whether the memory of a conversation holds that whom to call in danger was told lately, and nothing has been
    taken down since."""
    if tracker is None:
        return False
    events = json.loads(tracker)
    slots = {event["name"]: event.get("value") for event in events if event["event"] == "slot"}
    alarm = slots.get(ALARMED)
    if not alarm or any(event["event"] == "active_loop" and event.get("name") for event in events):
        return False
    return alarm["intake"] == slots.get("intake") and now - datetime.fromisoformat(alarm["at"]) <= _JUST_NOW


def _plain(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.as_dict().items() if value is not None and name != "metadata"}


@dataclass(frozen=True)
class Memory:
    """What a turn leaves to the next one."""

    tracker: str
    """See :func:`condensed`."""
    slots: Mapping[str, Any]


class TurnTrackerStore(TrackerStore, SerializedTrackerAsText):  # type: ignore[misc]  # rasa is untyped
    """Holds the trackers of the turns that are under way."""

    def __init__(self, domain: Any = None) -> None:
        """``domain``: set by Rasa when the model is loaded."""
        self._trackers: dict[str, str] = {}
        self._slots: dict[str, dict[str, Any]] = {}
        super().__init__(domain)

    def begin(self, sender_id: str, tracker: str | None) -> None:
        """Puts the memory of the last finished turn in place."""
        self._trackers.pop(sender_id, None)
        if tracker is not None:
            self._trackers[sender_id] = tracker

    def end(self, sender_id: str) -> Memory | None:
        """Takes the memory out again, as the turn left it."""
        tracker, slots = self._trackers.pop(sender_id, None), self._slots.pop(sender_id, {})
        return None if tracker is None else Memory(tracker, slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Rasa's way in."""
        self._trackers[tracker.sender_id] = condensed(tracker)
        self._slots[tracker.sender_id] = tracker.current_slot_values()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Rasa's way out."""
        kept = self._trackers.get(sender_id)
        if kept is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(kept), self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """Conversations with a turn under way."""
        return self._trackers.keys()
