"""How an intake goes on: from what is known and what the citizen just said to what is known next. Pure.

Rasa's form holds the loop (what is being asked, when it ends, what may interrupt it); this module is what its
validation action decides with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backoffice.kinds import Kind
from bot.plan import IntakePlan
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import Gazetteer
from bot.reading.targets import read_target
from bot.reading.times import read_time

CONFIRM = "confirm"

LEAVES = frozenset({"danger", "human", "cancel", "start_over", "go_back", "repeat", "out_of_remit", "send_photo"})
"""Intents that are never an answer: a rule of the dialogue takes them, whatever is being asked."""

INTERRUPTS = frozenset(
    {"ask_question", "ask_followup", "bot_challenge", "ask_capabilities", "insult", "chitchat", "query_progress",
     "helpful", "unhelpful", "thank", "greet"}
)  # fmt: skip
"""Intents that a rule answers before the intake goes on, if the message holds no answer."""

DECLINES = frozenset({"dont_know", "stay_anonymous", "deny"})
SURE = 0.55
"""Confidence from which an intent that leaves the intake is believed."""
LIKELY = 0.3
"""Confidence from which a message without an answer is taken for an interruption."""
PATIENCE = 3
"""Failed answers to one question after which a person takes over (B7)."""

_FIELD_WORDS = {
    "phone": "电话|手机|号码|联系方式",
    "address": "地址|地点|位置|地方",
    "time": "时间|日期|几点",
    "name": "姓名|名字|称呼|我姓|我叫",
    "target": "对象|单位|公司|店名|被投诉|被举报|对方",
    "confidential": "保密|匿名",
    "content": "内容|情况|描述|事情",
}
_NEW_VALUE = re.compile(
    r"(?:应该是|应当是|改成|改为|改到|换成|更正为|不是.{1,20}?[,，]?\s*(?:而)?是|正确的是|是|叫)(?!错|不对|写错)(.+)$"
)
_CHANGE_WORDS = re.compile(r"错了|不对|有误|写错|说错|记错|弄错|改一下|修改|更正|改成|改为|换成|换一个|要改")
_LEAD = re.compile(
    r"^(?:你好|您好|喂|嗯|那个|请问|麻烦|同志|师傅|[\s,，。!！])*(?:我(?:们)?(?:要|想|来|想要|得)?)?"
    r"(?:投诉|举报|反映|求助|建议|表扬|感谢|咨询|登记|提)(?:个|一个|一下|一件事|一个问题|个问题|问题|建议|情况|意见|点意见)?(?:[\s,，。:：!！]|$)*"
)
_SAME_NUMBER = re.compile(r"(?:就)?(?:是|用|打)?(?:这个|本机|现在的?|当前|我的)(?:号码|手机|电话|号)|本机")
_KEEP_SECRET = re.compile(
    r"(?<!不)(?<!不用)(?<!不需要)(?<!不必)(?<!无需)(?<!别)(?:保密|匿名)|别(?:告诉|透露|让)|不要(?:公开|告诉|透露)|不能(?:公开|透露)"
)
_NO_SECRET = re.compile(r"(?:不用|不需要|不必|无需|不|没必要)保密|可以公开|公开")
_TIMEISH = re.compile(r"[天月年点时周晚早夜午]|最近|刚|常")
_SHORTEST_CONTENT = 4


@dataclass(frozen=True)
class Utterance:
    """What the citizen said, as Rasa's NLU understood it."""

    text: str
    intent: str
    confidence: float
    entities: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """Where an intake stands."""

    kind: Kind
    category: str | None
    values: Mapping[str, Any]
    requested: str | None
    tries: int
    now: datetime
    sender_phone: str | None = None


@dataclass(frozen=True)
class Advance:
    """What an answer changes."""

    values: dict[str, Any] = field(default_factory=dict)
    """Fields that get another value; None: to be asked for again."""
    problem: str | None = None
    """What to tell the citizen about an answer that cannot be taken."""
    doubted: bool = False
    """The summary was refused without saying what is wrong."""
    leaves: bool = False
    """Not an answer: the dialogue's rules take the message."""


@dataclass(frozen=True)
class Answer:
    """What one field's reader makes of a message."""

    value: Any = None
    problem: str | None = None


Reader = Callable[["IntakeReader", Situation, Utterance], Answer]


def strip_lead(text: str) -> str:
    """The matter itself, without 你好我要投诉."""
    return _LEAD.sub("", text.strip()).strip(" ，。,.!！")


class IntakeReader:
    """Reads answers with the city's plan and gazetteer."""

    def __init__(self, plan: IntakePlan, gazetteer: Gazetteer) -> None:
        """``plan``: fields per kind; ``gazetteer``: the city's places."""
        self.plan = plan
        self.gazetteer = gazetteer

    def required(self, situation: Situation) -> tuple[str, ...]:
        """All fields of this intake in order, the confirmation last."""
        return (*self.plan.required(situation.kind, situation.category), CONFIRM)

    def next_field(self, situation: Situation) -> str | None:
        """The first field that is not known yet; None when the intake is complete."""
        return next((name for name in self.required(situation) if situation.values.get(name) is None), None)

    def begin(self, utterance: Utterance, now: datetime, sender_phone: str | None) -> dict[str, Any]:
        """What the first message of an intake already tells."""
        values = self._volunteered(utterance, now)
        content = strip_lead(utterance.text)
        values["content"] = utterance.text.strip() if len(content) >= _SHORTEST_CONTENT else None
        if sender_phone:
            values.setdefault("phone", sender_phone)
        if utterance.intent == "stay_anonymous" or _KEEP_SECRET.search(utterance.text):
            values["confidential"] = True
        return {name: value for name, value in values.items() if value is not None}

    def advance(self, situation: Situation, utterance: Utterance) -> Advance:
        """What the citizen's message does to an intake that asked for ``situation.requested``."""
        if utterance.intent in LEAVES and utterance.confidence >= SURE:
            return Advance(leaves=True)
        if self._is_correction(situation, utterance):
            return self._correct(situation, utterance)
        requested = situation.requested or "content"
        answer = _READERS[requested](self, situation, utterance)
        values = self._more(situation, utterance, requested)
        if answer.value is not None:
            return Advance({**values, requested: answer.value})
        if requested == CONFIRM and utterance.intent == "deny":
            return Advance(doubted=True)
        if values:
            return Advance(values)
        if utterance.intent in INTERRUPTS and utterance.confidence >= LIKELY:
            return Advance(leaves=True)
        return Advance(problem=answer.problem or self.plan.fields[requested].again)

    # -------------------------------------------------------------------------------------- corrections

    def _is_correction(self, situation: Situation, utterance: Utterance) -> bool:
        if situation.requested == "content" and utterance.intent != "correct":
            return False
        changes = bool(_CHANGE_WORDS.search(utterance.text))
        names_field = self._named_field(utterance.text) is not None
        if situation.requested == CONFIRM:
            return names_field or (changes and bool(utterance.entities)) or utterance.intent == "correct"
        return changes and (names_field or utterance.intent == "correct")

    def _named_field(self, text: str) -> str | None:
        return next((name for name, words in _FIELD_WORDS.items() if re.search(words, text)), None)

    def _correct(self, situation: Situation, utterance: Utterance) -> Advance:
        name = self._named_field(utterance.text) or self._field_of_entities(utterance)
        if name is None or name not in self.required(situation):
            return Advance(doubted=True)
        found = _NEW_VALUE.search(utterance.text)
        said = found.group(1).strip() if found else ""
        if not said and name == "phone":
            said = utterance.text
        answer = _READERS[name](self, situation, Utterance(said, "inform", 1.0)) if said else Answer()
        if answer.problem:
            return Advance({name: None}, problem=answer.problem)
        return Advance({name: answer.value})

    @staticmethod
    def _field_of_entities(utterance: Utterance) -> str | None:
        order = {"phone": "phone", "person": "name", "time": "time", "address": "address", "target": "target"}
        return next((name for entity, name in order.items() if utterance.entities.get(entity)), None)

    # -------------------------------------------------------------------------------------------- facts

    def _volunteered(self, utterance: Utterance, now: datetime) -> dict[str, Any]:
        """Facts a message holds without having been asked for."""
        entities = utterance.entities
        time = read_time(utterance.text, now)
        return {
            "phone": entities.get("phone"),
            "name": entities.get("person"),
            "address": entities.get("address"),
            "target": entities.get("target"),
            "time": time.words if time else None,
        }

    def _more(self, situation: Situation, utterance: Utterance, requested: str) -> dict[str, Any]:
        """What an answer tells beyond the question: fills gaps, and a new phone number replaces the old."""
        required = self.required(situation)
        return {
            name: value
            for name, value in self._volunteered(utterance, situation.now).items()
            if value is not None
            and name in required
            and name != requested
            and situation.values.get(name) != value
            and (situation.values.get(name) is None or name == "phone")
        }

    def not_given(self, name: str) -> str | None:
        """The mark for a field the citizen cannot or will not tell; None where it cannot be left out."""
        return self.plan.not_given.get(name)


def _content(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    if utterance.intent in DECLINES or len(strip_lead(utterance.text)) < _SHORTEST_CONTENT:
        return Answer()
    return Answer(utterance.text.strip())


def _address(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    place = reader.gazetteer.read(utterance.text, asked=True)
    if place is not None and place.precise:
        return Answer(place.words)
    if place is not None:
        return Answer(problem=f"{place.words}的具体位置是哪里呢？请说一下路名、小区名或者村名。")
    return _declined(reader, "address", utterance)


def _time(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    reading = read_time(utterance.text, situation.now, asked=True)
    if reading is not None:
        if reading.instant is not None and reading.instant > situation.now:
            return Answer(problem="这个时间还没有到，请问事情是什么时候发生的？")
        return Answer(reading.words)
    if utterance.intent not in DECLINES and len(utterance.text) <= 12 and _TIMEISH.search(utterance.text):
        return Answer(utterance.text.strip())
    return _declined(reader, "time", utterance)


def _target(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    target = None if utterance.intent in DECLINES else read_target(utterance.text, asked=True)
    return Answer(target) if target else _declined(reader, "target", utterance)


def _confidential(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    if _NO_SECRET.search(utterance.text) or utterance.intent == "deny":
        return Answer(False)
    if _KEEP_SECRET.search(utterance.text) or utterance.intent in {"affirm", "stay_anonymous"}:
        return Answer(True)
    return Answer()


def _name(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    name = utterance.entities.get("person") or read_name(utterance.text, asked=True)
    return Answer(name) if name else _declined(reader, "name", utterance)


def _phone(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    reading = read_phone(utterance.text, reader.gazetteer.area_code)
    if reading is not None:
        return Answer(reading.number, f"{reading.problem}，请您核对后再说一遍。" if reading.problem else None)
    if situation.sender_phone and (_SAME_NUMBER.search(utterance.text) or utterance.intent == "affirm"):
        return Answer(situation.sender_phone)
    return _declined(reader, "phone", utterance)


def _confirm(reader: IntakeReader, situation: Situation, utterance: Utterance) -> Answer:
    return Answer(True) if utterance.intent == "affirm" else Answer()


def _declined(reader: IntakeReader, name: str, utterance: Utterance) -> Answer:
    if utterance.intent in DECLINES:
        return Answer(reader.not_given(name))
    return Answer()


_READERS: dict[str, Reader] = {
    "content": _content,
    "address": _address,
    "time": _time,
    "target": _target,
    "confidential": _confidential,
    "name": _name,
    "phone": _phone,
    CONFIRM: _confirm,
}
