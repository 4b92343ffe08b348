"""The desk in a real browser: by keyboard, live, with nothing lost and nothing run that a citizen typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from backoffice import call_people
from tests.backoffice.web.office import PASSWORD, Office
from tests.fixtures.browser import LOOKS, Window, window
from tests.fixtures.calls import call_that_was

pytestmark = pytest.mark.asyncio(loop_scope="package")

EVIL = "<img src=x onerror=\"document.title='captured'\"><script>document.title='captured'</script>"


async def _sign_in(opened: Window, username: str = "agent") -> Page:
    page = opened.page
    await opened.open("/staff/sign-in")
    await page.fill("#username", username)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    await expect(page.locator("#navigation")).to_be_visible()
    await opened.open("/staff/desk")
    return page


async def _at_talk(opened: Window, conversation_id: str) -> Page:
    page = await _sign_in(opened)
    await opened.open(f"/staff/desk/{conversation_id}")
    return page


async def _take(page: Page) -> None:
    await page.click("[data-key=t]")
    await expect(page.locator("#reply")).to_be_focused()


async def test_a_talk_goes_by_keyboard_alone_and_a_second_window_follows_it_live(
    office: Office, browser: Browser
) -> None:
    conversation_id = await office.waiting("半夜施工太吵", name="陈建国")
    async with window(browser, office.server.base) as one, window(browser, office.server.base) as two:
        agent, watcher = await _sign_in(one), await _sign_in(two, "supervisor")
        await watcher.click("text=陈建国")
        await expect(watcher.locator("#talk-state")).to_have_attribute("data-group", "waiting")
        await agent.keyboard.press("j")
        await agent.keyboard.press("Enter")
        await expect(agent.locator("#talk-state")).to_have_attribute("data-group", "waiting")
        await agent.keyboard.press("t")
        await expect(agent.locator("#reply")).to_be_focused()
        await expect(agent.locator("#duty")).to_contain_text("在岗")
        await expect(watcher.locator("#talk-state")).to_have_attribute("data-group", "colleagues")
        await expect(watcher.locator("#reply")).to_be_disabled()
        await agent.keyboard.type("您好，请问是哪栋楼？")
        await agent.keyboard.press("Enter")
        await expect(watcher.locator(".msg-staff")).to_have_text(
            ["话务员： 您好，请问是哪栋楼？"], use_inner_text=False
        )
        await expect(agent.locator("#reply")).to_have_value("")
        await office.citizen_says("三号楼")
        await expect(agent.locator(".msg-citizen").last).to_contain_text("三号楼")
        await agent.keyboard.press("Escape")
        await agent.keyboard.press("b")
        await expect(agent.locator("dialog")).to_contain_text("从头开始接待")
        await agent.keyboard.press("Tab")
        await agent.keyboard.press("Enter")
        await expect(agent.locator("#talk-state")).to_have_attribute("data-group", "bot")
        await expect(watcher.locator("#talk-state")).to_have_attribute("data-group", "bot")
        for page in (agent, watcher):
            await expect(page.locator(".msg-staff")).to_have_count(1)
            sequences = await page.locator("#log [data-seq]").evaluate_all("all => all.map(one => +one.dataset.seq)")
            assert sequences == list(range(1, len(sequences) + 1))
        assert one.complaints == two.complaints == []
    assert (await office.said(conversation_id))[-3:-1] == [("staff", "您好，请问是哪栋楼？"), ("citizen", "三号楼")]


async def test_a_long_talk_scrolls_within_the_desk_and_never_the_page(office: Office, browser: Browser) -> None:
    conversation_id = await office.waiting("半夜施工太吵")
    for number in range(40):
        await office.citizen_says(f"第{number}天了")
    async with window(browser, office.server.base) as opened:
        page = await _at_talk(opened, conversation_id)
        await expect(page.locator(".msg-citizen")).to_have_count(41)
        assert not await opened.is_longer_than_the_screen()


async def test_new_work_announces_itself_and_what_is_being_typed_stays(office: Office, browser: Browser) -> None:
    await office.waiting("第一位", who="v1")
    async with window(browser, office.server.base) as opened:
        page = await _sign_in(opened)
        await page.click("text=第一位")
        await _take(page)
        await page.locator("#reply").press_sequentially("写了一半")
        await office.waiting("第二位", who="v2")
        await expect(page.locator("#announce")).to_contain_text("现在共 1 个")
        await expect(page).to_have_title("（1）会话 · 访客 0001")
        await expect(page.locator("#navigation .count")).to_have_text("1")
        await expect(page.locator("#reply")).to_be_focused()
        await expect(page.locator("#reply")).to_have_value("写了一半")
        await page.reload()
        await expect(page.locator("#reply")).to_have_value("写了一半")


async def test_a_call_at_ones_own_telephone_opens_when_answered_and_what_one_was_writing_is_kept(
    office: Office, browser: Browser
) -> None:
    written, called = await office.waiting("写信的人", who="v1"), await office.waiting("打电话的人", who="v2")
    runtime, number = office.server.runtime, office.people["agent"].number
    call_id = await call_that_was(runtime, called)
    async with window(browser, office.server.base) as opened:
        page = await _sign_in(opened)
        await page.click("text=写信的人")
        await _take(page)
        await page.locator("#reply").press_sequentially("写了一半")
        async with runtime.database.write() as session:
            await call_people.rings(session, call_id, number)
        await expect(page.locator("#toasts a")).to_have_attribute("href", f"/staff/desk/{called}")
        await expect(page.locator("#talk")).to_have_attribute("data-conversation", written)
        async with runtime.database.write() as session:
            await call_people.answered(session, call_id, number, office.now)
        await expect(page.locator("#talk")).to_have_attribute("data-conversation", called)
        await expect(page.locator("#talk-state")).to_have_attribute("data-group", "mine")
        await expect(page).to_have_url(f"{office.server.base}/staff/desk/{called}")
        await page.click("text=写信的人")
        await expect(page.locator("#reply")).to_have_value("写了一半")
        assert opened.complaints == []


async def test_words_that_cannot_be_sent_stay_in_the_box_with_the_reason(office: Office, browser: Browser) -> None:
    conversation_id = await office.waiting()
    async with (
        window(browser, office.server.base) as opened,
        office.browser_of("supervisor") as supervisor,
    ):
        page = await _at_talk(opened, conversation_id)
        await _take(page)
        await page.locator("#reply").press_sequentially("还没说完的话")
        await page.route("**/say", lambda route: route.abort())
        await page.keyboard.press("Enter")
        await expect(page.locator("#composer-error")).to_contain_text("网络不通")
        await expect(page.locator("#reply")).to_have_value("还没说完的话")
        await page.unroute("**/say")
        await supervisor.post(f"/staff/desk/{conversation_id}/release")
        await expect(page.locator("#reply")).to_be_disabled()
        await expect(page.locator("#reply")).to_have_value("还没说完的话")
        await _take(page)
        await page.keyboard.press("Enter")
        await expect(page.locator(".msg-staff")).to_have_count(1)
    assert ("staff", "还没说完的话") in await office.said(conversation_id)


async def test_a_talk_taken_before_the_page_was_wired_is_as_ready_to_be_written_in(
    office: Office, browser: Browser
) -> None:
    conversation_id = await office.waiting()
    async with window(browser, office.server.base) as opened:
        page = await _at_talk(opened, conversation_id)
        await page.locator("form:has([data-key=t])").evaluate("form => form.submit()")  # as with no script yet
        await expect(page.locator("#talk-state")).to_have_attribute("data-group", "mine")
        await expect(page.locator("#reply")).to_be_focused()


async def test_a_ready_sentence_is_found_by_a_few_characters_and_put_where_the_cursor_is(
    office: Office, browser: Browser
) -> None:
    conversation_id = await office.waiting()
    async with window(browser, office.server.base) as opened:
        page = await _at_talk(opened, conversation_id)
        await expect(page.locator("#phrases")).to_be_hidden()
        await _take(page)
        await page.keyboard.press("/")
        await expect(page.locator("#phrase-search")).to_be_focused()
        await page.fill("#phrase-text", "马上为您查，请稍等。")
        await page.press("#phrase-text", "Enter")
        await expect(page.locator("[data-phrase]").first).to_have_text("马上为您查，请稍等。")
        assert await opened.findings() == []
        await page.fill("#phrase-search", "马上")
        await page.press("#phrase-search", "Enter")
        await expect(page.locator("#reply")).to_have_value("马上为您查，请稍等。")
        await expect(page.locator("#reply")).to_be_focused()
        await page.keyboard.type("张先生")
        await page.reload()
        await expect(page.locator("#reply")).to_have_value("马上为您查，请稍等。张先生")
        await page.click("#phrases summary")
        await page.locator("[data-phrase]").nth(1).click()
        await expect(page.locator("#reply")).to_have_value(re.compile("^马上为您查，请稍等。张先生您好"))
        assert [author for author, _ in await office.said(conversation_id)] == ["citizen", "bot", "system"]
        assert opened.complaints == []


async def test_choosing_a_word_in_an_input_method_does_not_send(office: Office, browser: Browser) -> None:
    conversation_id = await office.waiting()
    async with window(browser, office.server.base) as opened:
        page = await _at_talk(opened, conversation_id)
        await _take(page)
        await page.locator("#reply").press_sequentially("nihao")
        await page.locator("#reply").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
        await page.locator("#reply").dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
        await expect(page.locator("#reply")).to_have_value("nihao")
        await page.locator("#reply").press("Shift+Enter")
        await expect(page.locator("#reply")).to_have_value("nihao\n")
    assert "nihao" not in str(await office.said(conversation_id))


async def test_markup_of_a_citizen_runs_nowhere(office: Office, browser: Browser) -> None:
    conversation_id = await office.waiting(EVIL, name=EVIL, content=EVIL)
    async with window(browser, office.server.base) as opened:
        page = await _sign_in(opened)
        await page.locator("[data-entry]").first.click()
        await expect(page.locator(".said").first).to_have_text(EVIL)
        await _take(page)
        await office.citizen_says(EVIL + "2")
        await expect(page.locator(".msg-citizen").last).to_contain_text("2")
        assert "captured" not in (await page.title()).replace(EVIL, "")
        assert await page.locator("#talk img, #desk-list img, .context img").count() == 0
        assert opened.complaints == []
    assert conversation_id


async def test_a_signed_out_desk_says_so_and_keeps_what_was_typed(office: Office, browser: Browser) -> None:
    conversation_id = await office.waiting()
    async with window(browser, office.server.base) as opened, office.browser_of("agent") as elsewhere:
        page = await _at_talk(opened, conversation_id)
        await _take(page)
        await page.locator("#reply").press_sequentially("写了很久")
        await elsewhere.post("/staff/account/sessions/end-others")
        await office.citizen_says("还在吗")
        await expect(page.locator("#toasts")).to_contain_text("登录已经过期")
        await page.click("text=重新登录")
        await page.fill("#username", "agent")
        await page.fill("#password", PASSWORD)
        await page.click("main button[type=submit]")
        await expect(page.locator("#reply")).to_have_value("写了很久")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_every_page_can_be_read_by_everybody_and_fits(
    office: Office, browser: Browser, size: tuple[int, int], theme: Any
) -> None:
    long = "云州市临江区解放路街道人民新村二十三号楼二单元一〇一室（靠近农贸市场南门的那一栋）" * 3
    conversation_id = await office.waiting(
        long, name="欧阳上官司马建国", content=long, address=long, phone="13800138000"
    )
    async with window(browser, office.server.base, size=size, theme=theme) as opened:
        await opened.open("/staff/sign-in")
        assert await opened.findings() == []
        await _sign_in(opened)
        for path in ("/staff/desk", f"/staff/desk/{conversation_id}", "/staff/account", "/staff/nowhere"):
            await opened.open(path)
            assert await opened.findings() == [], path
            assert not await opened.is_wider_than_the_screen(), path
        assert opened.complaints == []
