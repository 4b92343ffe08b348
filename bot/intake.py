"""How an intake goes on: from what is known and what the citizen just said to what is known next. Pure.

Rasa's form holds the loop (what is being asked, when it ends, what may interrupt it); this module is what its
validation action decides with. What a message tells beyond the answer is never lost: facts fill their fields, and
the rest of the story goes into the matter itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.advance import ALL_NOTED, NO_HURRY, NOT_DONE, NOTED, SECRECY_NOTED, STILL_MISSING, Advance
from bot.answers import SHORTEST_CONTENT, Answer, Reading, may_be_a_name, read_answer
from bot.asides import LIKELY, QUESTIONS, SAID_SO, SURE, is_an_aside, surely_asks
from bot.corrections import Corrector, closer_address
from bot.plan import KIND_OF_INTENT, MATTER_INTENTS, IntakePlan
from bot.reading.corrections import names_a_change, with_units
from bot.reading.cues import is_a_question, is_aggrieved
from bot.reading.persons import read_name, read_signature
from bot.reading.places import PlaceReader
from bot.reading.targets import names_an_organisation
from bot.reading.times import names_no_day, read_time
from bot.situation import CONFIRM, DISTRICT, DUPLICATE, Situation, Utterance
from bot.wording import (
    TELLS,
    agrees,
    declines,
    gist_of,
    has_said_it,
    hesitates,
    needs_no_secrecy,
    strip_lead,
    wants_secrecy,
    withholds,
    withholds_at_once,
)

LEAVES = frozenset({"danger", "human", "cancel", "start_over", "go_back", "repeat", "send_photo"})
"""Intents that are never an answer: a rule of the dialogue takes them, whatever is being asked."""
PATIENCE = 3
"""Failed answers to one question after which a person takes over (B7)."""

_WITHHELD = frozenset({"name", "phone"})
_TOLD_BESIDE = frozenset({"time", *_WITHHELD})
"""What is read even from a message that corrects something else."""
_KEPT_UNASKED = frozenset({"address", "time"})
"""What is told of the matter is kept though an order of this kind does not ask for it."""
_LIGHT = frozenset({"name", "time", "target"})
"""What need not hold an order up: left open where the citizen wants it filed, or tells other things instead."""
_SUBMITS = re.compile(
    r"^(?:好的?|行|嗯|那|对[头的]?|可以|没了|确认|你们?|给我|帮我|赶紧|快点?|直接|先|吧|就|\W)*(?:提交|交上去|报上去|就这[些样]|登记)(?:上去|了|吧|啊|呀|交上去|就行|就好|谢谢|\W)*$"
    r"|^没了没了|没别的了?\W*$|没啥了\W*$"
)
_TOLD_WHEN_CHANGED = frozenset({"address", "time", "target", "name", "phone"})
_SHORT_NAME = 4
_SOMETHING = 2
"""Characters beside its facts from which a message tells what is the matter: 积水."""
_A_STORY = 6
"""Characters left of a message, its facts and small words taken out, from which it tells something of the matter."""
_A_GRIEVANCE = 4
"""The same, of one that has the form of trouble: 没人通知."""


class IntakeReader:
    """Reads answers with the city's plan and gazetteer."""

    def __init__(self, plan: IntakePlan, places: PlaceReader) -> None:
        """``plan``: fields per kind; ``places``: reads the city's places."""
        self.plan = plan
        self.places = places
        self._corrector = Corrector(plan, places)

    def required(self, situation: Situation) -> tuple[str, ...]:
        """All fields of this intake in order, the confirmation last; before it, where there is an order that is likely
        about the same, whether it is."""
        asked = (DUPLICATE,) if situation.likely else ()
        return (*self.plan.required(situation.kind, situation.category), *asked, CONFIRM)

    def next_field(self, situation: Situation) -> str | None:
        """The first field that is not known yet; None when the intake is complete."""
        return next((name for name in self.required(situation) if situation.values.get(name) is None), None)

    def begin(self, utterance: Utterance, now: datetime, sender_phone: str | None) -> dict[str, Any]:
        """What the first message of an intake already tells."""
        values = self.facts(utterance, now)
        content = strip_lead(utterance.text)
        values["content"] = utterance.text.strip() if len(content) >= SHORTEST_CONTENT else None
        if sender_phone:
            values["phone"] = values["phone"] or sender_phone
        for name in withholds_at_once(utterance.text):
            values[name] = values[name] or self.plan.not_given[name]
        if wants_secrecy(utterance.text):
            values["confidential"] = True
        elif needs_no_secrecy(utterance.text):
            values["confidential"] = False
        return {name: value for name, value in values.items() if value is not None}

    def facts(self, utterance: Utterance, now: datetime) -> dict[str, Any]:
        """What a message tells without having been asked, by field; None where it does not."""
        entities = utterance.entities
        time = None if names_no_day(utterance.text) else read_time(utterance.text, now)
        return {
            "phone": entities.get("phone"),
            "name": entities.get("person") or read_signature(utterance.text),
            "address": entities.get("address"),
            "target": entities.get("target"),
            "time": time.words if time and (time.instant is None or time.instant <= now) else None,
        }

    def tells_more_than_facts(self, utterance: Utterance, now: datetime) -> bool:
        """Whether a message says anything beside who, where, when and which number."""
        told = [value for value in self.facts(utterance, now).values() if value]
        return len(gist_of(_normal(utterance), *told)) >= _SOMETHING

    def advance(self, situation: Situation, utterance: Utterance) -> Advance:
        """What the citizen's message does to an intake that asked for ``situation.requested``."""
        if hesitates(utterance.text):
            return Advance(problem=NO_HURRY)
        if self._leaves(situation, utterance):
            return Advance(leaves=True)
        asks = surely_asks(utterance) and not names_a_change(utterance.text)
        corrected = None if asks else self._corrector.correct(situation, utterance, self.required(situation))
        if corrected is not None:
            word = None if corrected.problem else self._changes_told(situation, corrected.values)
            values = {**self._asked_beside(situation, utterance), **corrected.values}
            return Advance(values, problem=corrected.problem, doubted=corrected.doubted, word=word)
        requested = situation.requested or "content"
        answer = read_answer(requested, Reading(self.plan, self.places, situation, utterance))
        if answer.value is not None and self._asks_something_else(situation, utterance, answer):
            return Advance(leaves=True)
        more = self._more(situation, utterance, requested)
        if answer.beyond and answer.beyond not in situation.values["content"]:
            more["content"] = f"{situation.values['content']}\n{answer.beyond}"
        if answer.value is None:
            return self._without_answer(situation, utterance, answer, more)
        word = self._changes_told(situation, more) or (NOTED if "content" in more else None)
        kind = self._kind_told(situation, utterance) if requested == "content" else None
        return Advance({**more, requested: answer.value}, word=word, kind=kind)

    def _asked_beside(self, situation: Situation, utterance: Utterance) -> dict[str, Any]:
        """What was asked for, in a message that corrects something else: 138…, 哦是12栋."""
        if situation.requested not in _TOLD_BESIDE:
            return {}
        told = self.facts(utterance, situation.now)[situation.requested]
        return {situation.requested: told} if told else {}

    def _changes_told(self, situation: Situation, values: Mapping[str, Any]) -> str | None:
        """记下了，联系电话改成…: which fields that were known are others now; None when none is."""
        changed = [
            f"{self.plan.fields[name].label}改成{value}"
            for name, value in values.items()
            if name in _TOLD_WHEN_CHANGED and isinstance(value, str)
            and situation.values.get(name) not in (None, value)
        ]  # fmt: skip
        return f"记下了，{'，'.join(changed)}。" if changed else None

    # ------------------------------------------------------------------------------------ interruptions

    def _leaves(self, situation: Situation, utterance: Utterance) -> bool:
        """Whether the message is nothing an intake reads, whatever it asked for."""
        if utterance.confidence < SURE or (situation.requested == "name" and may_be_a_name(utterance)):
            return False
        if utterance.intent == "human" and situation.requested == "target" and utterance.confidence < SAID_SO:
            return False  # 就你们话务员 is whom it is about
        if utterance.intent == "cancel" and situation.requested in _WITHHELD and withholds(utterance.text):
            return False
        if situation.requested in {"content", "address"} and utterance.intent == "out_of_remit":
            return True
        asks = utterance.intent == "ask_question" and is_a_question(utterance.text)
        return (situation.requested == "content" and asks) or utterance.intent in LEAVES

    def _asks_something_else(self, situation: Situation, utterance: Utterance, answer: Answer) -> bool:
        """人民医院几点上班 holds a place, and is no answer to where it happened."""
        if (
            utterance.intent not in QUESTIONS
            or utterance.confidence < LIKELY
            or situation.requested in {"content", CONFIRM}
        ):
            return False
        if answer.value == self.plan.not_given.get(situation.requested or "") and declines(utterance):
            return False  # 不给行不行
        rest = utterance.text.replace(answer.said or str(answer.value), "")
        return is_a_question(rest) and len(gist_of(rest)) >= SHORTEST_CONTENT

    def _without_answer(
        self, situation: Situation, utterance: Utterance, answer: Answer, more: dict[str, Any]
    ) -> Advance:
        """The message holds no answer to the question: what else it may be."""
        if answer.part:
            more[DISTRICT] = answer.part
        if answer.problem:
            return Advance(more, problem=answer.problem)
        if situation.requested == CONFIRM and (situation.doubted and agrees(utterance)):
            return Advance()  # nothing was changed after all: it is read back once more before it is filed
        if situation.requested == CONFIRM and not more and utterance.intent == "deny":
            return Advance(doubted=True)
        left_open = self._left_open(situation, utterance, more)
        if left_open:
            return Advance({**left_open, **more})
        if more:
            noted = self._changes_told(situation, more) or NOTED
            return Advance(more, word=SECRECY_NOTED if more.get("confidential") else noted)
        return self._told_before(situation, utterance) or self._nothing_told(situation, utterance)

    def _nothing_told(self, situation: Situation, utterance: Utterance) -> Advance:
        """The message is a question or small talk, or not understood."""
        aside = is_an_aside(utterance) and not situation.repeated
        if aside or self._asks_in_between(situation, utterance):
            return Advance(leaves=True, asks=not aside)
        word = {"goodbye": NOT_DONE, "request_order": STILL_MISSING}.get(utterance.intent)
        return Advance(problem=word or self.plan.fields[situation.requested or "content"].again)

    def _told_before(self, situation: Situation, utterance: Utterance) -> Advance | None:
        """What becomes of 刚不是说过吗: what need not hold the order up is not asked for again."""
        asked = situation.requested or "content"
        if asked in {"content", CONFIRM, DUPLICATE} or not has_said_it(utterance.text):
            return None
        if asked in _LIGHT:
            return Advance({asked: self.plan.not_given[asked]}, word=ALL_NOTED)
        return Advance(problem=f"{ALL_NOTED}{self.plan.fields[asked].label}这一项还没有听清。")

    @staticmethod
    def _asks_in_between(situation: Situation, utterance: Utterance) -> bool:
        """养鸽子犯法不犯法, to a question for the name: asked, though the guess is a weak one of something else."""
        unsure = utterance.confidence < SURE and not situation.repeated and situation.requested != CONFIRM
        return unsure and is_a_question(utterance.text) and len(gist_of(utterance.text)) >= SHORTEST_CONTENT

    def _left_open(self, situation: Situation, utterance: Utterance, more: Mapping[str, Any]) -> dict[str, Any]:
        """The marks of what is not known and need not be: all of it, where the citizen wants the order filed, and what
        is asked for, where they tell other things instead, again."""
        asked = situation.requested
        if asked not in _LIGHT:
            return {}
        if not _SUBMITS.search(utterance.text):
            return {asked: self.plan.not_given[asked]} if more and situation.passed_over else {}
        missing = (name for name in self.required(situation) if situation.values.get(name) is None)
        return {name: self.plan.not_given[name] for name in missing if name in _LIGHT}

    # -------------------------------------------------------------------------------------------- facts

    def _more(self, situation: Situation, utterance: Utterance, requested: str) -> dict[str, Any]:
        """What a message tells beyond the answer: it fills gaps, says more exactly, or says anew."""
        wanted = self.required(situation)
        told = self.facts(utterance, situation.now)
        more = {
            name: value
            for name, value in told.items()
            if value is not None and name != requested
            and (name in wanted or name in _KEPT_UNASKED or self._is_all(name, value, utterance))
            and self._is_news(name, situation.values.get(name), value, _normal(utterance))
        }  # fmt: skip
        address = situation.values.get("address")
        if requested != "address" and isinstance(address, str) and self.plan.was_given("address", address):
            read = closer_address if requested == CONFIRM else with_units  # 402 elsewhere is a number of any kind
            closer = read(address, utterance.text)
            if closer and closer != address:
                more["address"] = closer
        if requested != "confidential" and (wants_secrecy(utterance.text) or needs_no_secrecy(utterance.text)):
            more["confidential"] = wants_secrecy(utterance.text)
        apart = requested not in {"content", DUPLICATE}  # those read for themselves what of the matter is told
        if apart and situation.values.get("content") and self._tells_a_story(utterance, told):
            story = self._story(utterance, told)
            if story and story not in situation.values["content"]:
                more["content"] = f"{situation.values['content']}\n{story}"
        return more

    @staticmethod
    def _is_all(name: str, value: str, utterance: Utterance) -> bool:
        """Whether the message tells nothing but which party it is about, which nobody asked: 梅园物业."""
        return name == "target" and names_an_organisation(value) and not gist_of(utterance.text, value)

    def _is_news(self, name: str, old: Any, new: str, text: str) -> bool:
        if not self.plan.was_given(name, old):
            return True
        if old == new:
            return False
        return name == "phone" or str(old) in new or not gist_of(text, new)

    @staticmethod
    def _tells_a_story(utterance: Utterance, told: Mapping[str, Any]) -> bool:
        """Whether a message tells something of the matter, beside its facts."""
        if utterance.intent not in TELLS or names_a_change(utterance.text):
            return False
        shortest = _A_GRIEVANCE if is_aggrieved(utterance.text) else _A_STORY
        return len(gist_of(_normal(utterance), *told.values())) >= shortest and not declines(utterance)

    @staticmethod
    def _story(utterance: Utterance, told: Mapping[str, Any]) -> str:
        """What a message adds to the matter: its words without the citizen's own name and number."""
        text = utterance.text
        for value in (told["phone"], told["name"], read_name(text, asked=True) if len(text) > _SHORT_NAME else None):
            text = text.replace(value, "") if value and text.startswith(value) else text
        return text.strip(" ，。,.、")

    @staticmethod
    def _kind_told(situation: Situation, utterance: Utterance) -> str | None:
        """The kind that the words of the matter tell, for an intake begun without one."""
        if situation.values.get("kind") is not None:
            return None
        intent = utterance.intent if utterance.intent in MATTER_INTENTS else utterance.matter
        kind = KIND_OF_INTENT.get(intent or "")
        return kind.value if kind else None


def _normal(utterance: Utterance) -> str:
    """What was said, with the address in it as the order has it."""
    said, normal = utterance.entities.get("address_said"), utterance.entities.get("address")
    return utterance.text.replace(said, normal) if said and normal else utterance.text
