"""Orders in a real browser: the whole way of one order, by mouse and by keyboard, at both widths, in both themes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from backoffice import orders
from core.messages import Reply
from tests.backoffice.conftest import NOISE, UNCLEAR
from tests.backoffice.web.bureau import Bureau
from tests.backoffice.web.office import PASSWORD
from tests.fixtures.browser import DESKTOP, LOOKS, PHONE, Window, comes_true, window

pytestmark = pytest.mark.asyncio(loop_scope="package")

EAST = "east.urban handler"
SHIFTS = """window.moved = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => one.value > 0.002 && moved.push(one.value)))
  .observe({type: "layout-shift"})"""
"""Keeps what moves on the page by itself; a count that gets a second digit is not worth telling."""
_IN_SIGHT = """(which) => {
    const one = document.querySelector(which), box = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""
"""Whether nothing lies over the middle of it."""
SITUATION = "当晚到现场检查，工地没有夜间施工许可，已责令停工。"


async def _sign_in(bureau: Bureau, opened: Window, who: str) -> Page:
    page = opened.page
    await opened.open("/staff/sign-in")
    await page.fill("#username", bureau.town.staff[who].username)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    await expect(page.locator("#navigation")).to_be_visible()
    return page


async def test_a_handler_finds_signs_and_answers_and_the_citizen_has_the_answer(
    bureau: Bureau, browser: Browser
) -> None:
    citizen = await bureau.town.citizen()
    filed = await bureau.town.file(**citizen)
    number = filed.order.number
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, EAST)
        await expect(page).to_have_url(re.compile("/staff/todo$"))
        await expect(page.locator("main")).to_contain_text("东区幸福小区旁边工地噪音太大")
        await page.click("nav >> text=工单")
        row = page.locator("tbody tr")
        await expect(row).to_contain_text("在期")
        await expect(row).to_contain_text("剩 1 个工作日 6 小时")
        await expect(row.locator("time").first).to_have_attribute("title", "签收期限 2026-11-17 17:30")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("东区幸福小区旁边工地噪音太大")
        await page.click("button:has-text('签收')")
        await expect(page.locator(".alert-good")).to_contain_text("已签收，现在由您经办")
        await page.click("#deeds >> text=答复")
        await expect(page.locator("#unit")).to_be_focused()
        await expect(page.locator("#unit")).to_have_value("东区城市管理局")
        await page.fill("#situation", SITUATION)
        await page.click("text=发出答复")
        await expect(page.locator("#result-help")).to_contain_text("请填写办理结果")
        await expect(page.locator("#result")).to_be_focused()
        await expect(page.locator("#situation")).to_have_value(SITUATION)
        await page.fill("#result", "工地承诺夜间不再施工。")
        await page.dblclick("text=发出答复")
        await expect(page.locator(".alert-good")).to_contain_text("答复已经发出")
        await expect(page.locator("#deeds")).to_contain_text("办结")
        assert opened.complaints == []
    assert (await bureau.actions(number)).count("answer") == 1
    async with window(browser, bureau.server.base, size=PHONE) as theirs:
        await theirs.open("/progress")
        await theirs.page.fill("#number", number)
        await theirs.page.fill("#code", filed.query_code)
        await theirs.page.press("#code", "Enter")
        await expect(theirs.page.locator("main")).to_contain_text(SITUATION)
    assert SITUATION in (await bureau.said(citizen["conversation_id"]))[-1]


async def test_what_is_typed_survives_closing_the_form_and_reloading_and_is_gone_once_sent(
    bureau: Bureau, browser: Browser
) -> None:
    number = (await bureau.town.file()).order.number
    async with window(browser, bureau.server.base, size=PHONE) as opened:
        page = await _sign_in(bureau, opened, EAST)
        await opened.open(f"/staff/orders/{number}")
        assert await opened.is_longer_than_the_screen()
        assert await page.evaluate(_IN_SIGHT, "#deeds button")  # before one scrolls, above the navigation
        await page.click("#deeds >> text=退回")
        await page.locator("#reason").press_sequentially("不在本局职责范围")
        await page.click("#deeds >> text=取消")
        await expect(page.locator("#reason")).to_have_count(0)
        await page.click("#deeds >> text=退回")
        await expect(page.locator("#reason")).to_have_value("不在本局职责范围")
        await page.reload()
        await expect(page.locator("#reason")).to_have_value("不在本局职责范围")
        await page.click("text=确认退回")
        await expect(page.locator(".alert-good")).to_contain_text("已退回派单台")
        await bureau.town.do(orders.dispatch, number, "dispatcher", "east.urban")
        await opened.open(f"/staff/orders/{number}?do=send_back")
        await expect(page.locator("#reason")).to_have_value("")
        assert opened.complaints == []


async def test_a_dispatcher_works_through_the_desk_by_keyboard_alone(bureau: Bureau, browser: Browser) -> None:
    torn = (await bureau.town.file(content="广场舞、垃圾没人收、水管爆裂")).order.number
    bureau.town.wait(minutes=1)
    unclear = (await bureau.town.file(UNCLEAR)).order.number
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, "dispatcher")
        await opened.open("/staff/dispatch")
        await expect(page.locator(f"#o-{torn}")).to_be_focused()
        await page.keyboard.press("Enter")  # nothing chosen yet
        await expect(page.locator(f"#o-{torn} [role=alert]")).to_contain_text("请先选一个部门")
        await page.keyboard.press("3")
        await expect(page.locator(f"#o-{torn} button[type=submit]")).to_have_text("派给小城市公安局")
        await page.keyboard.press("Enter")
        await expect(page.locator(f"#o-{torn}")).to_contain_text("已派往小城市公安局")
        await expect(page.locator("#dispatch-left")).to_have_text("还有 1 件等待派单")
        await expect(page.locator(f"#o-{unclear}")).to_be_focused()
        await page.keyboard.press("0")
        await page.keyboard.type("xq")  # 西区, by the first letters of its pinyin
        await page.keyboard.press("Enter")
        await expect(page.locator(f"#o-{unclear} button[type=submit]")).to_have_text("派给西区人民政府")
        await expect(page.locator(f"#o-{unclear}")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator(f"#o-{unclear}")).to_contain_text("已派往西区人民政府")
        await expect(page.locator("#dispatch-left")).to_have_text("全部派完了")
        assert [line for line in opened.complaints if "Error Code 422" not in line] == []
    assert [entry.data["department"] for entry in await bureau.history(torn)][-1] == "police"
    assert [entry.data["department"] for entry in await bureau.history(unclear)][-1] == "west"


async def test_a_category_is_found_by_typing_and_leads_to_another_department_with_no_mouse(
    bureau: Bureau, browser: Browser
) -> None:
    number = (await bureau.town.file(content="广场舞、垃圾没人收、水管爆裂")).order.number
    async with window(browser, bureau.server.base, size=PHONE) as opened:
        page = await _sign_in(bureau, opened, "dispatcher")
        await opened.open("/staff/dispatch")
        order, box = page.locator(f"#o-{number}"), page.locator(f"#category-{number}-search")
        await expect(order).to_be_focused()
        await expect(box).to_have_value("垃圾清运")
        await page.keyboard.press("c")
        await expect(box).to_be_focused()
        await page.keyboard.type("sdqr")  # by what it is part of: 水电气热
        await expect(page.locator("[role=option]")).to_have_text(["水电气热", "供水 水电气热"])
        await page.keyboard.press("ArrowDown")
        assert await opened.findings() == []
        assert not await opened.is_wider_than_the_screen()
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("供水")
        await expect(order.locator(".choice-name").first).to_have_text("小城水务集团")
        await expect(order).to_be_focused()
        await page.keyboard.press("1")
        await page.keyboard.press("Enter")
        await expect(order).to_contain_text("已派往小城水务集团")
        assert opened.complaints == []
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, "dispatcher")
        await opened.open(f"/staff/orders/{number}")
        await page.click("text=改分类")
        await expect(page.locator("#category-search")).to_be_focused()
        tall = await page.evaluate("document.documentElement.scrollHeight")
        await page.keyboard.press("ArrowDown")
        await expect(page.locator("[role=option][aria-selected=true]")).to_have_text("供水")  # where it stands
        assert await page.evaluate("document.documentElement.scrollHeight") == tall  # the list opens upwards
        await page.keyboard.type("垃圾")
        assert await opened.findings() == []
        await page.keyboard.press("Enter")
        await page.click("text=确认分类")
        await expect(page.locator(".alert-good")).to_contain_text("的分类已确定")
        await expect(page.locator("main")).to_contain_text("规则会派给小城市城市管理局")
        assert opened.complaints == []
    said = [entry.data.get("category") for entry in await bureau.history(number)]
    assert said == [None, "utility.water", "urban.rubbish"]


async def test_a_category_typed_and_not_chosen_stands_and_is_refused_at_its_field(
    bureau: Bureau, browser: Browser
) -> None:
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, "agent")
        await opened.open("/staff/orders/new")
        await page.check("[name=kind][value=complain]", force=True)
        await page.fill("#content", "工地太吵")
        box = page.locator("#category-search")
        for words in ("外星人", ""):  # emptied, the system judges
            await box.fill(words)
            await page.click("button:has-text('登记')")
            if words:
                await expect(page.locator("#category-help")).to_contain_text("没有选中“外星人”")
                await expect(box).to_have_value(words)
        await expect(page.locator("main")).to_contain_text("10000001")


async def test_several_are_signed_for_with_a_few_keys(bureau: Bureau, browser: Browser) -> None:
    numbers = [(await bureau.town.file()).order.number for _ in range(3)]
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, EAST)
        await opened.open("/staff/orders?view=pending_sign")
        await expect(page.locator("[data-ticked]")).to_be_hidden()
        for key in "jxjx":
            await page.keyboard.press(key)
        await expect(page.locator("[data-ticked]")).to_contain_text("签收选中的2 件")
        await page.click("[data-ticked] button")
        await expect(page.locator(".alert-good")).to_have_text("已签收 2 件。")
        await expect(page.locator(".tabs [aria-current]")).to_contain_text("1")
        assert opened.complaints == []
    assert sum(["sign" in await bureau.actions(number) for number in numbers]) == 2


async def test_a_changed_list_says_so_and_nothing_jumps(bureau: Bureau, browser: Browser) -> None:
    await bureau.town.file()
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, EAST)
        await opened.open("/staff/orders")
        await page.keyboard.press("j")
        await bureau.town.file()
        await page.evaluate(SHIFTS)
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('huiyin:counts'))")
        await expect(page.locator(".changed")).to_contain_text("列表有变化")
        await expect(page.locator(".tabs [aria-current]")).to_contain_text("2")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.locator("[data-row]")).to_be_focused()
        assert await page.evaluate("window.moved") == []
        await page.click("text=刷新列表")
        await expect(page.locator("tbody tr")).to_have_count(2)
        assert opened.complaints == []


async def test_filters_are_found_by_typing_and_taken_off_by_a_click(bureau: Bureau, browser: Browser) -> None:
    await bureau.town.file()
    await bureau.town.file(content="火车站门口垃圾没人收")
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, "supervisor")
        await opened.open("/staff/orders")
        await page.click("summary:has-text('筛选')")
        department = page.locator("#f-department-search")
        await department.fill("dq")
        await expect(page.locator("[role=option]").first).to_have_text("东区人民政府")
        await page.keyboard.press("Enter")
        await expect(department).to_have_value("东区人民政府")
        await expect(department).to_have_accessible_name(re.compile("部门"))
        await page.click("#filter-form >> text=筛选")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.click(".filter-chips a")
        await expect(page.locator("tbody tr")).to_have_count(2)
        await page.keyboard.press("/")
        await page.keyboard.type("垃圾")
        await page.keyboard.press("Enter")
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert opened.complaints == []


async def test_columns_are_ticked_a_view_is_saved_and_both_fit_a_phone(bureau: Bureau, browser: Browser) -> None:
    await bureau.town.file()
    for size in (DESKTOP, PHONE):
        async with window(browser, bureau.server.base, size=size) as opened:
            page = await _sign_in(bureau, opened, "supervisor")
            await opened.open("/staff/orders?view=all&kind=complain")
            await expect(page.locator(".frame-nav a").last).to_be_in_viewport(ratio=1)
            await page.click("summary:has-text('存为视图')")
            await page.fill("#view-name", f"投诉{size[0]}")
            assert not await opened.is_wider_than_the_screen()
            assert await opened.findings() == []
            await page.press("#view-name", "Enter")
            await expect(page.locator(".tabs [aria-current]")).to_have_text(re.compile(f"投诉{size[0]}1"))
            await page.click("summary:has-text('显示列')")
            await page.locator("[name=column][value=category]").set_checked(size == DESKTOP)
            assert not await opened.is_wider_than_the_screen()
            assert await opened.findings() == []
            await page.click("text=确定")
            await expect(page.locator("td.c-category")).to_have_count(int(size == DESKTOP))
            await page.click("text=删除这个视图")
            await page.click("dialog >> text=删除视图")
            await expect(page.locator(".tabs")).not_to_contain_text(f"投诉{size[0]}")
            assert opened.complaints == []


async def test_a_chart_draws_the_table_beside_it_in_the_colours_of_the_theme_and_leads_to_the_orders(
    bureau: Bureau, browser: Browser
) -> None:
    await bureau.town.file()  # to be signed by tomorrow
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, "supervisor")
        await expect(page.locator(".chart")).to_be_visible()
        chart = "window.echarts?.getInstanceByDom(document.querySelector('.chart'))"
        table = await page.locator(".due-table tbody td").all_text_contents()
        token = "getComputedStyle(document.documentElement).getPropertyValue('--color-accent').trim()"
        for _ in range(2):
            drawn = f"{chart}?.getOption().series[0].data"
            await comes_true(page, f"({drawn})?.[2].itemStyle.color === {token}")
            assert await page.evaluate(f"{drawn}.map((one) => String(one.value))") == table
            assert await opened.findings() == []
            await page.click("[data-theme-switch]")
        x, y = await page.evaluate(f"{chart}.convertToPixel({{seriesIndex: 0}}, [2, 0.5])")
        await page.locator(".chart").click(position={"x": x, "y": y})
        await expect(page).to_have_url(re.compile("due=2026-11-17"))
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert opened.complaints == []


async def test_an_order_page_goes_by_number_keys(bureau: Bureau, browser: Browser) -> None:
    number = (await bureau.town.file()).order.number
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, EAST)
        await opened.open("/staff/orders")
        await page.click("[data-row]")
        await expect(page).to_have_url(re.compile(f"/staff/orders/{number}"))
        await page.wait_for_load_state()
        await page.keyboard.press("1")
        await expect(page.locator("button:has-text('签收')")).to_be_focused()
        assert await bureau.actions(number) == ["file", "dispatch"], "a slip of one key does nothing"
        await page.keyboard.press("Enter")
        await expect(page.locator(".alert-good")).to_contain_text("已签收")
        await page.keyboard.press("1")
        await expect(page.locator("#unit")).to_be_focused()
        await page.keyboard.press("Escape")
        await page.keyboard.press("u")
        await expect(page).to_have_url(re.compile("/staff/orders$"))
        assert opened.complaints == []


async def test_an_agent_files_for_the_citizen_of_a_conversation(bureau: Bureau, browser: Browser) -> None:
    draft = {"kind": "complain", "content": "工地噪音太大", "address": "东区幸福小区", "name": "张建国"}
    conversation = await bureau.says("工地太吵了", Reply("为您转接"), handoff="asked", draft=draft)
    async with window(browser, bureau.server.base) as opened:
        page = await _sign_in(bureau, opened, "agent")
        await opened.open(f"/staff/desk/{conversation.id}")
        await page.click("text=登记工单")
        await expect(page.locator("#content")).to_have_value("工地噪音太大")
        await page.dblclick("button:has-text('登记')")
        await expect(page.locator(".receipt")).to_contain_text("10000001")
        await page.click("text=回到会话")
        await expect(page.locator("#log")).to_contain_text("10000001")
        assert opened.complaints == []
    assert sum("10000001" in text for text in await bureau.said(conversation.id)) == 1


async def _busy(bureau: Bureau) -> dict[str, str]:
    """Orders of every kind of trouble: long, evil, late, confidential, sent back; address by name."""
    town = bureau.town
    (town.runtime.settings.media_dir).mkdir(parents=True, exist_ok=True)
    long = "东区幸福小区工地噪音太大，" + "小区三百多户居民从去年开始就不断反映，" * 60
    evil = "东区工地噪音<img src=x onerror=\"document.title='captured'\">"
    for content in (NOISE.content, long, evil):
        await town.file(content=content, confidential=content is evil, reporter_name="欧阳修远")
    sent = (await town.file()).order.number
    await town.do(orders.send_back, sent, EAST, "不在本局职责范围" * 20)
    await town.file(UNCLEAR)
    town.wait(days=2)
    number = (await town.file(content=long, reporter_phone="13800138000")).order.number
    await town.do(orders.sign, number, EAST)
    return {"number": number}


PAGES = {
    EAST: ("/staff/todo", "/staff/orders", "/staff/orders/{number}", "/staff/orders/{number}?do=answer"),
    "dispatcher": ("/staff/dispatch", "/staff/orders?filters=1&kind=complain", "/staff/orders/{number}?do=dispatch"),
    "supervisor": ("/staff/todo",),
    "agent": ("/staff/orders/new", "/staff/orders?text=没有的事"),
}


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_every_page_fits_is_readable_and_has_no_serious_fault(
    bureau: Bureau, browser: Browser, size: tuple[int, int], theme: Any
) -> None:
    names = await _busy(bureau)
    for who, paths in PAGES.items():
        async with window(browser, bureau.server.base, size=size, theme=theme) as opened:
            page = await _sign_in(bureau, opened, who)
            for path in paths:
                await opened.open(path.format(**names))
                await expect(page.locator("h1")).to_be_visible()
                assert not await opened.is_wider_than_the_screen(), (who, path)
                assert await opened.findings() == [], (who, path)
            assert "captured" not in await page.title()
            assert opened.complaints == []


async def test_pages_work_without_scripts(bureau: Bureau, browser: Browser) -> None:
    number = (await bureau.town.file()).order.number
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    opened = Window(page, bureau.server.base)
    await _sign_in(bureau, opened, EAST)
    await opened.open("/staff/orders")
    await page.click("[data-row]")
    await page.click("button:has-text('签收')")
    await page.click("#deeds >> text=答复")
    await page.fill("#situation", SITUATION)
    await page.fill("#result", "已解决。")
    await page.click("text=发出答复")
    await expect(page.locator(".alert-good")).to_contain_text("答复已经发出")
    await context.close()
    assert (await bureau.actions(number))[-1] == "answer"
