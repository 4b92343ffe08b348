"""What a correction changes in an intake: 电话错了, 不是3栋是5栋. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backoffice.sounds import sound_of
from bot.answers import Answer, Reading, read_answer
from bot.asides import SURE
from bot.plan import IntakePlan
from bot.reading.corrections import (
    Correction,
    begins_with_a_change,
    corrections_apart,
    mended_phone,
    names_a_change,
    read_correction,
    swapped,
    with_flat,
    with_units,
)
from bot.reading.persons import read_name
from bot.reading.phones import read_phone
from bot.reading.places import PlaceReader
from bot.reading.times import read_time
from bot.situation import CONFIRM, Situation, Utterance
from bot.wording import agrees, waives_secrecy, wants_secrecy


@dataclass(frozen=True)
class Corrected:
    """What a correction comes to."""

    values: dict[str, Any] = field(default_factory=dict)
    """Fields that get another value; None: to be asked for again."""
    problem: str | None = None
    """What to tell the citizen about a new value that cannot be taken."""
    doubted: bool = False
    """Something is wrong, and it was not said what."""


class Corrector:
    """Reads corrections with the city's plan and gazetteer."""

    def __init__(self, plan: IntakePlan, places: PlaceReader) -> None:
        """As for :class:`bot.intake.IntakeReader`."""
        self._plan = plan
        self._places = places

    def correct(self, situation: Situation, utterance: Utterance, required: Sequence[str]) -> Corrected | None:
        """What the message corrects; None when it is no correction. ``required``: the fields of this intake."""
        apart = corrections_apart(utterance.text)
        each = [replace(utterance, text=text) for text in apart]
        together = self._all_corrected(situation, each, required) if len(apart) > 1 else None
        return together or self._one_corrected(situation, utterance, required)

    def _all_corrected(
        self, situation: Situation, utterances: Sequence[Utterance], required: Sequence[str]
    ) -> Corrected | None:
        """Several corrections told in one message: each in what those before it have left; None where one is none."""
        values: dict[str, Any] = {}
        for utterance in utterances:
            so_far = replace(situation, values={**situation.values, **values})
            corrected = self._one_corrected(so_far, utterance, required)
            if corrected is None or corrected.doubted:
                return None
            values |= corrected.values
            if corrected.problem:
                return Corrected(values, problem=corrected.problem)
        return Corrected(values)

    def _one_corrected(self, situation: Situation, utterance: Utterance, required: Sequence[str]) -> Corrected | None:
        correction = _correction(situation, utterance)
        if correction is None:
            return None
        known = {name: value for name, value in situation.values.items() if name != CONFIRM and value is not None}
        changed = swapped(known, correction, utterance.text)
        if changed:
            return Corrected(changed)
        fields = [name for name in correction.fields if name in required or name in known or name == "confidential"]
        if not fields and correction.right:
            fields = self._fields_like(correction.right, situation, required)
        if not fields:
            return Corrected(doubted=True) if situation.requested == CONFIRM else None
        return self._replaced(situation, utterance, correction, fields)

    def _replaced(
        self, situation: Situation, utterance: Utterance, correction: Correction, fields: Sequence[str]
    ) -> Corrected:
        values: dict[str, Any] = {}
        for name in fields:
            answer = self._new_value(situation, utterance, correction, name)
            values[name] = answer.value
            if answer.problem:
                return Corrected(values, problem=answer.problem)
            values.update(_told_in_matter(situation, name, answer.value))
        return Corrected(values)

    def _new_value(self, situation: Situation, utterance: Utterance, correction: Correction, name: str) -> Answer:
        if name == "confidential":
            return Answer(wants_secrecy(utterance.text) or (False if waives_secrecy(utterance.text) else None))
        mended = self._mended(situation.values.get(name), utterance, correction, name)
        if mended or not correction.right:
            return Answer(mended)
        said = replace(utterance, text=correction.right, intent="inform", confidence=1.0)
        return read_answer(name, Reading(self._plan, self._places, situation, said))

    def _mended(self, old: Any, utterance: Utterance, correction: Correction, name: str) -> str | None:
        """The old value with the part of it that was said anew: its last digits, its house number."""
        if not isinstance(old, str) or not self._plan.was_given(name, old):
            return None
        if name == "phone":
            return mended_phone(old, utterance.text)
        if name == "name":
            return respelt(old, correction.right)
        return closer_address(old, correction.right) if name == "address" else None

    def _fields_like(self, said: str, situation: Situation, required: Sequence[str]) -> list[str]:
        """The field that ``said`` looks like a value of."""
        place, old = self._places.read(said), situation.values.get("address")
        looks = {
            "phone": read_phone(said, self._places.area_code, asked=True) is not None,
            "time": read_time(said, situation.now) is not None,
            "address": place is not None or (isinstance(old, str) and closer_address(old, said) is not None),
        }
        found = [name for name in required if looks.get(name)][:1]
        return found or ["name"] * ("name" in required and read_name(said, asked=True) is not None)


def closer_address(old: str, said: str) -> str | None:
    """``old`` with the house or the flat that ``said`` names; None when it is more than that."""
    return with_flat(old, said) or with_units(old, said)


def respelt(old: str, said: str) -> str | None:
    """``old`` with the one character that ``said`` is in the place of that which sounds like it: 郭靖 and 静 → 郭静.

    None where there is none, or more is said.
    """
    if len(said) != 1 or len(old) < len("某某"):
        return None
    alike = [character for character in old if sound_of(character) == sound_of(said)]
    return old.replace(alike[0], said) if len(alike) == 1 else None


def _correction(situation: Situation, utterance: Utterance) -> Correction | None:
    """The correction in the message, if in this situation it can be meant as one."""
    correction = read_correction(utterance.text)
    meant = utterance.intent == "correct" and utterance.confidence >= SURE
    if situation.requested == CONFIRM:
        return correction or (Correction((), "") if meant and not agrees(utterance) else None)
    if correction is None or (situation.requested == "content" and not meant):
        return None
    if situation.requested in correction.fields:
        return correction if correction.wrong else None  # 电话应该是… while the phone is asked for is the answer
    known = any(situation.values.get(name) is not None for name in correction.fields)
    if not (known or correction.wrong or meant or names_a_change(utterance.text)):
        return None  # 前天开始的，我叫骆驼峰，电话131…: told for the first time
    begun = bool(correction.right) and begins_with_a_change(utterance.text)
    return correction if correction.fields or correction.wrong or meant or begun else None


_SPAN = re.compile("[到至每]")
"""In words that tell how long or how often, and cannot stand where a point in time did."""


def _told_in_matter(situation: Situation, name: str, new: Any) -> dict[str, Any]:
    """The matter with the corrected words in it: it must not contradict its own fields."""
    old, content = situation.values.get(name), situation.values.get("content")
    if name == "content" or not isinstance(old, str) or not isinstance(new, str) or not isinstance(content, str):
        return {}
    if name == "time" and bool(_SPAN.search(old)) != bool(_SPAN.search(new)):
        return {}  # 唱到凌晨 does not become 唱到每天十一点到两点
    told = content.replace(old, new)
    return {"content": told} if told != content else {}
