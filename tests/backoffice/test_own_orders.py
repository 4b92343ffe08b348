"""Which order a citizen means who tells no number (H2)."""

from __future__ import annotations

from backoffice import own_orders
from tests.backoffice.conftest import Town


async def test_the_open_ones_are_meant_or_else_the_latest_of_a_month_and_never_another_citizens(any_town: Town) -> None:
    town = any_town
    mine, other = await town.citizen("visitor-1"), await town.citizen("visitor-2")
    me, them = mine["contact_id"], other["contact_id"]

    async def meant(contact_id: int | None) -> list[str]:
        async with town.runtime.database.read() as session:
            return [order.number for order in await own_orders.likely_meant(session, contact_id, town.clock.now())]

    first = (await town.file(**mine)).order.number
    town.wait(hours=1)
    second = (await town.file(**mine)).order.number
    theirs = (await town.file(**other)).order.number
    assert await meant(me) == [second, first]
    assert (await meant(them), await meant(None)) == ([theirs], [])
    await town.answered(second)
    assert await meant(me) == [first]
    await town.answered(first)
    assert await meant(me) == [second], "none is open: the latest"
    async with town.runtime.database.read() as session:
        owners = [await own_orders.belongs_to(session, second, who) for who in (me, them, None)]
    assert owners == [True, False, False]
    town.wait(days=31)
    assert await meant(me) == []
    assert await meant(them) == [theirs], "open, however old"
