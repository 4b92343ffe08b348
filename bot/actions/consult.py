"""Consultation: answers from the knowledge base, choices, an honest "I do not know" (B1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from bot.actions.base import HUMAN, TO_FILE, VERDICTS, Event, HotlineAction, Turn, set_slots
from bot.actions.several import Several, several
from bot.asides import QUESTIONS, SURE
from bot.reading.choices import NONE_OF_THEM, named_by_a_word, read_choice, same_words
from bot.reading.cues import is_a_question, is_aggrieved
from bot.services import GivenAnswer
from bot.situation import Utterance
from bot.speaking import answer_reply, say_field
from bot.topic import (
    asks_generally,
    asks_how,
    leans_on,
    names_nothing,
    other_subject,
    own_words,
    speaks_of,
    telling_sentence,
)
from bot.wording import gist_of
from core.messages import QuickReply, Reply
from knowledge.answering import Hit, LookUp
from knowledge.article import Article

MISSES_TO_A_PERSON = 2
_WORDS = re.compile(r"\w")
_A_WORD = 6
"""Characters of a message that only names a subject."""
_SOMETHING = 2
"""Characters beside its facts from which a message tells what is the matter: 积水."""
_NO_INTAKE = (ActiveLoop(None), SlotSet("requested_slot", None), FollowupAction("action_listen"))
_REMEMBERED = 8
"""Answers of a conversation of which it is known what was asked."""


class Consult(HotlineAction):
    """What the consulting actions share."""

    def _answered(
        self, turn: Turn, article: Article, *, asked: str | None = None, to_file: str | None = None
    ) -> list[Event]:
        """Gives the article. ``asked``: the words it answers, where those are not the whole message. ``to_file``: the
        citizen's words, where they may want them filed all the same."""
        department = self.services.department_name(article.department)
        reply = answer_reply(article, department, self.services.phone_of(article.department))
        turn.say(replace(reply, quick_replies=(TO_FILE, HUMAN)) if to_file else reply)
        offer = "order" if to_file else None
        given = {"article": article.code, "choices": None, "question": to_file, "offer": offer, "misses": 0}
        words = asked or turn.utterance.text
        return set_slots(
            {**given, "asked_about": turn.utterance.text, "asked_of": asked_of(turn, {article.code: words})}
        )

    def _all_answered(self, turn: Turn, together: Several) -> list[Event]:
        """Gives every article that answers a part of the message."""
        events = [e for a in together.answers for e in self._answered(turn, a, asked=together.asked[a.code])]
        return [*events, SlotSet("asked_of", asked_of(turn, together.asked))]

    async def _taken(self, turn: Turn, articles: Sequence[Article]) -> list[Event]:
        """Gives the articles the citizen took from a choice, and keeps that they did."""
        asked, events = turn.slot("asked_about"), list[Event]()
        for article in articles:
            await self.services.record_choice(article.code, turn.conversation_id)
            events += self._answered(turn, article)
        asked = asked or articles[-1].question  # 第二个 asks nothing
        return [
            *events,
            *set_slots({"asked_about": asked, "asked_of": asked_of(turn, {each.code: asked for each in articles})}),
        ]

    async def _chosen(self, turn: Turn, *, by_a_word: bool = True) -> list[Event] | None:
        """What comes of words that take one of the questions offered, or none of them; None when they do neither.

        ``by_a_word``: a word of one question alone takes it, too.
        """
        codes, text = turn.slot("choices") or [], turn.utterance.text
        if not codes:
            return None
        options = [self.services.answering.article(code) for code in codes]
        held = [article for article in options if article is not None]
        clicked = [article for article in held if same_words(article.question, text)]
        if clicked:
            return await self._taken(turn, clicked[:1])
        places = read_choice(text, len(codes))
        if places == NONE_OF_THEM:
            return await self._none_of_them(turn)
        taken = [article for place in places or () if (article := options[place]) is not None]
        if not taken and by_a_word:
            named = named_by_a_word(text, [article.question for article in held])
            taken = [] if named is None else [held[named]]
        return await self._taken(turn, taken) if taken else None

    async def _none_of_them(self, turn: Turn) -> list[Event]:
        """The question that led to the choice has no answer."""
        asked = turn.slot("asked_about")
        await self._left_open(turn, asked)
        return self._missed(turn, "utter_none_of_these", choices=None, question=asked, offer="order")

    async def _judged(self, turn: Turn) -> GivenAnswer | None:
        """The answer a verdict is about: that whose button was pressed, or the last; None when there is none."""
        about = turn.metadata.get("about")
        if about:
            return await self.services.answer_at(about["conversation"], about["seq"], turn.metadata.get("contact_id"))
        article = None if turn.slot("choices") else turn.slot("article")
        return GivenAnswer(article) if article else None

    async def _left_open(self, turn: Turn, asked: str | None) -> None:
        """Writes down a question that was not answered, for whoever keeps the base; nothing where it is not known."""
        if asked:
            found = self.services.answering.look_up(asked, now=self.services.now())
            await self.services.record_unanswered(asked, turn.conversation_id, found)

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
        asked = turn.utterance.text
        return set_slots({"choices": [option.code for option in options], "question": asked, "asked_about": asked})

    async def _unknown(self, turn: Turn, found: LookUp) -> list[Event]:
        """The base does not hold it: written down for whoever keeps the base, and said."""
        said = turn.utterance
        if said.intent in {"ask_question", "ask_followup"} or is_a_question(said.text):
            await self.services.record_unanswered(said.text, turn.conversation_id, found)
        if turn.tracker.active_loop_name is not None:
            turn.respond("utter_unknown_here")  # what is being taken down comes first
            return []
        if not _WORDS.search(said.text):
            return self._missed(turn, "utter_no_words")
        asked = said.text if is_a_question(said.text) or self.services.sounds_like_a_matter(said.text) else None
        return self._missed(turn, "utter_unknown", question=said.text, asked_about=asked, offer="order")

    def _missed(self, turn: Turn, response: str, **slots: Any) -> list[Event]:
        """Counts a miss; the second in a row calls a person."""
        misses = (turn.slot("misses") or 0) + 1
        if misses >= MISSES_TO_A_PERSON:
            return [*set_slots({**slots, "misses": 0}), FollowupAction("action_hand_over")]
        turn.respond(response)
        return set_slots({**slots, "misses": misses})


def asked_of(turn: Turn, asked: Mapping[str, str]) -> dict[str, str]:
    """What was asked when an article was given, by its code: of the latest so many, ``asked`` the last of them."""
    known: dict[str, str] = {code: text for code, text in (turn.slot("asked_of") or {}).items() if code not in asked}
    return dict([*known.items(), *asked.items()][-_REMEMBERED:])


def _only_wished_to_ask(turn: Turn) -> bool:
    """Whether an intake is open of which nothing is known yet, not even its kind: 我想问个事 was no matter."""
    of_nothing = turn.slot("requested_slot") == "content" and not turn.slot("kind") and not turn.slot("waiting")
    return of_nothing and turn.tracker.active_loop_name == "intake_form"


class Answer(Consult):
    """Answers a question, offers a choice, or says that the base does not hold it; never invents."""

    action_name = "action_answer"

    async def act(self, turn: Turn) -> list[Event]:
        """A follow-up stays with the last article; everything else is looked up."""
        events = await self._answer(turn)
        led_on = any(event.get("event") == "followup" for event in events)
        return events if led_on or not _only_wished_to_ask(turn) else [*events, *_NO_INTAKE]

    async def _answer(self, turn: Turn) -> list[Event]:
        said = turn.utterance
        answered = await self._chosen(turn) or self._follow_up(turn, said) or self._several(turn)
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
        return [hit for hit in hits if 1 < len(word) <= _A_WORD and speaks_of(hit.article, word)]

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
        turn.respond("utter_go_on")
        return [SlotSet("known", {**(turn.slot("known") or {}), **known})]

    def _topic(self, turn: Turn) -> Article | None:
        """The article given last."""
        return self.services.answering.article(turn.slot("article")) if turn.slot("article") else None

    def _follow_up(self, turn: Turn, said: Utterance) -> list[Event] | None:
        """What the last article says to a question that can only be meant of it; None when there is no such topic."""
        article = self._topic(turn)
        if article is None:
            return None
        instead = other_subject(said.text)
        if instead is not None:
            return self._of_another(turn, article, instead)
        field = self.services.answering.field_for(said.text)
        asks = said.intent in QUESTIONS or is_a_question(said.text)
        near = said.intent == "ask_followup" and field is not None and leans_on(said.text, article)
        if not near and not (names_nothing(said.text) and asks):
            return None
        return self._part(turn, article, said.text, field)

    def _of_another(self, turn: Turn, article: Article, subject: str) -> list[Event] | None:
        """离婚呢, after how to marry: the article that says of the other what was asked of the one."""
        now = self.services.now()
        for text in (subject + article.question, subject):
            for hit in self.services.answering.look_up(text, now=now).hits:
                if hit.article.code != article.code and speaks_of(hit.article, subject):
                    return self._answered(turn, hit.article)
        return None

    def _staying(self, turn: Turn, said: Utterance) -> list[Event] | None:
        """What the last article says to a question that no other answers: 冷静期几天."""
        article, field = self._topic(turn), self.services.answering.field_for(said.text)
        if article is None or not (said.intent == "ask_followup" or self._leans(said.text, article)):
            return None
        return self._part(turn, article, said.text, field)

    @staticmethod
    def _leans(text: str, article: Article) -> bool:
        return is_a_question(text) and leans_on(text, article)

    def _part(self, turn: Turn, article: Article, text: str, field: str | None) -> list[Event]:
        """One part of an article: the sentence that speaks of it, or the field; or that it is not told."""
        field = field or ("steps" if asks_how(text) else None)
        said = telling_sentence(text, article) or (say_field(article, field) if field else None)
        if said is None and field is None and (asks_generally(text) or names_nothing(text)):
            return self._answered(turn, article)
        if said is None:
            department = self.services.department_name(article.department)
            phone = article.phone or self.services.phone_of(article.department) or "12345"
            turn.respond("utter_field_missing", phone=phone, department=department)
            return [SlotSet("misses", 0)]
        told = f"{article.question.rstrip('?？')}：{said}"
        details = {"article": article.code, "field": field}
        turn.say(Reply(told, quick_replies=VERDICTS, outcome="answered", details=details))
        return set_slots({"misses": 0, "asked_of": asked_of(turn, {article.code: text})})
