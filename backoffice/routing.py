"""Which department an order goes to (D1, D3): rules by category × area × time of day, the most specific wins.

Pure. A rule names a category (or all), an area (or all) and a time of day (or all). A rule for a category holds for
everything below it, a rule for a district for its streets. Category counts before area, area before time; of two
rules equally specific that name different departments none is believed.

A matter may speak of several categories. Each leads to a department, and the departments share the evidence: where
most of it agrees on one, that is sure even when the category is not. Where the rules are not sure, what was learnt
from past orders is asked; what that is not sure of either goes to the default department, where a dispatcher decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time

from pydantic import with_config

SURE = 0.5
"""Share of the evidence, times its strength, from which the rules decide alone."""
SPREAD = 1.5
"""Evidence counts to this power: above 1, a leading category counts for more than several trailing ones."""


@with_config(extra="forbid")
@dataclass(frozen=True)
class Rule:
    """One routing rule; None stands for all."""

    category: str | None
    area: str | None
    department: str
    begins: time | None = None
    ends: time | None = None
    """From ``begins`` up to, not including, ``ends``; over midnight when ``ends`` is the earlier."""
    note: str = ""

    def holds_at(self, clock_time: time) -> bool:
        """Whether ``clock_time`` (Chinese wall clock) lies in the rule's hours."""
        if self.begins is None or self.ends is None:
            return True
        if self.begins <= self.ends:
            return self.begins <= clock_time < self.ends
        return clock_time >= self.begins or clock_time < self.ends


@dataclass(frozen=True)
class Candidate:
    """A category a matter may be about."""

    path: tuple[str, ...]
    """Codes from the top level down to the category itself."""
    evidence: float = 1.0


@dataclass(frozen=True)
class Matter:
    """What is to be routed."""

    candidates: Sequence[Candidate]
    """Most likely first; empty when nobody knows what it is about."""
    area: Sequence[str]
    """District and street; empty when unknown."""
    at: time
    """When it happened, or else was filed, on a Chinese wall clock."""
    strength: float = 1.0
    """How strong the evidence for the first candidate is at all, from 0 to 1."""


@dataclass(frozen=True)
class Decision:
    """Where an order goes, whether that is sure, and why."""

    department: str
    sure: bool
    why: str
    """A code: ``rule``, ``learned``, ``category_unknown``, ``unsure``, ``no_rule``, ``rules_disagree`` or
    ``broken_rule``."""
    category: str | None = None
    """The most likely category that leads there."""
    confidence: float = 0.0
    suggested: str | None = None
    """The department that would have been chosen, had it been sure."""
    rule: Rule | None = None
    alarm: str | None = None
    """The department a broken rule points at; somebody must be told."""


def path_of(parents: Mapping[str, str | None], code: str | None) -> tuple[str, ...]:
    """The codes from the top of a tree down to ``code``; ``parents`` maps each code to its parent's."""
    path: list[str] = []
    while code is not None:
        path.insert(0, code)
        code = parents.get(code)
    return tuple(path)


def decide(
    matter: Matter, rules: Sequence[Rule], departments: Mapping[str, bool], default: str, *, threshold: float = SURE
) -> Decision:
    """Routes ``matter``. ``departments``: every known code and whether it is open; ``default``: its code.

    A rule that points at an unknown or closed department is an alarm and falls to the default, even where a less
    specific rule would do: that one was not meant for this matter.
    """
    if not matter.candidates:
        return Decision(default, False, "category_unknown")
    found = [(candidate, _most_specific(candidate.path, matter, rules)) for candidate in matter.candidates]
    (first, best), evidence = found[0], _evidence(found)
    problem = _problem(best, departments)
    if problem is not None:
        broken = best[0].department if problem == "broken_rule" else None
        rule = best[0] if best else None
        return Decision(default, False, problem, first.path[-1], rule=rule, alarm=broken)
    winner = max(evidence, key=lambda code: (departments.get(code, False), evidence[code]))
    confidence = round(evidence[winner] / sum(evidence.values()) * matter.strength, 3)
    category, rule = next((c.path[-1], r[0]) for c, r in found if _one_department(r) == winner)
    if confidence < threshold:
        return Decision(default, False, "unsure", category, confidence, winner, rule)
    return Decision(winner, True, "rule", category, confidence, winner, rule)


@dataclass(frozen=True)
class Learned:
    """What was learnt from past orders says of a matter."""

    department: str
    confidence: float
    """How often such a guess is right."""
    sure: bool
    """It is right often enough to be followed without a person."""


def ask_learned(decision: Decision, guess: Learned | None, departments: Mapping[str, bool]) -> Decision:
    """The decision after what was learnt has been asked, too: rules that are sure stand, and a broken rule stays an
    alarm; a guess that is sure decides; one that is not is what is suggested."""
    if decision.sure or decision.alarm or guess is None or not departments.get(guess.department, False):
        return decision
    learned = replace(decision, confidence=guess.confidence, suggested=guess.department, rule=None)
    if guess.sure:
        return replace(learned, department=guess.department, sure=True, why="learned")
    return learned


@dataclass(frozen=True)
class Proposal:
    """A department a matter may belong to, for a dispatcher to choose from."""

    department: str
    confidence: float
    """As a decision's: share of the evidence times its strength, from 0 to 1."""
    category: str
    """The category that speaks for it the most."""


def proposals(matter: Matter, rules: Sequence[Rule], departments: Mapping[str, bool]) -> list[Proposal]:
    """The open departments the rules lead to from any candidate of ``matter``, the one with most evidence first.

    Where rules disagree, the departments they name share the candidate's evidence.
    """
    evidence: dict[str, float] = defaultdict(float)
    speaks: dict[str, str] = {}
    for candidate in matter.candidates:
        named = sorted({rule.department for rule in _most_specific(candidate.path, matter, rules)})
        for code in named:
            evidence[code] += candidate.evidence**SPREAD / len(named)
            speaks.setdefault(code, candidate.path[-1])
    total = sum(candidate.evidence**SPREAD for candidate in matter.candidates)  # also of those that lead nowhere
    known = sorted((code for code in evidence if departments.get(code, False)), key=lambda code: -evidence[code])
    return [Proposal(code, round(evidence[code] / total * matter.strength, 3), speaks[code]) for code in known]


def _problem(best: list[Rule], departments: Mapping[str, bool]) -> str | None:
    """What keeps the rules found for the most likely category from being followed."""
    if not best:
        return "no_rule"
    department = _one_department(best)
    if department is None:
        return "rules_disagree"
    return None if departments.get(department, False) else "broken_rule"


def _evidence(found: Iterable[tuple[Candidate, list[Rule]]]) -> dict[str, float]:
    """The evidence for each department; candidates without one department speak for nobody (``""``)."""
    evidence: dict[str, float] = defaultdict(float)
    for candidate, best in found:
        evidence[_one_department(best) or ""] += candidate.evidence**SPREAD
    return evidence


def _one_department(best: list[Rule]) -> str | None:
    named = {rule.department for rule in best}
    return named.pop() if len(named) == 1 else None


def _most_specific(path: Sequence[str], matter: Matter, rules: Iterable[Rule]) -> list[Rule]:
    ranked = [(rank, rule) for rule in rules if (rank := _rank(path, matter, rule)) is not None]
    if not ranked:
        return []
    top = max(rank for rank, _ in ranked)
    return [rule for rank, rule in ranked if rank == top]


def _rank(path: Sequence[str], matter: Matter, rule: Rule) -> tuple[int, int, int] | None:
    """How specific ``rule`` is for a category (category, area, time); None when it does not hold."""
    category = _depth(path, rule.category)
    if category is None:
        return None
    area = _depth(matter.area, rule.area)
    if area is None or not rule.holds_at(matter.at):
        return None
    return category, area, int(rule.begins is not None)


def _depth(path: Sequence[str], code: str | None) -> int | None:
    """1 for the top of ``path``, 2 below it …; 0 for a rule that names nothing, None when it is not on the path."""
    if code is None:
        return 0
    return path.index(code) + 1 if code in path else None
