"""What all calls share and that is slow: busy with others, or hanging."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from channels.voice.pulse import Pulse
from core.tasks import cancel_all

HANGS = 0.3


async def piece_of_work(seconds: float) -> str:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return "done"


@asynccontextmanager
async def others(pulse: Pulse, *, later: bool = False) -> AsyncIterator[None]:
    """Others for whom something is done all the time; ``later``: who have come after whom the test is about."""
    came_before = asyncio.get_running_loop().time()

    async def busy() -> None:
        while True:
            await asyncio.sleep(0.02)
            now = asyncio.get_running_loop().time()
            pulse.beat(now, begun=now if later else came_before)

    task = asyncio.create_task(busy())
    try:
        yield
    finally:
        await cancel_all([task])


async def test_what_does_nothing_for_anybody_is_given_up() -> None:
    with pytest.raises(asyncio.TimeoutError):
        await Pulse().within(HANGS, 60, piece_of_work(30))


async def test_what_is_busy_with_others_is_waited_for() -> None:
    pulse = Pulse()
    async with others(pulse):
        assert await pulse.within(HANGS, 60, piece_of_work(3 * HANGS)) == "done"


async def test_who_is_passed_over_by_others_that_came_later_is_given_up_though_others_are_served() -> None:
    loop, pulse = asyncio.get_running_loop(), Pulse()
    begun = loop.time()
    async with others(pulse, later=True):
        with pytest.raises(asyncio.TimeoutError):
            await pulse.within(HANGS, 60, piece_of_work(60))
        assert loop.time() - begun < 10
        assert await pulse.within(HANGS, 60, piece_of_work(3 * HANGS), kind="another") == "done", "another order"
        assert await pulse.within(HANGS, 60, piece_of_work(3 * HANGS), own=60) == "done", "long by itself"


async def test_what_was_done_while_the_loop_stood_still_counts() -> None:
    async def work() -> str:
        for _ in range(2):
            await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.01)
        return "done"

    waiting = asyncio.create_task(Pulse().within(HANGS, 60, work()))
    await asyncio.sleep(0.01)
    time.sleep(2 * HANGS)  # noqa: ASYNC251 -- the loop itself is to stand still
    assert await waiting == "done"


async def test_what_dies_right_after_a_beat_is_given_up_as_soon_as_any_other() -> None:
    loop, pulse, hangs = asyncio.get_running_loop(), Pulse(), 4.0
    begun = loop.time()
    loop.call_later(0.1, lambda: pulse.beat(loop.time()))
    with pytest.raises(asyncio.TimeoutError):
        await pulse.within(hangs, 60, piece_of_work(30))
    assert loop.time() - begun < 1.5 * hangs


async def test_nobody_waits_for_ever_for_what_is_busy() -> None:
    pulse = Pulse()
    async with others(pulse):
        with pytest.raises(asyncio.TimeoutError):
            await pulse.within(HANGS, 2 * HANGS, piece_of_work(30))


async def test_what_only_fails_does_not_live() -> None:
    async def fail() -> None:
        raise OSError("away")

    pulse = Pulse()
    with pytest.raises(OSError, match="away"):
        await pulse.within(HANGS, 60, fail())
    assert not pulse.beats(asyncio.get_running_loop().time(), 60)
