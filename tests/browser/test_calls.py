"""The recording of a call in a real browser: its words light up, a click on a word jumps there, keys and speed."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from backoffice import call_people, calls
from backoffice.calls import FollowUp
from tests.backoffice.web.office import PASSWORD, Office
from tests.backoffice.web.test_call_backs import follow_up
from tests.fixtures.browser import LOOKS, PHONE, Window, comes_true, window
from tests.fixtures.calls import CALLER, call_that_was
from tests.fixtures.voices import said

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def _sign_in(opened: Window, path: str, username: str = "agent") -> Page:
    page = opened.page
    await opened.open("/staff/sign-in")
    await page.fill("#username", username)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    await expect(page.locator("#navigation")).to_be_visible()
    await opened.open(path)
    return page


async def _at(page: Page) -> float:
    at: float = await page.locator("call-player audio").evaluate("one => one.currentTime")
    return at


KEEPS_WHAT_LIGHTS_UP = """() => {
    window.lit = [];
    const note = ({ target }) => target.className === "is-now" && lit.push(target.textContent);
    const watching = new MutationObserver((changes) => changes.forEach(note));
    watching.observe(document.body, { subtree: true, attributeFilter: ["class"] });
}"""
"""A word is lit for a third of a second: a busy machine may not look in time."""


async def test_words_light_up_as_they_are_heard_and_lead_there(office: Office, browser: Browser) -> None:
    conversation = await office.citizen_says("我要投诉噪音")
    pcm = said("我要投诉噪音", before=2.5)
    call_id = await call_that_was(office.server.runtime, conversation.id, citizen=pcm)
    async with window(browser, office.server.base) as opened:
        page = await _sign_in(opened, f"/staff/calls/{call_id}")
        await page.select_option("[data-speed]", "2")
        await page.evaluate(KEEPS_WHAT_LIGHTS_UP)
        await page.locator(".player-line p span", has_text="投诉").click()
        await comes_true(page, "lit.includes('噪音')")
        assert 3.1 <= await _at(page) < 8.1
        assert await page.locator("audio").evaluate("one => one.playbackRate") == 2
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="播放", exact=True)).to_be_visible()
        stood = await _at(page)
        await page.keyboard.press("ArrowLeft")
        assert abs(await _at(page) - max(0, stood - 5)) < 0.01
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowDown")
        assert await _at(page) == 2.5
        await expect(page.locator(".player-line.is-now")).to_have_count(1)
        await expect(page.locator(".player-line.is-now")).to_contain_text("我要投诉噪音")
        await page.get_by_role("button", name="从 0:05 开始听").click()
        await expect(page.get_by_role("button", name="暂停", exact=True)).to_be_visible()
        await page.reload()
        await expect(page.locator("#call-deeds + ul li")).to_have_count(1)
        assert await opened.findings() == []
        assert opened.complaints == []


async def test_a_call_beside_its_conversation_plays_on_a_small_screen(office: Office, browser: Browser) -> None:
    conversation_id = await office.waiting("我要投诉噪音", name="陈建国")
    await call_that_was(office.server.runtime, conversation_id)
    await call_that_was(office.server.runtime, conversation_id, recorded=False)
    async with window(browser, office.server.base, size=PHONE) as opened:
        page = await _sign_in(opened, f"/staff/desk/{conversation_id}")
        await page.click(".talk-context")
        await page.locator("#context .recording summary").first.click()
        await page.locator("#context call-player [data-play]").first.click()
        await expect(page.locator("#context .is-now").first).to_be_visible()
        await page.locator("#context .recording summary").last.click()
        await expect(page.locator("#context .recording").last).to_contain_text("没有录音")
        assert not await opened.is_wider_than_the_screen()
        assert await opened.findings() == []
        await page.locator("#context .recording-more a").first.click()
        await expect(page.locator(".call-title")).to_have_text("138****8000")
        assert not await opened.is_wider_than_the_screen()
        assert await opened.findings() == []
        assert opened.complaints == []


async def test_calling_back_goes_on_a_small_screen(
    office: Office, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.server.runtime.settings, "audiosocket_port", 9092)
    call_id = await follow_up(office)
    async with window(browser, office.server.base, size=PHONE) as opened:
        page = await _sign_in(opened, "/staff/calls")
        await page.click("text=我来回电")
        await page.get_by_role("button", name="回拨").click()
        await expect(page.locator(".calls-dial a")).to_have_text(re.compile(r"\*8\d{6}"))
        await page.fill(f"#remark-{call_id}", "已经解释清楚")
        assert await opened.findings() == []
        assert not await opened.is_wider_than_the_screen()
        await page.get_by_role("button", name="已联系上").click()
        await expect(page.locator(".empty-state")).to_contain_text("没有人等回电")
        await page.click("text=已回电")
        await expect(page.locator(".calls-remark")).to_have_text("已经解释清楚")
        assert opened.complaints == []


@pytest.mark.parametrize(("size", "theme"), LOOKS)
async def test_who_waits_who_talks_and_all_calls_fit_every_screen(
    office: Office, browser: Browser, size: tuple[int, int], theme: str
) -> None:
    for why in (FollowUp.MISSED, FollowUp.VOICEMAIL, FollowUp.MISSED):
        await follow_up(office, why)
    async with office.server.runtime.database.write() as session:
        begun = {"called": "12345", "channel": "PJSIP/trunk-1", "now": office.now}
        call = await calls.begin(session, "talks", "asterisk", caller="13900139000", **begun)
        await call_people.rings(session, call.id, office.people["agent"].number)
        await calls.begin(session, "0f1e2d3c-0000-4000-8000-000000000000", "asterisk", caller=CALLER, **begun)
    async with window(browser, office.server.base, size=size, theme=theme) as opened:
        page = await _sign_in(opened, "/staff/calls", "supervisor")
        await expect(page.locator(".calls-of li")).to_have_count(3)
        await page.click("text=我来回电")
        for view, shown in (("waiting", ".calls-done"), ("live", "#calls-live li"), ("all", ".calls-filter")):
            await opened.open(f"/staff/calls?view={view}")
            await expect(page.locator(shown).first).to_be_visible()
            assert not await opened.is_wider_than_the_screen(), view
            assert await opened.findings() == [], view
        await page.select_option("#f-ending", label="登记了回电")
        await page.click("text=查找")
        await expect(page.locator(".calls-row")).to_have_count(3)
        await opened.open("/staff/calls?view=live")
        await page.locator("#live-0f1e2d3c-0000-4000-8000-000000000000 >> text=耳语").click()
        await expect(page.locator("#call-listen")).to_be_visible()
        assert opened.complaints == []
