"""What routing proposes to a dispatcher who has to decide: open departments, by the evidence for them (D1)."""

from __future__ import annotations

from datetime import time

import pytest

from backoffice.routing import Candidate, Matter, Rule, decide, proposals

RULES = [
    Rule("noise", None, "urban"),
    Rule("rubbish", None, "street"),
    Rule("torn", None, "urban"),
    Rule("torn", None, "police"),
    Rule("old", None, "abolished"),
]
OPEN = {"urban": True, "street": True, "police": True, "abolished": False, "desk": True}


def _matter(*candidates: tuple[str, float], strength: float = 1.0) -> Matter:
    found = [Candidate((code,), evidence) for code, evidence in candidates]
    return Matter(found, (), time(10, 0), strength)


def _told(matter: Matter) -> list[tuple[str, float, str]]:
    return [(one.department, one.confidence, one.category) for one in proposals(matter, RULES, OPEN)]


def test_departments_come_in_the_order_of_the_evidence_for_them() -> None:
    assert _told(_matter(("noise", 0.5), ("rubbish", 1.0))) == [
        ("street", pytest.approx(0.739, abs=0.001), "rubbish"),
        ("urban", pytest.approx(0.261, abs=0.001), "noise"),
    ]


def test_the_first_is_what_routing_would_have_decided_and_as_sure() -> None:
    matter = _matter(("noise", 1.0), ("rubbish", 0.9), ("nowhere", 0.9), strength=0.7)
    first = proposals(matter, RULES, OPEN)[0]
    decision = decide(matter, RULES, OPEN, "desk")
    assert (first.department, first.confidence) == (decision.suggested, decision.confidence)
    assert not decision.sure


def test_departments_over_which_rules_disagree_share_and_are_both_proposed() -> None:
    assert _told(_matter(("torn", 1.0))) == [("police", 0.5, "torn"), ("urban", 0.5, "torn")]


def test_a_closed_department_is_never_proposed() -> None:
    assert [code for code, _, _ in _told(_matter(("old", 1.0), ("noise", 0.4)))] == ["urban"]


def test_where_the_words_say_nothing_nothing_is_proposed() -> None:
    assert _told(_matter()) == []
    assert _told(_matter(("nowhere", 1.0))) == []
