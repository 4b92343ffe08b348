"""Work that comes round again and again while a process runs: looking for what has been left, what has come due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from core.live import heard

log = structlog.get_logger(__name__)


class Rounds:
    """Several works, each in its own rhythm."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._going: list[asyncio.Task[None]] = []

    def start(self, what: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Does ``work`` every so many ``seconds``, for the first time after that long; ``what``: its name in the log.

        A round that fails is logged, and the next one comes: it finds what this one missed.
        """
        self._going.append(asyncio.create_task(self._go_on(what, seconds, work)))

    async def stop(self) -> None:
        """Returns when no round is under way: one that has begun is ended, its transaction with it."""
        self._stopping.set()
        await asyncio.gather(*self._going)

    async def _go_on(self, what: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while not await heard(self._stopping, seconds):
            await _one(what, work)


async def whenever_wanted(
    wanted: asyncio.Event, what: str, seconds: float, settle: float, work: Callable[[], Awaitable[object]]
) -> None:
    """Does ``work`` at once, every so many ``seconds`` and ``settle`` s after ``wanted`` was set; until cancelled.

    ``what`` and failing rounds: as :meth:`Rounds.start`.
    """
    while True:
        await _one(what, work)
        if await heard(wanted, seconds):
            wanted.clear()
            await asyncio.sleep(settle)


async def _one(what: str, work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Exception as problem:  # whatever it is, the next round must come
        log.error("a round failed", what=what, error=type(problem).__name__)
