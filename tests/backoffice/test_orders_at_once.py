"""Many at once: numbers are unique, keys file once, steps happen once (C1; traps: doubling, losing)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sqlalchemy import func, select

from backoffice import orders
from backoffice.order_numbers import FIRST_NUMBER
from backoffice.order_tables import Order
from backoffice.refusals import NotAllowed
from backoffice.workflow import Status
from core import history
from tests.backoffice.conftest import NOISE, Town

HANDLER = "east.urban handler"
AT_ONCE = 50


async def test_fifty_filings_at_once_get_fifty_numbers_and_none_is_lost(any_town: Town) -> None:
    filed = await asyncio.gather(*(any_town.file(key=f"at-once-{n}") for n in range(AT_ONCE)))
    numbers = sorted(int(one.order.number) for one in filed)
    assert numbers == list(range(FIRST_NUMBER, FIRST_NUMBER + AT_ONCE))
    async with any_town.runtime.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Order)) == AT_ONCE
        assert await history.verify(session, "order") is None


async def test_one_key_fifty_times_at_once_files_one_order(any_town: Town) -> None:
    filed = await asyncio.gather(*(any_town.file(key="one-key") for _ in range(AT_ONCE)))
    assert len({(one.order.number, one.query_code) for one in filed}) == 1
    assert sum(one.created for one in filed) == 1
    async with any_town.runtime.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Order)) == 1


async def test_two_people_signing_at_once_sign_once(any_town: Town) -> None:
    number = (await any_town.file()).order.number
    results = await asyncio.gather(
        *(any_town.do(orders.sign, number, who) for who in (HANDLER, "east head") * 5), return_exceptions=True
    )
    assert sum(isinstance(result, Order) for result in results) == 1
    assert sum(isinstance(result, NotAllowed) for result in results) == 9
    async with any_town.runtime.database.read() as session:
        assert [e.action for e in await history.of(session, "order", number)] == ["file", "dispatch", "sign"]


async def test_a_double_click_answers_once(any_town: Town) -> None:
    town = any_town
    number = (await town.file(**await town.citizen())).order.number
    await town.do(orders.sign, number, HANDLER)
    clicks = (town.do(orders.answer, number, HANDLER, town.answer(), key="click") for _ in range(10))
    results = await asyncio.gather(*clicks)
    assert {order.status for order in results} == {Status.ANSWERED.value}
    async with town.runtime.database.read() as session:
        assert [e.action for e in await history.of(session, "order", number)].count("answer") == 1


async def test_answers_and_a_talking_citizen_do_not_lock_each_other_out(any_town: Town) -> None:
    town = any_town
    citizen = await town.citizen()
    numbers = [(await town.file(**citizen)).order.number for _ in range(8)]
    for number in numbers:
        await town.do(orders.sign, number, HANDLER)

    async def answer(number: str) -> None:
        await town.do(orders.answer, number, HANDLER, town.answer())

    async def more() -> None:
        await town.file(**citizen)

    await asyncio.gather(*(answer(number) for number in numbers), *(more() for _ in range(8)))
    assert {(await town.order(number)).status for number in numbers} == {Status.ANSWERED.value}


async def test_answers_to_orders_joined_crosswise_do_not_lock_each_other_out(any_town: Town) -> None:
    town = any_town
    citizens = [await town.citizen(name) for name in ("visitor-1", "visitor-2")]
    numbers = []
    for count in range(8):
        first, second = citizens if count % 2 else reversed(citizens)
        number = (await town.file(**first)).order.number
        async with town.runtime.database.write() as session:
            draft = replace(NOISE, **second)
            await orders.join(session, number, draft, key=f"join-{count}", now=town.clock.now())
        await town.do(orders.sign, number, HANDLER)
        numbers.append(number)
    await asyncio.gather(*(town.do(orders.answer, number, HANDLER, town.answer()) for number in numbers))
    assert {(await town.order(number)).status for number in numbers} == {Status.ANSWERED.value}
