"""What all calls share (the bot, the ear, the database): whether it hangs, or is only busy with others."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from core.tasks import give_up

Result = TypeVar("Result")


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
        loop = asyncio.get_running_loop()
        until, task = loop.time() + longest, asyncio.create_task(work)
        try:
            while (left := until - loop.time()) > 0:
                done, _ = await asyncio.wait({task}, timeout=min(hangs, left))
                if done:
                    result = task.result()
                    self.beat(loop.time())
                    return result
                if not self.beats(loop.time(), hangs):
                    break
            raise asyncio.TimeoutError
        finally:
            give_up(task)
