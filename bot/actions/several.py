"""Several things said in one message: each of them is served (B1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.actions.base import Turn
from bot.asides import QUESTIONS, SURE
from bot.plan import MATTER_INTENTS
from bot.reading.civic import CivicReader
from bot.reading.cues import is_a_question, is_aggrieved
from bot.reading.parts import SHORTEST, strands_of
from bot.services import Services
from bot.situation import Part, Utterance
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
class Several:
    """What a message asks beside what else it says."""

    answers: tuple[Article, ...]
    """Articles that answer questions in it for sure, each once."""
    asked: Mapping[str, str]
    """The part of the message that each of them answers, by its code."""
    rest: Utterance
    """The message without those questions: the matter it tells; the whole where it tells none."""
    tells_a_matter: bool
    """Whether ``rest`` tells a matter that wants an order."""


def several(turn: Turn, services: Services) -> Several:
    """Takes a message apart. A question is only taken out of it when the base answers it for sure, so that a
    complaint that asks 你们管不管 stays whole."""
    said = turn.utterance
    answered: dict[str, Article] = {}
    asked: dict[str, str] = {}
    others: list[Part] = []
    for part in said.parts:
        article = _answer_to(part, turn, services)
        if article is None:
            others.append(part)
        else:
            answered.setdefault(article.code, article)
            asked.setdefault(article.code, part.text)
    matter = max((p for p in others if _is_a_matter(p)), key=lambda p: p.confidence, default=None)
    if not answered or matter is None:
        return Several(tuple(answered.values()), asked, said, tells_a_matter=False)
    text = "，".join(part.text for part in others)
    rest = replace(said, text=text, intent=matter.intent, confidence=matter.confidence, matter=matter.intent, parts=())
    return Several(tuple(answered.values()), asked, rest, tells_a_matter=True)


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


def _answer_to(part: Part, turn: Turn, services: Services) -> Article | None:
    if part.intent not in QUESTIONS or part.confidence < SURE or not is_a_question(part.text):
        return None
    found = services.answering.look_up(part.text, now=services.now())
    return found.hits[0].article if found.kind == "answer" else None


def _is_a_matter(part: Part) -> bool:
    return part.intent in MATTER_INTENTS and (part.confidence >= SURE or is_aggrieved(part.text))
