"""What all calls share and that is slow: busy with others, or hanging."""

from __future__ import annotations

import asyncio
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
async def others(pulse: Pulse) -> AsyncIterator[None]:
    """Others for whom something is done all the time."""

    async def busy() -> None:
        while True:
            await pulse.within(HANGS, HANGS, piece_of_work(0.02))

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
