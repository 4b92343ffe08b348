"""The chat page in a real browser: on a small phone, with large letters, offline, and with everything people send."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from channels.webchat import reading
from core import conversations
from core.clock import CHINA, FrozenClock
from core.conversations import Conversation
from core.messages import Reply
from core.settings import Settings
from tests.channels.replies import by_word
from tests.channels.scripted import ScriptedEngine
from tests.channels.test_exchange import somebody_on_duty
from tests.fixtures.app import AppServer, running_app
from tests.fixtures.browser import DESKTOP, PHONE, Window, window

pytestmark = pytest.mark.asyncio(loop_scope="package")

MOST_BYTES = 60_000
"""Of the page and everything it loads, as it goes over the line."""


@pytest_asyncio.fixture(loop_scope="package")
async def app(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[AppServer]:
    """The whole application, with a dialogue core that answers by word."""
    async with running_app(sqlite_settings, clock, ScriptedEngine(by_word)) as running:
        yield running


async def say(page: Page, text: str) -> None:
    await page.fill("#words", text)
    await page.press("#words", "Enter")


def texts(page: Page) -> Any:
    return page.locator("#messages .message .bubble")


async def sequences(page: Page) -> list[int]:
    found: list[int] = await page.locator("#messages [data-seq]").evaluate_all(
        "all => all.map(one => +one.dataset.seq)"
    )
    return found


async def test_a_question_gets_its_article_with_department_and_validity(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/")
        await expect(page.locator("#state-words")).to_have_text("机器人为您服务")
        await expect(page.locator(".matter")).to_have_count(6)
        await expect(page.locator(".welcome-calls a").last).to_be_in_viewport()
        await page.click(".matter >> text=社保卡补办")
        card = page.locator(".card-answer")
        await expect(card).to_contain_text("社保卡丢失后怎么挂失补办？")
        await expect(card).to_contain_text("市人力资源和社会保障局")
        await expect(card).to_contain_text("有效期至2027年12月31日")
        await expect(card.locator("text=居民身份证").first).to_be_hidden()
        await card.locator("summary", has_text="所需材料").click()
        await expect(card.locator("text=居民身份证").first).to_be_visible()
        await page.click(".chip >> text=要带什么材料")
        await expect(texts(page).last).to_have_text("您说的是：要带什么材料")
        assert await sequences(page) == [1, 2, 3, 4]
        assert not await opened.is_wider_than_the_screen()
        assert opened.complaints == []


async def test_a_summary_is_corrected_by_a_tap_and_confirmed_once_by_a_double_click(
    app: AppServer, browser: Browser
) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await say(page, "我要投诉噪音")
        await page.click(".card-summary .field >> text=138****8000")
        await expect(texts(page).last).to_have_text("您说的是：修改电话")
        await expect(page.locator(".card-summary").first.locator("button:enabled")).to_have_count(0)
        await say(page, "再投诉一次噪音")
        await expect(page.locator(".card-summary")).to_have_count(2)
        confirm = page.locator(".card-summary").last.locator("text=确认提交")
        await confirm.dblclick(delay=5)
        await expect(page.locator(".card-order .number-digits")).to_have_text("10000001")
        await expect(page.locator(".card-order .number-code")).to_have_text("K7M3XA")
        said = await page.locator(".message-out .bubble").all_text_contents()
        assert said.count("确认") == 1
        await page.click("text=复制受理号和查询码")
        await expect(page.locator(".number-copy [role=status]")).to_have_text("已复制")
        await expect(page.locator(".card-order a.button")).to_have_attribute("href", "/progress?number=10000001")


async def test_danger_is_answered_with_numbers_to_press(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        await opened.open("/chat")
        await say(opened.page, "家里着火了")
        await expect(opened.page.locator(".call")).to_have_count(3)
        calls = await opened.page.locator(".call").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert calls == ["tel:119", "tel:120", "tel:110"]


async def test_choices_and_news_of_an_order_and_cards_of_the_future(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await say(page, "社保卡")
        await page.click(".choice >> text=社保卡丢失补办")
        await expect(page.locator(".card-answer")).to_be_visible()
        await say(page, "有答复了吗")
        await expect(page.locator(".card-order")).to_contain_text("您反映的事项（受理号 10000001）已有答复。")
        await expect(page.locator(".reply")).to_contain_text("工地承诺每日22时至次日6时不再施工")
        await say(page, "未知")
        await expect(texts(page).last).to_have_text("这张卡片是新的。")


async def test_what_was_said_without_network_arrives_once_and_what_was_missed_is_shown(
    app: AppServer, browser: Browser, clock: FrozenClock
) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await say(page, "第一句")
        await expect(texts(page)).to_have_count(2)
        await page.context.set_offline(True)
        for socket in list(app.app.websocket_tasks):
            socket.cancel()
        await expect(page.locator("#banner")).to_contain_text("网络断开了")
        await say(page, "断网时说的话")
        await expect(page.locator(".is-failed .again")).to_be_visible()
        async with app.runtime.database.write() as session:
            conversation = (await session.scalars(select(Conversation))).one()
            await conversations.lock(session, conversation.id)
            await conversations.say(session, conversation, "system", Reply("您错过的话"), clock.now())
        await page.context.set_offline(False)
        await page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(page.locator("#banner")).to_be_hidden()
        await expect(texts(page).last).to_have_text("您说的是：断网时说的话")
        assert await texts(page).all_text_contents() == [
            "第一句",
            "您说的是：第一句",
            "您错过的话",
            "断网时说的话",
            "您说的是：断网时说的话",
        ]
        assert await sequences(page) == [1, 2, 3, 4, 5]


async def test_a_long_talk_scrolls_within_the_page_and_never_the_page(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        await opened.open("/chat")
        for number in range(4):
            await say(opened.page, f"补办{number}")
        await expect(opened.page.locator(".card-answer")).to_have_count(4)
        assert not await opened.is_longer_than_the_screen()


async def test_an_order_says_how_long_it_may_still_take(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await page.clock.set_fixed_time(datetime(2026, 11, 16, 10, 0, tzinfo=CHINA))
        await opened.open("/chat")
        await say(page, "确认")
        await expect(page.locator(".card-order")).to_contain_text("12月7日 17:30 前，还有 21 天")
        await say(page, "有答复了吗")
        await expect(page.locator(".card-order").last).not_to_contain_text("答复期限")
        await say(page, "是同一件")
        await expect(page.locator(".card-order").last).to_contain_text("已加入这件事一起办理")
        await expect(page.locator(".card-order").last).not_to_contain_text("您的诉求已登记")


async def test_a_draft_and_an_unsent_message_outlive_the_page(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await page.evaluate(
            """localStorage.setItem("huiyin-unsent",
               JSON.stringify([{id: "0123456789abcdef", text: "上次没发出去", at: "2026-11-16T01:00:00Z"}]))"""
        )
        await page.locator("#words").press_sequentially("写了一半")
        await page.reload()
        await expect(page.locator("#words")).to_have_value("写了一半")
        await expect(texts(page).last).to_have_text("您说的是：上次没发出去")
        assert await page.evaluate("localStorage.getItem('huiyin-unsent')") is None
        await page.reload()
        await expect(texts(page)).to_have_text(["上次没发出去", "您说的是：上次没发出去"])


CORPUS = (
    "<script>document.title='captured'</script>",
    "<img src=x onerror=\"document.title='captured'\">",
    "\"><svg onload=document.title='captured'>",
    "javascript:document.title='captured'",
    "{{constructor.constructor('document.title=1')()}}",
    "</textarea></template><iframe srcdoc='<script>parent.document.title=1</script>'>",
    "&lt;b&gt; &amp; <b>粗</b>",
)


async def test_markup_of_anybody_is_only_words(app: AppServer, browser: Browser, clock: FrozenClock) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        title = await page.title()
        for words in CORPUS:
            await say(page, words)
        await expect(texts(page)).to_have_count(2 * len(CORPUS))
        async with app.runtime.database.write() as session:
            conversation = (await session.scalars(select(Conversation))).one()
            await conversations.lock(session, conversation.id)
            for words in CORPUS:
                card = {
                    "kind": "answer",
                    "title": words,
                    "summary": words,
                    "department": words,
                    "source": words,
                    "steps": [words],
                    "materials": [words],
                    "phone": words,
                    "link": words,
                }
                await conversations.say(session, conversation, "staff", Reply(words, card=card), clock.now())
                await conversations.say(session, conversation, "system", Reply(words), clock.now(), kind="notice")
        await expect(page.locator(".card-answer")).to_have_count(len(CORPUS))
        await page.reload()
        await expect(page.locator(".card-answer")).to_have_count(len(CORPUS))
        assert await page.locator(".message-out .bubble").all_text_contents() == list(CORPUS)
        assert await page.locator(".card-answer .card-title").all_text_contents() == list(CORPUS)
        assert await page.locator("#messages :is(script, iframe, b, [onerror], [onload])").count() == 0
        assert await page.locator("#messages a[href^=javascript]").count() == 0
        assert await page.title() == title
        assert opened.complaints == []


async def test_large_letters_are_kept_and_nothing_is_small(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/?elder=1")
        for words in ("补办", "噪音", "确认", "着火", "社保卡", "你好"):
            await say(page, words)
        await expect(texts(page).last).to_have_text("您说的是：你好")
        await opened.open("/chat")
        await expect(texts(page).last).to_have_text("您说的是：你好")
        small = await page.evaluate(
            """() => Array.from(document.querySelectorAll("body *")).filter((one) =>
              one.checkVisibility() && one.getClientRects().length && !one.closest(".vh, .skip, svg") &&
              Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.data.trim()) &&
              parseFloat(getComputedStyle(one).fontSize) < 20).map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert small == []
        tight = await page.evaluate(
            """() => Array.from(document.querySelectorAll("button, summary, a.button, .call, textarea, label"))
              .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 48)
              .map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert tight == []
        assert not await opened.is_wider_than_the_screen()
        await page.click("#elder")
        await page.reload()
        assert await page.evaluate("document.documentElement.hasAttribute('data-elder')") is False


@pytest.mark.parametrize(("size", "look"), [(PHONE, "light"), (DESKTOP, "dark"), (PHONE, "elder")])
async def test_everybody_can_use_it(app: AppServer, browser: Browser, size: tuple[int, int], look: str) -> None:
    theme = "dark" if look == "dark" else "light"
    async with window(browser, app.base, size=size, theme=theme) as opened:
        page = opened.page
        await opened.open("/chat?elder=1" if look == "elder" else "/chat")
        assert await opened.findings() == []
        for words in ("补办", "噪音", "确认", "有答复了吗", "着火", "社保卡", "你好"):
            await say(page, words)
        await expect(texts(page).last).to_have_text("您说的是：你好")
        await page.click("#menu summary")
        assert await opened.findings() == []
        await page.keyboard.press("Escape")
        for fold in await page.locator(".fold summary").all():
            await fold.press("Enter")  # the button to the newest may lie over it where one reads from the top
        await expect(page.locator(".fold[open]")).to_have_count(await page.locator(".fold").count())
        assert await opened.findings() == []
        assert not await opened.is_wider_than_the_screen()
        await opened.open("/progress")
        await page.fill("#number", "123")
        await page.press("#number", "Enter")
        await expect(page.locator("#number-help")).to_contain_text("受理号是8位数字")
        assert await opened.findings() == []


async def test_the_page_goes_by_keyboard_alone(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=DESKTOP) as opened:
        page = opened.page
        await opened.open("/chat")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#words")).to_be_focused()
        await page.keyboard.type("投诉")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("噪音")
        await page.keyboard.press("Enter")
        await expect(page.locator(".message-out .bubble")).to_have_text("投诉\n噪音", use_inner_text=True)
        await expect(page.locator("#words")).to_be_focused()
        await page.locator(".card-summary >> text=确认提交").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".card-order")).to_be_visible()


async def test_a_photo_is_shown_and_what_is_none_says_why(app: AppServer, browser: Browser) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(out, "PNG")
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        photo: Any = {"name": "现场.png", "mimeType": "image/png", "buffer": out.getvalue()}
        await page.set_input_files("#photo", files=[photo])
        await expect(texts(page).last).to_have_text("您说的是：[图片]")
        fake: Any = {"name": "假的.png", "mimeType": "image/png", "buffer": b"not a photo"}
        await page.set_input_files("#photo", files=[fake])
        await expect(page.locator(".reason")).to_contain_text("这不是照片")
        await page.reload()
        await expect(page.locator(".photo img")).to_have_count(1)
        await expect(page.locator(".photo img")).to_have_js_property("naturalWidth", 300)
        assert opened.complaints == []


async def test_where_one_is_comes_as_words_to_look_at_before_they_are_sent(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await page.context.grant_permissions(["geolocation"], origin=app.base)
        await page.context.set_geolocation({"latitude": 30.657314, "longitude": 104.065123, "accuracy": 18})
        await opened.open("/chat")
        await page.fill("#words", "路灯不亮")
        await page.click("#more")
        await page.click("#place")
        where = "我的位置：北纬30.65731°，东经104.06512°（误差约18米）"
        await expect(page.locator("#words")).to_have_value(f"路灯不亮\n{where}")
        await expect(page.locator("#extras")).to_be_hidden()
        await expect(texts(page)).to_have_count(0)
        await page.press("#words", "Enter")
        await expect(texts(page).first).to_contain_text(where)
        await page.context.clear_permissions()
        await page.click("#more")
        await page.click("#place")
        await expect(page.locator(".line").last).to_contain_text("请直接写地址")
        assert await opened.findings() == []
        await page.keyboard.press("Escape")
        await expect(page.locator("#more")).to_be_focused()
        assert opened.complaints == []


async def test_news_below_says_so_and_does_not_pull_the_reader_away(
    app: AppServer, browser: Browser, clock: FrozenClock
) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        for number in range(12):
            await say(page, f"第{number}件事情")
        await expect(texts(page)).to_have_count(24)
        await page.evaluate("document.getElementById('scroll').scrollTop = 0")
        await page.wait_for_timeout(100)
        async with app.runtime.database.write() as session:
            conversation = (await session.scalars(select(Conversation))).one()
            await conversations.lock(session, conversation.id)
            await conversations.say(session, conversation, "system", Reply("有新情况"), clock.now())
        await expect(page.locator("#unread")).to_have_text("有 1 条新消息")
        assert await page.evaluate("document.getElementById('scroll').scrollTop") == 0
        await page.click("#unread")
        await expect(texts(page).last).to_be_in_viewport()
        await expect(page.locator("#unread")).to_be_hidden()


async def test_who_comes_back_stands_at_the_end_or_where_what_is_new_begins(
    app: AppServer, browser: Browser, clock: FrozenClock
) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await say(page, "你好")
        await expect(texts(page)).to_have_count(2)
        long = Reply("很长的答复。" * 200)  # more than a screen
        async with app.runtime.database.write() as session:
            conversation = (await session.scalars(select(Conversation))).one()
            await conversations.lock(session, conversation.id)
            for reply in (long, Reply("读到这里")):
                await conversations.say(session, conversation, "staff", reply, clock.now())
        await page.reload()
        await expect(texts(page).last).to_have_text("读到这里")
        await expect(texts(page).last).to_be_in_viewport(ratio=1)
        await expect(page.locator("#unread")).to_be_hidden()
        async with app.runtime.database.write() as session:
            await reading.mark_read(session, conversation.id, 4, clock.now())
            await conversations.lock(session, conversation.id)
            for reply in (Reply("新的"), long):
                await conversations.say(session, conversation, "staff", reply, clock.now())
        await page.reload()
        await expect(page.locator(".line-new")).to_be_in_viewport(ratio=1)
        await expect(page.locator("li:has-text('新的') .bubble")).to_be_in_viewport(ratio=1)
        assert opened.complaints == []


async def test_the_head_says_who_answers(app: AppServer, browser: Browser, clock: FrozenClock) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await say(page, "转人工")
        await expect(page.locator("#state-words")).to_have_text("人工不在线")
        await expect(page.locator(".chip")).to_have_text(["查办理进度"])
        await somebody_on_duty(app.runtime)
        await page.reload()
        await expect(page.locator("#state-words")).to_have_text("排队第 1 位")
        await expect(page.locator(".chip")).to_have_count(0)
        async with app.runtime.database.write() as session:
            conversation = (await session.scalars(select(Conversation))).one()
            conversation = await conversations.lock(session, conversation.id)
            await conversations.take(session, conversation, 7, clock.now())
        await expect(page.locator("#state-words")).to_have_text("人工为您服务")


async def test_without_a_socket_the_talk_goes_on_by_plain_requests(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await page.add_init_script(
            """window.WebSocket = class { constructor() { setTimeout(() => this.onclose(), 1); } }"""
        )
        await opened.open("/chat")
        await say(page, "没有插座")
        await expect(texts(page)).to_have_text(["没有插座", "您说的是：没有插座"])
        assert await sequences(page) == [1, 2]


async def test_somebody_else_at_the_same_device_starts_afresh(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        page = opened.page
        await opened.open("/chat")
        await say(page, "我的秘密")
        await expect(texts(page)).to_have_count(2)
        page.on("dialog", lambda dialog: dialog.accept())
        await page.click("#menu summary")
        async with page.expect_navigation():
            await page.click("#leave")
        await expect(page.locator("#state-words")).to_have_text("机器人为您服务")
        await page.wait_for_timeout(300)
        await expect(texts(page)).to_have_count(0)


async def test_the_page_is_light(app: AppServer, browser: Browser) -> None:
    async with window(browser, app.base, size=PHONE) as opened:
        line = await opened.page.context.new_cdp_session(opened.page)
        await line.send("Network.enable")
        received: list[float] = []
        line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        await opened.open("/chat")
        await say(opened.page, "你好")
        await expect(texts(opened.page)).to_have_count(2)
        assert 10_000 < sum(received) < MOST_BYTES


async def test_an_order_is_found_on_the_progress_page(opened_order: tuple[Window, str, str]) -> None:
    opened, number, code = opened_order
    page = opened.page
    await opened.open("/progress")
    await page.fill("#number", number)
    await page.fill("#code", code.lower())
    await page.press("#code", "Enter")
    await expect(page.locator(".progress-status")).to_have_text("已受理")
    await expect(page.locator(".timeline li")).not_to_have_count(0)
    assert await opened.findings() == []
    assert not await opened.is_wider_than_the_screen()


@pytest_asyncio.fixture(loop_scope="package")
async def opened_order(app: AppServer, browser: Browser) -> AsyncIterator[tuple[Window, str, str]]:
    """A phone, and number and code of an order."""
    from tests.channels.test_progress_page import file

    filed = await file(app)
    async with window(browser, app.base, size=PHONE) as opened:
        yield opened, filed.order.number, filed.query_code
