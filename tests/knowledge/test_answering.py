"""What the bot is given: one sure article, a choice, or nothing; never what is not in force (B1)."""

from __future__ import annotations

import asyncio
import threading
from datetime import date, datetime, timedelta

import pytest

from core.clock import CHINA, FrozenClock
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.answering import Answering, LookUp, judge, thresholds
from tests.knowledge.bases import HEATING, LOST_CARD, SMALL, named, publish

ASKED = "社保卡丢了怎么补办"
TODAY = date(2026, 11, 16)


async def _answering(runtime: Runtime) -> Answering:
    answering = Answering(runtime)
    await answering.refresh()
    return answering


def _codes(found: LookUp) -> list[str]:
    return [hit.article.code for hit in found.hits]


async def test_a_question_about_one_article_is_answered_with_it(runtime: Runtime) -> None:
    await publish(runtime, SMALL)
    found = (await _answering(runtime)).look_up("我的社保卡找不着了咋补啊", now=runtime.clock.now())
    assert found.kind == "answer"
    assert found.hits[0].article == named(LOST_CARD, version=1)
    assert found.hits[0].confidence >= thresholds().answer


def test_what_stands_out_answers_sooner_where_it_is_sure_that_something_is_asked() -> None:
    best, next_best = named(LOST_CARD), named(HEATING)
    short_of_the_line = 0.95 * thresholds().answer
    far_ahead = [(best, short_of_the_line), (next_best, 0.01)]
    assert judge(far_ahead).kind == "choose"
    assert judge(far_ahead, asked=True).kind == "answer"
    assert judge([(best, short_of_the_line), (next_best, 0.1)], asked=True).kind == "choose"


async def test_a_question_between_two_articles_offers_both(runtime: Runtime) -> None:
    lost = named(LOST_CARD, code="lost", question="社保卡丢失后怎么补办？", variants=(), keywords=("社保卡", "补办"))
    first = named(LOST_CARD, code="first", question="社保卡首次怎么申领？", variants=(), keywords=("社保卡", "申领"))
    await publish(runtime, [lost, first, HEATING])
    found = (await _answering(runtime)).look_up("社保卡", now=runtime.clock.now())
    assert found.kind == "choose"
    assert set(_codes(found)[:2]) == {"lost", "first"}
    assert len(found.hits) <= thresholds().offered


@pytest.mark.parametrize("text", ["今晚月亮真圆", "给我唱首歌", "哈哈哈", "你吃饭了吗"])
async def test_small_talk_is_not_answered(runtime: Runtime, text: str) -> None:
    await publish(runtime, SMALL)
    assert (await _answering(runtime)).look_up(text, now=runtime.clock.now()).kind == "unknown"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "answered"),
    [
        (TODAY, TODAY, True),
        (TODAY + timedelta(days=1), None, False),
        (date(2025, 1, 1), TODAY - timedelta(days=1), False),
    ],
)
async def test_only_an_article_in_force_today_answers(
    runtime: Runtime, valid_from: date, valid_to: date | None, answered: bool
) -> None:
    await publish(runtime, [named(LOST_CARD, valid_from=valid_from, valid_to=valid_to), HEATING])
    answering = await _answering(runtime)
    found = answering.look_up(ASKED, now=runtime.clock.now())
    assert (found.kind == "answer", "card" in _codes(found)) == (answered, answered)
    assert (answering.article("card") is not None) == answered


async def test_a_neighbour_does_not_step_in_for_an_article_no_longer_in_force(runtime: Runtime) -> None:
    first = named(
        LOST_CARD,
        code="first",
        question="社保卡首次怎么申领？",
        variants=("第一次办社保卡",),
        keywords=("社保卡", "申领"),
    )
    await publish(runtime, [LOST_CARD, first, HEATING])
    assert _codes((await _answering(runtime)).look_up(ASKED, now=runtime.clock.now()))[0] == "card"
    await publish(runtime, [named(LOST_CARD, valid_to=TODAY - timedelta(days=1))])
    found = (await _answering(runtime)).look_up(ASKED, now=runtime.clock.now())
    assert found.kind != "answer"
    assert "card" not in _codes(found)


async def test_the_day_turns_at_midnight_in_china(runtime: Runtime, clock: FrozenClock) -> None:
    await publish(runtime, [named(LOST_CARD, valid_to=TODAY), HEATING])
    answering = await _answering(runtime)
    clock.move(datetime(2026, 11, 16, 23, 59, tzinfo=CHINA) - clock.now())
    assert answering.look_up(ASKED, now=clock.now()).kind == "answer"
    clock.move(timedelta(minutes=1))  # still the 16th in UTC
    assert "card" not in _codes(answering.look_up(ASKED, now=clock.now()))
    assert answering.article("card") is None


async def test_a_draft_never_answers_until_it_is_published(runtime: Runtime) -> None:
    await publish(runtime, [HEATING])
    async with runtime.database.write() as session:
        await life_cycle.draft_all(session, [LOST_CARD], actor="staff:1", now=runtime.clock.now())
    answering = await _answering(runtime)
    assert "card" not in _codes(answering.look_up(ASKED, now=runtime.clock.now()))
    assert answering.article("card") is None
    await publish(runtime, [LOST_CARD])
    await answering.refresh()
    assert answering.look_up(ASKED, now=runtime.clock.now()).kind == "answer"


async def test_an_expired_article_stops_answering_at_the_next_refresh(any_runtime: Runtime) -> None:
    await publish(any_runtime, SMALL)
    answering = await _answering(any_runtime)
    async with any_runtime.database.write() as session:
        await life_cycle.expire(session, "card", actor="staff:1", now=any_runtime.clock.now())
    assert await answering.refresh()
    assert "card" not in _codes(answering.look_up(ASKED, now=any_runtime.clock.now()))
    assert answering.article("card") is None


async def test_refreshing_an_unchanged_base_keeps_the_index(runtime: Runtime) -> None:
    await publish(runtime, SMALL)
    answering = Answering(runtime)
    assert [await answering.refresh(), await answering.refresh()] == [True, False]
    await publish(runtime, [named(LOST_CARD, fee="20元")])
    assert await answering.refresh()
    article = answering.article("card")
    assert article is not None
    assert article.fee == "20元"


async def test_an_empty_base_knows_nothing(runtime: Runtime) -> None:
    answering = await _answering(runtime)
    assert answering.look_up(ASKED, now=runtime.clock.now()) == LookUp("unknown", [])
    assert answering.article("card") is None


async def test_looking_up_while_the_index_is_rebuilt_always_sees_one_whole_state(runtime: Runtime) -> None:
    await publish(runtime, SMALL)
    answering = await _answering(runtime)
    now, stop, seen = runtime.clock.now(), threading.Event(), set[tuple[str, str | None]]()

    def ask_until_stopped() -> int:
        times = 0
        while not stop.is_set():
            found = answering.look_up(ASKED, now=now)
            seen.add((found.kind, found.hits[0].article.fee))
            times += 1
        return times

    asking = [asyncio.create_task(asyncio.to_thread(ask_until_stopped)) for _ in range(2)]
    try:
        for price in range(5):
            await publish(runtime, [named(LOST_CARD, fee=f"{price}元")])
            await asyncio.gather(answering.refresh(), answering.refresh())
    finally:
        stop.set()
    assert min(await asyncio.gather(*asking)) > 0
    assert {kind for kind, _ in seen} == {"answer"}
    assert {fee for _, fee in seen} <= {"免费", *(f"{price}元" for price in range(5))}
    last = answering.article("card")
    assert last is not None
    assert last.fee == "4元"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "😀🎉👍",
        "？？？！！",
        "\x00\x1b[31m\u202e\ufeff",
        "<script>alert('社保卡')</script>",
        "'; DROP TABLE articles; --",
        "%s%n{0}${jndi:ldap://x}",
        "a" * 10_000,
        "社保卡丢了" * 2_000,
        "\ud83d",
        "(" * 500 + "社保卡" + "[" * 500,
    ],
    ids=lambda text: ascii(text[:12]),
)
async def test_no_text_does_harm(runtime: Runtime, text: str) -> None:
    await publish(runtime, SMALL)
    answering = await _answering(runtime)
    found = answering.look_up(text, now=runtime.clock.now())
    assert found.kind in {"answer", "choose", "unknown"}
    assert answering.look_up(ASKED, now=runtime.clock.now()).kind == "answer"  # and the base is still there
