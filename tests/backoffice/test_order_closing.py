"""Orders close by themselves when their answer has stood long enough (E6): once, told, and a few at a time."""

from __future__ import annotations

import asyncio
from datetime import date

from backoffice import order_closing, orders
from backoffice.deadline_policies import DEFAULT_RULES, add_policy
from backoffice.order_closing import close_answered
from backoffice.workflow import Status
from core import conversations, history
from tests.backoffice.conftest import NOISE, Town

FIVE_WORKING_DAYS = {"days": 7, "hours": 8}
"""From Monday at ten to the end of office hours on the Monday after."""


async def close_due(town: Town) -> int:
    return await close_answered(town.runtime.database, town.clock.now())


async def test_an_answer_that_has_stood_five_working_days_closes_its_order_and_the_citizen_is_told(
    any_town: Town,
) -> None:
    citizen = await any_town.citizen()
    number = (await any_town.file(NOISE, **citizen)).order.number
    await any_town.answered(number)
    any_town.wait(days=7, hours=7)  # Monday, 17:00: half an hour of the fifth day is left
    assert await close_due(any_town) == 0
    any_town.wait(hours=1)
    assert await close_due(any_town) == 1
    assert await close_due(any_town) == 0
    order = await any_town.order(number)
    assert (order.status, order.closed_at) == (Status.CLOSED.value, any_town.clock.now())
    async with any_town.runtime.database.read() as session:
        last = (await history.of(session, "order", number))[-1]
        told = (await conversations.messages_after(session, citizen["conversation_id"], 0))[-1]
    assert (last.action, last.actor) == ("close", "system")
    assert "已办结" in told.text


async def test_what_is_opened_again_waits_for_its_new_answer_to_stand(town: Town) -> None:
    number = (await town.file()).order.number
    await town.answered(number)
    town.wait(days=4)
    await town.do(orders.reopen, number, "agent", "市民说没有解决")
    town.wait(days=1)
    await town.do(orders.answer, number, "east.urban handler", town.answer())
    town.wait(days=3)  # a week after the first answer, three days after the second
    assert await close_due(town) == 0
    assert (await town.order(number)).status == Status.ANSWERED.value


async def test_an_order_opened_again_between_the_look_and_the_closing_stays_open(town: Town) -> None:
    number = (await town.file()).order.number
    await town.answered(number)
    town.wait(**FIVE_WORKING_DAYS)
    async with town.runtime.database.read() as session:
        ((_, answered_at),) = await order_closing.due_for_closing(session, town.clock.now())
    await town.do(orders.reopen, number, "agent", "市民说没有解决")
    await town.do(orders.answer, number, "east.urban handler", town.answer())
    async with town.runtime.database.write() as session:
        assert not await order_closing._close(session, number, answered_at, town.clock.now())
    assert (await town.order(number)).status == Status.ANSWERED.value


async def test_two_processes_close_an_order_once(any_town: Town) -> None:
    number = (await any_town.file()).order.number
    await any_town.answered(number)
    any_town.wait(**FIVE_WORKING_DAYS)
    assert sorted(await asyncio.gather(*(close_due(any_town) for _ in range(4)))) == [0, 0, 0, 1]
    async with any_town.runtime.database.read() as session:
        actions = [entry.action for entry in await history.of(session, "order", number)]
    assert actions.count("close") == 1


async def test_a_round_closes_a_few_and_the_next_goes_on(town: Town) -> None:
    numbers = [(await town.file()).order.number for _ in range(order_closing.MOST_AT_ONCE + 2)]
    for number in numbers:
        await town.answered(number)
    town.wait(**FIVE_WORKING_DAYS)
    assert [await close_due(town) for _ in range(3)] == [order_closing.MOST_AT_ONCE, 2, 0]


async def test_a_policy_may_say_never(town: Town) -> None:
    async with town.runtime.database.write() as session:
        await add_policy(session, 9, date(2026, 11, 1), "测试", {**DEFAULT_RULES, "close": "never"})
    number = (await town.file()).order.number
    await town.answered(number)
    town.wait(days=100)
    assert await close_due(town) == 0
