"""The numbers of the start page, the dispatcher's desk and orders entered by staff, on both databases (D1, E3, A10)."""

from __future__ import annotations

import asyncio

import pytest

from backoffice import dispatch_desk, order_entry, orders, workload
from backoffice.order_entry import Entry, EntryRefused
from backoffice.orders import Filed
from tests.backoffice.conftest import UNCLEAR, Town

EAST = "east.urban handler"
CALL = Entry(kind="complain", source="phone", content="东区幸福小区旁边工地噪音太大")


async def test_departments_are_counted_once_each_the_worst_first(any_town: Town) -> None:
    town = any_town
    for _ in range(2):
        await town.file()
    await town.file(content="火车站门口垃圾没人收")
    town.wait(days=1, hours=7)  # Tuesday 17:00: half an hour left to sign
    answered = (await town.file()).order.number
    await town.answered(answered)
    async with town.runtime.database.read() as session:
        now = town.clock.now()
        loads = await workload.loads(session, town.staff["supervisor"], now)
        assert [(load.code, load.red, load.yellow, load.open) for load in loads] == [
            ("east.urban", 0, 2, 2),
            ("urban", 0, 1, 1),
        ]
        assert await workload.late_count(session, town.staff["supervisor"], now) == 0
    town.wait(hours=1)
    async with town.runtime.database.read() as session:
        now = town.clock.now()
        assert await workload.late_count(session, town.staff["supervisor"], now) == 3
        assert await workload.late_count(session, town.staff["east head"], now) == 2
        assert await workload.late_count(session, town.staff["west handler"], now) == 0
        assert await workload.to_sign_count(session, town.staff[EAST], now) == 2
        assert await workload.to_sign_count(session, town.staff["supervisor"], now) == 0
        theirs = await workload.loads(session, town.staff["east head"], now)
        assert [(load.code, load.red) for load in theirs] == [("east.urban", 2)]


async def test_the_desk_says_why_each_order_lies_there_and_where_it_may_belong(any_town: Town) -> None:
    town = any_town
    back = (await town.file()).order.number
    await town.do(orders.send_back, back, EAST, "归公安管")
    town.wait(minutes=1)
    torn = (await town.file(content="广场舞、垃圾没人收、水管爆裂")).order.number
    town.wait(minutes=1)
    unclear = (await town.file(UNCLEAR)).order.number
    async with town.runtime.database.read() as session:
        page = await dispatch_desk.desk_page(session, town.staff["dispatcher"], town.clock.now())
        count = await dispatch_desk.waiting_count(session, town.staff["dispatcher"], town.clock.now())
    assert [(one.row.number, one.why) for one in page.orders] == [
        (back, "returned"),
        (torn, "unsure"),
        (unclear, "category_unknown"),
    ]
    assert count == page.total == 3
    assert [(r.department, r.reason) for r in page.orders[0].returned] == [("东区城市管理局", "归公安管")]
    assert page.orders[0].choices[-1].returned
    assert [(choice.code, choice.words) for choice in page.orders[1].choices] == [
        ("urban", ("垃圾没人收",)),
        ("water", ("水管爆裂",)),
        ("police", ("广场舞",)),
    ]
    assert page.orders[2].choices == ()


async def test_the_desk_shows_nothing_to_those_who_do_not_see_the_orders(any_town: Town) -> None:
    number = (await any_town.file(UNCLEAR)).order.number
    async with any_town.runtime.database.read() as session:
        for who in (EAST, "police handler"):
            page = await dispatch_desk.desk_page(session, any_town.staff[who], any_town.clock.now())
            assert page.orders == ()
            one = await dispatch_desk.undecided_order(session, any_town.staff[who], number, any_town.clock.now())
            assert one is None


async def test_one_entry_pressed_five_times_at_once_is_one_order(any_town: Town) -> None:
    async def enter() -> Filed:
        async with any_town.runtime.database.write() as session:
            return await order_entry.enter(
                session, any_town.staff["agent"], CALL, None, key="form-1", now=any_town.clock.now()
            )

    filed = await asyncio.gather(*(enter() for _ in range(5)))
    assert len({(one.order.number, one.query_code) for one in filed}) == 1
    assert sum(one.created for one in filed) == 1
    async with any_town.runtime.database.read() as session:
        found = await order_entry.filed_under(session, any_town.staff["agent"], "form-1")
        assert found is not None
        assert found.query_code == filed[0].query_code
        assert await order_entry.filed_under(session, any_town.staff["dispatcher"], "form-1") is None


async def test_an_entry_that_cannot_be_filed_says_everything_that_is_wrong(town: Town) -> None:
    async with town.runtime.database.write() as session:
        with pytest.raises(EntryRefused) as refused:
            await order_entry.enter(session, town.staff["agent"], Entry(), None, key="k", now=town.clock.now())
    assert set(refused.value.problems) == {"kind", "source", "content"}
