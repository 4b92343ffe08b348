"""Reminders before an article runs out: to whoever keeps it, once, and gone when it is seen to (B9, E6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from core import history
from core.clock import FrozenClock
from core.refusals import BadField, NotForYou
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.moves import Editor
from knowledge.refusals import NoSuchArticle
from knowledge.reminders import Kind, expiring, look_into, remind
from tests.knowledge.bases import HEATING, LOST_CARD, MARRIAGE, named, publish

OWNER = Editor("staff:4", frozenset({"hrss"}), writes=True)
SOON = named(LOST_CARD, valid_to=date(2026, 11, 25))


async def _remind(runtime: Runtime) -> list[str]:
    async with runtime.database.write() as session:
        return await remind(session, runtime.clock.now())


async def _waiting(runtime: Runtime, editor: Editor = OWNER) -> list[str]:
    async with runtime.database.read() as session:
        return [stored.code for stored in await expiring(session, editor)]


async def test_who_keeps_an_article_is_reminded_once_however_often_it_is_looked(any_runtime: Runtime) -> None:
    await publish(any_runtime, [SOON, named(HEATING, valid_to=date(2027, 3, 1)), MARRIAGE])
    assert await _waiting(any_runtime) == []
    assert await _remind(any_runtime) == ["card"]
    assert await _remind(any_runtime) == []
    assert await _waiting(any_runtime) == ["card"]
    assert await _waiting(any_runtime, Editor("staff:5", frozenset({"heat"}), writes=True)) == []
    async with any_runtime.database.read() as session:
        entries = await history.of(session, "article", "card")
    assert [entry.data for entry in entries if entry.action == "remind"] == [
        {"valid_to": "2026-11-25", "department": "hrss"}
    ]


async def test_it_comes_fourteen_days_before_the_end_and_not_earlier(runtime: Runtime, clock: FrozenClock) -> None:
    await publish(runtime, [named(LOST_CARD, valid_to=date(2026, 12, 1))])
    assert await _remind(runtime) == []
    clock.move(timedelta(days=1))
    assert await _remind(runtime) == ["card"]


async def test_an_article_that_has_run_out_meanwhile_is_still_to_be_seen_to(
    runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(runtime, [SOON])
    clock.move(timedelta(days=30))
    assert await _remind(runtime) == ["card"]
    assert await _waiting(runtime) == ["card"]


async def test_prolonging_ends_the_reminder_and_the_next_end_is_reminded_of_again(
    runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(runtime, [SOON])
    await _remind(runtime)
    await publish(runtime, [named(LOST_CARD, valid_to=date(2027, 11, 25))])
    assert await _waiting(runtime) == []
    clock.move(timedelta(days=360))
    assert await _remind(runtime) == ["card"]


async def test_looked_into_it_is_gone_for_good(any_runtime: Runtime) -> None:
    await publish(any_runtime, [SOON])
    await _remind(any_runtime)
    async with any_runtime.database.write() as session:
        now = any_runtime.clock.now()
        await look_into(session, "card", Kind.EXPIRING, OWNER, "到期停止执行", now=now)
    assert await _waiting(any_runtime) == []
    assert await _remind(any_runtime) == []


@pytest.mark.parametrize(
    ("editor", "reason", "refusal"),
    [
        (OWNER, " ", BadField),
        (Editor("staff:6", frozenset({"hrss"})), "看过", NotForYou),
        (Editor("staff:7", frozenset({"heat"}), writes=True), "看过", NoSuchArticle),
    ],
)
async def test_looking_into_wants_a_reason_and_an_editor_of_the_department(
    runtime: Runtime, editor: Editor, reason: str, refusal: type[Exception]
) -> None:
    await publish(runtime, [SOON])
    await _remind(runtime)
    with pytest.raises(refusal):
        async with runtime.database.write() as session:
            await look_into(session, "card", Kind.EXPIRING, editor, reason, now=runtime.clock.now())
    assert await _waiting(runtime) == ["card"]


async def test_what_is_taken_down_or_temporary_is_not_reminded_of(runtime: Runtime) -> None:
    ends = runtime.clock.now() + timedelta(hours=3)
    await publish(runtime, [SOON, named(HEATING, valid_to=date(2026, 11, 16), ends_at=ends)])
    async with runtime.database.write() as session:
        await life_cycle.expire(session, "card", actor="staff:1", now=runtime.clock.now())
    assert await _remind(runtime) == []
