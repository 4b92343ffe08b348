"""Work that comes round: one that fails comes again, one that has begun is ended."""

from __future__ import annotations

import asyncio

import pytest

from core.rounds import Rounds, whenever_wanted


async def test_a_round_that_fails_is_followed_by_the_next() -> None:
    rounds, third, count = Rounds(), asyncio.Event(), 0

    async def work() -> None:
        nonlocal count
        count += 1
        if count == 3:
            third.set()
        raise ConnectionError("the database is away")

    rounds.start("test", 0.001, work)
    await asyncio.wait_for(third.wait(), 10)
    await rounds.stop()


async def test_stopping_ends_what_has_begun_and_begins_nothing_more() -> None:
    rounds, begun, go_on, ended = Rounds(), asyncio.Event(), asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await go_on.wait()
        ended.append("once")

    async def never() -> None:
        ended.append("never")

    rounds.start("test", 0.001, work)
    rounds.start("later", 60, never)
    await begun.wait()
    stopping = asyncio.create_task(rounds.stop())
    await asyncio.sleep(0.01)
    assert not stopping.done()
    go_on.set()
    await asyncio.wait_for(stopping, 10)
    assert ended == ["once"]


@pytest.mark.parametrize("fails", [False, True])
async def test_what_is_wanted_is_done_at_once_and_again_when_wanted_though_it_failed(fails: bool) -> None:
    wanted, done = asyncio.Event(), asyncio.Queue[None]()

    async def work() -> None:
        done.put_nowait(None)
        if fails:
            raise ConnectionError("the database is away")

    looking = asyncio.create_task(whenever_wanted(wanted, "test", seconds=60, settle=0.01, work=work))
    await asyncio.wait_for(done.get(), 10)
    await asyncio.sleep(0.02)
    assert done.empty(), "nobody wanted it"
    for _ in range(2):
        wanted.set()
        await asyncio.wait_for(done.get(), 10)
    looking.cancel()
    assert not wanted.is_set()
