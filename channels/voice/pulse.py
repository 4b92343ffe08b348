"""What all calls share (the bot, the ear, the database): whether it hangs, or is only busy with others."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from core.tasks import give_up

Result = TypeVar("Result")

_LATE: Final = 0.1
"""Seconds by which the loop wakes us too late, from which it did not run: what was done meanwhile is not known yet,
and gets as long again to be told."""


class Pulse:
    """When it has last done a piece of work for anybody."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def beat(self, now: float) -> None:
        """It has done a piece of work."""
        self._last = now

    def beats(self, now: float, within: float) -> bool:
        """Whether it has in the last seconds."""
        return now - self._last < within

    async def within(self, hangs: float, longest: float, work: Coroutine[Any, Any, Result]) -> Result:
        """What ``work`` gives, which is a beat.

        Raises ``asyncio.TimeoutError`` after ``hangs`` seconds in which nothing was done for anybody, and after
        ``longest`` in any case.
        """
        loop, task = asyncio.get_running_loop(), asyncio.create_task(work)
        since = loop.time()
        until = since + longest
        try:
            while (now := loop.time()) < (given_up := min(until, max(since, self._last) + hangs)):
                done, _ = await asyncio.wait({task}, timeout=given_up - now)
                if done:
                    result = task.result()
                    self.beat(loop.time())
                    return result
                late = loop.time() - given_up
                if late > _LATE:
                    since = loop.time() + late - hangs
            raise asyncio.TimeoutError
        finally:
            give_up(task)
