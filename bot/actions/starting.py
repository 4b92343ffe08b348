"""How an intake begins: with everything the first message, and what was said before it, already tells (B4)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from backoffice.kinds import Kind
from bot.actions.base import Event, Turn, set_slots
from bot.actions.consulting import Consult, asked_of
from bot.actions.intake_slots import (
    DESPAIRS,
    EMPTY,
    INTAKE_FORM,
    REQUESTED,
    WAIT,
    WAITING,
    is_cut,
    photos_so_far,
)
from bot.actions.several import matters_of, several, to_come
from bot.actions.waiting import begin_waiting, tell_one_by_one
from bot.asides import CERTAIN, SURE
from bot.plan import KIND_OF_INTENT, MATTER_INTENTS
from bot.reading.cues import is_a_question, is_aggrieved
from bot.situation import Utterance
from bot.wording import A_WORD, gist_of, shares_words, strip_lead, wants_secrecy

_SHORT_MATTER = 16
"""Characters up to which a matter is told short because of what was asked before it."""
_WISHES = frozenset({"request_order", "affirm"})
"""Intents of somebody who wants something taken down and does not say what."""


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
        values = self._told_at_once(turn, said)
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
            tell_one_by_one(turn, said, later)
            fresh[WAITING] = [*to_come(later), *(turn.slot(WAITING) or ())]
            fresh["confidential"] = fresh["confidential"] or wants_secrecy(turn.utterance.text) or None
        return [ActiveLoop(None), SlotSet(REQUESTED, None), *set_slots(fresh), FollowupAction(INTAKE_FORM)]

    def _told_at_once(self, turn: Turn, said: Utterance) -> dict[str, Any]:
        values = self.services.reader.begin(said, self.services.now(), turn.metadata.get("sender_phone"))
        if "content" not in values and self._names_a_trouble(said):
            values["content"] = said.text.strip()
        return values

    def _names_a_trouble(self, said: Utterance) -> bool:
        """停气了: short, and all there is to say."""
        told = strip_lead(said.text)
        return said.intent in MATTER_INTENTS and len(told) > 1 and self.services.category_of(told) is not None

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
        bare = len(gist_of(said.text)) <= A_WORD and not is_aggrieved(said.text) and said.confidence < CERTAIN
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


def _instead(events: list[Event]) -> list[Event]:
    """``events`` in the place of an intake."""
    handed_over = any(event.get("name") == "action_hand_over" for event in events)
    return [*events, ActiveLoop(None), SlotSet(REQUESTED, None), *([] if handed_over else [WAIT])]
