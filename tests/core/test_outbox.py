"""The outbox: what is in it is carried out at least once, in order, by one worker at a time (traps: killed workers)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from core import outbox
from core.clock import FrozenClock
from core.outbox import LEASE, MAX_ATTEMPTS, OutboxRow, OutboxWorker, Undeliverable, enqueue, pause_after, revive
from core.runtime import Runtime

TOPIC = "letter"


class Post:
    """Where things are delivered; fails as often as it is told to."""

    def __init__(self, *, failures: int = 0, problem: Exception | None = None) -> None:
        self.delivered: list[str] = []
        self.attempts = 0
        self.came = asyncio.Event()
        self._failures = failures
        self._problem = problem or ConnectionError("the post is closed")

    async def deliver(self, payload: Mapping[str, Any]) -> None:
        """Takes one delivery."""
        self.attempts += 1
        if self.attempts <= self._failures:
            raise self._problem
        self.delivered.append(payload["what"])
        self.came.set()


async def put(runtime: Runtime, what: str, *, shard: str = "a", key: str = "") -> None:
    """Puts something into the outbox."""
    async with runtime.database.write() as session:
        await enqueue(
            session, topic=TOPIC, key=key or what, shard=shard, payload={"what": what}, now=runtime.clock.now()
        )


def worker(runtime: Runtime, post: Post) -> OutboxWorker:
    return OutboxWorker(runtime.database, runtime.clock, {TOPIC: post.deliver}, poll=0.01)


async def rows(runtime: Runtime) -> list[OutboxRow]:
    async with runtime.database.read() as session:
        return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


async def test_the_same_effect_twice_is_one_delivery(any_runtime: Runtime) -> None:
    post = Post()
    for _ in range(2):
        await put(any_runtime, "one", key="same")
    await worker(any_runtime, post).work_once()
    assert post.delivered == ["one"]


async def test_a_shard_goes_out_in_order_and_does_not_hold_up_another(any_runtime: Runtime) -> None:
    post = Post(failures=1)
    for what, shard in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        await put(any_runtime, what, shard=shard)
    sending = worker(any_runtime, post)
    assert await sending.work_once() == 2  # the first of each shard; one of them fails
    assert post.delivered in (["a1"], ["b1"])
    assert isinstance(any_runtime.clock, FrozenClock)
    any_runtime.clock.move(pause_after(1))
    while await sending.work_once():
        pass
    assert sorted(post.delivered) == ["a1", "a2", "b1"]
    assert post.delivered.index("a1") < post.delivered.index("a2")


async def test_a_failure_is_tried_again_after_doubling_pauses_and_at_last_a_dead_letter(
    runtime: Runtime, clock: FrozenClock
) -> None:
    post = Post(failures=MAX_ATTEMPTS)
    await put(runtime, "one")
    sending = worker(runtime, post)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert await sending.work_once() == 1
        clock.move(pause_after(attempt) - timedelta(seconds=1))
        assert await sending.work_once() == 0  # not a second too early
        clock.move(timedelta(seconds=1))
    (row,) = await rows(runtime)
    assert (row.status, row.attempts) == ("dead", MAX_ATTEMPTS)
    assert await sending.work_once() == 0
    async with runtime.database.write() as session:
        await revive(session, row.id, clock.now())
    assert await sending.work_once() == 1
    assert post.delivered == ["one"]


async def test_what_can_never_be_delivered_is_a_dead_letter_at_once_and_the_next_goes_out(runtime: Runtime) -> None:
    post = Post(failures=1, problem=Undeliverable("no such number"))
    await put(runtime, "one")
    await put(runtime, "two")
    sending = worker(runtime, post)
    await sending.work_once()
    await sending.work_once()
    assert [row.status for row in await rows(runtime)] == ["dead", "done"]
    assert post.delivered == ["two"]


async def test_a_row_whose_worker_was_killed_is_taken_up_when_its_lease_has_expired(
    any_runtime: Runtime, clock: FrozenClock
) -> None:
    await put(any_runtime, "one")
    async with any_runtime.database.write() as session:  # a worker takes it and is heard of no more
        assert len(await outbox.claim(session, [TOPIC], clock.now())) == 1
    post = Post()
    sending = worker(any_runtime, post)
    clock.move(LEASE - timedelta(seconds=1))
    assert await sending.work_once() == 0
    clock.move(timedelta(seconds=1))
    assert await sending.work_once() == 1
    assert post.delivered == ["one"]


async def test_workers_side_by_side_never_take_the_same_row(any_runtime: Runtime) -> None:
    post = Post()
    for number in range(30):
        await put(any_runtime, f"{number}", shard=f"{number % 7}")
    sending = [worker(any_runtime, post) for _ in range(4)]
    while any(row.status == "pending" for row in await rows(any_runtime)):
        await asyncio.gather(*(one.work_once() for one in sending))
    assert sorted(post.delivered, key=int) == [str(number) for number in range(30)]
    for shard in range(7):
        mine = [what for what in post.delivered if int(what) % 7 == shard]
        assert mine == sorted(mine, key=int)


async def test_a_delivery_that_takes_too_long_is_a_failed_one(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.02))

    async def hang(_payload: Mapping[str, Any]) -> None:
        await asyncio.sleep(30)

    await put(runtime, "one")
    await OutboxWorker(runtime.database, runtime.clock, {TOPIC: hang}).work_once()
    (row,) = await rows(runtime)
    assert (row.status, row.attempts, row.last_error) == ("pending", 1, "TimeoutError: ")


async def test_a_worker_outlives_a_database_that_is_away(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    post, away = Post(), 3
    claim = outbox.claim

    async def claim_after_a_while(*arguments: Any) -> list[OutboxRow]:
        nonlocal away
        away -= 1
        if away >= 0:
            raise OperationalError("SELECT", {}, Exception("the database is away"))
        return await claim(*arguments)

    monkeypatch.setattr(outbox, "claim", claim_after_a_while)
    await put(runtime, "one")
    sending = worker(runtime, post)
    working = asyncio.create_task(sending.run())
    await asyncio.wait_for(post.came.wait(), 10)
    sending.stop()
    await asyncio.wait_for(working, 10)
    assert post.delivered == ["one"]


async def test_a_worker_that_is_stopped_ends_what_it_has_begun_and_begins_nothing_more(runtime: Runtime) -> None:
    at_work, go_on, delivered = asyncio.Event(), asyncio.Event(), []

    async def deliver(payload: Mapping[str, Any]) -> None:
        at_work.set()
        await go_on.wait()
        delivered.append(payload["what"])

    for what in ("one", "two"):
        await put(runtime, what)
    sending = OutboxWorker(runtime.database, runtime.clock, {TOPIC: deliver}, poll=0.01)
    working = asyncio.create_task(sending.run())
    await at_work.wait()
    sending.stop()
    go_on.set()
    await asyncio.wait_for(working, 10)
    assert delivered == ["one"]
    assert [row.status for row in await rows(runtime)] == ["done", "pending"]


async def test_one_that_cannot_be_written_down_does_not_take_the_others_of_its_batch_with_it(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, settle, broken = Post(), outbox.settle, []

    async def settle_all_but_the_first(session: Any, row_id: int, *rest: Any) -> None:
        if not broken:
            broken.append(row_id)
            raise OperationalError("UPDATE", {}, Exception("the database is away"))
        await settle(session, row_id, *rest)

    monkeypatch.setattr(outbox, "settle", settle_all_but_the_first)
    for number in range(5):
        await put(runtime, f"{number}", shard=f"{number}")
    with pytest.raises(OperationalError):
        await worker(runtime, post).work_once()
    assert sorted(row.status for row in await rows(runtime)) == ["done"] * 4 + ["pending"]
