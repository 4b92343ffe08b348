"""What is asked after an answer, or after an order was filed, and can only be meant of it: 那多少钱, 多久能办好."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from backoffice.kinds import Kind
from bot.actions.base import HUMAN, VERDICTS, Event, Turn, set_slots
from bot.actions.consulting import asked_of, served_of
from bot.actions.intake_slots import INTAKE_FORM
from bot.actions.turning import Turning
from bot.asides import QUESTIONS
from bot.reading.cues import is_a_question, is_aggrieved
from bot.situation import Utterance
from bot.speaking import say_field, told_of
from bot.topic import (
    asking_clause,
    asks_generally,
    asks_how,
    leans_on,
    names_nothing,
    names_only,
    names_only_its_subject,
    other_subject,
    telling_sentence,
)
from core.messages import Reply
from knowledge.answering import Hit, LookUp
from knowledge.article import Article
from knowledge.open_questions import NOT_TOLD
from knowledge.telling import AMOUNT, CONDITIONS, DEADLINE, LATE, LEAST, sentence_about, told_in

_OF_AN_ORDER = re.compile(r"处理|解决|结果|[回答]复|回[音信话]|消息|联系|通知|说法|交代|派人|派|来|完|结|回|见")
"""What a question that leans on the order just filed may name."""

_CONDITIONS = re.compile(r"条件|要求|资格|限制|符合|够[不格]|算不算|[年岁]")
"""What is asked of whom something is for."""
_A_FOLLOW_UP = 24
"""Characters up to which a message may be told by the last article in other words."""
_UNTIL = re.compile(r"最晚|最迟|截止|多久.{0,4}(?:不能|不行|作废|失效)")
"""What is asked of until when something must be done, …"""
_LATE = re.compile(
    r"逾期|[过超]期|错过|没赶上|来不及|[晚迟]了|(?:晚(?![上饭间])|迟).{0,3}(?:几天|两天|要紧|咋|怎么|会)"
    r"|(?<![通考检审试核])(?:过|超)(?:了|过).{0,6}(?:[不没]|怎么|咋|还|才)"
    r"|(?:之前|以前|早先|往年|前几年|去年|前面)(?:一直|都|也|就)?没"
)
"""… and of who is late already, or has not done it so far."""
_STATED = frozenset({"place", "office_hours", "phone", "link", "materials"})
"""Parts of an article that it states as such, whatever sentence of its answer speaks of the same."""
_OF_TIME = frozenset({None, "steps", "duration", "valid"})
"""The parts of an article under which being late may be asked about."""
_HOW_MUCH = re.compile(r"(?:多少|好多)(?!天|个?工作日|[年岁人次分平米度号]|地方)|几成|几[百千万]|百分之几")
"""What is asked of a sum."""
_PAID_OUT = re.compile(r"(?:一个?|每个?)月.{0,3}(?:多少|好多)|(?:能|可以|给|发|领|拿|补)(?:到|给)?(?:我)?(?:多少|好多)")
"""What asks how much is given, not what it costs: 一个月多少钱."""
_OF_MONEY = frozenset({None, "fee"})
"""… and under which a sum may be."""
_WHETHER = re.compile(r"([要是有能会可给让])[不没]\1")
"""In 户口本要不要, what asks and names nothing."""
_WHOLE = 0.75
"""Share of what a question tells that a sentence speaks of, in near words at least, to be surely its answer."""
_THE_ONE_BEFORE = re.compile(
    r"(?:前面|刚才|上面|先前|之前|前一|上一|头一)(?:问的?)?"
    r"(?:那个(?!单位|公司|学校|房子|孩子|人|月)|那件事?|的那个|个(?=$|呢|的|问题))"
)
"""前面那个: not what was spoken of last, but before that."""
_LIKELY = 0.4
"""Confidence from which what was asked is taken for the likeliest of the questions offered, …"""
_FAR = 5
"""… so many times as likely as the next."""


class Following(Turning):
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

    async def _choose_first(self, turn: Turn) -> list[Event]:
        """Says it of the likeliest of the questions offered, where one is far likelier; or offers them again."""
        likeliest = self._likeliest(turn)
        if likeliest is not None:
            turn.say(Reply(f"您问的是“{likeliest.question}”的话："))
            taken = set_slots({"article": likeliest.code, "choices": None, "question": None, "misses": 0})
            field = self.services.answering.field_for(turn.utterance.text)
            return [*taken, *await self._part(turn, likeliest, turn.utterance.text, field)]
        held = [article for code in turn.slot("choices") if (article := self.services.answering.article(code))]
        listed = "\n".join(f"{number}. {article.question}" for number, article in enumerate(held, 1))
        turn.say(Reply(f"请先告诉我您问的是哪一个，说数字就行：\n{listed}", quick_replies=(HUMAN,), asks="choice"))
        return [SlotSet("misses", 1)]

    def _likeliest(self, turn: Turn) -> Article | None:
        """The question offered that is far likelier than all others to be the one that was asked; None: none is."""
        found = self.services.answering.look_up(turn.slot("asked_about") or "", now=self.services.now())
        if not found.hits or found.hits[0].confidence < _LIKELY:
            return None
        best, others = found.hits[0], found.hits[1:2]
        stands_out = all(hit.confidence <= best.confidence / _FAR for hit in others)
        return best.article if stands_out and best.article.code in turn.slot("choices") else None

    def _topic(self, turn: Turn) -> Article | None:
        """The article given last; that before it, where somebody says so: 前面那个."""
        code, known = turn.slot("article"), list(turn.slot("asked_of") or {})
        if code in known[1:] and _THE_ONE_BEFORE.search(turn.utterance.text):
            code = known[known.index(code) - 1]
        return self.services.answering.article(code) if code else None

    async def _follow_up(self, turn: Turn, said: Utterance) -> list[Event] | None:
        """What the last article says to a question that can only be meant of it; None when there is no such topic."""
        article = self._topic(turn)
        if article is None:
            return None
        instead = other_subject(said.text)
        late = instead is not None and _LATE.search(instead) is not None
        if instead is not None and (another := self._of_another(turn, article, instead, by_itself=not late)):
            return another
        if instead is not None and not late:
            return await self._not_told(turn, article, said.text) if self._leads_astray(instead, article) else None
        field = self.services.answering.field_for(said.text)
        asks = said.intent in QUESTIONS or is_a_question(said.text)
        near = said.intent == "ask_followup" and field is not None and leans_on(said.text, article)
        near = near or (asks and (names_only_its_subject(said.text, article) or self._asks_a_part(said, article)))
        kin = self._of_its_kind(turn, article) if said.intent == "ask_followup" and not near else None
        if kin is not None:
            return kin
        if not near and not (late and asks) and not (names_nothing(said.text) and asks):
            return None
        return await self._part(turn, article, said.text, field)

    def _asks_a_part(self, said: Utterance, article: Article) -> bool:
        """食品那个证在哪办, after the article that tells the place."""
        field = self.services.answering.field_for(said.text)
        return field in _STATED and names_only(said.text, article)

    async def _staying(self, turn: Turn, said: Utterance) -> list[Event] | None:
        """What the last article says to a question that no other answers: 冷静期几天."""
        article, asked = self._topic(turn), said.text
        if said.intent == "ask_followup":
            asked = asking_clause(said.text) or asked
        if article is None or not (said.intent == "ask_followup" or self._leans(asked, article)):
            return None
        return await self._part(turn, article, asked, self.services.answering.field_for(asked))

    def _told_in_the_topic(self, turn: Turn, said: Utterance, found: LookUp) -> list[Event] | None:
        """What the last article says to a short message, in whatever words: 小孩的能一起迁吗, after
        随行的未成年子女可一并迁入; all of it, where it is the nearest of a choice. None where other articles are asked
        for (``found``: 护照丢了怎么补办, after that of a card), or this one speaks of nothing in it."""
        article = self._topic(turn)
        if article is None or is_aggrieved(_WHETHER.sub("", said.text)) or len(said.text) > _A_FOLLOW_UP:
            return None
        meant = {"answer": found.hits[:1], "choose": found.hits}.get(found.kind, [])
        codes = [hit.article.code for hit in meant]
        asks = is_a_question(said.text) or said.intent in QUESTIONS
        others = bool(codes) and article.code not in codes
        told = self._by_its_sort(said.text, article) if asks and not others else None
        if told is None and not (others and (found.kind == "answer" or not asks)):
            # also of what is no question (我是自己辞职的), and before others that only name the same kind of trouble
            told = self._sentence(said.text, article, least=_WHOLE)
        if told:
            return self._say_part(turn, article, said.text, told, None)
        if not asks or others:
            return None
        told = self._sentence(said.text, article)
        if told:
            return self._say_part(turn, article, said.text, told, None)
        return self._answered(turn, article) if codes[:1] == [article.code] else None

    def _rather_of_the_topic(self, turn: Turn) -> list[Event] | None:
        """What the last article says to what was taken for a matter or a wish of its own, and names no place and no
        trouble: 我是自己辞职的, 以前没领的补不补; None where it says nothing to it."""
        said = turn.utterance
        if self._topic(turn) is None or said.entities.get("address") or said.entities.get("number"):
            return None
        if not is_a_question(said.text) and self.services.reader.plan.has_a_place(self.services.category_of(said.text)):
            return None  # 停水了, after what to do then, is told to be dealt with
        found = self.services.answering.look_up(said.text, now=self.services.now())
        return self._told_in_the_topic(turn, said, found)

    def _sentence(self, text: str, article: Article, *, least: float = LEAST) -> str | None:
        """The sentence of an article that speaks of what ``text`` names; None when none does."""
        index = self.services.answering.index
        named = _WHETHER.sub("", text)
        return sentence_about(named, article.answer, index.lexicon, index.tells, least=least)

    def _by_its_sort(self, text: str, article: Article) -> str | None:
        """What an article tells of being late, of until when, of how much, whatever words stand beside that; None where
        that is not asked, or not told."""
        field = self.services.answering.field_for(text)
        sorts = ((_UNTIL, DEADLINE, _OF_TIME), (_LATE, LATE, _OF_TIME), (_HOW_MUCH, AMOUNT, _OF_MONEY))
        asked = next((sort for cue, sort, fields in sorts if field in fields and cue.search(text)), None)
        return told_in(article.answer, asked) if asked else None

    @staticmethod
    def _leans(text: str, article: Article) -> bool:
        return is_a_question(text) and leans_on(text, article)

    async def _part(self, turn: Turn, article: Article, text: str, field: str | None) -> list[Event]:
        """One part of an article: the sentence that speaks of it, the field, or what its answer tells of that; or that
        it is not told."""
        field = field or ("steps" if asks_how(text) else None)
        of_time = field in _OF_TIME
        until, late = of_time and _UNTIL.search(text), of_time and _LATE.search(text)
        paid = field == "fee" and _PAID_OUT.search(text) is not None
        said = self._by_its_sort(text, article) if until or late or paid else None
        if paid and said is None and "免费" in (article.fee or ""):
            return await self._not_told(turn, article, text)  # 免费 is no answer to how much is paid out
        if field in _STATED and names_only(text, article):
            said = said or say_field(article, field)
        said = said or self._sentence(text, article, least=_WHOLE)
        if late and not until and said is None:
            return await self._not_told(turn, article, text)  # until when is no answer to what to do now
        said = said or telling_sentence(text, article) or (say_field(article, field) if field else None)
        told = field or (CONDITIONS if _CONDITIONS.search(text) else None)
        said = said or (told_in(article.answer, told) if told else None) or self._phone_of(article, field)
        said = said or self._by_its_sort(text, article)
        if said is None and field is None and (asks_generally(text) or names_nothing(text)):
            return self._answered(turn, article)
        said = said or self._sentence(text, article)
        if said is None:
            return await self._not_told(turn, article, text)
        return self._say_part(turn, article, text, said, field)

    def _say_part(self, turn: Turn, article: Article, text: str, said: str, field: str | None) -> list[Event]:
        """Says ``said`` of an article, in answer to ``text``."""
        details = {"article": article.code, "field": field}
        turn.say(Reply(told_of(article, said), quick_replies=VERDICTS, outcome="answered", details=details))
        return set_slots({"misses": 0, "article": article.code, "asked_of": asked_of(turn, {article.code: text})})

    def _phone_of(self, article: Article, field: str | None) -> str | None:
        phone = self.services.phone_of(article.department) if field == "phone" else None
        return f"咨询电话：{phone}（{self.services.department_name(article.department)}）。" if phone else None

    async def _not_told(self, turn: Turn, article: Article, text: str) -> list[Event]:
        """That the article does not tell it: said, a person or an order offered, kept for whoever keeps the base."""
        asked = f"{article.question.rstrip('?？')}，{text}"
        open_trouble = self._open_trouble(turn)
        await self.services.record_unanswered(asked, turn.conversation_id, LookUp("unknown", [Hit(article, NOT_TOLD)]))
        department = self.services.department_name(article.department)
        phone = article.phone or self.services.phone_of(article.department) or "12345"
        turn.respond("utter_field_missing", phone=phone, department=department)
        if turn.tracker.active_loop_name is not None:  # what is being taken down comes first
            return [SlotSet("misses", 0)]
        question = f"{open_trouble}，{text}" if open_trouble else asked
        return set_slots({"misses": 0, "question": question, "asked_about": asked, "offer": "order"})
