"""Numbers of orders: eight digits from a counter, given once (A3); and which numbers are some."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.counters import last_number, next_numbers
from core.masking import know_orders

FIRST_NUMBER: Final = 10_000_001
_COUNTER: Final = "order"


async def new_numbers(session: AsyncSession, count: int) -> range:
    """The next ``count`` numbers; from now on a text that holds one of them shows it."""
    given = await next_numbers(session, _COUNTER, count, first=FIRST_NUMBER)
    know_orders(range(FIRST_NUMBER, given.stop))
    return given


async def learn_numbers(session: AsyncSession) -> None:
    """Takes note of the numbers that were given before this process began, or by another."""
    know_orders(range(FIRST_NUMBER, await last_number(session, _COUNTER) + 1))
