"""The clock of all calls: one beat every 20 ms, whether audio comes in or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from core.tasks import cancel_all
from speech.audio import FRAME_SECONDS

log = structlog.get_logger(__name__)

Beat = Callable[[float], None]
"""Called with the loop's time."""

_STUCK: Final = 1.0
"""Seconds without a beat after which there will be none."""
_GIVEN_UP: Final = 0.5
"""Seconds of beats that are not made up for: the machine was asleep."""


class Metronome:
    """Beats for every call of the process on one task: fifty calls wake the loop no oftener than one."""

    def __init__(self) -> None:
        self._beats: dict[object, Beat] = {}
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._last = 0.0

    def start(self) -> None:
        """Begins to beat."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Beats no more."""
        if self._task is not None:
            await cancel_all([self._task])

    def is_beating(self, now: float) -> bool:
        """Whether whoever joined is beaten for."""
        return not self._beats or now - self._last < _STUCK

    def join(self, who: object, beat: Beat) -> None:
        """Calls ``beat`` from now on."""
        self._beats[who] = beat
        self._wanted.set()

    def leave(self, who: object) -> None:
        """…and no more."""
        self._beats.pop(who, None)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time()
        while True:
            if not self._beats:  # nobody talks: sleep
                self._wanted.clear()
                await self._wanted.wait()
                at = self._last = loop.time()
            at += FRAME_SECONDS
            delay = at - loop.time()
            if delay < -_GIVEN_UP:
                at = loop.time()
            await asyncio.sleep(max(0.0, delay))
            self._last = loop.time()
            for who, beat in list(self._beats.items()):
                try:
                    beat(loop.time())
                except Exception as problem:  # one call must not stop the clock of all others
                    log.error("a beat failed", error=type(problem).__name__)
                    self.leave(who)
