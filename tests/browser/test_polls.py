"""An opinion poll in a real browser: written, answered on a phone, read as bars (A14)."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.backoffice.web.bureau import Bureau
from tests.browser.test_orders import _sign_in
from tests.fixtures.browser import LOOKS, PHONE, window

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_a_poll_is_written_answered_and_read(
    bureau: Bureau, browser: Browser, size: tuple[int, int], theme: str
) -> None:
    async with window(browser, bureau.server.base, size=size, theme=theme) as opened:
        page = await _sign_in(bureau, opened, "supervisor")
        await page.click("nav >> text=民调")
        await expect(page.locator(".empty-state")).to_contain_text("还没有民意调查")
        await page.click("text=新建调查")
        await page.fill("#title", "老旧小区加装电梯意见征集")
        await page.fill("#question-0", "您赞成本单元加装电梯吗？")
        await page.fill("#options-0", "赞成\n不赞成\n无所谓，看大家的意见")
        await page.click("#more-questions")
        await expect(page.locator("#question-1")).to_be_focused()
        await page.fill("#question-1", "您住几楼？")
        await page.fill("#options-1", "一二楼\n三楼以上")
        assert await opened.findings() == []
        assert not await opened.is_wider_than_the_screen()
        await page.press("#title", "Enter")
        await expect(page.locator("h1")).to_have_text("修改民意调查")  # kept, and not begun
        await page.click("text=保存并开始")
        await expect(page.locator("main")).to_contain_text("0 人参加")
        await expect(page.locator("main a[href='/poll']")).to_have_text(re.compile("http.*/poll"))
        place = page.url
        async with window(browser, bureau.server.base, size=PHONE, theme=theme) as theirs:
            await theirs.open("/chat")
            await theirs.page.click("#menu summary")
            await theirs.page.click("text=民意调查")
            await theirs.page.get_by_label("赞成", exact=True).check()
            await theirs.page.get_by_label("三楼以上").check()
            assert await theirs.findings() == []
            assert not await theirs.is_wider_than_the_screen()
            await theirs.page.click("text=提交")
            await expect(theirs.page.locator("[role=status]")).to_contain_text("收到了，谢谢您的意见")
            assert theirs.complaints == []
        await page.goto(place)
        await expect(page.locator("tr", has_text="三楼以上")).to_contain_text("100%")
        assert await opened.findings() == []
        assert not await opened.is_wider_than_the_screen()
        await page.click("text=结束调查")
        await page.click("dialog >> text=结束调查")
        await expect(page.locator(".polls-head")).to_contain_text("已结束")
        assert opened.complaints == []


async def test_the_fullest_navigation_fits_a_phone(bureau: Bureau, browser: Browser) -> None:
    async with window(browser, bureau.server.base, size=PHONE) as opened:
        page = await _sign_in(bureau, opened, "administrator")
        navigation = page.locator("#navigation")
        assert await navigation.evaluate("nav => nav.scrollWidth <= nav.clientWidth")
        assert await page.locator("#navigation li").count() == 9
