"""The knowledge base in a real browser, from a clerk's draft to the real bot's answer on a citizen's phone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from backoffice.city import load_city
from core.clock import FrozenClock
from core.runtime import Runtime
from core.settings import Settings
from huiyin.dialogue import running_engine
from tests.backoffice.conftest import SMALL_CITY
from tests.backoffice.web.bureau import open_bureau
from tests.backoffice.web.office import PASSWORD
from tests.backoffice.web.reading_room import CLERK, HEAD, SHELF, STALL, ReadingRoom
from tests.fixtures.app import running_app
from tests.fixtures.browser import LOOKS, PHONE, Window, window
from tests.fixtures.model import shared_model_dir

pytestmark = pytest.mark.asyncio(loop_scope="package")

HOME = "/staff/knowledge"
TENTS = "公园草坪上能搭帐篷过夜吗？"
TENTS_ANSWER = "白天可以在指定的草坪搭帐篷，晚上九点以前收好，不能过夜。"


@pytest_asyncio.fixture(loop_scope="package")
async def room(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[ReadingRoom]:
    """The bureau with three articles and the real dialogue core."""
    (sqlite_settings.data_dir / "models").symlink_to(shared_model_dir())
    prepared = Runtime.start(sqlite_settings, clock)
    async with prepared.database.write() as session:  # the dialogue core wants a city when it starts
        await load_city(session, SMALL_CITY, clock.now())
    await prepared.database.close()
    async with running_app(sqlite_settings, clock, make_engine=running_engine) as server:
        room = ReadingRoom(await open_bureau(server, clock))
        await room.stock(*SHELF)
        await room.round()
        yield room


async def _sign_in(room: ReadingRoom, opened: Window, who: str) -> Page:
    page = opened.page
    await opened.open("/staff/sign-in")
    await page.fill("#username", room.bureau.town.staff[who].username)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    await expect(page.locator("#navigation")).to_be_visible()
    return page


async def _approve(room: ReadingRoom, browser: Browser, title: str) -> None:
    """The head finds the draft in the to-do, reads it, and publishes it."""
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, HEAD)
        await page.click(f"main a:has-text('{title}')")
        await page.click("#deeds >> text=通过并发布")
        await page.click("dialog >> text=通过并发布")
        await expect(page.locator(".alert-good")).to_contain_text("已发布，市民马上得到这个答案")
        assert opened.complaints == []
    await room.round()


async def _asked_on_a_phone(room: ReadingRoom, browser: Browser, text: str) -> str:
    """What the bot answers a citizen who asks ``text`` in the chat."""
    async with window(browser, room.bureau.server.base, size=PHONE) as opened:
        await opened.open("/chat")
        await opened.page.fill("#words", text)
        await opened.page.press("#words", "Enter")
        answer = opened.page.locator("#messages .message-in").last
        await expect(answer).to_be_visible()
        await opened.page.wait_for_timeout(300)  # a card comes in one piece; further messages may follow
        assert opened.complaints == []
        return "\n".join(await opened.page.locator("#messages .message-in").all_inner_texts())


async def test_what_a_clerk_writes_and_the_head_publishes_is_what_the_bot_answers(
    room: ReadingRoom, browser: Browser
) -> None:
    assert TENTS_ANSWER not in await _asked_on_a_phone(room, browser, TENTS)
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, CLERK)
        await opened.open(HOME)
        await page.keyboard.press("n")
        await page.fill("#question", TENTS)
        await page.fill("#answer", TENTS_ANSWER)
        await expect(page.locator("#preview")).to_contain_text(TENTS_ANSWER)
        await page.fill("#source", "《小城市公园管理办法》")
        await page.fill("#asked", "带孩子去公园露营可以吗\n补办身份证要多久")
        await page.click("button:has-text('试一下')")
        tried = page.locator("#tried li")
        await expect(tried.last).to_contain_text("会答成“身份证丢了怎么补办？”")
        await tried.first.locator("text=加进问法").click()
        await expect(page.locator("#variants")).to_have_value("带孩子去公园露营可以吗")
        await page.click("text=提交审核")
        await expect(page.locator(".alert-good")).to_contain_text("已提交审核")
        assert opened.complaints == []
    await _approve(room, browser, TENTS)
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, HEAD)
        await opened.open(HOME)
        await page.keyboard.press("/")
        await page.keyboard.type("公园里搭帐篷过夜")
        heard = page.locator("#heard")
        await expect(heard).to_contain_text("机器人会直接回答")
        await expect(heard).to_contain_text(TENTS_ANSWER)
        await page.fill("#search", "明天的彩票开什么号码")
        await expect(heard).to_contain_text("机器人答不出")
        assert opened.complaints == []
    said = await _asked_on_a_phone(room, browser, "公园草坪能不能搭帐篷过夜")
    assert TENTS_ANSWER in said
    assert "东区城市管理局" in said


async def test_a_change_is_shown_word_by_word_and_every_version_stays_to_be_read(
    room: ReadingRoom, browser: Browser
) -> None:
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, CLERK)
        await opened.open(f"{HOME}/articles/stall")
        await page.click("#deeds >> text=修改")
        await page.fill("#answer", STALL.answer.replace("不收费", "每月50元"))
        await page.fill("#note", "开始收费")
        await page.click("text=提交审核")
        await expect(page.locator("main del")).to_contain_text("不收费")
        await expect(page.locator("main ins")).to_contain_text("每月50元")
        assert opened.complaints == []
    await _approve(room, browser, STALL.question)
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, CLERK)
        await opened.open(f"{HOME}?view=changes")
        await expect(page.locator("tbody tr").first).to_contain_text("开始收费")
        await page.click("tbody tr >> nth=0 >> a")
        await expect(page.locator("#changed-title")).to_have_text("和第 1 版比，改了什么")
        await expect(page.locator("main ins")).to_contain_text("每月50元")
        await page.click("text=上一版")
        await expect(page.locator(".knowledge-card")).to_contain_text("不收费")
        assert opened.complaints == []
    assert "每月50元" in await _asked_on_a_phone(room, browser, STALL.question)


async def test_a_temporary_notice_is_told_until_its_end_and_not_a_minute_longer(
    room: ReadingRoom, browser: Browser
) -> None:
    title, told = "东区夜市今天为什么不开？", "夜市因道路抢修暂停，预计今天18:00恢复。"
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, CLERK)
        await opened.open(HOME)
        await page.click("text=临时通知")
        await page.fill("#question", title)
        await page.fill("#answer", told)
        await page.click("[data-set=ends_at] >> nth=0")
        await expect(page.locator("#ends_at")).to_have_value(re.compile("^2026-11-16T"))
        await page.fill("#ends_at", "2026-11-16T18:00")
        await page.click("text=提交审核")
        await expect(page.locator(".alert-good")).to_contain_text("已提交审核")
        assert opened.complaints == []
    await _approve(room, browser, title)
    assert told in await _asked_on_a_phone(room, browser, title)
    room.bureau.town.wait(hours=8)
    await room.round()
    assert told not in await _asked_on_a_phone(room, browser, title)


async def test_what_the_bot_could_not_answer_becomes_a_draft_and_then_its_answer(
    room: ReadingRoom, browser: Browser
) -> None:
    assert TENTS_ANSWER not in await _asked_on_a_phone(room, browser, TENTS)
    await room.unanswered("公园里让搭天幕帐篷吗", "想在公园草坪搭帐篷可以吗")
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, "editor")
        await opened.open(f"{HOME}/questions")
        await expect(page.locator(".asked").first).to_contain_text("3个会话问过")
        await page.click(".asked >> nth=0 >> a")
        await page.click("#deeds >> text=写一条知识回答它")
        await expect(page.locator(".consequence")).to_contain_text(TENTS)
        await expect(page.locator("#question")).not_to_have_value("")
        await page.fill("#answer", TENTS_ANSWER)
        await page.fill("#source", "《小城市公园管理办法》")
        department = page.locator("#department-search")
        await department.fill("东区城市")
        await page.keyboard.press("Enter")
        await page.click("text=提交审核")
        await expect(page.locator(".alert-good")).to_contain_text("已提交审核")
        title = await page.locator("h1").inner_text()
        assert opened.complaints == []
    await _approve(room, browser, title)
    async with window(browser, room.bureau.server.base) as opened:
        page = await _sign_in(room, opened, "editor")
        await opened.open(f"{HOME}/questions?stand=answered")
        await page.click(".asked >> nth=0 >> a")
        await expect(page.locator(".alert-good")).to_contain_text("系统用这些问法检索核对过")
        assert opened.complaints == []
    assert TENTS_ANSWER in await _asked_on_a_phone(room, browser, TENTS)


PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        CLERK,
        (
            HOME,
            f"{HOME}?text=垃圾",
            f"{HOME}/new",
            f"{HOME}/new?temporary=1",
            f"{HOME}/articles/stall",
            f"{HOME}/files",
        ),
    ),
    (
        "editor",
        (f"{HOME}?view=review", f"{HOME}?view=changes", f"{HOME}/questions", f"{HOME}/articles/rubbish?do=take_down"),
    ),
)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_every_page_of_the_base_fits_is_readable_and_has_no_serious_fault(
    bureau: Any, browser: Browser, size: tuple[int, int], theme: Any
) -> None:
    room = ReadingRoom(bureau)
    await room.stock(*SHELF)
    await room.unanswered("公园里让搭天幕帐篷吗", "帐篷<img src=x onerror=\"document.title='captured'\">能搭吗")
    for who, paths in PAGES:
        async with window(browser, bureau.server.base, size=size, theme=theme) as opened:
            page = await _sign_in(room, opened, who)
            for path in paths:
                await opened.open(path)
                await expect(page.locator("h1")).to_be_visible()
                assert not await opened.is_wider_than_the_screen(), (who, path)
                assert await opened.findings() == [], (who, path)
            assert "captured" not in await page.title()
            assert opened.complaints == []
