"""The list of orders: each sees their own, counts and searches tell nothing of others' (I1, H1, trap 13)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest

from backoffice import orders
from backoffice.kinds import Kind
from tests.backoffice.conftest import NOISE, UNCLEAR
from tests.backoffice.web.bureau import HTMX, OURS, PROGRAM, Bureau, key_in, numbers_in, tabs_in
from tests.backoffice.web.office import Answer

LIST = "/staff/orders"
RUBBISH = replace(NOISE, content="火车站门口垃圾没人收", kind=Kind.REPORT)
"""Goes to urban."""
EAST = "east.urban handler"


async def _three(bureau: Bureau) -> tuple[str, str, str]:
    """One order of east.urban, one of urban, one nobody has."""
    mine = (await bureau.town.file(reporter_phone="13800138000", address="东区人民路 9 号")).order.number
    theirs = (await bureau.town.file(RUBBISH, reporter_phone="13900139000")).order.number
    nobodys = (await bureau.town.file(UNCLEAR)).order.number
    return mine, theirs, nobodys


async def test_each_sees_the_orders_of_their_own_scope_and_the_numbers_of_the_tabs_agree(bureau: Bureau) -> None:
    mine, theirs, nobodys = await _three(bureau)
    scopes = {
        EAST: {mine},
        "east head": {mine},
        "urban handler": {theirs},
        "police handler": set(),
        "agent": {mine, theirs, nobodys},
        "dispatcher": {mine, theirs, nobodys},
        "supervisor": {mine, theirs, nobodys},
        "administrator": {mine, theirs, nobodys},
    }
    for who, seen in scopes.items():
        async with bureau.browser_of(who) as browser:
            page = await browser.get(f"{LIST}?view=all")
            assert set(numbers_in(page)) == seen, who
            assert tabs_in(page)["全部"] == tabs_in(page)["未办结"] == len(seen), who


@pytest.mark.parametrize(
    "asked",
    [
        "text=火车站",
        "text=垃圾",
        "text=13900139000",
        "kind=report",
        "department=urban",
        "department=city",
        "category=urban.rubbish",
        "status=pending_sign&view=all&kind=report",
        "sort=newest&page=1&since=2026-11-16&kind=report",
    ],
)
async def test_no_filter_search_or_count_tells_of_another_departments_order(bureau: Bureau, asked: str) -> None:
    await bureau.town.file(RUBBISH, reporter_phone="13900139000")
    words = "&".join(f"{n}={quote(v)}" for n, _, v in (part.partition("=") for part in asked.split("&")))
    async with bureau.browser_of("supervisor") as browser:  # it is there to be found
        assert len(numbers_in(await browser.get(f"{LIST}?{words}"))) == 1
    async with bureau.browser_of(EAST) as browser:
        for part in ("", "/live"):
            page = await browser.get(f"{LIST}{part}?{words}")
            assert set(tabs_in(page).values()) == {0}
            assert "火车站门口垃圾" not in page.words
            assert numbers_in(page) == []


async def test_a_number_in_the_search_leads_to_the_order_and_anothers_number_to_nothing(bureau: Bureau) -> None:
    mine, theirs, _ = await _three(bureau)
    async with bureau.browser_of(EAST) as browser:
        found = await browser.get(f"{LIST}?view=answered&text={mine}")
        assert (found.status, found.headers["location"]) == (303, f"{LIST}/{mine}")
        for number in (theirs, "99999999"):
            page = await browser.get(f"{LIST}?text={number}")
            assert page.status == 200
            assert f"没有找到受理号 {number} 的工单" in page.words
            assert "或者不归您的部门办理" in page.words


async def test_a_confidential_reporter_is_not_found_by_their_number(bureau: Bureau) -> None:
    number = (await bureau.town.file(confidential=True, reporter_phone="13800138000")).order.number
    async with bureau.browser_of(EAST) as browser:
        assert numbers_in(await browser.get(LIST)) == [number]
        assert numbers_in(await browser.get(f"{LIST}?text=13800138000")) == []
    async with bureau.browser_of("agent") as browser:
        assert numbers_in(await browser.get(f"{LIST}?text=13800138000")) == [number]


async def test_a_row_shows_colour_word_sign_time_left_and_the_exact_time(bureau: Bureau) -> None:
    await bureau.town.file()
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(LIST)
        assert "在期 剩 1 个工作日 6 小时 签收" in page.words
        assert 'title="签收期限 2026-11-17 17:30"' in page.text
        assert 'class="left left-green"' in page.text
        assert "icons.svg" in page.text
    bureau.town.wait(days=1, hours=6)  # Tuesday 16:00
    async with bureau.browser_of(EAST) as browser:
        assert "临期 剩 1 小时" in (await browser.get(f"{LIST}?view=yellow")).words
    bureau.town.wait(hours=17)  # Wednesday 09:00
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(f"{LIST}?view=red")
    assert "逾期不到 1 小时" in page.words
    assert tabs_in(page)["逾期"] == 1


async def test_every_tab_counts_what_it_lists(bureau: Bureau) -> None:
    town = bureau.town
    numbers = [(await town.file()).order.number for _ in range(4)]
    await town.do(orders.sign, numbers[0], EAST)
    await town.answered(numbers[1])
    await town.answered(numbers[2])
    await town.do(orders.close, numbers[2], EAST)
    wanted = {
        "open": [numbers[0], numbers[3]],
        "pending_sign": [numbers[3]],
        "handling": [numbers[0]],
        "answered": [numbers[1]],
        "mine": numbers[:3],
        "all": numbers,
        "red": [],
        "yellow": [],
    }
    async with bureau.browser_of(EAST) as browser:
        keys = ("open", "pending_sign", "handling", "yellow", "red", "answered", "mine", "all")
        labels = dict(zip(keys, tabs_in(await browser.get(LIST)), strict=True))
        for view, listed in wanted.items():
            page = await browser.get(f"{LIST}?view={view}")
            assert set(numbers_in(page)) == set(listed), view
            assert tabs_in(page)[labels[view]] == len(listed), view


async def test_filters_stand_above_the_list_in_words_and_each_can_be_taken_off(bureau: Bureau) -> None:
    mine, theirs, _ = await _three(bureau)
    async with bureau.browser_of("dispatcher") as browser:
        asked = f"{LIST}?kind=complain&status=pending_sign&colour=green&department=east&area=east"
        page = await browser.get(f"{asked}&category=urban.noise&since=2026-11-01&until=2026-11-16&due=today")
        for words in (
            "类型： 投诉",
            "状态： 待签收",
            "时限： 在期",
            "部门： 东区人民政府",
            "分类： 噪声扰民",
            "区域： 东区",
            "受理时间： 2026-11-01 至 2026-11-16",
            "到期： 今天",
            "清除全部条件",
        ):
            assert words in page.words
        assert numbers_in(page) == []  # due tomorrow, not today
        without = page.text.split("到期：</span>")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        assert "due" not in without
        assert "kind=complain" in without
        assert numbers_in(await browser.get(without)) == [mine]
        assert numbers_in(await browser.get(f"{LIST}?kind=report")) == [theirs]


async def test_a_value_that_means_nothing_is_left_out_and_a_wrong_date_is_said(bureau: Bureau) -> None:
    mine = (await bureau.town.file()).order.number
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(f"{LIST}?view=x&kind=<b>&status=9&colour=blue&sort=up&page=-3&due=never")
        assert (page.status, numbers_in(page)) == (200, [mine])
        page = await browser.get(f"{LIST}?since=2026-13-45")
        assert "看不懂日期“2026-13-45”" in page.words
        assert numbers_in(page) == [mine]
        for edge in ("until=9999-12-31", "since=0001-01-01", "since=2026-11-20&until=2026-11-01"):
            page = await browser.get(f"{LIST}?{edge}")
            assert (page.status, numbers_in(page)) == (200, [mine]), edge
            assert "日期" in page.words
        for text in ("%00", "a" * 5000, "%27%20OR%201=1--", "%25%5F", "😀"):
            assert (await browser.get(f"{LIST}?text={text}")).status == 200


async def test_pages_follow_each_other_in_the_order_asked_for(bureau: Bureau) -> None:
    filed = []
    for _ in range(23):
        filed.append((await bureau.town.file()).order.number)
        bureau.town.wait(minutes=1)
    async with bureau.browser_of(EAST) as browser:
        first = await browser.get(f"{LIST}?sort=oldest")
        assert numbers_in(first) == filed[:20]
        assert "共 23 件，第 1 / 2 页" in first.words
        assert 'rel="next"' in first.text
        last = await browser.get(f"{LIST}?sort=oldest&page=99999999")
        assert numbers_in(last) == filed[20:]
        assert 'rel="next"' not in last.text
        assert numbers_in(await browser.get(f"{LIST}?sort=newest"))[0] == filed[-1]


async def test_an_empty_list_says_what_to_do(bureau: Bureau) -> None:
    async with bureau.browser_of(EAST) as browser:
        assert "没有未办结的工单" in (await browser.get(LIST)).words
        assert "由您签收的工单会一直列在这里" in (await browser.get(f"{LIST}?view=mine")).words
        page = await browser.get(f"{LIST}?text=外星人")
    assert "去掉一个条件，或者换个说法再搜" in page.words
    assert "清除全部条件" in page.words


async def test_the_live_part_tells_that_rows_changed_and_fresh_counts(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(LIST)
        live = page.text.split('hx-get="/staff/orders/live')[1].split('"')[0].replace("&amp;", "&")
        quiet = await browser.get(f"{LIST}/live{live}", **HTMX)
        assert "列表有变化" not in quiet.words
        await bureau.town.do(orders.sign, number, EAST)
        told = await browser.get(f"{LIST}/live{live}", **HTMX)
        assert "列表有变化" in told.words
        assert (tabs_in(told)["待签收"], tabs_in(told)["办理中"]) == (0, 1)


async def test_the_filter_panel_offers_the_readers_own_departments_only(bureau: Bureau) -> None:
    async with bureau.browser_of("east head") as browser:
        panel = await browser.get(f"{LIST}/filters", **HTMX)
        offered = panel.text.split('name="department"')[1].split("</select>")[0]
        assert "东区城市管理局" in offered
        assert "西区人民政府" not in offered
        assert "小城市公安局" not in offered
        assert "dqcsglj" in offered  # found by the first letters of its pinyin
        whole = await browser.get(f"{LIST}?filters=1")
        assert 'name="category"' in whole.text


# --------------------------------------------------------------------------------------------- signing for several


async def _sign(bureau: Bureau, who: str, numbers: list[str], **headers: str) -> Answer:
    async with bureau.browser_of(who) as browser:
        fields = {"number": numbers, "key": "k1"}
        return await browser.post(f"{LIST}/sign?view=pending_sign", fields, **headers)


async def test_everything_ticked_is_signed_for_and_the_citizens_hear_of_it(bureau: Bureau) -> None:
    citizen = await bureau.town.citizen()
    numbers = [(await bureau.town.file(**citizen)).order.number for _ in range(2)]
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(f"{LIST}?view=pending_sign")
        fields = {"number": numbers, "key": key_in(page)}
        done = await browser.post(f"{LIST}/sign?view=pending_sign", fields)
        again = await browser.post(f"{LIST}/sign?view=pending_sign", fields)
    assert "已签收 2 件" in done.words
    assert tabs_in(done)["待签收"] == 0
    assert again.status == 200
    for number in numbers:
        assert (await bureau.actions(number)).count("sign") == 1
        assert (await bureau.town.order(number)).handler_id == bureau.town.staff[EAST].id
    told = [text for text in await bureau.said(citizen["conversation_id"]) if "已签收" in text]
    assert len(told) == 2


async def test_what_cannot_be_signed_for_is_told_and_holds_nothing_else_back(bureau: Bureau) -> None:
    mine, theirs, _ = await _three(bureau)
    page = await _sign(bureau, EAST, [theirs, mine, "x", "99999999"])
    assert "已签收 1 件" in page.words
    assert f"{theirs} ：没有找到这件工单" in page.words
    assert "sign" in await bureau.actions(mine)
    assert "sign" not in await bureau.actions(theirs)
    nothing = await _sign(bureau, EAST, [])
    assert (nothing.status, "还没有选中工单" in nothing.words) == (409, True)


async def test_only_departments_sign(bureau: Bureau) -> None:
    mine, _, _ = await _three(bureau)
    assert (await _sign(bureau, "dispatcher", [mine])).status == 403
    async with bureau.browser_of("dispatcher") as browser:
        assert 'type="checkbox" name="number"' not in (await browser.get(LIST)).text


async def test_a_stale_form_signs_nothing_and_comes_back_to_be_sent_once_more(bureau: Bureau) -> None:
    mine, _, _ = await _three(bureau)
    async with bureau.browser_of(EAST) as browser:
        fields = {"number": [mine], "key": "k", "csrf": "old"}
        stale = await browser.post(f"{LIST}/sign", fields, **OURS)
        assert stale.status == 403
        assert "sign" not in await bureau.actions(mine)
        assert (await browser.post(f"{LIST}/sign", fields, **PROGRAM)).status == 403
        await browser.post(f"{LIST}/sign", {"number": [mine], "key": "k", "csrf": stale.csrf})
    assert "sign" in await bureau.actions(mine)


async def test_markup_in_an_order_stays_text(bureau: Bureau) -> None:
    evil = "幸福小区工地噪音<script>alert(1)</script>"
    await bureau.town.file(content=evil, reporter_name="<b>王</b>")
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(f"{LIST}?text={quote('<script>')}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
