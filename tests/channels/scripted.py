"""A dialogue core that does as it is told: for races, where the test must hold a turn still."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.turns import TurnRequest, TurnResult
from core.conversations import TurnOutcome
from core.messages import Reply

Script = Callable[[TurnRequest], TurnOutcome]


def echo(request: TurnRequest) -> TurnOutcome:
    """Says back what it heard, and remembers it."""
    return TurnOutcome(
        replies=(Reply(f"答：{request.text[:50]}"),), tracker=f"{request.tracker or ''}|{request.text[:20]}"
    )


class ScriptedEngine:
    """Answers by ``script``; ``gate`` closed, a turn is held between its beginning and its answer."""

    def __init__(self, script: Script = echo) -> None:
        self.script = script
        self.heard: list[TurnRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Semaphore(0)
        self.pause = 0.0
        """Seconds a turn takes."""
        self.most_of_all = 0
        self.most_at_once: dict[str, int] = {}
        self._at_once: dict[str, int] = {}

    async def turn(self, request: TurnRequest) -> TurnResult:
        """One turn, counted."""
        conversation = request.conversation_id
        self._at_once[conversation] = self._at_once.get(conversation, 0) + 1
        self.most_at_once[conversation] = max(self.most_at_once.get(conversation, 0), self._at_once[conversation])
        self.most_of_all = max(self.most_of_all, sum(self._at_once.values()))
        self.heard.append(request)
        self.begun.release()
        try:
            await self.gate.wait()
            await asyncio.sleep(self.pause)
            return TurnResult(self.script(request))
        finally:
            self._at_once[conversation] -= 1
