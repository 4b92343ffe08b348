"""What agents want of a live call, until the PBX takes it, which asks all the time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from backoffice.call_third import Asked
from core.live import heard, live

PATIENCE: Final = 4.0
"""Seconds after which a PBX that does not take a wish is not there."""


@dataclass
class Wanted:
    """A wish that waits to be taken."""

    asked: Asked
    given: bool = False
    """Whether it is on its way: for a moment a call may have two who ask for wishes, and one of them does it."""
    taken: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Look:
    """What the PBX finds when it asks."""

    wanted: Wanted | None = None
    over: bool = False
    """The talk is over: there is nothing more to ask for."""


class Wishes:
    """One at a time for each call."""

    def __init__(self) -> None:
        self._waiting: dict[str, Wanted] = {}

    async def want(self, asked: Asked) -> bool:
        """Waits until the PBX does it; False: it does not ask, or another wish is on its way."""
        if asked.call_id in self._waiting:
            return False
        wanted = self._waiting[asked.call_id] = Wanted(asked)
        live.signal(_topic(asked.call_id))
        try:
            return await heard(wanted.taken, PATIENCE)
        finally:
            del self._waiting[asked.call_id]

    async def next(self, call_id: str, seconds: float) -> Look:
        """What is wanted of a call, at the latest after ``seconds``. Whoever does it sets ``taken``."""
        woken = False
        with live.listen(_topic(call_id)) as news:
            if call_id not in self._waiting:
                woken = await heard(news, seconds)
        wanted = self._waiting.get(call_id)
        if wanted is not None and not wanted.given:
            wanted.given = True
            return Look(wanted)
        return Look(over=woken and wanted is None)

    def nothing_more(self, call_id: str) -> None:
        """The talk is over: nobody has to wait for a wish any more."""
        live.signal(_topic(call_id))


def _topic(call_id: str) -> str:
    return f"wishes:{call_id}"
