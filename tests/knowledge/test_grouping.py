"""Which open questions ask for the same: on phrasings written for it, half of them never tuned on (B9)."""

from __future__ import annotations

from itertools import combinations

import pytest

from core.yaml_files import read_yaml
from knowledge.grouping import Comparer, gather, place
from tests.knowledge.bases import HERE, demo_index

MATTERS = read_yaml(HERE / "open_questions.yml")


def _asked(half: str) -> list[tuple[str, int]]:
    return [(text, at) for at, matter in enumerate(MATTERS) if matter["half"] == half for text in matter["queries"]]


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    """In the light of the demo city's base."""
    return Comparer(demo_index())


@pytest.mark.parametrize(("half", "precision", "recall"), [("tune", 0.9, 0.9), ("test", 0.95, 0.75)])
def test_questions_that_ask_for_the_same_are_together_and_others_are_not(
    comparer: Comparer, half: str, precision: float, recall: float
) -> None:
    asked = _asked(half)
    groups = gather(comparer.likeness([text for text, _ in asked]), range(len(asked)))
    together = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
    wanted = {frozenset(p) for p in combinations(range(len(asked)), 2) if asked[p[0]][1] == asked[p[1]][1]}
    assert sorted(at for group in groups for at in group) == list(range(len(asked)))
    assert len(together & wanted) / len(together) >= precision
    assert len(together & wanted) / len(wanted) >= recall


def test_a_further_phrasing_joins_the_group_it_belongs_to_or_makes_one(comparer: Comparer) -> None:
    texts = ["狗证在哪里办", "养狗要办什么证", "老年大学怎么报名", "大型犬能不能办狗证", "云海路的路灯不亮"]
    joined, further = place(comparer.likeness(texts), [[0, 1], [2]], [3, 4])
    assert (joined, further) == ({3: 0}, [[4]])


def test_the_title_is_a_phrasing_and_the_words_say_why_they_are_together(comparer: Comparer) -> None:
    texts = ["给我家金毛办狗证要多少钱", "狗证在哪里办", "小区里养狗办狗证要登记吗"]
    title, words = comparer.title_and_words(texts)
    assert title == "狗证在哪里办"
    assert "狗证" in words


@pytest.mark.parametrize("texts", [["？？？", "!!!"], ["", ""], ["a", "😀"]])
def test_what_says_nothing_is_compared_without_harm(comparer: Comparer, texts: list[str]) -> None:
    likeness = comparer.likeness(texts)
    assert likeness.shape == (2, 2)
    assert comparer.title_and_words(texts)[0] in texts


def test_one_question_alone_is_a_group() -> None:
    assert gather(None, [7]) == [[7]]
    assert gather(None, []) == []
