"""Consultation: answers from the knowledge base, choices, an honest "I do not know" (B1)."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.base import Event, Turn
from bot.actions.following import Following
from bot.actions.several import several
from bot.asides import QUESTIONS, SURE
from bot.reading.cues import is_a_question, is_aggrieved
from bot.topic import own_words, speaks_of
from bot.wording import A_WORD, gist_of
from knowledge.answering import Hit

_SOMETHING = 2
"""Characters beside its facts from which a message tells what is the matter: 积水."""
_NO_INTAKE = (ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen"))


def _only_wished_to_ask(turn: Turn) -> bool:
    """Whether an intake is open of which nothing is known yet, not even its kind: 我想问个事 was no matter."""
    of_nothing = turn.slot("requested_slot") == "content" and not turn.slot("kind") and not turn.slot("waiting")
    return of_nothing and turn.tracker.active_loop_name == "intake_form"


class Answer(Following):
    """Answers a question, offers a choice, or says that the base does not hold it; never invents."""

    action_name = "action_answer"

    async def act(self, turn: Turn) -> list[Event]:
        """A follow-up stays with the last article; everything else is looked up."""
        events = await self._answer(turn)
        led_on = any(event.get("event") == "followup" for event in events)
        return events if led_on or not _only_wished_to_ask(turn) else [*events, *_NO_INTAKE]

    async def _answer(self, turn: Turn) -> list[Event]:
        said = turn.utterance
        answered = await self._chosen(turn) or await self._of_the_filed(turn) or self._follow_up(turn, said)
        answered = answered or self._several(turn)
        if answered is not None:
            return answered
        found = self.services.answering.look_up(said.text, now=self.services.now())
        if found.kind == "answer" and not self._states_trouble(turn):
            return self._answered(turn, found.hits[0].article)
        staying = self._staying(turn, said)
        told = None if staying else self._told(turn)
        if staying is not None or told is not None:
            return staying or told or []
        offered = found.hits if found.kind == "choose" else self._headed(said.text, found.hits)
        if offered:
            return self._offer(turn, offered)
        if self._leans_on_a_choice(turn, said):
            return self._choose_first(turn)
        if said.intent == "ask_followup" and self.services.answering.field_for(said.text) and not turn.slot("article"):
            turn.respond("utter_which_matter")
            return []
        if turn.tracker.active_loop_name is None and self._is_trouble(said.text):
            return [FollowupAction("action_start_intake")]  # 能不能管管半夜飙车的
        return await self._unknown(turn, found)

    def _is_trouble(self, text: str) -> bool:
        return is_aggrieved(text) and self.services.sounds_like_a_matter(text)

    def _states_trouble(self, turn: Turn) -> bool:
        """路灯不亮: trouble told, nothing asked, though an article speaks of it."""
        said = turn.utterance.text
        return turn.tracker.active_loop_name is None and not is_a_question(said) and self._is_trouble(said)

    @staticmethod
    def _headed(text: str, hits: list[Hit]) -> list[Hit]:
        """Of the nearest articles those that are headed by a bare word: 养老保险."""
        word = own_words(text)
        return [hit for hit in hits if 1 < len(word) <= A_WORD and speaks_of(hit.article, word)]

    def _several(self, turn: Turn) -> list[Event] | None:
        """Questions beside a matter, or several questions; None when it is one thing."""
        together = several(turn, self.services)
        if together.tells_a_matter and turn.tracker.active_loop_name is None:
            return [FollowupAction("action_start_intake")]
        if len(together.answers) > 1:
            return self._all_answered(turn, together)
        return None

    def _told(self, turn: Turn) -> list[Event] | None:
        """What is no question is a matter, or what somebody says of themselves before they come to it."""
        said = turn.utterance
        if turn.tracker.active_loop_name is not None or is_a_question(said.text):
            return None
        facts = self.services.reader.facts(said, self.services.now())
        known = {name: value for name, value in facts.items() if value is not None}
        if said.intent in QUESTIONS and said.confidence >= SURE and not is_aggrieved(said.text):
            return None
        tells_more = said.intent != "inform" or len(gist_of(said.text, *known.values())) >= _SOMETHING
        if tells_more and self.services.sounds_like_a_matter(said.text):
            return [FollowupAction("action_start_intake")]
        if said.intent not in {"inform", "nlu_fallback"} or not known:
            return None
        kept = SlotSet("known", {**(turn.slot("known") or {}), **known})
        if turn.slot("trouble") and ("address" in known or "time" in known):
            return [kept, SlotSet("question", turn.slot("trouble")), FollowupAction("action_start_intake")]
        turn.respond("utter_go_on")
        return [kept]
