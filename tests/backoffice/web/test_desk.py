"""The takeover desk: one owner at a time, nothing said twice, nothing a citizen sends runs in its pages (F2, F3)."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.order_numbers import new_numbers
from backoffice.staff import Staff
from core import conversations, history
from core.clock import FrozenClock
from core.contacts import Sender
from core.conversations import Owner, TurnOutcome
from core.masking import know_orders
from core.messages import Attachment, InboundMessage, QuickReply, Reply
from core.runtime import Runtime
from core.settings import Settings
from tests.backoffice.web.office import Answer, Browser, Office, open_office
from tests.fixtures.app import running_app

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}{% debug %}",
    "' hx-get='/staff/sign-out' hx-trigger='load",
    '<a href="javascript:alert(1)">点这里</a>',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "</textarea></li></ol><form action=https://evil.example><button>",
    "<b>粗体</b>&lt;已转义&gt;\u202e反向\u0007",
]


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes, and its text, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag, tuple(sorted(name for name, _ in attrs))] += 1

    def handle_data(self, data: str) -> None:
        self.text += data

    @classmethod
    def of(cls, answer: Answer) -> Skeleton:
        """Reads a page."""
        assert answer.status == 200
        skeleton = cls()
        skeleton.feed(answer.text)
        skeleton.close()
        return skeleton


async def _take(browser: Browser, conversation_id: str) -> None:
    assert (await browser.post(f"/staff/desk/{conversation_id}/take")).status == 303


def _desk(conversation_id: str, deed: str = "") -> str:
    return f"/staff/desk/{conversation_id}" + (f"/{deed}" if deed else "")


# ------------------------------------------------------------------------------------------------ the way of a talk


async def test_an_agent_takes_talks_and_hands_back_and_the_citizen_hears_each_step(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        assert "市民要求人工" in (await browser.get("/staff/desk")).words
        await _take(browser, conversation_id)
        page = await browser.get(_desk(conversation_id))
        assert "您正在接待" in page.words
        await browser.post(_desk(conversation_id, "say"), {"text": "请问您怎么称呼？", "key": "k"})
        await browser.post(_desk(conversation_id, "hand-back"))
    said = await office.said(conversation_id)
    assert said[2:] == [
        ("system", "您好，工号 1000 为您服务。"),
        ("staff", "请问您怎么称呼？"),
        ("system", "人工服务到此结束，下面由机器人继续为您服务。随时说“转人工”可以再找我们。"),
    ]
    assert (await office.conversation(conversation_id)).owner == Owner.BOT.value
    async with office.server.runtime.database.read() as session:
        entries = await history.of(session, "conversation", conversation_id)
    agent = f"staff:{office.people['agent'].id}"
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("hand_over", "bot"),
        ("take", agent),
        ("hand_back", agent),
    ]


async def test_who_holds_as_many_as_they_can_serve_is_told_so_and_the_citizen_goes_on_waiting(office: Office) -> None:
    ids = [await office.waiting(who=f"v{number}") for number in range(office.people["agent"].capacity + 1)]
    async with office.browser_of("agent") as browser:
        for conversation_id in ids[:-1]:
            await _take(browser, conversation_id)
        refused = await browser.post(_desk(ids[-1], "take"))
        assert (refused.status, "您正在接待 5 个会话，已经满了" in refused.words) == (409, True)
        assert "我的会话 5/5" in refused.words
    assert (await office.conversation(ids[-1])).owner == Owner.WAITING.value


async def test_closing_ends_the_talk_and_nothing_more_can_be_said(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        await _take(browser, conversation_id)
        assert (await browser.post(_desk(conversation_id, "close"))).status == 303
        late = await browser.post(_desk(conversation_id, "say"), {"text": "等一下，还有一件事", "key": "k"})
        assert late.status == 409
        assert "已经结束" in late.words
        assert "等一下，还有一件事" not in str(await office.said(conversation_id))
        assert "这个会话已经结束" in (await browser.post(_desk(conversation_id, "take"))).words


async def test_a_talk_the_bot_holds_can_be_taken_and_its_late_answer_is_dropped(office: Office) -> None:
    conversation = await office.citizen_says("在吗")
    epoch, message_id = conversation.epoch, office.last_message_id
    async with office.browser_of("agent") as browser:
        await _take(browser, conversation.id)
    late = TurnOutcome((Reply("我是智能助手"),), "{}")
    async with office.server.runtime.database.write() as session:
        finished = await conversations.finish_turn(session, message_id, epoch, late, office.now)
    assert not finished.kept
    assert "我是智能助手" not in str(await office.said(conversation.id))


async def test_the_reason_the_wait_and_what_the_bot_took_down_are_shown(office: Office, clock: Any) -> None:
    conversation_id = await office.waiting(
        "半夜施工太吵", kind="complain", content="夜间施工噪声", address="幸福小区", name="陈建国", phone="13800138000"
    )
    clock.move(timedelta(minutes=65))
    async with office.browser_of("agent") as browser:
        words = (await browser.get(_desk(conversation_id))).words
    for shown in (
        "陈建国",
        "市民要求人工",
        "1 小时 5 分钟",
        "类型 投诉",
        "内容 夜间施工噪声",
        "地点 幸福小区",
        "138****8000",
    ):
        assert shown in words
    assert "13800138000" not in words


async def test_seeing_a_number_in_full_is_written_down_and_stays_so_for_who_asked(office: Office) -> None:
    conversation_id = await office.waiting("半夜施工太吵，我的电话是13800138000", phone="13800138000")
    async with office.browser_of("agent") as browser, office.browser_of("supervisor") as other:
        for page in ("/staff/desk", _desk(conversation_id), _desk(conversation_id, "messages")):
            words = (await browser.get(page)).words
            assert ("13800138000" in words, "138****8000" in words) == (False, True), page
        answer = await browser.post(_desk(conversation_id, "unmask"))
        await office.citizen_says("或者打13900139000")
        later = await browser.get(_desk(conversation_id, "messages"))
        assert ("13800138000" in later.words, "13900139000" in later.words, "****" in later.words) == (
            True,
            True,
            False,
        )
        assert "13800138000" not in (await other.get(_desk(conversation_id))).words
    assert "13800138000" in answer.words
    async with office.server.runtime.database.read() as session:
        last = (await history.of(session, "conversation", conversation_id))[-1]
    assert (last.action, last.actor) == ("unmask", f"staff:{office.people['agent'].id}")


async def test_of_eight_digits_the_numbers_of_orders_can_be_read_and_no_others(
    sqlite_settings: Settings, clock: FrozenClock
) -> None:
    earlier = Runtime.start(sqlite_settings, clock)
    async with earlier.database.write() as session:
        await new_numbers(session, 2)
    await earlier.database.close()
    know_orders(range(0))
    async with running_app(sqlite_settings, clock) as server:
        office = await open_office(server)
        conversation_id = await office.waiting("单号10000002，QQ是10000003，少一位的13812345")
        async with office.browser_of("agent") as browser:
            assert "单号10000002，QQ是*****003，少一位的*****345" in (await browser.get(_desk(conversation_id))).words
            async with server.runtime.database.write() as session:
                await new_numbers(session, 1)
            assert "单号10000002，QQ是10000003，少一位的*****345" in (await browser.get(_desk(conversation_id))).words


async def test_where_nothing_is_masked_there_is_nothing_to_ask_for(office: Office) -> None:
    masked = await office.waiting("半夜施工太吵", who="v1", phone="13800138000")
    plain = await office.waiting("半夜施工太吵", who="v2", content="夜间施工")
    async with office.browser_of("agent") as browser:
        assert "显示完整号码" in (await browser.get(_desk(masked))).words
        assert "显示完整号码" not in (await browser.get(_desk(plain))).words


async def test_a_dispatcher_reads_along_but_has_no_button_to_press(office: Office) -> None:
    conversation_id = await office.waiting("半夜施工太吵")
    async with office.browser_of("dispatcher") as browser:
        page = await browser.get(_desk(conversation_id))
        assert "下一个、上一个会话 Enter 打开选中的会话" in (nothing_open := (await browser.get("/staff/desk")).words)
    assert all(deed not in nothing_open for deed in ("接管", "写回复", "交还机器人", "结束会话"))
    assert page.status == 200
    assert "半夜施工太吵" in page.words
    assert f"{conversation_id}/take" not in page.text
    assert "<textarea" not in page.text
    assert "等待人工" in page.words
    assert "接管一个" not in page.words


async def test_an_unknown_conversation_is_not_found(office: Office) -> None:
    nowhere = "00000000-0000-4000-8000-000000000000"
    async with office.browser_of("agent") as browser:
        assert (await browser.get(_desk(nowhere))).status == 404
        assert (await browser.post(_desk(nowhere, "take"))).status == 404
        assert (await browser.get(_desk("not-a-uuid"))).status == 404


# ------------------------------------------------------------------------------------------------------ one owner


async def test_a_colleague_is_refused_with_the_name_of_the_owner(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as owner, office.browser_of("second") as colleague:
        await _take(owner, conversation_id)
        for deed in ("take", "hand-back", "close", "release"):
            page = await colleague.post(_desk(conversation_id, deed))
            assert page.status == 409, deed
            assert "已经由话务员甲（工号 1000）接管" in page.words
        said = await colleague.post(_desk(conversation_id, "say"), {"text": "我写了很久的回复", "key": "k"})
        assert said.status == 409
        assert "我写了很久的回复" in said.words  # not lost
        program = await colleague.post(_desk(conversation_id, "take"), Accept="application/json")
        assert (program.status, '"error":"taken"' in program.text) == (409, True)
    assert (await office.conversation(conversation_id)).staff_id == office.people["agent"].id
    assert "我写了很久的回复" not in str(await office.said(conversation_id))


async def test_of_two_who_take_at_once_one_gets_it_and_one_is_told(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as one, office.browser_of("second") as two:
        answers = await asyncio.gather(*(browser.post(_desk(conversation_id, "take")) for browser in (one, two)))
    assert sorted(answer.status for answer in answers) == [303, 409]
    greetings = [text for author, text in await office.said(conversation_id) if author == "system"]
    assert len(greetings) == 1


async def test_taking_twice_is_taking_once(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        await _take(browser, conversation_id)
        await _take(browser, conversation_id)
    assert [author for author, _ in await office.said(conversation_id)].count("system") == 1


async def test_a_word_after_handing_back_is_refused(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        await _take(browser, conversation_id)
        await browser.post(_desk(conversation_id, "hand-back"))
        answer = await browser.post(_desk(conversation_id, "say"), {"text": "还有", "key": "k"}, HX_Request="true")
    assert answer.status == 409
    assert '"error":"not_taken"' in answer.text


async def test_a_supervisor_puts_a_taken_talk_back_and_anybody_may_once_the_owner_has_gone(
    office: Office, clock: Any
) -> None:
    first, second = await office.waiting(who="v1"), await office.waiting(who="v2")
    async with office.browser_of("agent") as owner, office.browser_of("supervisor") as supervisor:
        await _take(owner, first)
        await _take(owner, second)
        assert (await supervisor.post(_desk(first, "release"))).status == 303
        assert (await office.conversation(first)).owner == Owner.WAITING.value
    clock.move(timedelta(minutes=4))
    async with office.browser_of("second") as colleague:
        assert "已离岗" in (await colleague.get("/staff/desk")).words
        assert (await colleague.post(_desk(second, "release"))).status == 303
        assert (await colleague.post(_desk(second, "take"))).status == 303
    assert (await office.conversation(second)).staff_id == office.people["second"].id


# --------------------------------------------------------------------------------------------------------- saying


async def test_a_double_click_says_it_once_and_the_same_words_later_are_said_again(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        await _take(browser, conversation_id)
        say = _desk(conversation_id, "say")
        await asyncio.gather(*(browser.post(say, {"text": "好的", "key": "one"}) for _ in range(5)))
        await browser.post(say, {"text": "好的", "key": "two"})
        await browser.post(say, {"text": "好的，再见", "key": "two"})
    assert [text for author, text in await office.said(conversation_id) if author == "staff"] == [
        "好的",
        "好的",
        "好的，再见",
    ]


@pytest.mark.parametrize(("text", "reason"), [("  \n ", "还没有写内容"), ("长" * 2001, "不能超过 2000 个字")])
async def test_nothing_and_too_much_are_refused_and_kept(office: Office, text: str, reason: str) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        await _take(browser, conversation_id)
        answer = await browser.post(_desk(conversation_id, "say"), {"text": text, "key": "k"})
    assert answer.status == 422
    assert reason in answer.words
    assert text.strip() in answer.text
    assert [author for author, _ in await office.said(conversation_id)].count("staff") == 0


async def test_messages_are_fetched_by_sequence_number_without_gap_or_double(office: Office) -> None:
    conversation_id = await office.waiting("一")
    for text in "二三四五":
        await office.citizen_says(text)
    async with office.browser_of("agent") as browser:
        seen: list[int] = []
        for after in (0, 2, 6):
            part = await browser.get(_desk(conversation_id, f"messages?after={after}"), HX_Request="true")
            seen.append(len(re.findall(r"data-seq=", part.text)))
        nonsense = await browser.get(_desk(conversation_id, "messages?after=-1'"), HX_Request="true")
    assert seen == [6, 4, 0]
    assert nonsense.status == 200


async def test_a_long_talk_shows_its_end_and_reads_back_page_by_page(office: Office) -> None:
    conversation_id = await office.waiting("第 1 句")
    for number in range(2, 220):
        await office.citizen_says(f"第 {number} 句")
    async with office.browser_of("agent") as browser:
        page = await browser.get(_desk(conversation_id))
        sequences = [int(seq) for seq in re.findall(r'data-seq="(\d+)"', page.text) if seq != "219"]
        assert len(set(sequences)) == 99
        before = re.search(r"messages\?before=(\d+)", page.text)
        assert before is not None
        earlier = await browser.get(_desk(conversation_id, f"messages?before={before[1]}"), HX_Request="true")
    older = [int(seq) for seq in re.findall(r'data-seq="(\d+)"', earlier.text)]
    assert older == list(range(int(before[1]) - 100, int(before[1])))


# ------------------------------------------------------------------------------------------------ what citizens send


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_markup_of_a_citizen_is_shown_as_typed_and_adds_no_element_to_any_page(
    office: Office, payload: str
) -> None:
    drafts = {"content": payload, "address": payload, "name": payload}
    plain = await office.waiting("你好", who="v1", **dict.fromkeys(drafts, "你好"))
    marked = await office.waiting(payload, who="v2", **drafts)
    async with office.browser_of("agent") as browser:
        for part in ("", "/messages?after=0", "/state"):
            headers = {"HX_Request": "true"} if part else {}
            expected = Skeleton.of(await browser.get(f"/staff/desk/{plain}{part}", **headers))
            found = Skeleton.of(await browser.get(f"/staff/desk/{marked}{part}", **headers))
            assert found.elements == expected.elements, part
            assert payload in found.text, part


async def test_markup_in_cards_and_chips_is_escaped_and_the_query_code_is_not_shown(office: Office) -> None:
    conversation = await office.citizen_says("好了吗")
    evil = "<script>alert(1)</script>"
    cards: list[dict[str, Any]] = [
        {"kind": "answer", "title": evil, "summary": evil, "department": evil, "link": "javascript:alert(1)"},
        {"kind": "summary", "title": evil, "fields": [{"field": "name", "label": evil, "value": evil}]},
        {"kind": "order", "number": "10000001", "query_code": "K7MQ2X", "title": evil, "status": "已受理"},
        {"kind": "choices", "title": evil, "options": [{"title": evil, "text": evil}]},
        {"kind": "danger", "title": evil, "calls": [{"number": "119", "label": evil}], "advice": [evil]},
        {"kind": "handoff", "position": 2, "on_duty": True},
        {"kind": evil, "title": evil},
    ]
    replies = tuple(
        Reply(
            f"查询码 K7MQ2X {evil}" if card["kind"] == "order" else "见卡片",
            card=card,
            quick_replies=(QuickReply(evil),),
        )
        for card in cards
    )
    async with office.server.runtime.database.write() as session:
        await new_numbers(session, 1)
        await conversations.finish_turn(
            session, office.last_message_id, conversation.epoch, TurnOutcome(replies, "{}"), office.now
        )
    async with office.browser_of("agent") as browser:
        page = await browser.get(_desk(conversation.id))
    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text
    assert "10000001" in page.words
    assert "K7MQ2X" not in page.text
    assert "排队 第 2 位" in page.words


async def _send_photo(office: Office, path: str, media_type: str = "image/jpeg") -> int:
    attachment = Attachment(media_type, path, 3, "0" * 64)
    inbound = InboundMessage(Sender("webchat", "web", "v1"), f"p:{path}:{media_type}", "", "image", attachment)
    async with office.server.runtime.database.write() as session:
        received, _ = await conversations.receive(session, inbound, office.now)
    return received.message_id


async def test_a_photo_is_shown_to_the_desk_as_a_picture_and_as_nothing_else(office: Office) -> None:
    media = office.server.runtime.settings.media_dir
    media.mkdir(parents=True)
    (media / "a.jpg").write_bytes(b"jpg")
    message_id = await _send_photo(office, "a.jpg")
    conversation = await office.citizen_says("见照片")
    async with office.browser_of("agent") as browser, office.browser_of("handler") as handler:
        assert f'src="/staff/media/{message_id}"' in (await browser.get(_desk(conversation.id))).text
        photo = await browser.get(f"/staff/media/{message_id}")
        assert (photo.status, photo.text) == (200, "jpg")
        assert photo.headers["content-type"] == "image/jpeg"
        assert photo.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in photo.headers["content-security-policy"]
        assert photo.headers["cache-control"] == "no-store"
        assert (await handler.get(f"/staff/media/{message_id}")).status == 403


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("../huiyin.db", "image/jpeg"),
        ("/etc/passwd", "image/jpeg"),
        ("gone.jpg", "image/jpeg"),
        ("a.html", "text/html"),
        ("a.svg", "image/svg+xml"),
    ],
)
async def test_what_is_no_photo_of_ours_is_not_found(
    office: Office, path: str, media_type: str, make_media: Callable[[Path], None]
) -> None:
    make_media(office.server.runtime.settings.media_dir)
    message_id = await _send_photo(office, path, media_type)
    async with office.browser_of("agent") as browser:
        assert (await browser.get(f"/staff/media/{message_id}")).status == 404


@pytest.fixture
def make_media() -> Callable[[Path], None]:
    """Puts files into a media folder that must not be served."""

    def make(folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in ("a.html", "a.svg"):
            (folder / name).write_text("<script>alert(1)</script>")

    return make


# ------------------------------------------------------------------------------------------------------------ duty


async def test_taking_is_going_on_duty_and_the_switch_turns_both_ways(office: Office) -> None:
    async def on_duty() -> bool:
        async with office.server.runtime.database.read() as session:
            agent = (await session.scalars(select(Staff).where(Staff.username == "agent"))).one()
        return agent.on_duty_since is not None

    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser:
        assert not await on_duty()
        await browser.post("/staff/duty", {"on": "1"})
        assert await on_duty()
        await browser.post("/staff/duty", {"on": "0"})
        assert not await on_duty()
        await _take(browser, conversation_id)
        assert await on_duty()
        await browser.post("/staff/duty", {"on": "0"})
    assert (await office.conversation(conversation_id)).owner == Owner.WAITING.value
