"""What every action of ours starts from: the turn it runs in, and speaking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.nlu.constants import ALARMED, PARTS
from bot.plan import MATTER_INTENTS
from bot.reading.cues import bears_out
from bot.services import Services
from bot.situation import Part, Utterance
from core.messages import QuickReply, Reply

Event = dict[str, Any]
HUMAN = QuickReply("转人工")
VERDICTS = (QuickReply("有用"), QuickReply("没用"))


def lead_on(events: Sequence[Event]) -> bool:
    """Whether another action follows."""
    return any(event.get("event") == "followup" for event in events)


@dataclass(frozen=True)
class Turn:
    """The turn an action runs in: what was said, what is remembered, where it comes from."""

    tracker: Tracker
    dispatcher: CollectingDispatcher

    @property
    def utterance(self) -> Utterance:
        """The citizen's message as understood; the first reading of each entity counts."""
        message = self.tracker.latest_message
        text = message.get("text") or ""
        entities: dict[str, Any] = {}
        for entity in message.get("entities", ()):
            entities.setdefault(entity["entity"], entity["value"])
        intent = message.get("intent") or {}
        ranking = [guess["name"] for guess in message.get("intent_ranking", ())]
        return Utterance(
            text=text,
            intent=intent.get("name") or "",
            confidence=float(intent.get("confidence") or 0.0),
            entities=entities,
            matter=next((name for name in ranking if name in MATTER_INTENTS and bears_out(name, text)), None),
            parts=tuple(Part(p["text"], p["name"], p["confidence"]) for p in message.get(PARTS) or ()),
        )

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the engine knows about the message: contact, channel, sender's number, photos."""
        return self.tracker.latest_message.get("metadata") or {}

    @property
    def conversation_id(self) -> str:
        """The conversation this turn belongs to."""
        return str(self.tracker.sender_id)

    def slot(self, name: str) -> Any:
        """The value of a slot."""
        return self.tracker.get_slot(name)

    def freshly_said(self, form: str) -> bool:
        """Whether the citizen's message has not been read yet: the last thing done was to listen.

        Rasa calls a form's validation again when it comes back from an interruption; the message that interrupted
        must not be taken for an answer then. (It shows the form itself as the latest action while it validates.)
        """
        done = [event["name"] for event in self.tracker.events if event["event"] == "action"]
        while done and done[-1] == form:
            done.pop()
        return bool(done) and done[-1] == "action_listen"

    @property
    def in_danger(self) -> bool:
        """Whether it was told just now whom to call in danger, and not that it is over."""
        return bool(self.metadata.get(ALARMED)) and not (self.slot(ALARMED) or {}).get("over")

    def going_back(self) -> Event:
        """On with the form that runs, or to listening: what an action ends with that no rule leads on from."""
        back: Event = FollowupAction(self.tracker.active_loop_name or "action_listen")
        return back

    def say(self, reply: Reply) -> None:
        """Speaks a reply of our own making."""
        self.dispatcher.utter_message(text=reply.text, json_message=reply.payload())

    def respond(self, response: str, **values: Any) -> None:
        """Speaks a response of the domain, with ``values`` filled in."""
        self.dispatcher.utter_message(response=response, **values)


class HotlineAction(Action):  # type: ignore[misc]  # rasa_sdk is untyped
    """An action with the hotline's services at hand; subclasses implement :meth:`act`."""

    action_name = ""

    def __init__(self, services: Services) -> None:
        """``services``: the rooms below."""
        self.services = services

    def name(self) -> str:
        """The name in the domain."""
        return self.action_name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> list[Event]:
        """Rasa's way in."""
        return await self.act(Turn(tracker, dispatcher))

    async def act(self, turn: Turn) -> list[Event]:
        """Does the work; returns Rasa events."""
        raise NotImplementedError


def set_slots(values: Mapping[str, Any]) -> list[Event]:
    """One SlotSet event per value."""
    return [SlotSet(name, value) for name, value in values.items()]
