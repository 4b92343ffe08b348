"""Taking an order down: what the form is told, what it asks next, and the filing (B4)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet

from backoffice.kinds import Kind
from bot.actions.base import Event, HotlineAction, Turn, lead_on, set_slots
from bot.actions.consult import Answer
from bot.actions.intake_slots import (
    EMPTY,
    FIELDS,
    INTAKE_FORM,
    LIKELY,
    REQUESTED,
    WAITING,
    is_cut,
    photos_so_far,
    situation,
)
from bot.actions.several import matters_of, to_come
from bot.actions.waiting import begin_waiting, tell_one_by_one
from bot.advance import Advance
from bot.intake import LEAVES, PATIENCE
from bot.situation import CONFIRM, DUPLICATE, Situation
from core.messages import Reply

_MOST_ROUNDS = 5
"""Times the same thing is asked before it is left open or a person takes over, whatever came in between."""
_COMPARED = ("kind", "content", "address", "target", "confidential")
"""What a matter is compared by."""
_OF_THE_CITIZEN = ("name", "phone", "confidential")
_TOGETHER = re.compile(
    r"^\W*(?:不是两件|不是两码事|其实|这|那|都|就|是|说的|[\s,，])*(?:一件事|同一件|一回事|(?:放|合|算)?(?:在)?一起(?:登记|反映|办|报)|一并)"
)


class ValidateIntake(HotlineAction):
    """The form's mind: reads the answer, decides what is asked next, or hands the message to the rules."""

    action_name = "validate_intake_form"

    async def act(self, turn: Turn) -> list[Event]:
        """Slot events, the next ``requested_slot`` among them; or a rejection."""
        now = situation(turn, self)
        if now.requested is None or not turn.freshly_said(INTAKE_FORM):
            return await self._ask_next(turn, now, {})
        if turn.slot(WAITING) and now.requested != DUPLICATE and _TOGETHER.search(turn.utterance.text):
            return await self._put_together(turn, now)
        said, *later = matters_of(turn.utterance, self.services) if now.requested == "content" else [turn.utterance]
        step = self.services.reader.advance(now, said)
        if self._goes_in_circles(turn, now, step):
            now, step = replace(now, tries=PATIENCE), replace(step, problem=step.problem or "", leaves=False)
        elif step.asks:
            return await self._answered_beside(turn, now)
        elif step.leaves:
            return [ActionExecutionRejected(INTAKE_FORM)]
        events = await (self._apply(turn, now, step) if step.problem is None else self._stuck(turn, now, step))
        if later and step.values.get("content"):
            tell_one_by_one(turn, said, later)
            events.append(SlotSet(WAITING, [*to_come(later), *(turn.slot(WAITING) or ())]))
        return [SlotSet("photos", photos_so_far(turn)), *events]

    async def _answered_beside(self, turn: Turn, now: Situation) -> list[Event]:
        """What is asked in between, whatever the message was guessed to be; then the question it stood before again."""
        events = await Answer(self.services).act(turn)
        if lead_on(events):
            return [ActionExecutionRejected(INTAKE_FORM), *events]
        return [SlotSet("photos", photos_so_far(turn)), *events, *await self._ask_next(turn, now, {})]

    async def _put_together(self, turn: Turn, now: Situation) -> list[Event]:
        """What was taken for several matters is one, the citizen says."""
        turn.say(Reply("好的，合在一件里登记。"))
        content = "\n".join([str(now.values["content"] or ""), *(matter["text"] for matter in turn.slot(WAITING))])
        events = await self._apply(turn, now, Advance({"content": content.strip()}))
        return [SlotSet("photos", photos_so_far(turn)), *events, SlotSet(WAITING, None)]

    @staticmethod
    def _goes_in_circles(turn: Turn, now: Situation, step: Advance) -> bool:
        """Whether the same is asked over and over, whatever was said meanwhile, and again got no answer."""
        news = any(now.values.get(name) != value for name, value in step.values.items())
        return (turn.slot("rounds") or 0) >= _MOST_ROUNDS and not news and turn.utterance.intent not in LEAVES

    async def _stuck(self, turn: Turn, now: Situation, step: Advance) -> list[Event]:
        """Says what is wrong with the answer; a person takes over when it has been wrong too often (B7).

        Where nobody is there to take over, the field stays open rather than that the matter is lost.
        """
        tries = now.tries + 1
        if tries < PATIENCE:
            turn.say(Reply(step.problem or ""))
            return [*await self._ask_next(turn, now, step.values), SlotSet("tries", tries)]
        mark = self.services.reader.plan.not_given.get(now.requested or "")
        if mark is None or await self.services.people_on_duty():
            return [ActionExecutionRejected(INTAKE_FORM), FollowupAction("action_hand_over")]
        turn.respond("utter_left_open")
        return [*await self._ask_next(turn, now, {**step.values, str(now.requested): mark}), SlotSet("tries", 0)]

    async def _apply(self, turn: Turn, now: Situation, step: Advance) -> list[Event]:
        values = dict(step.values)
        if step.word:
            turn.say(Reply(step.word))
        if step.kind:
            values["kind"] = step.kind
        if is_cut(turn, values):
            values["cut"] = True
        told_before = now.values.get("content")
        if values.get("content") and not (told_before and str(values["content"]).startswith(str(told_before))):
            values["category"] = self.services.category_of(values["content"])  # what is added does not change it
        if values.get(CONFIRM) is None and any(name in FIELDS for name in values):
            values[CONFIRM] = None  # what was agreed to has changed
        settled = DUPLICATE in values or now.values[DUPLICATE] is False
        if not settled and any(name in values for name in _COMPARED):
            values |= {LIKELY: None, DUPLICATE: None}  # to be compared anew
        return [*await self._ask_next(turn, now, values), SlotSet("tries", 0), SlotSet("doubted", step.doubted or None)]

    async def _ask_next(self, turn: Turn, now: Situation, values: dict[str, Any]) -> list[Event]:
        later = replace(
            now,
            kind=Kind(values.get("kind") or now.kind),
            category=values.get("category", now.category),
            values={**now.values, **values},
            likely=bool(values.get(LIKELY, turn.slot(LIKELY))),
        )
        wanted = self.services.reader.next_field(later)
        if wanted == CONFIRM and values.get(LIKELY, turn.slot(LIKELY)) is None:
            found = await self.services.likely_duplicate(later, turn.conversation_id, turn.metadata)
            values = {**values, LIKELY: found or False}
            wanted = self.services.reader.next_field(replace(later, likely=found is not None))
        rounds = (turn.slot("rounds") or 0) + 1 if wanted == now.requested else 0
        return [*set_slots(values), SlotSet(REQUESTED, wanted), SlotSet("rounds", rounds)]


class FileOrder(HotlineAction):
    """Files the confirmed intake through the one write door, or joins the order it is about; never twice."""

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
            same_as=turn.slot(LIKELY) if now.values[DUPLICATE] else None,
        )
        turn.say(filed.reply)
        done = set_slots({**EMPTY, "last_order": filed.number, "served": None, "article": None, "misses": 0})
        if not turn.slot(WAITING):
            return done
        known = {name: now.values[name] for name in _OF_THE_CITIZEN}
        return [*done, *begin_waiting(turn, self.services, known)]
