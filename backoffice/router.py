"""Routing with what the database holds: categories, areas, rules, learnt models and departments as they are now.

Reading keywords and models is dear, so what is built from them is kept in the process until :func:`routing_changed`
says that something else holds; whether departments are open is read every time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Integer, String, Time, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice import areas, routing
from backoffice.areas import Area
from backoffice.categories import Category
from backoffice.classify import CategoryWords, Classification, Classifier, KeywordClassifier
from backoffice.departments import Department, NoDefaultDepartment
from backoffice.gazetteer import Gazetteer, Location
from backoffice.learned import LearnedModels, load_models
from backoffice.learning.model import Guess
from backoffice.origins import Origin
from backoffice.routing import Candidate, Decision, Learned, Matter, Rule
from backoffice.routing_state import routing_changed, routing_version
from core.clock import china_time
from core.database import Base


class RoutingRule(Base):
    """One routing rule. Codes are no foreign keys: a rule may outlive what it points at, and then alarms."""

    __tablename__ = "routing_rules"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    category_code: Mapped[str | None] = mapped_column(String(80))
    area_code: Mapped[str | None] = mapped_column(String(60))
    begins: Mapped[time | None] = mapped_column(Time)
    ends: Mapped[time | None] = mapped_column(Time)
    department_code: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True)
class Routed:
    """Everything decided about a new order, with the reasons."""

    decision: Decision
    location: Location
    words: tuple[str, ...] = ()
    """The words that decided: keywords of the category, or those that were learnt."""
    category_origin: Origin = Origin.RULE

    @property
    def department_origin(self) -> Origin:
        """What decided on the department: a rule for a category that was only guessed is a guess, too."""
        learned = self.decision.why == "learned" or self.category_origin is Origin.LEARNED
        return Origin.LEARNED if learned else Origin.RULE

    def reasons(self) -> dict[str, Any]:
        """What history keeps. Codes and the city's own words only, nothing of the citizen."""
        return {
            "why": self.decision.why,
            "category": self.decision.category,
            "category_origin": self.category_origin.value if self.decision.category else None,
            "confidence": self.decision.confidence,
            "suggested": self.decision.suggested,
            "words": list(self.words),
            "area": self.location.area,
            "places": list(self.location.words),
            "alarm": self.decision.alarm,
        }


@dataclass(frozen=True)
class Suggestion:
    """A department proposed to a dispatcher, with what speaks for it."""

    department: str
    confidence: float
    category: str | None
    """The category by whose rules it is proposed; None: past orders speak for it."""
    words: tuple[str, ...]
    """The keywords of its category that were found, or the words that were learnt."""


@dataclass(frozen=True)
class Knowledge:
    """What is read off categories, areas and rules."""

    classifier: Classifier
    gazetteer: Gazetteer
    rules: tuple[Rule, ...]
    learned: LearnedModels
    category_parents: dict[str, str | None]
    area_parents: dict[str, str | None]


@dataclass(frozen=True)
class Router:
    """Finds category, area and department of a matter."""

    knowledge: Knowledge
    departments: dict[str, bool]
    """By code: whether it is open."""
    default: str

    def route(self, text: str, address: str | None, at: datetime, *, category: str | None = None) -> Routed:
        """Routes a matter of the instant ``at``; ``category``: the code a person chose, believed as it is."""
        known = self.knowledge
        found = _chosen(category) if category else self._classify(text)
        location = known.gazetteer.locate(address, text)
        decision = routing.decide(self._matter(found, location, at), known.rules, self.departments, self.default)
        words = found.words.get(decision.category or "", ())
        if not decision.sure and known.learned.department is not None:
            first = known.learned.department.guesses(text, most=1)[0]
            sure = first.confidence >= known.learned.department.threshold
            asked = routing.ask_learned(decision, Learned(first.label, first.confidence, sure), self.departments)
            decision, words = asked, first.words if asked is not decision else words
        guessed = Origin.LEARNED if found.learned else Origin.RULE
        return Routed(decision, location, words, Origin.PERSON if category else guessed)

    def suggest(self, text: str, address: str | None, at: datetime, *, category: str | None = None) -> list[Suggestion]:
        """The departments a matter may belong to, most likely first; empty when nothing speaks for any.

        Where a person chose the ``category``, its department comes first, whatever was learnt.
        """
        known = self.knowledge
        found = _chosen(category) if category else self._classify(text)
        matter = self._matter(found, known.gazetteer.locate(address, text), at)
        learned = self._learned_suggestions(text)
        by_rules = [
            Suggestion(p.department, p.confidence, p.category, found.words.get(p.category, ()))
            for p in routing.proposals(matter, known.rules, self.departments)
        ]
        first, second = (by_rules, learned) if category else (learned, by_rules)
        named = {suggestion.department for suggestion in first}
        both = [*first, *(suggestion for suggestion in second if suggestion.department not in named)]
        return sorted(both, key=lambda suggestion: -suggestion.confidence)

    def _learned_suggestions(self, text: str) -> list[Suggestion]:
        model = self.knowledge.learned.department
        guesses = model.guesses(text) if model is not None else []
        return [
            Suggestion(guess.label, guess.confidence, None, guess.words)
            for guess in guesses
            if guess.confidence >= WORTH_SUGGESTING and self.departments.get(guess.label, False)
        ]

    def suggest_categories(self, text: str) -> list[Guess]:
        """The categories past orders speak for, sure or not, most likely first; empty where nothing was learnt."""
        model = self.knowledge.learned.category
        known = self.knowledge.category_parents
        guesses = model.guesses(text) if model is not None else []
        return [guess for guess in guesses if guess.confidence >= WORTH_SUGGESTING and guess.label in known]

    def _classify(self, text: str) -> Classification:
        """By the words categories are known for; where those say little, by what was learnt, if that is sure."""
        found = self.knowledge.classifier.classify(text)
        model = self.knowledge.learned.category
        if model is None or found.strength >= routing.SURE:
            return found
        first: Guess = model.guesses(text, most=1)[0]
        if first.confidence < model.threshold or first.label not in self.knowledge.category_parents:
            return found
        return Classification(((first.label, 1.0),), first.confidence, {first.label: first.words}, learned=True)

    def _matter(self, found: Classification, location: Location, at: datetime) -> Matter:
        known = self.knowledge
        return Matter(
            candidates=[
                Candidate(routing.path_of(known.category_parents, code), evidence)
                for code, evidence in found.candidates
            ],
            area=routing.path_of(known.area_parents, location.area),
            at=china_time(at).time(),
            strength=found.strength,
        )


def _chosen(category: str) -> Classification:
    """What a person chose is believed as it is."""
    return Classification(((category, 1.0),), 1.0)


WORTH_SUGGESTING = 0.05
"""Confidence below which what was learnt is not shown to a dispatcher."""

_kept: dict[str, Knowledge] = {}
"""By routing version. A version is a random token: it never comes back, in whichever database."""
_MOST_KEPT = 4


async def load_router(session: AsyncSession) -> Router:
    """The router as the database has it now. Raises :class:`backoffice.departments.NoDefaultDepartment`."""
    departments = (await session.execute(select(Department.code, Department.closed_at, Department.is_default))).all()
    default = next((code for code, closed, is_default in departments if is_default and closed is None), None)
    if default is None:
        raise NoDefaultDepartment("load a city pack first")
    version = await routing_version(session)
    if version not in _kept:
        knowledge = await _read(session)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[version] = knowledge
    return Router(_kept[version], {code: closed is None for code, closed, _ in departments}, default)


async def _read(session: AsyncSession) -> Knowledge:
    words = await _category_words(session)
    return Knowledge(
        classifier=KeywordClassifier(words),
        gazetteer=await areas.load_gazetteer(session),
        rules=await load_rules(session),
        learned=await load_models(session),
        category_parents={category.code: category.parent for category in words},
        area_parents={code: parent for code, parent in await session.execute(select(Area.code, Area.parent_code))},
    )


async def _category_words(session: AsyncSession) -> list[CategoryWords]:
    rows = (
        await session.execute(
            select(Category.id, Category.code, Category.name, Category.parent_id, Category.path, Category.keywords)
            .where(~Category.retired)
            .order_by(Category.position)
        )
    ).all()
    codes = {row.id: row.code for row in rows}
    return [
        CategoryWords(row.code, codes.get(row.parent_id), row.path.count("/") - 1, row.name, tuple(row.keywords))
        for row in rows
    ]


async def load_rules(session: AsyncSession) -> tuple[Rule, ...]:
    """All routing rules."""
    rows = await session.scalars(select(RoutingRule).order_by(RoutingRule.id))
    return tuple(
        Rule(row.category_code, row.area_code, row.department_code, row.begins, row.ends, row.note) for row in rows
    )


async def replace_rules(session: AsyncSession, rules: Iterable[Rule]) -> None:
    """Makes ``rules`` the only routing rules."""
    await session.execute(delete(RoutingRule))
    session.add_all(
        RoutingRule(
            category_code=rule.category,
            area_code=rule.area,
            begins=rule.begins,
            ends=rule.ends,
            department_code=rule.department,
            note=rule.note,
        )
        for rule in rules
    )
    await session.flush()
    await routing_changed(session)
