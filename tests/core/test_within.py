"""Work with a time limit that does not depend on the work's good will."""

from __future__ import annotations

import asyncio
import time

import pytest

from core.tasks import within
from tests.conftest import BUSY


async def stubborn() -> None:
    """Does not let itself be cancelled for a while, as a statement the database does not answer."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(30)
        raise ValueError("too late") from None


async def test_the_limit_holds_whatever_the_work_does() -> None:
    begun = time.monotonic()
    with pytest.raises(asyncio.TimeoutError):
        await within(0.1, stubborn())
    assert time.monotonic() - begun < 0.1 + BUSY


async def test_what_the_work_gives_or_raises_is_passed_on() -> None:
    async def seven() -> int:
        return 7

    async def fails() -> None:
        raise ValueError("no")

    assert await within(5, seven()) == 7
    with pytest.raises(ValueError, match="no"):
        await within(5, fails())


async def test_whoever_is_cancelled_while_waiting_cancels_the_work() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    waiting = asyncio.create_task(within(30, work()))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.wait_for(ended.wait(), 5)
    with pytest.raises(asyncio.CancelledError):
        await waiting
