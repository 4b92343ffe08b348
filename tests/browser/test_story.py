"""The whole story in the demo city with the real dialogue core: from a citizen's first word to a department's answer.

Nobody here knows more than a person would: the number and the code are read off the card.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from core.clock import FrozenClock
from core.runtime import Runtime
from core.settings import Settings
from huiyin.accounts import open_demo_accounts
from huiyin.dialogue import running_engine
from huiyin.preparing import prepare
from tests.fixtures.app import running_app
from tests.fixtures.browser import DESKTOP, PHONE, Window, window
from tests.fixtures.model import shared_model_dir

SITUATION = "当晚到工地检查，施工单位没有夜间施工许可，已责令停工。"
RESULT = "施工单位承诺夜里十点以后不再施工。"

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.xdist_group("engine")]


@dataclass(frozen=True)
class DemoCity:
    """The running service and who can sign in to it."""

    base: str
    passwords: dict[str, str]

    async def sign_in(self, opened: Window, username: str) -> Page:
        """The first page ``username`` sees."""
        page = opened.page
        await opened.open("/staff/sign-in")
        await page.fill("#username", username)
        await page.fill("#password", self.passwords[username])
        await page.click("main button[type=submit]")
        await expect(page.locator("#navigation")).to_be_visible()
        return page


@pytest_asyncio.fixture(loop_scope="package")
async def city(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[DemoCity]:
    """云州市 with its demo accounts, as a new user has it."""
    (sqlite_settings.data_dir / "models").symlink_to(shared_model_dir())
    runtime = Runtime.start(sqlite_settings, clock)
    await prepare(runtime)
    passwords = {opened.account.username: opened.password for opened in await open_demo_accounts(runtime)}
    await runtime.database.close()
    async with running_app(sqlite_settings, clock, make_engine=running_engine) as server:
        yield DemoCity(server.base, passwords)


@dataclass
class Citizen:
    """Somebody with the chat page open on their phone."""

    page: Page

    async def tells(self, text: str) -> int:
        """Says something; gives how much there was from the other side before."""
        before = await self.page.locator("#messages .message-in").count()
        await self.page.fill("#words", text)
        await self.page.press("#words", "Enter")
        return before

    async def says(self, text: str) -> str:
        """Says something; gives the first message of the answer."""
        return await self.hears(await self.tells(text))

    async def hears(self, before: int) -> str:
        """The first message from the other side after ``before``."""
        answer = self.page.locator("#messages .message-in").nth(before)
        await expect(answer).to_be_visible()
        return await answer.inner_text()


async def test_from_the_first_word_to_the_answer_and_to_a_person(city: DemoCity, browser: Browser) -> None:
    async with (
        window(browser, city.base, size=PHONE) as chat,
        window(browser, city.base, size=DESKTOP) as handling,
        window(browser, city.base, size=DESKTOP) as desk,
        window(browser, city.base, size=PHONE) as progress,
    ):
        await chat.open("/chat")
        citizen = Citizen(chat.page)
        await _asks_a_question(citizen)
        number, code = await _complains(citizen)
        await _is_answered(city, handling, number)
        told = chat.page.locator(".card-order", has_text=SITUATION)
        await expect(told).to_contain_text(RESULT)
        await expect(told).to_contain_text("南城区城市管理局")
        await _looks_it_up(progress, number, code)
        await _talks_with_a_person(city, citizen, desk)
        for opened in (chat, handling, desk, progress):
            assert opened.complaints == []
        assert not await chat.is_wider_than_the_screen()


async def _asks_a_question(citizen: Citizen) -> None:
    await citizen.says("社保卡丢了怎么补办")
    card = citizen.page.locator(".card-answer")
    await expect(card).to_have_count(1)
    await expect(card.locator(".card-title")).to_contain_text("社保卡")
    await expect(card).to_contain_text("市人力资源和社会保障局")
    await expect(card).to_contain_text(re.compile("有效期至20\\d\\d年\\d+月\\d+日"))


async def _complains(citizen: Citizen) -> tuple[str, str]:
    """Complains, with a wrong number first; gives number and query code as the card shows them."""
    page = citizen.page
    assert "怎么称呼" in await citizen.says("幸福小区半夜施工太吵了，没人管"), "only what is missing is asked"
    assert "联系电话" in await citizen.says("王小明")
    assert "11 位" in await citizen.says("1380013800")
    await citizen.says("13800138000")
    summary = page.locator(".card-summary")
    await expect(summary).to_contain_text("幸福小区")
    await expect(summary).to_contain_text("13800138000")
    before = await page.locator("#messages .message-in").count()
    await summary.locator("text=13800138000").click()
    assert "电话" in await citizen.hears(before)
    await citizen.says("13900139000")
    await expect(summary.last).to_contain_text("13900139000")
    await summary.last.locator("text=确认提交").dblclick(delay=5)
    order = page.locator(".card-order")
    await expect(order).to_have_count(1)
    number = await order.locator(".number-digits").inner_text()
    code = await order.locator(".number-code").inner_text()
    assert re.fullmatch(r"[1-9]\d{7}", number)
    assert re.fullmatch(r"[0-9A-Z]{6}", code)
    return number, code


async def _is_answered(city: DemoCity, opened: Window, number: str) -> None:
    """The handler of the district finds the order in their list, signs for it and answers it."""
    page = await city.sign_in(opened, "handler")
    await page.click("nav >> text=工单")
    row = page.locator("tbody tr", has_text=number)
    await expect(row).to_contain_text("在期")
    await expect(row).to_contain_text("剩 1 个工作日")
    await row.locator("a").first.click()
    await expect(page.locator("h1")).to_contain_text("幸福小区半夜施工太吵了")
    await page.click("button:has-text('签收')")
    await expect(page.locator(".alert-good")).to_contain_text("已签收")
    await page.click("#deeds >> text=答复")
    await expect(page.locator("#unit")).to_have_value("南城区城市管理局")
    await page.fill("#situation", SITUATION)
    await page.fill("#result", RESULT)
    await page.click("text=发出答复")
    await expect(page.locator(".alert-good")).to_contain_text("答复已经发出")


async def _looks_it_up(opened: Window, number: str, code: str) -> None:
    """Somebody else's phone shows the answer to whoever has number and code."""
    page = opened.page
    await opened.open("/progress")
    await page.fill("#number", number)
    await page.fill("#code", code)
    await page.press("#code", "Enter")
    await expect(page.locator("main")).to_contain_text(SITUATION)
    await expect(page.locator("main")).to_contain_text(RESULT)


async def _talks_with_a_person(city: DemoCity, citizen: Citizen, opened: Window) -> None:
    """An agent takes the conversation over, talks, and gives it back to the bot."""
    desk = await city.sign_in(opened, "agent")
    await opened.open("/staff/desk")
    await citizen.says("我不想跟机器人说，转人工")
    await expect(citizen.page.locator(".card-handoff")).to_be_visible()
    await desk.locator("[data-entry]").first.click()
    await desk.click("[data-key=t]")
    await expect(desk.locator("#reply")).to_be_focused()
    await desk.keyboard.type("您好，我是话务员林晓燕。")
    await desk.keyboard.press("Enter")
    await expect(citizen.page.locator("#messages .message-in").last).to_contain_text("我是话务员林晓燕")
    await citizen.tells("社保卡丢了怎么补办")
    await expect(desk.locator(".msg-citizen").last).to_contain_text("社保卡丢了怎么补办")
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("b")
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Enter")
    await expect(desk.locator("#talk-state")).to_have_attribute("data-group", "bot")
    assert await citizen.page.locator(".card-answer").count() == 1, "the bot spoke into a person's conversation"
    assert "医保" in await citizen.says("医保卡怎么办理")
