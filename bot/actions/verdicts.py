"""What citizens do with an answer or a choice: take one, say whether it helped, take up an offer (B1, B9)."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction, SlotSet

from bot.actions.base import Event, Turn, set_slots
from bot.actions.consulting import Consult
from bot.asides import SAID_SO, SURE
from bot.reading.cues import is_a_question
from core.messages import Reply

_A_FEW_WORDS = 12
"""Characters from which words that name no place of a choice are looked up."""


class Choose(Consult):
    """Takes one of the questions offered before, several of them, or none."""

    action_name = "action_choose"

    async def act(self, turn: Turn) -> list[Event]:
        """The chosen article, or the way on."""
        codes = turn.slot("choices") or []
        if not codes:
            if turn.utterance.confidence < SURE:
                return [FollowupAction("action_answer")]  # 上头那个东西 only sounds like it
            turn.respond("utter_no_choice")
            return []
        chosen = await self._chosen(turn)
        if chosen is not None:
            return chosen
        if len(turn.utterance.text) > _A_FEW_WORDS:
            return [FollowupAction("action_answer")]
        turn.respond("utter_which_choice", count=len(codes))
        return []


class SmallTalk(Consult):
    """What sounds like small talk may still be a question the base answers for sure."""

    action_name = "action_small_talk"

    async def act(self, turn: Turn) -> list[Event]:
        """The answer, or a word that leads back."""
        chosen = await self._chosen(turn)
        if chosen is not None:
            return chosen
        found = self.services.answering.look_up(turn.utterance.text, now=self.services.now())
        if found.kind == "answer":
            return self._answered(turn, found.hits[0].article)
        asks_on = bool(turn.slot("misses")) and is_a_question(turn.utterance.text)
        if turn.utterance.confidence < SURE or asks_on:
            return await self._unknown(turn, found)  # perhaps it was meant in earnest
        turn.respond("utter_chitchat")
        return []


class Helpful(Consult):
    """有用: written down for the article."""

    action_name = "action_helpful"

    async def act(self, turn: Turn) -> list[Event]:
        """Thanks; 办了有啥用 asks."""
        guessed = turn.utterance.confidence < SAID_SO and not turn.metadata.get("about")
        if is_a_question(turn.utterance.text) and guessed:
            return [FollowupAction("action_answer")]
        await self.services.record_feedback(await self._judged(turn), turn.conversation_id, helpful=True)
        turn.respond("utter_glad")
        return [SlotSet("misses", 0)]


class Unhelpful(Consult):
    """没用: written down for the article and, with the question, for whoever keeps the base; counted as a miss."""

    action_name = "action_unhelpful"

    async def act(self, turn: Turn) -> list[Event]:
        """Offers a person or an order."""
        if turn.slot("choices") and not turn.metadata.get("about"):
            return await self._none_of_them(turn)
        given = await self._judged(turn)
        asked = None
        if given is not None:
            asked = (turn.slot("asked_of") or {}).get(given.article)
            await self.services.record_feedback(given, turn.conversation_id, helpful=False)
            await self._left_open(turn, asked)
        kept = {} if given is None or given.article != turn.slot("article") else {"article": None}
        return self._missed(turn, "utter_sorry_unhelpful", question=asked, offer="order", **kept)


class FollowOffer(Consult):
    """好的 after an offer: to have the open question filed."""

    action_name = "action_follow_offer"

    async def act(self, turn: Turn) -> list[Event]:
        """Begins an order with the question nobody could answer; or hears which of those offered is meant."""
        chosen = await self._chosen(turn, by_a_word=False)
        if chosen is not None:
            return chosen
        if turn.slot("offer") == "resume":
            return [*set_slots({"offer": None, "confirm": None}), FollowupAction("intake_form")]
        if turn.slot("offer") == "order" and turn.slot("question"):
            turn.say(Reply("好的，我帮您登记下来，由主管部门答复您。", quick_replies=()))
            return [FollowupAction("action_start_intake")]
        if turn.slot("last_order") and not turn.slot("article"):
            turn.respond("utter_already_filed", number=turn.slot("last_order"))
        else:
            turn.respond("utter_what_else")
        return []


class DeclineOffer(Consult):
    """不用了."""

    action_name = "action_decline_offer"

    async def act(self, turn: Turn) -> list[Event]:
        """Drops the offer; or hears that none of the questions offered is meant."""
        chosen = await self._chosen(turn, by_a_word=False)
        if chosen is not None:
            return chosen
        turn.respond("utter_goodbye" if turn.slot("article") or turn.slot("last_order") else "utter_what_else")
        return set_slots({"offer": None, "choices": None, "waiting": None})
