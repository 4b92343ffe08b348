"""Calls led by the service: past their greeting, and what is stored of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from backoffice import calls
from backoffice.calls import Call, CallLine
from core.conversations import TurnOutcome
from core.messages import Reply
from tests.fixtures.kannel import until
from tests.phone.conftest import Exchange
from tests.phone.line import Line, line

ANNOUNCED = 2.6
"""Seconds after which it has been said that the call is recorded: from then on one may speak over us."""
ASKED = "请问是什么时候发生的，大概时间就可以，不知道也可以，没有关系"


def asks(request: Any) -> TurnOutcome:
    return TurnOutcome(replies=(Reply(ASKED, asks="time"),), tracker=None)


@asynccontextmanager
async def talking(phone: Exchange, **more: Any) -> AsyncIterator[Line]:
    """A call past its greeting: the citizen has spoken over the menu, the bot has begun to answer."""
    async with line(phone.base, phone.port, **more) as opened:
        await until(lambda: opened.seconds > ANNOUNCED and not opened.is_quiet(0.1), "no greeting")
        opened.say("我要投诉")
        yield opened


async def stored(phone: Exchange, call_id: str) -> Call:
    """The call's record once it has ended."""
    found: list[Call] = []

    async def ended() -> bool:
        async with phone.app.runtime.database.read() as session:
            found[:] = [call for call in [await session.get(Call, call_id)] if call is not None and call.ended_at]
        return bool(found)

    await until(ended, "the call has no end")
    return found[0]


async def lines(phone: Exchange, call_id: str) -> list[CallLine]:
    async with phone.app.runtime.database.read() as session:
        return await calls.lines_of(session, call_id)
