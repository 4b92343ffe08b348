"""Finding orders, and who finds what: scope in every list, count and search (H1, I1, C10; traps: leaks)."""

from __future__ import annotations

from datetime import datetime

import pytest

from backoffice import access, orders
from backoffice.kinds import Kind
from backoffice.order_list import OrderFilter, OrderPage, Sort, count_orders, list_orders
from backoffice.order_tables import Order
from backoffice.refusals import NoSuchOrder
from backoffice.staff import Role, Staff
from backoffice.time_left import Colour
from backoffice.workflow import Status
from core import history
from core.clock import CHINA
from tests.backoffice.conftest import UNCLEAR, Town

HANDLER = "east.urban handler"
EVERYTHING = OrderFilter()


async def find(town: Town, who: str, wanted: OrderFilter = EVERYTHING, **paging: object) -> OrderPage:
    async with town.runtime.database.read() as session:
        return await list_orders(session, town.staff[who], wanted, town.clock.now(), **paging)  # type: ignore[arg-type]


async def numbers(town: Town, who: str, wanted: OrderFilter = EVERYTHING) -> set[str]:
    return {row.number for row in (await find(town, who, wanted)).rows}


async def seven(town: Town) -> dict[str, str]:
    """One order in each place: their numbers."""
    files = {
        "east.urban": {},
        "police": {"content": "西区广场舞扰民", "kind": Kind.REPORT},
        "water": {"content": "西区平安小区停水", "kind": Kind.CONSULT},
        "east.lake": {"content": "湖边街道垃圾没人收"},
        "urban": {"content": "西区垃圾没人收"},
    }
    filed = {name: (await town.file(**changes)).order.number for name, changes in files.items()}
    filed["desk"] = (await town.file(UNCLEAR)).order.number
    filed["secret"] = (
        await town.file(
            content="东区噪音太大,我叫钱二,电话13900139000",
            address="幸福小区3号楼",
            reporter_name="钱二",
            reporter_phone="139 0013 9000",
            confidential=True,
        )
    ).order.number
    return filed


SCOPE = {
    HANDLER: {"east.urban", "secret"},
    "east.lake handler": {"east.lake"},
    "east head": {"east.urban", "east.lake", "secret"},
    "police handler": {"police"},
    "urban handler": {"urban"},
    "west handler": set(),
    "editor": set(),
}
ALL = {"east.urban", "police", "water", "east.lake", "urban", "desk", "secret"}


async def test_everybody_sees_their_scope_in_list_count_and_search_and_nothing_else(any_town: Town) -> None:
    filed = await seven(any_town)
    names = {number: name for name, number in filed.items()}
    for who in any_town.staff:
        expected = SCOPE.get(who, ALL)
        assert {names[number] for number in await numbers(any_town, who)} == expected, who
        async with any_town.runtime.database.read() as session:
            counted = await count_orders(session, any_town.staff[who], EVERYTHING, any_town.clock.now())
        assert counted.total == sum(counted.by_colour.values()) == len(expected), who
        for name, number in filed.items():
            assert await numbers(any_town, who, OrderFilter(text=number)) == ({number} if name in expected else set())
        assert await numbers(any_town, who, OrderFilter(text="垃圾")) == {
            filed[name] for name in expected & {"east.lake", "urban"}
        }


async def test_one_order_is_got_by_scope_or_not_at_all(any_town: Town) -> None:
    filed = await seven(any_town)
    async with any_town.runtime.database.read() as session:
        for who, staff in any_town.staff.items():
            for name, number in filed.items():
                if name in SCOPE.get(who, ALL):
                    assert (await access.order_for(session, staff, number)).number == number
                else:
                    with pytest.raises(NoSuchOrder):
                        await access.order_for(session, staff, number)


@pytest.mark.parametrize("change", [{"active": False}, {"department_id": None}])
async def test_a_handler_who_left_or_has_no_department_sees_nothing(town: Town, change: dict[str, object]) -> None:
    await seven(town)
    handler = town.staff[HANDLER]
    for name, value in change.items():
        setattr(handler, name, value)
    assert await numbers(town, HANDLER) == set()


async def test_an_inactive_administrator_sees_nothing(town: Town) -> None:
    await seven(town)
    town.staff["administrator"].active = False
    assert await numbers(town, "administrator") == set()


async def test_an_order_sent_back_leaves_the_departments_sight(town: Town) -> None:
    number = (await town.file()).order.number
    await town.do(orders.send_back, number, HANDLER, "不属于本局")
    assert await numbers(town, HANDLER) == set()
    assert await numbers(town, "dispatcher") == {number}


async def test_a_confidential_order_is_not_found_by_its_reporter(any_town: Town) -> None:
    filed = await seven(any_town)
    for text in ("13900139000", "139-0013-9000"):
        assert await numbers(any_town, "agent", OrderFilter(text=text)) == {filed["secret"]}
        assert await numbers(any_town, HANDLER, OrderFilter(text=text)) == set()
    for text in ("钱二", "0139000", "139****9000", "钱"):  # nor by what is masked in its text, by anybody
        assert await numbers(any_town, "agent", OrderFilter(text=text)) == set()
    assert await numbers(any_town, HANDLER, OrderFilter(text="噪音")) == {filed["east.urban"], filed["secret"]}


NARROWED = (
    (OrderFilter(status=(Status.PENDING_DISPATCH,)), {"desk"}),
    (OrderFilter(status=(Status.PENDING_DISPATCH, Status.HANDLING)), {"desk"}),
    (OrderFilter(kind=Kind.REPORT), {"police"}),
    (OrderFilter(department="east"), {"east.urban", "east.lake", "secret"}),
    (OrderFilter(department="hotline"), {"desk"}),
    (OrderFilter(department="no.such"), set()),
    (OrderFilter(category="urban"), {"east.urban", "police", "east.lake", "urban", "secret"}),
    (OrderFilter(category="urban.noise.dance"), {"police"}),
    (OrderFilter(area="east"), {"east.urban", "east.lake", "secret"}),
    (OrderFilter(area="east.lake"), {"east.lake"}),
    (OrderFilter(text="垃圾 西区"), {"urban"}),
    (OrderFilter(text="%"), set()),
    (OrderFilter(text="_"), set()),
    (OrderFilter(text="'; DROP TABLE orders; --"), set()),
    (OrderFilter(text="  "), ALL),
    (OrderFilter(text="\x00"), ALL),
    (OrderFilter(text="垃圾\x00 西区"), {"urban"}),
    (OrderFilter(department="\x00", category="\x00", area="\x00"), set()),
    (OrderFilter(mine=True), set()),
    (OrderFilter(area="east", kind=Kind.REPORT), set()),
    (OrderFilter(since=datetime(2026, 11, 16, 10, 0, tzinfo=CHINA)), ALL),
    (OrderFilter(until=datetime(2026, 11, 16, 10, 0, tzinfo=CHINA)), set()),
)


async def test_filters_narrow_the_list_and_the_counts_alike(any_town: Town) -> None:
    town = any_town
    filed = await seven(town)
    for wanted, found in NARROWED:
        page = await find(town, "supervisor", wanted)
        assert {row.number for row in page.rows} == {filed[name] for name in found}, wanted
        assert page.total == len(found), wanted
        async with town.runtime.database.read() as session:
            counted = await count_orders(session, town.staff["supervisor"], wanted, town.clock.now())
        assert wanted.status or counted.total == len(found), wanted


async def test_mine_is_what_i_signed_for(town: Town) -> None:
    first, _ = (await town.file()).order.number, await town.file()
    await town.do(orders.sign, first, HANDLER)
    assert await numbers(town, HANDLER, OrderFilter(mine=True)) == {first}
    assert await numbers(town, "east head", OrderFilter(mine=True)) == set()


async def test_colours_in_the_list_the_filter_and_the_counts_agree_as_time_passes(any_town: Town) -> None:
    town = any_town
    late = (await town.file()).order.number  # to be signed for by Tuesday 17:30
    done = (await town.file()).order.number
    await town.answered(done)
    seen: list[tuple[Colour, str]] = []
    for hours in (0, 30, 10):  # Monday 10:00, Tuesday 16:00, Wednesday 02:00
        town.wait(hours=hours)
        by_number = {row.number: row for row in (await find(town, "supervisor")).rows}
        left = by_number[late].left
        seen.append((left.colour, left.text))
        assert by_number[done].left.colour is Colour.STOPPED  # answered: never late, whatever the hour (trap: 20)
        assert await numbers(town, "supervisor", OrderFilter(colour=left.colour)) == {late}
        async with town.runtime.database.read() as session:
            counted = await count_orders(session, town.staff["supervisor"], EVERYTHING, town.clock.now())
        assert counted.by_colour == dict.fromkeys(Colour, 0) | {left.colour: 1, Colour.STOPPED: 1}
        assert counted.by_status[Status.ANSWERED] == 1
    assert seen == [
        (Colour.GREEN, "剩 1 个工作日 6 小时"),
        (Colour.YELLOW, "剩 1 小时"),
        (Colour.RED, "逾期不到 1 小时"),
    ]


async def test_lists_are_sorted_and_paged_without_gaps_or_repeats(town: Town) -> None:
    filed = []
    for _ in range(7):
        filed.append((await town.file()).order.number)
        town.wait(hours=1)
    await town.answered(filed[0])
    assert [row.number for row in (await find(town, "agent", sort=Sort.NEWEST)).rows] == filed[::-1]
    assert [row.number for row in (await find(town, "agent", sort=Sort.OLDEST)).rows] == filed
    assert (await find(town, "agent", sort=Sort.UPDATED)).rows[0].number == filed[0]
    by_due = [row.number for row in (await find(town, "agent")).rows]
    assert by_due[-1] == filed[0]
    pages = [await find(town, "agent", page=page, page_size=3) for page in (1, 2, 3)]
    assert [row.number for page in pages for row in page.rows] == by_due
    assert [(page.page, page.pages, page.total) for page in pages] == [(1, 3, 7), (2, 3, 7), (3, 3, 7)]


@pytest.mark.parametrize(("page", "size", "got"), [(99, 3, 3), (0, 3, 1), (-5, 3, 1), (1, 0, 1), (1, 10**9, 1)])
async def test_a_page_that_is_not_there_is_the_nearest_one(town: Town, page: int, size: int, got: int) -> None:
    for _ in range(7):
        await town.file()
    assert (await find(town, "agent", page=page, page_size=size)).page == got


async def test_an_empty_list_is_one_empty_page(town: Town) -> None:
    page = await find(town, "agent")
    assert (page.rows, page.total, page.page, page.pages) == ((), 0, 1, 1)


async def test_a_row_says_where_and_what_without_naming_anybody(town: Town) -> None:
    filed = await seven(town)
    row = next(row for row in (await find(town, HANDLER)).rows if row.number == filed["secret"])
    assert (row.department, row.area, row.confidential, row.clock) == ("东区城管局", "东区", True, "sign")
    assert "钱二" not in repr(row)
    assert "13900139000" not in repr(row)


def test_whoever_is_of_a_department_does_not_see_all() -> None:
    assert {role for role in Role if access.sees_all(Staff(role=role))} == {
        Role.AGENT,
        Role.DISPATCHER,
        Role.SUPERVISOR,
        Role.ADMINISTRATOR,
    }


async def test_reading_lists_leaves_no_trace(town: Town) -> None:
    number = (await town.file()).order.number
    await find(town, "agent", OrderFilter(text="噪音"))
    async with town.runtime.database.read() as session:
        assert [e.action for e in await history.of(session, "order", number)] == ["file", "dispatch"]
        assert (await session.get_one(Order, 1)).updated_at == town.clock.now()
