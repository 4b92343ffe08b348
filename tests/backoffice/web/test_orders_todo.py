"""待办: what is late, due today, to be signed or dispatched; for those who answer for others also by department."""

from __future__ import annotations

import re
from datetime import date, timedelta

from backoffice import orders
from backoffice.web.orders_todo import outlook, situation
from backoffice.workload import DueDay, Load
from tests.backoffice.conftest import UNCLEAR
from tests.backoffice.web.bureau import Bureau
from tests.backoffice.web.office import Answer

EAST = "east.urban handler"


def _piles(page: Answer) -> dict[str, tuple[int, list[str]]]:
    """Title → total and the numbers shown."""
    found = {}
    for part in page.text.split('class="card pile"')[1:]:
        title = re.search(r'id="pile-\w+">([^<]+) <span class="pile-count tabular">(\d+) 件', part)
        assert title is not None
        found[title[1]] = (int(title[2]), re.findall(r'href="/staff/orders/(\d{8})" data-row', part))
    return found


async def test_everybody_begins_the_day_where_their_work_is(bureau: Bureau) -> None:
    places = {"agent": "/staff/desk", EAST: "/staff/todo", "dispatcher": "/staff/todo", "supervisor": "/staff/todo"}
    for who, place in places.items():
        async with bureau.browser_of(who) as browser:
            assert (await browser.get("/staff/")).headers["location"] == place
            assert (await browser.get(place)).status == 200
    async with bureau.browser_of("agent") as browser:
        assert (await browser.get("/staff/todo")).status == 403


async def test_a_handler_sees_what_is_late_what_is_due_today_and_what_waits_to_be_signed(bureau: Bureau) -> None:
    town = bureau.town
    late = (await town.file()).order.number  # to be signed by Tuesday 17:30
    town.wait(days=1)
    due = (await town.file()).order.number  # by Wednesday 17:30
    town.wait(days=1)
    fresh = (await town.file()).order.number  # by Thursday 17:30
    answered = (await town.file()).order.number
    await town.answered(answered)
    handling = (await town.file()).order.number
    await town.do(orders.sign, handling, EAST)
    await town.file(UNCLEAR)
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get("/staff/todo")
        assert _piles(page) == {
            "已经逾期": (1, [late]),
            "今天到期": (1, [due]),
            "等待签收": (3, [late, due, fresh]),
            "在办，以后到期": (1, [handling]),
        }
        assert 'href="/staff/orders?view=handling">看办理中的全部工单' in page.text
        assert "各部门的时限" not in page.words
        navigation = page.text.split('id="navigation"')[1].split("</nav>")[0]
        assert 'aria-label="1 件工单逾期"' in navigation
        assert 'aria-label="3 件工单等待签收"' in navigation
        today = await browser.get("/staff/orders?view=open&due=today")
        assert re.findall(r'href="/staff/orders/(\d{8})" data-row', today.text) == [due]
    async with bureau.browser_of("police handler") as browser:
        page = await browser.get("/staff/todo")
        assert {total for total, _ in _piles(page).values()} == {0}
        for words in ("没有逾期的工单。", "今天没有到期的工单。", "没有等待签收的工单。", "没有别的工单在办。"):
            assert words in page.words
        assert "件工单" not in page.text.split('id="navigation"')[1].split("</nav>")[0]


async def test_a_dispatcher_begins_with_what_waits_for_a_department(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get("/staff/todo")
    assert next(iter(_piles(page).items())) == ("等待派单", (1, [number]))
    assert 'href="/staff/dispatch"' in page.text


async def test_a_supervisor_reads_in_one_sentence_what_is_late_and_where(bureau: Bureau) -> None:
    town = bureau.town
    for _ in range(2):
        await town.file()
    await town.file(content="火车站门口垃圾没人收")
    signed = (await town.file()).order.number
    await town.do(orders.sign, signed, EAST)
    town.wait(days=2)
    async with bureau.browser_of("supervisor") as browser:
        page = await browser.get("/staff/todo")
    assert "现在逾期 3 件，没有快要到期的。逾期最多的是东区城市管理局，2 件。" in page.words
    rows = re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a></th>(.*?)</tr>', page.text, re.S)
    numbers = {name: [int(n) for n in re.findall(r">(\d+)<", cells)] for name, cells in rows}
    assert numbers == {"东区城市管理局": [2, 0, 3], "小城市城市管理局": [1, 0, 1]}
    assert page.text.count('class="bar-red"') == 2


async def test_a_head_sees_their_own_departments_and_no_others_numbers(bureau: Bureau) -> None:
    await bureau.town.file()
    await bureau.town.file(content="火车站门口垃圾没人收")
    bureau.town.wait(days=2)
    async with bureau.browser_of("east head") as browser:
        page = await browser.get("/staff/todo")
    assert "现在逾期 1 件" in page.words
    assert "东区城市管理局" in page.words
    assert "小城市城市管理局" not in page.words


async def test_a_supervisor_sees_how_much_is_due_on_which_day_with_a_link_to_it(bureau: Bureau) -> None:
    town = bureau.town  # Monday, 16 November
    await town.file()  # to be signed by Tuesday
    signed = (await town.file()).order.number
    await town.do(orders.sign, signed, EAST)
    async with bureau.browser_of("supervisor") as browser:
        page = await browser.get("/staff/todo")
        table = page.text.split('class="due-table"')[1].split("</table>")[0]
        rows = re.findall(r'<th scope="row">([^<]+)</th><td[^>]*><a href="([^"]+)">(\d+)</a>', table)
        days = [name for name, _, _ in rows]
        assert days[:4] == ["已经逾期", "今天", "11月17日 周二", "11月18日 周三"]
        assert "11月21日 周六" not in days
        counts = {name: (address, int(count)) for name, address, count in rows}
        assert counts["11月17日 周二"][1] == 1
        assert sum(count for _, count in counts.values()) == 1, "the answer is due in three weeks, beyond the chart"
        listed = await browser.get(counts["11月17日 周二"][0].replace("&amp;", "&"))
        assert len(re.findall(r"data-row", listed.text)) == 1
        assert "今天没有到期的，往后 10 个工作日到期 1 件，最多的一天是11月17日 周二，1 件。" in page.words
    async with bureau.browser_of(EAST) as browser:
        assert "哪天到期多少" not in (await browser.get("/staff/todo")).words


def test_the_outlook_says_what_the_chart_shows() -> None:
    monday = date(2026, 11, 16)

    def due(*counts: int) -> list[DueDay]:
        return [DueDay(monday + timedelta(days=place), count) for place, count in enumerate(counts)]

    assert outlook(due(0, 0)) == "今天和往后 10 个工作日没有到期的工单。"
    assert outlook(due(3, 0)) == "今天到期 3 件，往后 10 个工作日没有到期的。"
    assert outlook(due(3, 1, 5)) == "今天到期 3 件，往后 10 个工作日到期 6 件，最多的一天是11月18日 周三，5 件。"


def test_the_sentence_says_what_the_table_says() -> None:
    east, west = Load("e", "东区", 2, 1, 9), Load("w", "西区", 0, 3, 4)
    assert situation([east, west]) == "现在逾期 2 件，快要到期 4 件。逾期最多的是东区，2 件。"
    assert situation([west]) == "现在没有逾期，快要到期 3 件。"
    assert situation([east]) == "现在逾期 2 件，快要到期 1 件。"
    assert situation([]) == "现在没有逾期的工单，也没有快要到期的工单。"
