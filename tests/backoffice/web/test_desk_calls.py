"""What an agent types while the citizen is on the telephone: a text, or refused; never shown as sent and unheard."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice import desk
from core import conversations
from core.clock import FrozenClock
from core.contacts import Sender, find_or_create
from core.conversations import Conversation
from core.outbox import OutboxRow
from core.settings import Settings
from tests.backoffice.web.office import Office, open_office
from tests.fixtures.app import running_app


def _desk(conversation_id: str, deed: str = "") -> str:
    return f"/staff/desk/{conversation_id}" + (f"/{deed}" if deed else "")


async def _calls(office: Office, number: str | None) -> str:
    """The conversation of a call from ``number`` that the agent has answered."""
    runtime, now = office.server.runtime, office.now
    async with runtime.database.write() as session:
        contact = await find_or_create(session, Sender("voice", "12345", number or "call:1", phone=number), now)
        call = await conversations.open_conversation(session, contact, "voice", "12345", now)
        await desk.answer(session, call.id, office.people["agent"], now)
    return call.id


async def test_what_is_typed_to_a_caller_goes_out_as_a_text_once_and_the_box_says_so(
    sqlite_settings: Settings, clock: FrozenClock
) -> None:
    settings = sqlite_settings.model_copy(
        update={"kannel_send_url": "http://127.0.0.1:9/send"}
    )  # nothing listens there
    async with running_app(settings, clock) as server:
        office = await open_office(server)
        conversation_id = await _calls(office, "13800138000")
        async with office.browser_of("agent") as browser:
            page = await browser.get(_desk(conversation_id))
            assert "市民在打电话，听不到写在这里的字：写了会作为短信发到 138****8000" in page.words
            for _ in range(2):
                sent = await browser.post(_desk(conversation_id, "say"), {"text": "材料请带身份证。", "key": "k"})
                assert sent.status == 303
            assert "作为短信发给市民" in (await browser.get(_desk(conversation_id))).words
        assert await office.said(conversation_id) == [("staff", "材料请带身份证。")]
        async with server.runtime.database.read() as session:
            texts = list(await session.scalars(select(Conversation).where(Conversation.channel == "sms")))
            queued = list(await session.scalars(select(OutboxRow).where(OutboxRow.topic == "sms")))
        assert await office.said(texts[0].id) == [("staff", "材料请带身份证。")]
        assert [row.payload["conversation_id"] for row in queued] == [texts[0].id]


@pytest.mark.parametrize(
    ("number", "why"),
    [(None, "来电没有显示号码"), ("01062345678", "来电号码不是手机"), ("13800138000", "这套系统没有开通短信")],
)
async def test_where_no_text_reaches_the_caller_typing_is_refused_with_the_reason_and_nothing_kept(
    office: Office, number: str | None, why: str
) -> None:
    conversation_id = await _calls(office, number)
    async with office.browser_of("agent") as browser:
        page = await browser.get(_desk(conversation_id))
        assert (why in page.words, "data-unheard disabled" in page.text) == (True, True)
        refused = await browser.post(_desk(conversation_id, "say"), {"text": "您听到吗", "key": "k"})
        assert (refused.status, "没有发出" in refused.words, "您听到吗" in refused.text) == (409, True, True)
    assert await office.said(conversation_id) == []
