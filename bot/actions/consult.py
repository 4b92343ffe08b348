"""Consultation: answers from the knowledge base, choices, an honest "I do not know" (B1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet

from bot.actions.base import HUMAN, Event, HotlineAction, Turn, set_slots
from bot.answers import SURE
from bot.reading.cues import is_a_question
from bot.speaking import answer_reply, say_field
from core.messages import QuickReply, Reply
from knowledge.answering import Hit, LookUp
from knowledge.article import Article

MISSES_TO_A_PERSON = 2
TO_FILE = QuickReply("登记反映", "请帮我登记下来")
_WORDS = re.compile(r"\w")
_NOT_WORDS = re.compile(r"\W|那个|这个|的|第|我要|我想|选|吧")
_SHORT = 12
_ORDINALS = {"一": 0, "1": 0, "二": 1, "2": 1, "三": 2, "3": 2, "四": 3, "4": 3, "五": 4, "5": 4}


class Consult(HotlineAction):
    """What the consulting actions share."""

    def _answered(self, turn: Turn, article: Article, *, to_file: str | None = None) -> list[Event]:
        """Gives the article. ``to_file``: the citizen's words, where they may want them filed all the same."""
        department = self.services.department_name(article.department)
        reply = answer_reply(article, department, self.services.phone_of(article.department))
        turn.say(replace(reply, quick_replies=(TO_FILE, HUMAN)) if to_file else reply)
        offer = "order" if to_file else None
        return set_slots({"article": article.code, "choices": None, "question": to_file, "offer": offer, "misses": 0})

    def _options(self, turn: Turn) -> list[Article]:
        """The articles offered last, as far as they still hold."""
        articles = (self.services.answering.article(code) for code in turn.slot("choices") or ())
        return [article for article in articles if article is not None]

    def _offer(self, turn: Turn, hits: list[Hit]) -> list[Event]:
        options = [hit.article for hit in hits]
        listed = "\n".join(f"{number}. {article.question}" for number, article in enumerate(options, 1))
        turn.say(
            Reply(
                f"您想问的是下面哪一个？\n{listed}\n都不是的话，请换个说法，或者说“转人工”。",
                card={
                    "kind": "choices",
                    "title": "您想问的是下面哪一个？",
                    "options": [{"title": article.question, "text": article.question} for article in options],
                },
                quick_replies=(QuickReply("都不是"), HUMAN),
                asks="choice",
                outcome="choices",
                details={"articles": [article.code for article in options]},
            )
        )
        return set_slots({"choices": [article.code for article in options], "question": turn.utterance.text})

    async def _unknown(self, turn: Turn, found: LookUp) -> list[Event]:
        """The base does not hold it: written down for whoever keeps the base, and said."""
        said = turn.utterance
        if said.intent in {"ask_question", "ask_followup"}:
            await self.services.record_unanswered(said.text, turn.conversation_id, found)
        if turn.tracker.active_loop_name is not None:
            turn.respond("utter_unknown_here")  # what is being taken down comes first
            return []
        if not _WORDS.search(said.text):
            return self._missed(turn, "utter_no_words")
        return self._missed(turn, "utter_unknown", question=said.text, offer="order", article=None)

    def _missed(self, turn: Turn, response: str, **slots: Any) -> list[Event]:
        """Counts a miss; the second in a row calls a person."""
        misses = (turn.slot("misses") or 0) + 1
        if misses >= MISSES_TO_A_PERSON:
            return [*set_slots({**slots, "misses": 0}), FollowupAction("action_hand_over")]
        turn.respond(response)
        return set_slots({**slots, "misses": misses})


def named_option(text: str, options: Sequence[Article]) -> Article | None:
    """The one of ``options`` that a short answer names by a word of it alone: 换领那个; None when none or several."""
    plain = _NOT_WORDS.sub("", text)
    if len(plain) > _SHORT:
        return None
    pieces = {plain[i : i + 2] for i in range(len(plain) - 1)}
    named = {piece: [option for option in options if piece in option.question] for piece in pieces}
    telling = {named[piece][0].code: named[piece][0] for piece in pieces if len(named[piece]) == 1}
    return next(iter(telling.values())) if len(telling) == 1 else None


class Answer(Consult):
    """Answers a question, offers a choice, or says that the base does not hold it; never invents."""

    action_name = "action_answer"

    async def act(self, turn: Turn) -> list[Event]:
        """A follow-up stays with the last article; everything else is looked up."""
        said = turn.utterance
        followed = self._follow_up(turn, said.text) if said.intent == "ask_followup" else None
        if followed is not None:
            return followed
        chosen = named_option(said.text, self._options(turn))
        if chosen is not None:
            return self._answered(turn, chosen)
        found = self.services.answering.look_up(said.text, now=self.services.now())
        if found.kind == "answer":
            return self._answered(turn, found.hits[0].article)
        told = self._told(turn)
        if told is not None:
            return told
        if found.kind == "choose":
            return self._offer(turn, found.hits)
        if said.intent == "ask_followup" and self.services.answering.field_for(said.text) and not turn.slot("article"):
            turn.respond("utter_which_matter")
            return []
        return await self._unknown(turn, found)

    def _told(self, turn: Turn) -> list[Event] | None:
        """What is no question is a matter, or what somebody says of themselves before they come to it."""
        said = turn.utterance
        if turn.tracker.active_loop_name is not None or is_a_question(said.text):
            return None
        if said.intent != "inform" and self.services.sounds_like_a_matter(said.text):
            return [FollowupAction("action_start_intake")]
        facts = self.services.reader.facts(said, self.services.now())
        known = {name: value for name, value in facts.items() if value is not None}
        if said.intent not in {"inform", "nlu_fallback"} or not known:
            return None
        turn.respond("utter_go_on")
        return [SlotSet("known", {**(turn.slot("known") or {}), **known})]

    def _follow_up(self, turn: Turn, text: str) -> list[Event] | None:
        """The field of the last article that is asked for; None when there is no topic or no such field."""
        article = self.services.answering.article(turn.slot("article")) if turn.slot("article") else None
        field = self.services.answering.field_for(text)
        if article is None or field is None:
            return None
        department = self.services.department_name(article.department)
        said = say_field(article, field)
        if said is None:
            phone = article.phone or self.services.phone_of(article.department) or "12345"
            turn.respond("utter_field_missing", phone=phone, department=department)
            return [SlotSet("misses", 0)]
        text = f"{article.question.rstrip('?？')}：{said}"
        turn.say(Reply(text, outcome="answered", details={"article": article.code, "field": field}))
        return [SlotSet("misses", 0)]


class Choose(Consult):
    """Takes one of the questions offered before, by number or by 都不是."""

    action_name = "action_choose"

    async def act(self, turn: Turn) -> list[Event]:
        """The chosen article, or the way on."""
        codes = turn.slot("choices") or []
        if not codes:
            turn.respond("utter_no_choice")
            return []
        text = turn.utterance.text
        if "不是" in text:
            return self._missed(turn, "utter_none_of_these", choices=None, offer="order")
        position = len(codes) - 1 if "最后" in text else self._position(text)
        article = self.services.answering.article(codes[position]) if position < len(codes) else None
        if article is None:
            turn.respond("utter_no_choice")
            return []
        return self._answered(turn, article)

    @staticmethod
    def _position(text: str) -> int:
        found = re.search(f"[{''.join(_ORDINALS)}]", text)
        return _ORDINALS[found.group()] if found else len(_ORDINALS)


class SmallTalk(Consult):
    """What sounds like small talk may still be a question the base answers for sure."""

    action_name = "action_small_talk"

    async def act(self, turn: Turn) -> list[Event]:
        """The answer, or a word that leads back."""
        found = self.services.answering.look_up(turn.utterance.text, now=self.services.now())
        if found.kind == "answer":
            return self._answered(turn, found.hits[0].article)
        if turn.utterance.confidence < SURE:
            return await self._unknown(turn, found)  # perhaps it was meant in earnest
        turn.respond("utter_chitchat")
        return []


class Helpful(HotlineAction):
    """有用: written down for the article."""

    action_name = "action_helpful"

    async def act(self, turn: Turn) -> list[Event]:
        """Thanks."""
        await self.services.record_feedback(turn.slot("article"), turn.conversation_id, helpful=True)
        turn.respond("utter_glad")
        return [SlotSet("misses", 0)]


class Unhelpful(Consult):
    """没用: written down for the article, and counted as a miss."""

    action_name = "action_unhelpful"

    async def act(self, turn: Turn) -> list[Event]:
        """Offers a person or an order."""
        await self.services.record_feedback(turn.slot("article"), turn.conversation_id, helpful=False)
        return self._missed(turn, "utter_sorry_unhelpful", offer="order", article=None)


class FollowOffer(HotlineAction):
    """好的 after an offer: to have the open question filed."""

    action_name = "action_follow_offer"

    async def act(self, turn: Turn) -> list[Event]:
        """Begins a consult order with the question nobody could answer."""
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


class DeclineOffer(HotlineAction):
    """不用了."""

    action_name = "action_decline_offer"

    async def act(self, turn: Turn) -> list[Event]:
        """Drops the offer."""
        turn.respond("utter_goodbye" if turn.slot("article") or turn.slot("last_order") else "utter_what_else")
        return set_slots({"offer": None, "choices": None})
