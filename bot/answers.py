"""How an answer to each field of an intake is read. Pure: one function per field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.plan import IntakePlan
from bot.reading.cues import is_a_question
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import Gazetteer
from bot.reading.targets import read_target
from bot.reading.times import read_time
from bot.situation import CONFIRM, DISTRICT, Situation, Utterance
from bot.wording import DECLINES, agrees, declines, gist_of, means_this_phone, strip_lead, waives_secrecy, wants_secrecy

SURE = 0.5
"""Confidence from which an intent is believed without further evidence."""
SHORTEST_CONTENT = 4
"""Characters a matter has at least: 停水了吗."""
_TIMEISH = re.compile(r"[天月年点时周晚早夜午]|最近|刚|常")
_SHORT = 12
_NOT_DIGITS = re.compile(r"[^0-9零〇洞幺一二两三四五六七拐八九勾]")
_LONGEST_AS_SAID = {"address": 40, "target": 30, "time": 20, "name": 8}
"""Characters up to which an answer that could not be read is believed when it is given a second time."""
_NOT_DATA = frozenset(
    {"insult", "chitchat", "ask_question", "ask_followup", "ask_why", "bot_challenge", "ask_capabilities", "affirm",
     "query_progress", "urge", "withdraw", "supplement", "request_order", "greet", "thank", "goodbye", "cancel"}
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What one field's reader makes of a message."""

    value: Any = None
    problem: str | None = None
    """What to tell the citizen about an answer that cannot be taken."""
    part: str | None = None
    """The part of an address that is not enough by itself."""


@dataclass(frozen=True)
class Reading:
    """A message to be read as an answer, and what it is read with."""

    plan: IntakePlan
    gazetteer: Gazetteer
    situation: Situation
    utterance: Utterance

    @property
    def text(self) -> str:
        """What was said."""
        return self.utterance.text

    def is_bare_data(self) -> bool:
        """Whether the message is nothing but a time or a phone number, which answers another question."""
        phone = read_phone(self.text, self.gazetteer.area_code)
        if phone is not None:
            return len(gist_of(self.text)) - len(_NOT_DIGITS.sub("", self.text)) <= 0
        time = read_time(self.text, self.situation.now, asked=True)
        return time is not None and not gist_of(self.text, time.words)

    def declined(self, field: str) -> Answer:
        """The mark for "not told", where the citizen declines and the field may be left out."""
        return Answer(self.plan.not_given.get(field) if declines(self.utterance) else None)

    def as_said(self, field: str) -> Answer:
        """The words themselves, the second time: no reader knows every place, firm and name there is."""
        words = self.text.strip(" ，。,.!！")
        believed = self.situation.tries > 0 and len(words) <= _LONGEST_AS_SAID[field]
        if not believed or self.utterance.intent in _NOT_DATA or is_a_question(words):
            return Answer()
        return Answer(words if re.search(r"[\u4e00-\u9fffA-Za-z]", words) else None)


def read_answer(field: str, reading: Reading) -> Answer:
    """The answer to ``field`` in a message; an empty one when it holds none."""
    return _READERS[field](reading)


def _content(reading: Reading) -> Answer:
    utterance = reading.utterance
    if utterance.intent == "insult" or len(strip_lead(utterance.text)) < SHORTEST_CONTENT or reading.is_bare_data():
        return Answer()
    if len(utterance.text) <= _SHORT and utterance.intent in DECLINES:
        return Answer()
    return Answer(utterance.text.strip())


def _address(reading: Reading) -> Answer:
    place = reading.gazetteer.read(reading.text, asked=True)
    known = reading.situation.values.get(DISTRICT)
    if place is not None and place.precise:
        return Answer(f"{known}{place.words}" if known and known not in place.words else place.words)
    if place is not None:
        if known == place.words or declines(reading.utterance) or reading.situation.tries:
            return Answer(place.words)
        return Answer(problem=f"{place.words}的具体位置是哪里呢？请说一下路名、小区名或者村名。", part=place.words)
    declined = reading.declined("address")
    if declined.value is not None and known:
        return Answer(known)
    return declined if declined.value is not None else reading.as_said("address")


def _time(reading: Reading) -> Answer:
    found = read_time(reading.text, reading.situation.now, asked=True)
    if found is not None:
        if found.instant is not None and found.instant > reading.situation.now:
            return Answer(problem="这个时间还没有到，请问事情是什么时候发生的？")
        return Answer(found.words)
    declined = reading.declined("time")
    if declined.value is not None:
        return declined
    if len(reading.text) <= _SHORT and _TIMEISH.search(reading.text) and reading.utterance.intent not in _NOT_DATA:
        return Answer(reading.text.strip())
    return reading.as_said("time")


def _target(reading: Reading) -> Answer:
    declined = reading.declined("target")
    if declined.value is not None and (
        reading.utterance.intent in {"dont_know", "deny"} or len(reading.text) <= _SHORT
    ):
        return declined
    if reading.is_bare_data() or reading.utterance.intent in _NOT_DATA:
        return Answer()
    target = read_target(reading.text, asked=True)
    return Answer(target) if target else reading.as_said("target")


def _confidential(reading: Reading) -> Answer:
    if waives_secrecy(reading.text):
        return Answer(False)
    if wants_secrecy(reading.text) or reading.utterance.intent == "stay_anonymous" or agrees(reading.utterance):
        return Answer(True)
    return Answer(False if reading.utterance.intent == "deny" else None)  # words first: an intent is a guess


def _name(reading: Reading) -> Answer:
    name = read_name(reading.text, asked=True)
    place = reading.gazetteer.read(reading.text) if name else None
    if name and (place is None or name not in place.words):
        return Answer(name)
    declined = reading.declined("name")
    if declined.value is not None or place is not None:
        return declined
    return reading.as_said("name")


def _phone(reading: Reading) -> Answer:
    found = read_phone(reading.text, reading.gazetteer.area_code, asked=True)
    if found is not None:
        return Answer(found.number, f"{found.problem}，请您核对后再说一遍。" if found.problem else None)
    sender_phone = reading.situation.sender_phone
    if means_this_phone(reading.text) or (sender_phone and reading.utterance.intent == "affirm"):
        return Answer(sender_phone, None if sender_phone else "这里看不到您的号码，请您说一下。")
    return reading.declined("phone")


def _confirm(reading: Reading) -> Answer:
    agreed = agrees(reading.utterance) and not reading.situation.doubted
    return Answer(True if agreed else None)


_READERS: dict[str, Callable[[Reading], Answer]] = {
    "content": _content,
    "address": _address,
    "time": _time,
    "target": _target,
    "confidential": _confidential,
    "name": _name,
    "phone": _phone,
    CONFIRM: _confirm,
}
