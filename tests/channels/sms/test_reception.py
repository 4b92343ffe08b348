"""Texts as they come in: who is let in, what is stored, what the bot hears (A9; bad input)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from yarl import URL

from core import conversations
from core.clock import FrozenClock
from core.conversations import Owner, TurnOutcome
from core.messages import QuickReply, Reply
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.channels.sms.conftest import CITIZEN, SmsService, sms_service
from tests.fixtures.kannel import SECRET

STAFF = 7
FIELDS = {"from": CITIZEN, "to": "12345", "charset": "UTF-8", "text": "路灯坏了", "id": "a"}


def answering(*replies: Reply) -> ScriptedEngine:
    """A bot that says one of ``replies`` after the other, the last one for ever."""
    waiting = list(replies)
    return ScriptedEngine(lambda _: TurnOutcome([waiting.pop(0) if len(waiting) > 1 else waiting[0]], None))


# ------------------------------------------------------------------------------------------------ who is let in


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET.upper(), "密钥"])
async def test_without_the_secret_nothing_is_stored(service: SmsService, secret: str) -> None:
    status, answer = await service.call("inbound", secret=secret, **FIELDS)
    assert (status, json.loads(answer)["error"]) == (403, "forbidden")
    assert (await service.call("inbound", **FIELDS))[0] == 403
    assert await service.said() == []
    assert (await service.call("inbound", secret=SECRET, **FIELDS)) == (200, "")
    assert (await service.said())[0] == ("citizen", "路灯坏了")


@pytest.fixture
async def unset(sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine) -> AsyncIterator[SmsService]:
    """A service whose secret nobody has set."""
    settings = sms_settings.model_copy(update={"kannel_get_secret": SecretStr("")})
    async with sms_service(settings, clock, engine) as running:
        yield running


@pytest.mark.parametrize("path", ["inbound", "delivery"])
async def test_an_unset_secret_lets_nobody_in(unset: SmsService, path: str) -> None:
    assert (await unset.call(path, secret="", **FIELDS))[0] == 403


@pytest.mark.parametrize("missing", ["from", "id", "text"])
async def test_a_call_with_something_missing_is_refused_with_a_reason(service: SmsService, missing: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != missing}
    status, answer = await service.call("inbound", secret=SECRET, **fields)
    assert status == 400
    assert json.loads(answer)["reason"]
    assert await service.said() == []


# ---------------------------------------------------------------------------------------------- stored, and once


async def test_a_repeat_is_harmless(any_service: SmsService) -> None:
    for _ in range(3):
        assert await any_service.hear("路灯坏了", id_="same") == 200
    assert await any_service.said() == [("citizen", "路灯坏了"), ("bot", "答：路灯坏了")]


async def test_repeats_side_by_side_are_one_text(any_service: SmsService) -> None:
    assert set(await asyncio.gather(*(any_service.hear("退订", id_="same") for _ in range(8)))) == {200}
    assert [author for author, _ in await any_service.said()] == ["citizen", "bot"]


async def test_the_same_words_twice_are_two_texts(service: SmsService) -> None:
    await service.hear("1")
    await service.hear("1")
    assert [words for author, words in await service.said() if author == "citizen"] == ["1", "1"]


async def test_first_texts_at_once_open_one_conversation(any_service: SmsService) -> None:
    statuses = await asyncio.gather(*(any_service.hear(f"第{n}条") for n in range(50)))
    assert set(statuses) == {200}
    assert len(await any_service.conversations()) == 1
    assert len(await any_service.said()) == 100


async def test_the_number_is_one_person_however_it_is_written(service: SmsService, engine: ScriptedEngine) -> None:
    for number in (CITIZEN, "+86" + CITIZEN, "86" + CITIZEN):
        await service.hear("你好", sender=number)
    assert len(await service.conversations()) == 1
    assert {request.sender_phone for request in engine.heard} == {CITIZEN}


async def test_what_is_not_stored_is_not_acknowledged_and_comes_in_later(service: SmsService) -> None:
    async with service.runtime.database.write() as session:
        await session.execute(text("ALTER TABLE messages RENAME TO mislaid"))
    assert await service.hear("路灯坏了", id_="a") == 500
    async with service.runtime.database.write() as session:
        await session.execute(text("ALTER TABLE mislaid RENAME TO messages"))
    assert await service.said() == []
    assert await service.hear("路灯坏了", id_="a") == 200
    assert await service.said() == [("citizen", "路灯坏了"), ("bot", "答：路灯坏了")]


# ------------------------------------------------------------------------------------------------------ bad input


async def test_a_very_long_text_is_kept_whole(service: SmsService, engine: ScriptedEngine) -> None:
    words = "幸福小区半夜施工。" * 1111 + "完"
    assert await service.hear(words) == 200
    assert (await service.said())[0] == ("citizen", words)
    assert len(engine.heard[0].text) == service.runtime.settings.text_limit


@pytest.mark.parametrize("words", ["", " \n", "\x00\x07", "\u200b", "𠀀" * 20_001])
async def test_a_text_that_cannot_be_taken_in_is_told_so(
    service: SmsService, engine: ScriptedEngine, words: str
) -> None:
    assert await service.hear(words) == 200
    (_, stored), (author, answer) = await service.said()
    assert stored == "〔无法接收的短信〕"
    assert author == "bot"
    assert answer.endswith("发送。")
    assert engine.heard == []


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE messages;--", "'; DROP TABLE messages;--"),
        ("路灯\x00坏\u202e了👨‍👩‍👧", "路灯坏了👨‍👩‍👧"),
        ("路灯坏了\ud83d", "路灯坏了\ufffd"),
    ],
)
async def test_hostile_text_is_only_text(service: SmsService, words: str, kept: str) -> None:
    assert await service.hear(words) == 200
    assert (await service.said())[0] == ("citizen", kept)


async def test_a_sender_without_a_number_is_heard_but_has_no_phone(service: SmsService, engine: ScriptedEngine) -> None:
    assert await service.hear("您的验证码", sender="CMCC") == 200
    assert engine.heard[0].sender_phone is None
    assert await service.sent() == [("答：您的验证码", "no_number")]


async def test_octets_that_are_no_text_do_no_harm(service: SmsService) -> None:
    url = f"{service.base}/sms/kannel/inbound?secret={SECRET}&from=1&id=%00%FF1&charset=%FE&text=%FF%FE%00%D8"
    async with aiohttp.ClientSession() as session, session.get(URL(url, encoded=True)) as response:
        assert response.status == 200


# --------------------------------------------------------------------------------------- numbers for quick replies


@pytest.mark.parametrize(
    ("said", "heard"), [("1", "确认"), ("２。", "修改"), ("回复3", "取消"), ("4", "4"), ("1号楼", "1号楼")]
)
async def test_a_bare_number_picks_the_option_it_stands_for(
    sms_settings: Settings, clock: FrozenClock, said: str, heard: str
) -> None:
    options = (QuickReply("确认提交", "确认"), QuickReply("修改"), QuickReply("取消"))
    engine = answering(Reply("信息对吗？", quick_replies=options), Reply("好的。"))
    async with sms_service(sms_settings, clock, engine) as service:
        await service.hear("路灯坏了")
        await service.hear(said)
        assert [request.text for request in engine.heard] == ["路灯坏了", heard]


async def test_a_number_means_nothing_once_something_else_was_said(sms_settings: Settings, clock: FrozenClock) -> None:
    engine = answering(Reply("对吗？", quick_replies=(QuickReply("对"),)), Reply("好的，请问在哪里？"))
    async with sms_service(sms_settings, clock, engine) as service:
        for words in ("路灯坏了", "1", "1"):
            await service.hear(words)
        assert [request.text for request in engine.heard] == ["路灯坏了", "对", "1"]


async def test_a_number_answers_the_person_who_asked_last(sms_settings: Settings, clock: FrozenClock) -> None:
    engine = answering(Reply("对吗？", quick_replies=(QuickReply("对"),)))
    async with sms_service(sms_settings, clock, engine) as service:
        await service.hear("路灯坏了")
        await take(service)
        await service.say("staff", Reply("一共几盏？"), staff_id=STAFF)
        await service.hear("1")
        assert (await service.said())[-1] == ("citizen", "1")


async def take(service: SmsService) -> None:
    """A person takes the conversation over."""
    latest = (await service.conversations())[-1].id
    async with service.runtime.database.write() as session:
        conversation = await conversations.lock(session, latest)
        await conversations.take(session, conversation, STAFF, service.runtime.clock.now())


# ----------------------------------------------------------------------------------------------------- full text


async def test_the_rest_of_an_answer_is_a_text_away(sms_settings: Settings, clock: FrozenClock) -> None:
    words = "补办社保卡要带身份证。" * 40
    engine = answering(Reply(words, outcome="answered"))
    async with sms_service(sms_settings, clock, engine) as service:
        await service.hear("社保卡丢了")
        await service.hear("详情")
        (short, _), (full, _) = await service.sent()
        assert short.endswith("回复“详情”看全文")
        assert full == words
        assert len(engine.heard) == 1


async def test_without_a_shortened_answer_the_word_is_for_the_bot(service: SmsService, engine: ScriptedEngine) -> None:
    await service.hear("你好")
    await service.hear("详情")
    assert [request.text for request in engine.heard] == ["你好", "详情"]


async def test_while_a_person_owns_it_the_bot_does_not_read_out_answers(
    sms_settings: Settings, clock: FrozenClock
) -> None:
    engine = answering(Reply("补办社保卡要带身份证。" * 40, outcome="answered"))
    async with sms_service(sms_settings, clock, engine) as service:
        await service.hear("社保卡丢了")
        await take(service)
        await service.hear("详情")
        await service.hear("")
        assert [author for author, _ in await service.said()] == ["citizen", "bot", "citizen", "citizen"]
        assert (await service.conversations())[-1].owner == Owner.PERSON.value
