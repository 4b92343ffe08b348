"""Taking an order down: the form's validation, its questions, and the steps around it (B4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet

from backoffice.kinds import Kind
from bot.actions.base import Event, HotlineAction, Turn, set_slots
from bot.actions.consult import Consult
from bot.answers import SURE
from bot.intake import PATIENCE, Advance
from bot.plan import KIND_OF_INTENT, MATTER_INTENTS
from bot.reading.cues import is_a_question, is_aggrieved
from bot.situation import CONFIRM, DISTRICT, Situation
from core.messages import Reply

INTAKE_FORM = "intake_form"
REQUESTED = "requested_slot"
RESUME = "resume"
"""The offer to go on with an intake that something else came before."""
FIELDS = ("content", "target", "address", "time", "confidential", "name", "phone", CONFIRM)
WAIT = FollowupAction("action_listen")
_WISHES = frozenset({"request_order", "affirm"})
"""Intents of somebody who wants something taken down and does not say what."""
EMPTY: dict[str, Any] = dict.fromkeys(
    (*FIELDS, DISTRICT, "kind", "category", "photos", "asked", "doubted", "tries", "question", "offer", "known")
)


def situation(turn: Turn, action: HotlineAction) -> Situation:
    """Where the intake of this turn stands."""
    return Situation(
        kind=Kind(turn.slot("kind") or Kind.COMPLAIN),
        category=turn.slot("category"),
        values={name: turn.slot(name) for name in (*FIELDS, DISTRICT, "kind")},
        requested=turn.slot(REQUESTED),
        tries=turn.slot("tries") or 0,
        now=action.services.now(),
        sender_phone=turn.metadata.get("sender_phone"),
        doubted=bool(turn.slot("doubted")),
    )


def photos_so_far(turn: Turn) -> list[Any] | None:
    """The photos of the matter, those of this message among them; None when there are none."""
    return [*(turn.slot("photos") or ()), *turn.metadata.get("attachments", ())] or None


class StartIntake(Consult):
    """Begins an intake with everything the first message, and what was said before it, already tells."""

    action_name = "action_start_intake"

    async def act(self, turn: Turn) -> list[Event]:
        """Clears the last intake's values and reads the message; or answers what turns out to be a question."""
        said = turn.utterance
        answered = self._answer_instead(turn)
        if answered is not None:
            return answered
        values = self.services.reader.begin(said, self.services.now(), turn.metadata.get("sender_phone"))
        if said.intent in _WISHES and not self.services.sounds_like_a_matter(said.text):
            values.pop("content", None)  # 请帮我登记下来 tells no matter
        kind = self._kind(turn, values)
        fresh = {**EMPTY, **(turn.slot("known") or {}), **values, "kind": kind.value if kind else None}
        fresh["photos"] = photos_so_far(turn)
        if values.get("content"):
            fresh["category"] = self.services.category_of(values["content"])
        fresh["intake"] = (turn.slot("intake") or 0) + 1
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(fresh), FollowupAction(INTAKE_FORM)]

    @staticmethod
    def _kind(turn: Turn, values: dict[str, Any]) -> Kind | None:
        """The kind that is told, None until the matter tells it; a question that stayed open is taken up here."""
        said, asked_before = turn.utterance, turn.slot("question")
        told = KIND_OF_INTENT[said.intent] if said.intent in MATTER_INTENTS else None
        if "content" in values:
            return told or KIND_OF_INTENT.get(said.matter or "", Kind.COMPLAIN)
        if asked_before and (said.intent in _WISHES or turn.slot("article")):
            values["content"] = asked_before
            return told or (Kind.CONSULT if is_a_question(asked_before) else Kind.COMPLAIN)
        return told

    def _answer_instead(self, turn: Turn) -> list[Event] | None:
        """A guessed complaint in the form of a question is a question if the base answers it, or if nothing in it
        speaks of trouble. It can still be filed."""
        said = turn.utterance
        if said.confidence >= SURE or said.intent in _WISHES or not is_a_question(said.text):
            return None
        found = self.services.answering.look_up(said.text, now=self.services.now())
        if found.kind == "answer":
            events = self._answered(turn, found.hits[0].article, to_file=said.text)
        elif is_aggrieved(said.text):
            return None
        elif found.kind == "choose":
            events = self._offer(turn, found.hits)
        else:
            events = self._missed(turn, "utter_unknown", question=said.text, offer="order", article=None)
        handed_over = any(event.get("name") == "action_hand_over" for event in events)
        return [*events, ActiveLoop(None), SlotSet(REQUESTED, None), *([] if handed_over else [WAIT])]


class ValidateIntake(HotlineAction):
    """The form's mind: reads the answer, decides what is asked next, or hands the message to the rules."""

    action_name = "validate_intake_form"

    async def act(self, turn: Turn) -> list[Event]:
        """Slot events, the next ``requested_slot`` among them; or a rejection."""
        now = situation(turn, self)
        if now.requested is None or not turn.freshly_said(INTAKE_FORM):
            return self._ask_next(now, {})
        step = self.services.reader.advance(now, turn.utterance)
        if step.leaves:
            return [ActionExecutionRejected(INTAKE_FORM)]
        events = await self._stuck(turn, now, step) if step.problem else self._apply(turn, now, step)
        return [SlotSet("photos", photos_so_far(turn)), *events]

    async def _stuck(self, turn: Turn, now: Situation, step: Advance) -> list[Event]:
        """Says what is wrong with the answer; a person takes over when it has been wrong too often (B7).

        Where nobody is there to take over, the field stays open rather than that the matter is lost.
        """
        tries = now.tries + 1
        if tries < PATIENCE:
            turn.say(Reply(step.problem or ""))
            return [*self._ask_next(now, step.values), SlotSet("tries", tries)]
        mark = self.services.reader.plan.not_given.get(now.requested or "")
        if mark is None or await self.services.people_on_duty():
            return [ActionExecutionRejected(INTAKE_FORM), FollowupAction("action_hand_over")]
        turn.respond("utter_left_open")
        return [*self._ask_next(now, {**step.values, str(now.requested): mark}), SlotSet("tries", 0)]

    def _apply(self, turn: Turn, now: Situation, step: Advance) -> list[Event]:
        values = dict(step.values)
        if step.word:
            turn.say(Reply(step.word))
        if step.kind:
            values["kind"] = step.kind
        told_before = now.values.get("content")
        if values.get("content") and not (told_before and str(values["content"]).startswith(str(told_before))):
            values["category"] = self.services.category_of(values["content"])  # what is added does not change it
        if values.get(CONFIRM) is None and any(name in FIELDS for name in values):
            values[CONFIRM] = None  # what was agreed to has changed
        return [*self._ask_next(now, values), SlotSet("tries", 0), SlotSet("doubted", step.doubted or None)]

    def _ask_next(self, now: Situation, values: dict[str, Any]) -> list[Event]:
        later = replace(
            now,
            kind=Kind(values.get("kind") or now.kind),
            category=values.get("category", now.category),
            values={**now.values, **values},
        )
        return [*set_slots(values), SlotSet(REQUESTED, self.services.reader.next_field(later))]


class FileOrder(HotlineAction):
    """Files the confirmed intake through the one write door; the same intake is never filed twice."""

    action_name = "action_file_order"

    async def act(self, turn: Turn) -> list[Event]:
        """The order card, and a clean slate."""
        now = situation(turn, self)
        filed = await self.services.file_order(
            now,
            key=f"{turn.conversation_id}:{turn.slot('intake')}",
            conversation_id=turn.conversation_id,
            metadata=turn.metadata,
            photos=turn.slot("photos") or (),
        )
        turn.say(filed.reply)
        return set_slots({**EMPTY, "last_order": filed.number, "misses": 0})
