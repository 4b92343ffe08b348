"""What is asked after an answer, or after an order was filed, and can only be meant of it: 那多少钱, 多久能办好."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from backoffice.kinds import Kind
from bot.actions.base import HUMAN, VERDICTS, Event, Turn, set_slots
from bot.actions.consulting import Consult, asked_of, served_of
from bot.actions.intake_slots import INTAKE_FORM
from bot.asides import QUESTIONS
from bot.reading.cues import is_a_question
from bot.situation import Utterance
from bot.speaking import say_field, told_of
from bot.topic import asks_generally, asks_how, leans_on, names_nothing, other_subject, speaks_of, telling_sentence
from core.messages import Reply
from knowledge.article import Article

_OF_AN_ORDER = re.compile(r"处理|解决|结果|[回答]复|回[音信话]|消息|联系|通知|说法|交代|派人|派|来|完|结|回|见")
"""What a question that leans on the order just filed may name."""


class Following(Consult):
    """What actions share that answer questions leaning on what was spoken of before."""

    async def _of_the_filed(self, turn: Turn) -> list[Event] | None:
        """How the order stands that was filed last, where that is asked: 多久能办好; of one being taken down, how long
        its answer may take; None when something else is asked."""
        if not self._asks_when(turn.utterance.text) or turn.slot("article"):
            return None
        if turn.tracker.active_loop_name == INTAKE_FORM:
            term = await self.services.term_of_answer(Kind(turn.slot("kind") or Kind.COMPLAIN))
            turn.respond("utter_when_answered", term=term.words)
            return [SlotSet("misses", 0)]
        number, code = served_of(turn)
        number = number or turn.slot("last_order")
        if number is None or turn.tracker.active_loop_name is not None:
            return None
        reply = await self.services.serve_order(
            "progress",
            number,
            code,
            turn.metadata.get("contact_id"),
            addition=None,
            photos=(),
            key=f"{turn.conversation_id}:{turn.metadata.get('message_id')}",
        )
        turn.say(reply)
        return [SlotSet("misses", 0)]

    def _asks_when(self, text: str) -> bool:
        """Whether it is asked how long something takes, and nothing told of what, but that it is an answer."""
        asked = self.services.answering.field_for(text) == "duration"
        return asked and names_nothing(_OF_AN_ORDER.sub("", text))

    @staticmethod
    def _leans_on_a_choice(turn: Turn, said: Utterance) -> bool:
        """那要多少钱, before it is told which of the questions offered is meant; heard once only."""
        asks = said.intent == "ask_followup" or (is_a_question(said.text) and names_nothing(said.text))
        return bool(turn.slot("choices")) and asks and not turn.slot("misses")

    def _choose_first(self, turn: Turn) -> list[Event]:
        """Offers the same questions again, in short."""
        held = [article for code in turn.slot("choices") if (article := self.services.answering.article(code))]
        listed = "\n".join(f"{number}. {article.question}" for number, article in enumerate(held, 1))
        turn.say(Reply(f"请先告诉我您问的是哪一个，说数字就行：\n{listed}", quick_replies=(HUMAN,), asks="choice"))
        return [SlotSet("misses", 1)]

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
        details = {"article": article.code, "field": field}
        turn.say(Reply(told_of(article, said), quick_replies=VERDICTS, outcome="answered", details=details))
        return set_slots({"misses": 0, "asked_of": asked_of(turn, {article.code: text})})
