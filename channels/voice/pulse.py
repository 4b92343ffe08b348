"""What all calls share (the bot, the ear, the database): whether it hangs, is busy with others, or has lost an item.

Whatever waits is served in its order: while others that came first are served it is only not its turn, and a crowd is
no fault. Where others that came clearly later have been served it has been passed over, and hangs by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from core.tasks import give_up

Result = TypeVar("Result")

_LATE: Final = 0.1
"""Seconds by which the loop wakes us too late, from which it did not run: what was done meanwhile is not known yet,
and gets as long again to be told."""
_LOOK: Final = 0.25
"""Seconds between two looks whether work was overtaken."""
CLEARLY: Final = 0.25
"""Seconds that work must have begun later than another's to overtake it: what begins together has no order."""
_PASSED_OVER: Final = 0.5
"""Seconds work may still take that was overtaken: it is being done, it waits for nobody."""
_REMEMBERED: Final = 1000


class Pulse:
    """When it has last done a piece of work for anybody, and for whom."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._done: deque[tuple[float, float, str]] = deque(maxlen=_REMEMBERED)
        """When pieces of work were begun and done, and of which kind they were."""

    def beat(self, now: float, *, begun: float | None = None, kind: str = "") -> None:
        """It has done a piece of work; ``begun``: when that was asked for."""
        self._last = now
        if begun is not None:
            self._done.append((begun, now, kind))

    def beats(self, now: float, within: float) -> bool:
        """Whether it has in the last seconds."""
        return now - self._last < within

    def overtaken(self, since: float, kind: str = "") -> float | None:
        """When work of the kind that was begun clearly after ``since`` was done first; None: none has been."""
        first = None
        for begun, done, of in reversed(self._done):
            if done <= since:  # and so is all that was done before
                break
            if of == kind and begun > since + CLEARLY:
                first = done
        return first

    async def within(
        self, hangs: float, longest: float, work: Coroutine[Any, Any, Result], *, kind: str = "", own: float = 0.0
    ) -> Result:
        """What ``work`` gives, which is a beat. ``kind``: what is done in one order. ``own``: seconds it needs itself.

        Raises ``asyncio.TimeoutError`` after ``hangs`` seconds in which nothing was done for anybody, or in which it
        was overtaken, and after ``longest`` in any case.
        """
        loop, task = asyncio.get_running_loop(), asyncio.create_task(work)
        begun = since = loop.time()
        until = begun + longest
        try:
            while (now := loop.time()) < (last := min(until, self._gives_up(begun, since + hangs, hangs, kind, own))):
                look = min(last, now + _LOOK)
                done, _ = await asyncio.wait({task}, timeout=look - now)
                if done:
                    result = task.result()
                    self.beat(loop.time(), begun=begun, kind=kind)
                    return result
                late = loop.time() - look
                if late > _LATE:
                    since = max(since, loop.time() + late - hangs)
            raise asyncio.TimeoutError
        finally:
            give_up(task)

    def _gives_up(self, begun: float, earliest: float, hangs: float, kind: str, own: float) -> float:
        overtaken = self.overtaken(begun, kind)
        return max(earliest, self._last + hangs if overtaken is None else overtaken + own + _PASSED_OVER)
