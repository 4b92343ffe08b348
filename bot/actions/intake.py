"""Taking an order down: the form's validation, its questions, and the steps around it (B4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet

from backoffice.kinds import Kind
from bot.actions.base import Event, HotlineAction, Turn, set_slots
from bot.actions.consulting import Consult, asked_of
from bot.actions.several import as_if_alone, matters_of, several, to_come
from bot.asides import CERTAIN, SURE
from bot.intake import LEAVES, PATIENCE, Advance
from bot.plan import KIND_OF_INTENT, MATTER_INTENTS
from bot.reading.cues import is_a_question, is_aggrieved
from bot.services import Services
from bot.situation import CONFIRM, DISTRICT, DUPLICATE, Situation, Utterance
from bot.wording import gist_of, shares_words, wants_secrecy
from core.messages import Reply

INTAKE_FORM = "intake_form"
REQUESTED = "requested_slot"
DESPAIRS = "despairs"
"""Slot: the citizen has spoken of ending their life, and of nothing else since."""
_A_WORD = 6
"""Characters of a message that only names a subject: 养老保险."""
_SHORT_MATTER = 16
"""Characters up to which a matter is told short because of what was asked before it."""
MOST_ROUNDS = 5
"""Times the same thing is asked before it is left open or a person takes over, whatever came in between."""
RESUME = "resume"
"""The offer to go on with an intake that something else came before."""
FIELDS = ("content", "target", "address", "time", "confidential", "name", "phone", DUPLICATE, CONFIRM)
LIKELY = "likely"
"""Slot: an open order that is likely about the same matter; False: there is none; None: nobody has looked."""
_COMPARED = ("kind", "content", "address", "target", "confidential")
"""What a matter is compared by."""
WAITING = "waiting"
"""Slot: matters told in one message with the one being taken down, to be taken down after it."""
_OF_THE_CITIZEN = ("name", "phone", "confidential")
_TOGETHER = re.compile(
    r"^\W*(?:不是两件|不是两码事|其实|这|那|都|就|是|说的|[\s,，])*(?:一件事|同一件|一回事|(?:放|合|算)?(?:在)?一起(?:登记|反映|办|报)|一并)"
)
WAIT = FollowupAction("action_listen")
_WISHES = frozenset({"request_order", "affirm"})
"""Intents of somebody who wants something taken down and does not say what."""
EMPTY: dict[str, Any] = dict.fromkeys(
    (
        *FIELDS,
        DISTRICT,
        LIKELY,
        "kind",
        "category",
        "photos",
        "asked",
        "cut",
        "doubted",
        "tries",
        "rounds",
        "question",
        "offer",
        "known",
        "choices",
        "trouble",
    )
)


def situation(turn: Turn, action: HotlineAction) -> Situation:
    """Where the intake of this turn stands."""
    return Situation(
        kind=Kind(turn.slot("kind") or Kind.COMPLAIN),
        category=turn.slot("category"),
        values={name: turn.slot(name) for name in (*FIELDS, DISTRICT, "kind")},
        requested=turn.slot(REQUESTED),
        likely=bool(turn.slot(LIKELY)),
        tries=turn.slot("tries") or 0,
        now=action.services.now(),
        sender_phone=turn.metadata.get("sender_phone"),
        repeated=turn.slot("said") == turn.utterance.text,
        doubted=bool(turn.slot("doubted")),
    )


def photos_so_far(turn: Turn) -> list[Any] | None:
    """The photos of the matter, those of this message among them; None when there are none."""
    return [*(turn.slot("photos") or ()), *turn.metadata.get("attachments", ())] or None


def is_cut(turn: Turn, values: Mapping[str, Any]) -> bool | None:
    """Whether the matter among ``values`` is of a message that was not read to its end; None: as it was."""
    return True if values.get("content") and turn.metadata.get("cut") else None


class StartIntake(Consult):
    """Begins an intake with everything the first message, and what was said before it, already tells."""

    action_name = "action_start_intake"

    async def act(self, turn: Turn) -> list[Event]:
        """Clears the last intake's values and reads the message; or answers what turns out to be a question."""
        together = several(turn, self.services)
        answered = None if together.tells_a_matter else await self._answer_instead(turn)
        if answered is not None:
            return answered
        if together.tells_a_matter:
            self._all_answered(turn, together)
        said, *later = matters_of(together.rest, self.services)
        values = self.services.reader.begin(said, self.services.now(), turn.metadata.get("sender_phone"))
        if self._tells_no_matter(turn, said):
            values.pop("content", None)
            if turn.slot(WAITING):
                return begin_waiting(turn, self.services, values)
        kind = self._kind(turn, said, values)
        fresh = {**EMPTY, **(turn.slot("known") or {}), **values, "kind": kind.value if kind else None}
        fresh["photos"] = photos_so_far(turn)
        if values.get("content"):
            fresh["content"] = self._with_what_was_asked(turn, values["content"], has_place=bool(values.get("address")))
            fresh["category"] = self.services.category_of(values["content"]) or self.services.category_of(
                fresh["content"]
            )
        fresh["cut"] = is_cut(turn, fresh)
        if together.tells_a_matter:
            fresh["asked_of"] = asked_of(turn, together.asked)
        fresh |= {"intake": (turn.slot("intake") or 0) + 1, DESPAIRS: None}
        if later:
            _one_by_one(turn, said, later)
            fresh[WAITING] = [*to_come(later), *(turn.slot(WAITING) or ())]
            fresh["confidential"] = fresh["confidential"] or wants_secrecy(turn.utterance.text) or None
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(fresh), FollowupAction(INTAKE_FORM)]

    def _tells_no_matter(self, turn: Turn, said: Utterance) -> bool:
        """请帮我登记下来; or 幸福小区, after 停水了."""
        if turn.slot("trouble") and not self.services.reader.tells_more_than_facts(said, self.services.now()):
            return True
        return said.intent in _WISHES and not self.services.sounds_like_a_matter(said.text)

    def _with_what_was_asked(self, turn: Turn, content: str, *, has_place: bool) -> str:
        """The matter with the question it grew out of: 停水了怎么查 … 都三天了没人管.

        A matter that names a kind of trouble and a place of its own (``has_place``) grew out of none.
        """
        asked = turn.slot("asked_about")
        if asked is None or asked in content:
            return content
        own, before = self.services.category_of(content), self.services.category_of(asked)
        stands_alone = has_place and own is not None
        related = (
            (len(gist_of(content)) <= _SHORT_MATTER and not stands_alone)
            or (own is None and shares_words(content, asked))
            or (own is not None and before is not None and own.split(".")[0] == before.split(".")[0])
        )
        return f"{asked}\n{content}" if related else content

    @staticmethod
    def _kind(turn: Turn, said: Utterance, values: dict[str, Any]) -> Kind | None:
        """The kind that is told, None until the matter tells it; a question that stayed open is taken up here."""
        asked_before = turn.slot("question")
        told = KIND_OF_INTENT[said.intent] if said.intent in MATTER_INTENTS else None
        if "content" in values:
            return told or KIND_OF_INTENT.get(said.matter or "", Kind.COMPLAIN)
        if asked_before and (said.intent in _WISHES or turn.slot("article")):
            values["content"] = asked_before
            return told or (Kind.CONSULT if is_a_question(asked_before) else Kind.COMPLAIN)
        return told

    async def _answer_instead(self, turn: Turn) -> list[Event] | None:
        """A guessed complaint in the form of a question is a question if the base answers it, or if nothing in it
        speaks of trouble. It can still be filed."""
        said = turn.utterance
        chosen = await self._chosen(turn, by_a_word=False)
        if chosen is not None:
            return _instead(chosen)
        if turn.slot(DESPAIRS) and not self.services.sounds_like_a_matter(said.text):
            return [FollowupAction("action_danger")]  # 没人管我 after 不想活了 is no complaint
        bare = len(gist_of(said.text)) <= _A_WORD and not is_aggrieved(said.text) and said.confidence < CERTAIN
        asked = said.confidence < SURE and is_a_question(said.text)
        if said.intent in _WISHES or not (asked or bare):
            return None
        found = self.services.answering.look_up(said.text, now=self.services.now())
        if found.kind == "answer":
            events = self._answered(turn, found.hits[0].article, to_file=said.text)
        elif is_aggrieved(said.text):
            return None
        elif found.kind == "choose":
            events = self._offer(turn, found.hits)
        elif not asked:
            return None
        else:
            await self._left_open(turn, said.text)
            events = self._missed(turn, "utter_unknown", question=said.text, offer="order", article=None)
        return _instead(events)


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
        elif step.leaves:
            return [ActionExecutionRejected(INTAKE_FORM)]
        events = await (self._apply(turn, now, step) if step.problem is None else self._stuck(turn, now, step))
        if later and step.values.get("content"):
            _one_by_one(turn, said, later)
            events.append(SlotSet(WAITING, [*to_come(later), *(turn.slot(WAITING) or ())]))
        return [SlotSet("photos", photos_so_far(turn)), *events]

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
        return (turn.slot("rounds") or 0) >= MOST_ROUNDS and not news and turn.utterance.intent not in LEAVES

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


def _instead(events: list[Event]) -> list[Event]:
    """``events`` in the place of an intake."""
    handed_over = any(event.get("name") == "action_hand_over" for event in events)
    return [*events, ActiveLoop(None), SlotSet(REQUESTED, None), *([] if handed_over else [WAIT])]


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


def _one_by_one(turn: Turn, first: Utterance, later: Sequence[Utterance]) -> None:
    count = "一两三四五六七八九"[len(later) : len(later) + 1] or "几"
    turn.say(Reply(f"您说了{count}件事，一件一件登记，一件都不会漏。先说“{_in_short(first.text)}”这件。"))


def _in_short(text: str) -> str:
    return text if len(text) <= _SHORT_MATTER else f"{text[:_SHORT_MATTER]}…"
