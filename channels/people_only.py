"""What answers where there is no dialogue core: nobody but people."""

from __future__ import annotations

from bot.turns import TurnRequest, TurnResult
from core.conversations import TurnOutcome
from core.messages import Reply

NO_BOT = Reply("您的话我们已经收到，工作人员会尽快回复您。", outcome="handoff")


class PeopleOnly:
    """An engine that hands every conversation to a person at the first word."""

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Says that somebody will answer."""
        return TurnResult(TurnOutcome(replies=(NO_BOT,), tracker=None, handoff="no_bot"))
