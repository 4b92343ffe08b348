"""What a base learns: its own lines, and a small preference from choices and verdicts that no single click decides."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.answering import Answering, judge, judged
from knowledge.calibration import calibrate, calibrate_by, reworded, settings
from knowledge.evaluation import Asked
from knowledge.feedback import Verdicts
from knowledge.index import Index
from knowledge.learning import STRONGEST, lines_in_force, preference, preferences
from knowledge.lines import thresholds
from knowledge.search import search
from tests.knowledge.bases import LOST_CARD, SMALL, WHEN_ALL_HOLD, demo_index, named, out_of_scope, publish
from tests.knowledge.test_feedback import conversation_of

FIRST = named(
    LOST_CARD, code="first", question="社保卡首次怎么申领？", variants=("第一次办社保卡",), keywords=("社保卡",)
)


async def test_one_angry_click_changes_next_to_nothing_and_many_move_an_article_a_little() -> None:
    assert preference(Verdicts(0, 0), 0) == 0
    assert -0.05 < preference(Verdicts(0, 1), 0) < 0
    assert preference(Verdicts(30, 1), 0) > preference(Verdicts(3, 0), 0) > preference(Verdicts(0, 0), 2) > 0
    for verdicts, taken in ((Verdicts(0, 100_000), 0), (Verdicts(100_000, 0), 100_000)):
        assert abs(preference(verdicts, taken)) <= STRONGEST


@pytest.mark.parametrize("preferred", [STRONGEST, -STRONGEST])
def test_the_strongest_preference_never_hides_an_article_that_fits(preferred: float) -> None:
    index = Index([LOST_CARD, FIRST, *SMALL[1:]])
    for code in ("card", "first"):
        found = search(index, "社保卡丢了怎么补办", WHEN_ALL_HOLD, preferred={code: preferred})
        assert found[0][0].code == "card"
        assert found[0][1] > 0.5


async def test_verdicts_and_choices_count_once_per_conversation_and_only_for_the_present_text(
    any_runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(any_runtime, SMALL)
    clock.move(timedelta(minutes=1))
    talks = [await conversation_of(any_runtime, f"v{number}") for number in range(3)]
    async with any_runtime.database.write() as session:
        for talk in (*talks, talks[0], talks[0]):
            await life_cycle.record_choice(session, "heat", talk, now=clock.now())
            await life_cycle.record_feedback(session, "card", talk, helpful=False, now=clock.now())
    async with any_runtime.database.read() as session:
        learnt = await preferences(session)
    assert learnt == {"card": preference(Verdicts(0, 3), 0), "heat": preference(Verdicts(0, 0), 3)}
    clock.move(timedelta(minutes=1))
    await publish(any_runtime, [named(LOST_CARD, fee="20元")])
    async with any_runtime.database.read() as session:
        assert set(await preferences(session)) == {"heat"}


async def test_what_citizens_prefer_decides_between_two_that_fit_alike(runtime: Runtime, clock: FrozenClock) -> None:
    lost = named(LOST_CARD, code="lost", variants=(), question="社保卡业务办理须知")
    also = named(lost, code="also")
    await publish(runtime, [lost, also, *SMALL[1:]])
    clock.move(timedelta(minutes=1))
    talks = [await conversation_of(runtime, f"v{number}") for number in range(6)]
    async with runtime.database.write() as session:
        for talk in talks:
            await life_cycle.record_choice(session, "lost", talk, now=clock.now())
    answering = Answering(runtime)
    await answering.refresh()
    found = answering.look_up("社保卡业务办理", now=clock.now())
    assert [hit.article.code for hit in found.hits[:2]] == ["lost", "also"]
    plain = Answering(runtime)
    assert not plain.look_up("社保卡业务办理", now=clock.now()).hits  # knows nothing before it looked


async def test_lines_are_found_from_the_base_itself_and_taken_over_by_running_services(runtime: Runtime) -> None:
    await publish(runtime, demo_index().articles)
    answering = Answering(runtime)
    await answering.refresh()
    lines, questions = calibrate(demo_index(), WHEN_ALL_HOLD, judged)
    assert 0.3 <= lines.answer <= 0.9
    assert lines.choose <= lines.answer
    assert questions == settings()["articles"] * 2 + len(settings()["talk"])
    async with runtime.database.write() as session:
        await life_cycle.record_lines(session, replace(lines, answer=0.87), questions, now=runtime.clock.now())
    assert await answering.refresh()
    async with runtime.database.read() as session:
        assert (await lines_in_force(session)).answer == 0.87


def test_with_its_own_lines_the_demo_city_answers_no_small_talk() -> None:
    lines, _ = calibrate(demo_index(), WHEN_ALL_HOLD, judged)
    looked_up = [judge(search(demo_index(), text, WHEN_ALL_HOLD), lines).kind for text in out_of_scope()]
    assert looked_up.count("answer") <= 0.03 * len(looked_up)
    assert looked_up.count("choose") <= 0.1 * len(looked_up)


def test_an_empty_base_keeps_the_usual_lines() -> None:
    assert calibrate(Index([]), WHEN_ALL_HOLD, judged) == (thresholds(), 0)


def test_the_same_draw_finds_the_same_lines_and_wordings_differ_from_what_is_written() -> None:
    assert calibrate(Index(SMALL), WHEN_ALL_HOLD, judged) == calibrate(Index(SMALL), WHEN_ALL_HOLD, judged)
    lexicon = demo_index().lexicon

    def say(text: str, seed: int) -> str:
        return reworded(lexicon, text, random.Random(seed), dropped=0.2, replaced=0.4)

    assert len({say("社保卡丢失后怎么挂失补办？", seed) for seed in range(20)}) > 15
    assert len({say("", seed) for seed in range(9)}) > 1


def test_a_citys_own_questions_find_its_lines_and_a_few_only_raise_them() -> None:
    index, articles = demo_index(), demo_index().articles
    usual, _ = calibrate(index, WHEN_ALL_HOLD, judged)
    own = [Asked(text, a.code) for a in articles for text in (a.question, *a.variants)][:200]
    talk = [Asked(text, None) for text in out_of_scope()]
    found = calibrate_by(index, WHEN_ALL_HOLD, judged, [*own, *talk, Asked("不在库里", "gone")])
    assert found.own == len(own) + len(talk)
    answered = [judge(search(index, one.text, WHEN_ALL_HOLD), found.lines).kind for one in talk]
    assert answered.count("answer") <= settings()["outside"] * len(talk)
    wrong = [Asked(a.question, b.code) for a, b in zip(articles[:9], articles[9:18], strict=True)]
    assert calibrate_by(index, WHEN_ALL_HOLD, judged, wrong).lines.answer > usual.answer
    few = [Asked(articles[0].question, articles[0].code)]
    assert calibrate_by(index, WHEN_ALL_HOLD, judged, few).lines.answer == usual.answer
    assert calibrate_by(Index([]), WHEN_ALL_HOLD, judged, few).questions == 0
