"""Rules first, then what was learnt from past orders, then the dispatcher (D1)."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from backoffice import adoption, departments, dispatch_desk, learned, learning_runs, orders
from backoffice.adoption import AdoptionRefused
from backoffice.learned import LearnedModel, Subject
from backoffice.learning import model_file
from backoffice.learning.model import Model
from backoffice.learning.training import learn
from backoffice.learning_runs import AlreadyLearning
from backoffice.order_tables import Order
from backoffice.origins import Origin
from backoffice.router import load_router
from backoffice.routing import Decision, Learned, ask_learned
from backoffice.routing_state import routing_changed
from backoffice.workflow import Status
from core import history
from tests.backoffice.conftest import NOISE, UNCLEAR, Town
from tests.backoffice.learning.matters import labelled

CODES = {"城管局": "urban", "水务集团": "water", "公交集团": "west", "交警支队": "police"}
BUS = replace(UNCLEAR, content="公交车等了一个小时都不来，班次太少")
"""No category of the small city is about buses."""


@pytest.fixture(scope="module")
def model() -> Model:
    texts, names = labelled()
    return learn(texts, [CODES[name] for name in names])


async def put_in_use(town: Town, model: Model, subject: Subject = Subject.DEPARTMENT) -> None:
    async with town.runtime.database.write() as session:
        await adoption.adopt(session, subject, model, town.clock.now())


async def department_of(town: Town, number: str) -> str:
    async with town.runtime.database.read() as session:
        order = (await session.scalars(select(Order).where(Order.number == number))).one()
        return (await session.get_one(departments.Department, order.department_id)).code


async def told(town: Town, number: str) -> list[history.HistoryEntry]:
    async with town.runtime.database.read() as session:
        return await history.of(session, "order", number)


# ------------------------------------------------------------------------------------------------ pure

DESK = Decision("desk", False, "no_rule", "bus")
OPEN = {"desk": True, "a": True, "closed": False}


def test_rules_that_are_sure_stand_whatever_was_learnt() -> None:
    sure = Decision("a", True, "rule")
    assert ask_learned(sure, Learned("desk", 1.0, sure=True), OPEN) is sure


def test_a_broken_rule_stays_an_alarm() -> None:
    broken = Decision("desk", False, "broken_rule", alarm="closed")
    assert ask_learned(broken, Learned("a", 1.0, sure=True), OPEN) is broken


@pytest.mark.parametrize("code", ["closed", "never existed"])
def test_a_department_that_is_not_open_is_not_guessed(code: str) -> None:
    assert ask_learned(DESK, Learned(code, 1.0, sure=True), OPEN) is DESK


def test_a_guess_that_is_sure_decides_and_one_that_is_not_is_suggested() -> None:
    decided = ask_learned(DESK, Learned("a", 0.97, sure=True), OPEN)
    assert (decided.department, decided.sure, decided.why, decided.confidence) == ("a", True, "learned", 0.97)
    doubted = ask_learned(DESK, Learned("a", 0.6, sure=False), OPEN)
    assert (doubted.department, doubted.sure, doubted.why, doubted.suggested) == ("desk", False, "no_rule", "a")


# -------------------------------------------------------------------------------------------- in the city


async def test_a_city_without_a_model_works_as_before(town: Town) -> None:
    number = (await town.file(BUS)).order.number
    assert (await town.order(number)).status == Status.PENDING_DISPATCH.value


async def test_what_the_rules_cannot_tell_goes_where_such_matters_went_with_the_words_in_history(
    any_town: Town, model: Model
) -> None:
    town = any_town
    await put_in_use(town, replace(model, threshold=0.8))
    number = (await town.file(BUS)).order.number
    assert await department_of(town, number) == "west"
    filed, dispatched = await told(town, number)
    assert filed.data["routing"]["why"] == "learned"
    assert "公交车" in filed.data["routing"]["words"]
    assert dispatched.data["why"] == "learned"
    assert dispatched.data["confidence"] >= 0.8
    assert "公交车" in dispatched.data["words"]


async def test_rules_come_first(town: Town, model: Model) -> None:
    await put_in_use(town, replace(model, threshold=0.0))
    number = (await town.file(NOISE)).order.number
    assert await department_of(town, number) == "east.urban"


async def test_what_nobody_is_sure_of_waits_with_the_learnt_suggestion_and_its_words(town: Town, model: Model) -> None:
    await put_in_use(town, replace(model, threshold=1.01))
    number = (await town.file(BUS)).order.number
    assert (await town.order(number)).status == Status.PENDING_DISPATCH.value
    async with town.runtime.database.read() as session:
        choice = (await dispatch_desk.choices_for(session, town.staff["dispatcher"], number))[0]
    assert (choice.code, choice.reason) == ("west", "以往类似工单")
    assert "公交车" in choice.words
    assert choice.percent > 50


async def test_an_order_that_waits_is_never_called_certain_and_one_that_is_clear_by_now_says_so(
    town: Town, model: Model
) -> None:
    number = (await town.file(BUS)).order.number
    for threshold, why in ((1.01, "category_unknown"), (0.0, "sure_by_now")):
        await put_in_use(town, replace(model, threshold=threshold, bias=model.bias + 50 * _only(model, "west")))
        async with town.runtime.database.read() as session:
            waits = await dispatch_desk.undecided_order(session, town.staff["dispatcher"], number, town.clock.now())
        assert waits is not None
        assert (waits.why, waits.choices[0].code, waits.choices[0].percent) == (why, "west", 99)


def _only(model: Model, code: str) -> Any:
    return np.array([float(label == code) for label in model.labels])


async def test_no_name_plate_or_number_gets_into_history_as_a_word_that_decided(town: Town, model: Model) -> None:
    await put_in_use(town, replace(model, threshold=0.0))
    number = (await town.file(BUS, content="欧阳铁蛋反映公交车牌云A12345不停，电话13912345678")).order.number
    words = (await told(town, number))[0].data["routing"]["words"]
    assert words
    for private in ("欧阳", "铁蛋", "12345", "139"):
        assert not any(private in word for word in words), words


async def test_a_learnt_category_leads_to_the_rule_of_that_category(town: Town) -> None:
    texts, names = labelled()
    codes = {"城管局": "urban.noise", "水务集团": "utility.water", "公交集团": "gone", "交警支队": "gone too"}
    learnt = learn(texts, [codes[name] for name in names])
    meter = replace(UNCLEAR, content="水表走得太快，水压太低")
    before = (await told(town, (await town.file(meter)).order.number))[0].data["routing"]
    assert before["why"] == "category_unknown"
    await put_in_use(town, replace(learnt, threshold=0.5), Subject.CATEGORY)
    number = (await town.file(meter)).order.number
    after = (await told(town, number))[0].data["routing"]
    assert (after["why"], after["category"]) == ("rule", "utility.water")
    assert "水表" in after["words"]
    assert await department_of(town, number) == "water"
    order, sent = await town.order(number), (await told(town, number))[1]
    assert (order.category_origin, order.department_origin) == ("learned", "learned")  # the rule followed a guess
    assert sent.data["why"] == "learned_category"
    bus = (await told(town, (await town.file(BUS)).order.number))[0].data["routing"]
    assert bus["why"] == "category_unknown"  # what was learnt there is no category of this city


async def test_a_learnt_category_that_is_not_sure_is_shown_to_the_dispatcher_with_its_words(town: Town) -> None:
    texts, names = labelled()
    codes = {"城管局": "urban.noise", "水务集团": "utility.water", "公交集团": "gone", "交警支队": "lost"}
    unsure = replace(learn(texts, [codes[name] for name in names]), threshold=1.01)
    await put_in_use(town, unsure, Subject.CATEGORY)
    number = (await town.file(replace(UNCLEAR, content="水表走得太快，水压太低"))).order.number
    async with town.runtime.database.read() as session:
        asked = await dispatch_desk.undecided_order(session, town.staff["dispatcher"], number, town.clock.now())
        chosen = await dispatch_desk.undecided_order(
            session, town.staff["dispatcher"], number, town.clock.now(), category="lost"
        )
    assert asked is not None
    assert chosen is not None
    first = asked.likely_categories[0]
    assert first.name == "供水"
    assert first.percent > 50
    assert "水表" in first.words
    assert asked.category is None
    assert chosen.likely_categories == ()


async def test_a_model_this_version_cannot_read_is_told_to_the_log_and_rules_route_on(town: Town) -> None:
    async with town.runtime.database.write() as session:
        await learned.put_in_use(session, Subject.DEPARTMENT, b"broken", {}, None, town.clock.now())
    with capture_logs() as logs:
        number = (await town.file()).order.number
    assert await department_of(town, number) == "east.urban"
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["learned model cannot be used"]


async def test_a_model_of_another_city_is_refused_and_one_with_names_becomes_codes(town: Town, model: Model) -> None:
    async with town.runtime.database.write() as session:
        with pytest.raises(AdoptionRefused, match="没有一个是本系统的承办部门"):
            await adoption.adopt(
                session, Subject.DEPARTMENT, replace(model, labels=("甲", "乙", "丙", "丁")), town.clock.now()
            )
        twice = replace(model, labels=("police", "小城市公安局", "丙", "丁"))
        with pytest.raises(AdoptionRefused, match="同一个承办部门"):
            await adoption.adopt(session, Subject.DEPARTMENT, twice, town.clock.now())
        named = replace(model, labels=("小城市公安局", "urban", "丙", "丁"))
        unknown = await adoption.adopt(session, Subject.DEPARTMENT, named, town.clock.now())
        content = await learned.content_of(session, Subject.DEPARTMENT)
    assert unknown == ["丙", "丁"]
    assert content is not None
    assert model_file.loads(content).labels == ("police", "urban", "丙", "丁")


async def test_the_model_before_is_kept_and_taken_into_use_again(town: Town, model: Model) -> None:
    async with town.runtime.database.write() as session:
        with pytest.raises(learned.NoFormerModel, match="没有更早的模型"):
            await learned.go_back(session, Subject.DEPARTMENT)
    await put_in_use(town, model)
    town.wait(hours=1)
    await put_in_use(town, replace(model, threshold=0.123))
    town.wait(hours=1)

    async def in_force() -> float:
        async with town.runtime.database.read() as session:
            models = await learned.load_models(session)
            assert [*await learned.in_use(session)] == [Subject.DEPARTMENT]
        assert models.department is not None
        return models.department.threshold

    seen = [await in_force()]
    for _ in range(2):
        async with town.runtime.database.write() as session:
            await learned.go_back(session, Subject.DEPARTMENT)
        seen.append(await in_force())
    assert seen == [0.123, pytest.approx(model.threshold), 0.123]


async def test_a_model_is_read_once_however_often_what_is_routed_by_changes(town: Town, model: Model) -> None:
    await put_in_use(town, model)
    async with town.runtime.database.write() as session:
        before = await load_router(session)
        await routing_changed(session)
        after = await load_router(session)
    assert before.knowledge is not after.knowledge
    assert before.knowledge.learned.department is after.knowledge.learned.department


# ---------------------------------------------------------------------------------------- learning anew


async def closed_orders(town: Town, *, wrong: bool = False, only: slice = slice(None)) -> None:
    """Orders of the past, each answered by the department that is right for it (or all by one that is not)."""
    pairs = list(zip(*labelled(), strict=True))[::2][only]
    async with town.runtime.database.write() as session:
        ids = {
            code: place
            for code, place in await session.execute(select(departments.Department.code, departments.Department.id))
        }
        for place, (text, name) in enumerate(sorted(pairs, key=lambda pair: zlib.crc32(pair[0].encode()))):
            town.wait(seconds=1)
            draft = replace(UNCLEAR, content=text)
            key = f"past-{wrong}-{only}-{place}"
            order = (await orders.file(session, draft, key=key, now=town.clock.now())).order
            order.department_id, order.department_origin = ids[("water" if wrong else CODES[name])], Origin.PERSON.value
            order.status = Status.CLOSED.value


async def run(town: Town) -> dict[str, Any]:
    async with town.runtime.database.write() as session:
        run_id = await learning_runs.begin(session, "system", town.clock.now())
    return await learning_runs.carry_out(town.runtime, run_id)


async def test_it_learns_from_closed_orders_and_routes_by_it_at_once(town: Town) -> None:
    await closed_orders(town)
    results = await run(town)
    assert results["department"]["better"], results
    assert results["department"]["new"]["top1"] > 0.8
    async with town.runtime.database.read() as session:
        known = (await learned.in_use(session))[Subject.DEPARTMENT]
        ended = await learning_runs.last_run(session)
        written = await history.of(session, learning_runs.SUBJECT, "1")
    assert known.about["texts"] == 160
    assert ended is not None
    assert ended.ended_at == town.clock.now()
    assert written[0].data == results
    number = (await town.file(BUS)).order.number
    assert (await told(town, number))[0].data["routing"]["suggested"] == "west"


async def test_the_old_model_stays_until_the_new_one_is_better(town: Town, model: Model) -> None:
    await put_in_use(town, model)
    await closed_orders(town)
    results = await run(town)
    assert not results["department"]["better"]
    assert "继续用现在的" in results["department"]["told"]
    assert results["department"]["old"]["top1"] >= results["department"]["new"]["top1"]
    async with town.runtime.database.read() as session:
        content = await learned.content_of(session, Subject.DEPARTMENT)
    assert content is not None
    assert model_file.loads(content).about == model.about


async def test_what_was_learnt_from_wrong_orders_is_replaced_when_right_ones_show_it(town: Town) -> None:
    texts, names = labelled()
    shifted = dict(zip(CODES.values(), [*list(CODES.values())[1:], "urban"], strict=True))
    await put_in_use(town, learn(texts, [shifted[CODES[name]] for name in names]))
    await closed_orders(town)
    results = await run(town)
    assert results["department"]["better"]
    assert results["department"]["old"]["top1"] < 0.2
    again = await run(town)
    assert "上次学习以后新办结、能比较好坏的工单只有 0 件" in again["department"]["told"]


async def test_too_few_orders_are_said_in_words(town: Town) -> None:
    await closed_orders(town, only=slice(20))
    results = await run(town)
    assert "可以学习的工单只有 20 件" in results["department"]["told"]


async def test_one_run_at_a_time_and_one_that_died_does_not_block_the_next(any_town: Town) -> None:
    town = any_town
    async with town.runtime.database.write() as session:
        await learning_runs.begin(session, "system", town.clock.now())
    async with town.runtime.database.write() as session:
        with pytest.raises(AlreadyLearning):
            await learning_runs.begin(session, "system", town.clock.now())
    town.wait(minutes=6)
    async with town.runtime.database.write() as session:
        assert await learning_runs.begin(session, "system", town.clock.now()) == 2


async def test_a_run_whose_process_fails_ends_and_changes_nothing(
    town: Town, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_in_use(town, model)
    await closed_orders(town, only=slice(100))
    monkeypatch.setattr("backoffice.learning.apart.sys.executable", "/bin/false")
    results = await run(town)
    assert "现在用的没有变" in results["failed"]
    async with town.runtime.database.read() as session:
        last = await learning_runs.last_run(session)
        rows = list(await session.scalars(select(LearnedModel)))
    assert last is not None
    assert last.ended_at is not None
    assert len(rows) == 1
