"""Consultation: answers from the knowledge base, choices, an honest "I do not know" (B1)."""

from __future__ import annotations

import re

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.again import urged
from bot.actions.base import Event, Turn, lead_on
from bot.actions.following import Following
from bot.actions.intake_slots import REFUSED
from bot.actions.several import several
from bot.asides import QUESTIONS, SURE, surely_asks
from bot.reading.cues import is_a_question, is_aggrieved
from bot.situation import Utterance
from bot.topic import own_words, speaks_of
from bot.wording import A_WORD, asks_where_then, gist_of
from knowledge.answering import Hit, LookUp

_SOMETHING = 2
"""Characters beside its facts from which a message tells what is the matter: 积水."""
_ASKED_ANEW = re.compile(r"(?:我是[说问]|我[说问]的是|我的意思是|我[想要][说问办]的是)\W*[\u4e00-\u9fffA-Za-z]{2,}")
"""How somebody says what they meant to ask."""
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
        events = await urged(self, turn) if turn.tracker.active_loop_name is None else None
        events = events or await self._answer(turn)
        if lead_on(events):
            return events
        if _only_wished_to_ask(turn):
            return [*events, *_NO_INTAKE]
        led_here = not turn.freshly_said(turn.tracker.active_loop_name or "")  # 离婚财产怎么分: by a rule's action
        return [*events, turn.going_back()] if led_here else events

    async def _answer(self, turn: Turn) -> list[Event]:
        said = turn.utterance
        answered = await self._chosen(turn) or await self._of_the_filed(turn) or await self._follow_up(turn, said)
        answered = answered or await self._several(turn)
        if answered is not None:
            return answered
        found = self.services.answering.look_up(said.text, now=self.services.now(), asked=surely_asks(said))
        within = self._told_in_the_topic(turn, said, found)
        if within is not None:
            return within
        if found.kind == "answer" and not self._states_trouble(turn):
            return self._answered(turn, found.hits[0].article, to_file=self._perhaps_to_file(turn))
        staying = await self._staying(turn, said) or self._told(turn)
        if staying is not None:
            return staying
        offered = found.hits if found.kind == "choose" else self._headed(said.text, found.hits)
        if offered:
            return self._offer(turn, offered)
        return await self._by_what_was_said(turn, said, found)

    async def _by_what_was_said(self, turn: Turn, said: Utterance, found: LookUp) -> list[Event]:
        """What the base alone does not tell, by what was spoken of before; or that it is not known."""
        if self._leans_on_a_choice(turn, said):
            return await self._choose_first(turn)
        if turn.slot(REFUSED) and asks_where_then(said.text):
            return [FollowupAction("action_refuse")]
        if said.intent == "ask_followup" and self.services.answering.field_for(said.text) and not turn.slot("article"):
            turn.respond("utter_which_matter")
            return []
        if turn.tracker.active_loop_name is None and (self._is_trouble(said.text) or self._lies_there(said)):
            return [FollowupAction("action_start_intake")]  # 能不能管管半夜飙车的
        return await self._unknown(turn, found)

    def _is_trouble(self, text: str) -> bool:
        return is_aggrieved(text) and self.services.sounds_like_a_matter(text)

    def _lies_there(self, said: Utterance) -> bool:
        """我车在金桥路掉坑里了，这钱谁赔: a place, and what the city deals with, where the base knows nothing of it."""
        asks = said.intent in QUESTIONS and said.confidence >= SURE
        return bool(said.entities.get("address")) and not asks and self.services.sounds_like_a_matter(said.text)

    def _states_trouble(self, turn: Turn) -> bool:
        """路灯不亮: trouble told, nothing asked, though an article speaks of it."""
        said = turn.utterance.text
        return turn.tracker.active_loop_name is None and not is_a_question(said) and self._is_trouble(said)

    @staticmethod
    def _headed(text: str, hits: list[Hit]) -> list[Hit]:
        """Of the nearest articles those that are headed by a bare word: 养老保险."""
        word = own_words(text)
        return [hit for hit in hits if 1 < len(word) <= A_WORD and speaks_of(hit.article, word)]

    async def _several(self, turn: Turn) -> list[Event] | None:
        """Questions beside a matter, or several questions; None when it is one thing."""
        together = several(turn, self.services)
        if together.tells_a_matter and turn.tracker.active_loop_name is None:
            return [FollowupAction("action_start_intake")]
        if together.answers and len(together.answers) + len(together.unsure) > 1:
            return [*self._all_answered(turn, together), *await self._all_unsure(turn, together.unsure)]
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
        if turn.in_danger and "address" in known:
            return [SlotSet("known", {**(turn.slot("known") or {}), **known}), FollowupAction("action_danger")]
        kept = SlotSet("known", {**(turn.slot("known") or {}), **known})
        if turn.slot("trouble") and ("address" in known or "time" in known):
            return [kept, SlotSet("question", turn.slot("trouble")), FollowupAction("action_start_intake")]
        turn.respond("utter_go_on")
        return [kept]


class LookedUpFirst(Answer):
    """What makes sense only where something is going on, said where nothing is: mostly it merely sounds like that."""

    response = ""
    """What is answered to a message that the base knows nothing of."""

    async def act(self, turn: Turn) -> list[Event]:
        """An answer, a choice or an intake, where the message speaks of any."""
        said = turn.utterance
        chosen = await self._chosen(turn)
        if chosen is not None:
            return chosen
        found = self.services.answering.look_up(said.text, now=self.services.now(), asked=surely_asks(said))
        within = self._told_in_the_topic(turn, said, found)
        if within is not None:
            return within
        if found.kind in {"answer", "choose"} or self._is_trouble(said.text):
            return await super().act(turn)
        turn.respond(self.response)
        return []


class NothingToChange(LookedUpFirst):
    """改一下, where nothing is being taken down."""

    action_name = "action_nothing_to_change"
    response = "utter_nothing_to_change"

    async def act(self, turn: Turn) -> list[Event]:
        """What was wrong in the order just filed is added to it."""
        if _ASKED_ANEW.search(turn.utterance.text):
            return await self._looked_up(turn)
        added = await urged(self, turn) if turn.tracker.active_loop_name is None else None
        return added or await super().act(turn)

    async def _looked_up(self, turn: Turn) -> list[Event]:
        """What the base says to what was meant: 不是，我是说高速ETC卡."""
        text = turn.utterance.text
        found = self.services.answering.look_up(text, now=self.services.now())
        if found.kind == "answer":
            return self._answered(turn, found.hits[0].article)
        return self._offer(turn, found.hits) if found.kind == "choose" else await self._unknown(turn, found)


class WhoSpeaks(LookedUpFirst):
    """你是机器人吗."""

    action_name = "action_who_speaks"
    response = "utter_bot"


class Capabilities(LookedUpFirst):
    """你会什么; after an answer, 在机器上自己能弄吗 only sounds like it."""

    action_name = "action_capabilities"
    response = "utter_capabilities"


class AskMatter(LookedUpFirst):
    """不知道, where nothing was asked."""

    action_name = "action_ask_matter"
    response = "utter_ask_matter"
