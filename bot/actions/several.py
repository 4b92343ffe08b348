"""Several things said in one message: each of them is served (B1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.actions.base import Turn
from bot.asides import QUESTIONS, SURE
from bot.plan import MATTER_INTENTS
from bot.reading.civic import CivicReader
from bot.reading.cues import is_a_question, is_aggrieved
from bot.reading.parts import SHORTEST, strands_of
from bot.services import Services
from bot.situation import Part, Utterance
from bot.topic import leans_on, names_nothing
from bot.wording import shares_words
from knowledge.answering import LookUp
from knowledge.article import Article

_TELLS_NOTHING = re.compile(
    r"^(?:他们?|她们?|它们?|这|那|该|其|对方|而且|并且|都|就(?!是)|也|.{0,6}也[很太特]"
    r"|.{0,12}[两二三四几][个件](?:事情?|问题|情况|意见|诉求)\W*$)"
)
"""How somebody goes on about what they spoke of before (还有他们…, 还有灰尘也很大), or says only how much there is."""
_TOLD_AT_LENGTH = 120
"""Characters from which a message is one account, whatever is numbered in it."""
_FOR_ALL = ("person", "phone")
"""What holds for every matter of a message, wherever in it it was said."""


@dataclass(frozen=True)
class Unsure:
    """A question that names what it is about, and what the base has near it."""

    text: str
    found: LookUp


@dataclass(frozen=True)
class Several:
    """What a message asks beside what else it says."""

    answers: tuple[Article, ...]
    """Articles that answer questions in it for sure, each once."""
    asked: Mapping[str, str]
    """The part of the message that each of them answers, by its code."""
    rest: Utterance
    """The message without its questions: the matter it tells; the whole where it tells none."""
    tells_a_matter: bool
    """Whether ``rest`` tells a matter that wants an order."""
    unsure: tuple[Unsure, ...] = ()
    """Questions in it of their own that the base does not answer for sure."""


def several(turn: Turn, services: Services) -> Several:
    """Takes a message apart. A question is only taken out of it when the base answers it for sure, so that a
    complaint that asks 你们管不管 stays whole."""
    said = turn.utterance
    answered: dict[str, Article] = {}
    asked: dict[str, str] = {}
    others: list[Part] = []
    found = {part.text: _found(part, services) for part in said.parts}
    for part in said.parts:
        look_up = found[part.text]
        if look_up is None or look_up.kind != "answer":
            others.append(part)
        else:
            article = look_up.hits[0].article
            answered.setdefault(article.code, article)
            asked.setdefault(article.code, part.text)
    matter = max((p for p in others if _is_a_matter(p)), key=lambda p: p.confidence, default=None)
    background = _background_of(said, services) if matter is not None else None
    if background is not None:
        matter = None
        if background.code not in answered:
            answered, asked = {background.code: background}, {background.code: said.text}
    unsure = tuple(_unsure(others, found, answered, matter))
    if matter is None or not (answered or unsure):
        return Several(tuple(answered.values()), asked, said, tells_a_matter=False, unsure=unsure)
    open_questions = {one.text for one in unsure}
    text = "，".join(part.text for part in others if part.text not in open_questions)
    rest = replace(said, text=text, intent=matter.intent, confidence=matter.confidence, matter=matter.intent, parts=())
    return Several(tuple(answered.values()), asked, rest, tells_a_matter=True, unsure=unsure)


def _background_of(said: Utterance, services: Services) -> Article | None:
    """What is asked, where the trouble told is but why: 楼顶漏了好几年，大修基金能不能拿来修. The message ends in the
    question, nothing sets the two apart, no place is told, and the base answers the whole. None where it is more."""
    last = said.parts[-1].text if said.parts else ""
    if said.entities.get("address") or len(strands_of(said.text)) > 1 or not is_a_question(last) or is_aggrieved(last):
        return None
    whole = services.answering.look_up(said.text, now=services.now())
    return whole.hits[0].article if whole.kind == "answer" else None


def _unsure(
    others: Sequence[Part], found: Mapping[str, LookUp | None], answered: Mapping[str, Article], matter: Part | None
) -> Iterator[Unsure]:
    """The questions of their own among ``others``: none that goes on about what was answered or about ``matter``, or
    complains (你们管不管, of which the base knows nothing)."""
    for part in others:
        look_up = found[part.text]
        if look_up is None or is_aggrieved(part.text) or names_nothing(part.text):
            continue
        if matter is not None and (look_up.kind != "choose" or shares_words(part.text, matter.text)):
            continue
        near = look_up.hits[0].article.code if look_up.hits else None
        if near not in answered and not any(leans_on(part.text, article) for article in answered.values()):
            yield Unsure(part.text, look_up)


def matters_of(said: Utterance, services: Services) -> list[Utterance]:
    """The matters of a message, each as if it were said alone; the message itself where it tells but one.

    Apart is only what the citizen's own words set apart (还有, 另外, 第二) and what is of different subjects: one
    matter told at length stays whole. What tells no matter stays with the one before it, or with the first.
    """
    told, subjects = [""], [""]
    for strand in strands_of(said.text) if len(said.text) < _TOLD_AT_LENGTH else [said.text]:
        subject = services.category_of(strand) if len(strand) >= SHORTEST and not _TELLS_NOTHING.match(strand) else None
        begins = subject is not None and not any(_akin(subject, other) for other in subjects)
        if begins and subjects[-1]:
            told.append(strand)
            subjects.append(subject or "")
        else:
            told[-1] = f"{told[-1]}，{strand}" if told[-1] else strand
            subjects[-1] = subjects[-1] or subject or ""
    return [said] if len(told) == 1 else [as_if_alone(said, text, services) for text in told]


def as_if_alone(said: Utterance, text: str, services: Services, intent: str | None = None) -> Utterance:
    """``text``, a matter out of the message ``said``, as an utterance of its own."""
    within = [p for p in said.parts if _is_a_matter(p) and p.text.split()[0] in text]
    likeliest = max(within, key=lambda part: part.confidence, default=None)
    guess = likeliest.intent if likeliest else said.intent
    intent = intent or (guess if guess in MATTER_INTENTS else "complain")
    shared = {name: value for name, value in said.entities.items() if name in _FOR_ALL}
    entities = shared | CivicReader(services.reader.places, {}).read(text)
    return replace(said, text=text, intent=intent, confidence=1.0, entities=entities, matter=intent, parts=())


def to_come(told: Sequence[Utterance]) -> list[dict[str, str]]:
    """Matters that wait until those before them are filed, as a slot keeps them."""
    return [{"text": matter.text, "intent": matter.intent} for matter in told]


def _akin(subject: str, other: str) -> bool:
    """Whether one category is the other, or above it."""
    return bool(other) and (f"{subject}.".startswith(f"{other}.") or f"{other}.".startswith(f"{subject}."))


def _found(part: Part, services: Services) -> LookUp | None:
    """What the base says to a part that asks for sure; None where it does not ask."""
    if part.intent not in QUESTIONS or part.confidence < SURE or not is_a_question(part.text):
        return None
    return services.answering.look_up(part.text, now=services.now())


def _is_a_matter(part: Part) -> bool:
    return part.intent in MATTER_INTENTS and (part.confidence >= SURE or is_aggrieved(part.text))
