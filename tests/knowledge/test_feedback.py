"""有用 and 没用: kept once per conversation; articles that fail too often show, one angry click does not (B9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core import conversations
from core.clock import FrozenClock
from core.contacts import Sender
from core.messages import InboundMessage
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.articles import ArticleFeedback
from knowledge.feedback import Verdicts, poor_articles, verdicts_on, wilson_lower
from knowledge.moves import Editor
from knowledge.reminders import Kind, look_into
from tests.knowledge.bases import HEATING, LOST_CARD, named, publish

EVERYBODY = Editor("staff:1", None, writes=True)


async def conversation_of(runtime: Runtime, visitor: str = "v1") -> str:
    """The id of a conversation somebody has begun."""
    inbound = InboundMessage(Sender("webchat", "main", visitor), f"{visitor}-1", "社保卡丢了")
    async with runtime.database.write() as session:
        received, _ = await conversations.receive(session, inbound, runtime.clock.now())
    return received.conversation_id


async def _judged(runtime: Runtime, code: str, *verdicts: bool, since: int = 0) -> None:
    for number, helpful in enumerate(verdicts, since):
        conversation = await conversation_of(runtime, f"{code}-{number}")
        async with runtime.database.write() as session:
            now = runtime.clock.now()
            await life_cycle.record_feedback(session, code, conversation, helpful=helpful, now=now)


async def _poor(runtime: Runtime, editor: Editor = EVERYBODY) -> list[str]:
    async with runtime.database.read() as session:
        return [stored.code for stored, _ in await poor_articles(session, editor)]


async def test_a_second_verdict_in_one_conversation_replaces_the_first(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])
    mine, another = await conversation_of(any_runtime), await conversation_of(any_runtime, "v2")
    now = any_runtime.clock.now()
    async with any_runtime.database.write() as session:
        await life_cycle.record_feedback(session, "card", mine, helpful=True, now=now)
        await life_cycle.record_feedback(session, "card", mine, helpful=False, now=now)
        await life_cycle.record_feedback(session, "card", another, helpful=True, now=now)
    async with any_runtime.database.read() as session:
        verdicts = {row.conversation_id: row.helpful for row in await session.scalars(select(ArticleFeedback))}
        assert await verdicts_on(session) == {"card": Verdicts(helpful=1, unhelpful=1)}
    assert verdicts == {mine: False, another: True}


@pytest.mark.parametrize(
    ("helpful", "unhelpful", "poor"),
    [
        (0, 1, False),
        (0, 2, False),
        (0, 3, True),
        (1, 4, True),
        (3, 6, True),
        (5, 6, False),
        (100, 40, False),
        (0, 0, False),
    ],
)
def test_an_article_is_poor_when_certainly_many_found_it_useless(helpful: int, unhelpful: int, poor: bool) -> None:
    assert Verdicts(helpful, unhelpful).is_poor is poor


def test_the_lower_bound_grows_with_certainty_and_stays_below_the_share() -> None:
    assert wilson_lower(0, 0) == 0.0
    bounds = [wilson_lower(of // 2, of) for of in (2, 10, 100, 10_000)]
    assert bounds == sorted(bounds)
    assert all(0.0 < bound < 0.5 for bound in bounds)
    assert wilson_lower(8, 10) == pytest.approx(0.4902, abs=1e-4)  # Wilson 1927, z = 1.96


async def test_poor_articles_show_to_their_department_the_worst_first(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD, HEATING])
    await _judged(any_runtime, "card", False, False, False)
    await _judged(any_runtime, "heat", False, False, False, False, True)
    assert await _poor(any_runtime) == ["card", "heat"]
    assert await _poor(any_runtime, Editor("staff:2", frozenset({"heat"}))) == ["heat"]
    assert await _poor(any_runtime, Editor("staff:3", frozenset())) == []


async def test_a_mended_article_begins_anew(runtime: Runtime, clock: FrozenClock) -> None:
    await publish(runtime, [LOST_CARD])
    await _judged(runtime, "card", False, False, False)
    assert await _poor(runtime) == ["card"]
    clock.move(timedelta(hours=1))
    await publish(runtime, [named(LOST_CARD, answer="请先拨打12333挂失，再到银行补卡，当天能拿。")])
    assert await _poor(runtime) == []
    async with runtime.database.read() as session:
        assert await verdicts_on(session) == {}


async def test_looked_into_and_left_as_it_is_it_only_comes_back_with_new_complaints(
    any_runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(any_runtime, [LOST_CARD])
    await _judged(any_runtime, "card", False, False, False)
    clock.move(timedelta(hours=1))
    for _ in range(2):
        async with any_runtime.database.write() as session:
            await look_into(
                session, "card", Kind.UNHELPFUL, EVERYBODY, "内容没错，是市民不满意政策", key="k", now=clock.now()
            )
    assert await _poor(any_runtime) == []
    clock.move(timedelta(hours=1))
    await _judged(any_runtime, "card", False, False, since=10)
    assert await _poor(any_runtime) == []
    await _judged(any_runtime, "card", False, since=20)
    assert await _poor(any_runtime) == ["card"]
