"""What learning may believe: nothing that only a model said, and never does it prove itself right (D1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from backoffice import orders
from backoffice.learned import Subject
from backoffice.learning.model import Model
from backoffice.learning.training import learn
from backoffice.learning_truth import ENOUGH, WORTH_MEASURING, Evidence, PastOrder, chosen_from, of_category, truth
from tests.backoffice.conftest import UNCLEAR, Town
from tests.backoffice.learning.matters import labelled
from tests.backoffice.test_learned_routing import BUS, CODES, put_in_use

NOW = datetime(2026, 11, 16, tzinfo=timezone.utc)


@pytest.fixture(scope="module")
def models() -> dict[Subject, Model]:
    """What was learnt of departments, and of categories: matters of water are taken for rubbish."""
    texts, names = labelled()
    wrong = {**dict.fromkeys(CODES, "urban.noise"), "水务集团": "urban.rubbish"}
    department = learn(texts, [CODES[name] for name in names])
    return {
        Subject.DEPARTMENT: replace(department, threshold=0.8),
        Subject.CATEGORY: replace(learn(texts, [wrong[name] for name in names]), threshold=0.5),
    }


def past(count: int, evidence: Evidence, label: str = "a", *, since: int = 0) -> list[PastOrder]:
    return [PastOrder("", label, NOW - timedelta(minutes=since + place), evidence) for place in range(count)]


def counted(found: list[PastOrder]) -> tuple[dict[tuple[str, str], int], int]:
    kept, measurable = chosen_from(sorted(found, key=lambda order: order.filed, reverse=True))
    return dict(Counter((order.label, order.evidence.value) for order in kept)), measurable


def test_what_people_let_stand_counts_at_most_as_much_as_what_was_known_without_it() -> None:
    found = past(100, Evidence.INDEPENDENT) + past(5, Evidence.CORRECTED, since=200) + past(900, Evidence.LET_STAND)
    kept, measurable = counted(found + past(50, Evidence.LET_STAND, "b"))
    assert kept == {("a", "independent"): 100, ("a", "corrected"): 5, ("a", "let_stand"): 105}
    assert measurable == 100


def test_the_newest_independent_orders_are_measured_on_and_the_rest_only_learnt_from() -> None:
    found = past(WORTH_MEASURING, Evidence.INDEPENDENT) + past(9, Evidence.CORRECTED)
    kept, measurable = chosen_from(found)
    assert {order.evidence for order in kept[-measurable:]} == {Evidence.INDEPENDENT}
    filed = [order.filed for order in kept[-measurable:]]
    assert filed == sorted(filed)
    few, measurable = chosen_from([*found[1:], *past(20, Evidence.STAND_IN, "b"), *past(9, Evidence.LET_STAND)])
    assert {order.evidence for order in few[:-measurable]} == {Evidence.LET_STAND}  # never, however few there are
    assert measurable == WORTH_MEASURING - 1 + 9 + 20


def test_rules_stand_in_for_people_until_there_are_enough() -> None:
    found = past(300, Evidence.STAND_IN) + past(300, Evidence.STAND_IN, "b")
    assert counted(found)[0] == {("a", "stand_in"): ENOUGH, ("b", "stand_in"): ENOUGH}
    found += past(ENOUGH - 10, Evidence.INDEPENDENT) + past(400, Evidence.INDEPENDENT, "b")
    assert counted(found)[0] == {
        ("a", "independent"): ENOUGH - 10,
        ("a", "stand_in"): 10,
        ("b", "independent"): 400,
    }


@pytest.mark.parametrize(
    ("origin", "sent_by", "learned", "evidence"),
    [
        ("person", "person", None, Evidence.INDEPENDENT),
        ("person", "rule", "a", Evidence.LET_STAND),
        ("person", "learned", "b", Evidence.CORRECTED),
        ("rule", "rule", None, Evidence.STAND_IN),
        ("rule", "person", None, None),  # the rules were not sure, and nobody looked at the category
        ("rule", "learned", None, None),
        ("learned", "learned", "a", None),
        (None, "rule", None, None),
    ],
)
def test_a_category_is_believed_by_how_it_came_about(
    origin: str | None, sent_by: str, learned: str | None, evidence: Evidence | None
) -> None:
    assert of_category(origin, sent_by, "a", learned) is evidence


async def test_an_order_dispatched_by_what_was_learnt_is_no_truth_until_somebody_else_says_the_same(
    any_town: Town, models: dict[Subject, Model]
) -> None:
    town = any_town

    async def believed(subject: Subject) -> list[tuple[str, str]]:
        async with town.runtime.database.read() as session:
            return sorted((one.label, one.evidence.value) for one in (await truth(session, subject)).orders)

    async def answered(content: str) -> str:
        number = (await town.file(BUS, content=content)).order.number
        await town.answered(number, "west handler")
        return number

    by_hand = (await town.file(BUS)).order.number
    await put_in_use(town, models[Subject.DEPARTMENT])
    for _ in range(2):
        await answered(BUS.content)
    assert await believed(Subject.DEPARTMENT) == []
    assert await believed(Subject.CATEGORY) == []
    await town.do(orders.dispatch, by_hand, "dispatcher", "west")
    await town.answered(by_hand, "west handler")
    assert await believed(Subject.DEPARTMENT) == [("west", "independent"), ("west", "let_stand")]
    back = (await town.file(BUS)).order.number
    await town.do(orders.send_back, back, "west handler", "不归我们")
    await town.do(orders.dispatch, back, "dispatcher", "police", category_code="urban.rubbish")
    await town.answered(back, "police handler")
    own = (await town.file(BUS)).order.number
    await town.do(orders.send_back, own, "west handler", "不归我们")
    await town.do(orders.answer, own, "agent", town.answer())  # by the desk itself: it belongs to no department
    assert "hotline" not in dict(await believed(Subject.DEPARTMENT))
    assert ("police", "corrected") in await believed(Subject.DEPARTMENT)
    assert await believed(Subject.CATEGORY) == [("urban.rubbish", "independent")]  # no model said anything of it

    await put_in_use(town, models[Subject.CATEGORY], Subject.CATEGORY)
    guessed = [(await town.file(UNCLEAR, content="水表走得太快，水压太低")).order.number for _ in range(3)]
    for number in guessed:
        await town.answered(number, "urban handler")  # there the rule for the guessed category leads
    assert await believed(Subject.CATEGORY) == [("urban.rubbish", "independent")]
    assert "urban" not in dict(await believed(Subject.DEPARTMENT))
    await town.do(orders.classify, guessed[0], "supervisor", "utility.water")
    await town.do(orders.classify, guessed[1], "supervisor", "urban.rubbish")
    assert await believed(Subject.CATEGORY) == [
        ("urban.rubbish", "independent"),
        ("urban.rubbish", "let_stand"),
        ("utility.water", "corrected"),
    ]
