"""Texts as they go out: opt-out, loops, refusals and what the reports say (A9)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from channels.sms import deliveries, kannel
from channels.sms.kannel import NotTaken, Refused, judge
from channels.sms.loops import ANSWERS_AN_HOUR
from core import conversations
from core.clock import FrozenClock
from core.messages import Reply
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.channels.sms.conftest import CITIZEN, SmsService, sms_service
from tests.fixtures.kannel import SECRET

NOTICE = Reply("您反映的事项（受理号 10000001）已有答复。")
SERVICE_NUMBER = "10658139001"


async def notify(service: SmsService, reply: Reply = NOTICE) -> None:
    """Tells the latest citizen something they did not ask for."""
    latest = (await service.conversations())[-1]
    async with service.runtime.database.write() as session:
        await conversations.notify(
            session, latest.contact_id, "sms", latest.account, reply, service.runtime.clock.now()
        )


async def status_of(service: SmsService, message_id: int) -> str | None:
    async with service.runtime.database.read() as session:
        return (await deliveries.statuses(session, [message_id])).get(message_id)


# ------------------------------------------------------------------------------------------------------- opt-out


@pytest.mark.parametrize("word", ["TD", "退订", "停止"])
async def test_after_opting_out_no_notices_come_but_answers_do(
    service: SmsService, engine: ScriptedEngine, word: str
) -> None:
    await service.hear("路灯坏了")
    await notify(service)
    await service.hear(word)
    await notify(service)
    await service.hear("路灯坏了两盏")
    assert [(words[:5], reason) for words, reason in await service.sent()] == [
        ("答：路灯坏", ""),
        ("您反映的事", "opted_out"),
        ("您已退订，", ""),
        ("您反映的事", "opted_out"),
        ("答：路灯坏", ""),
    ]
    assert [request.text for request in engine.heard] == ["路灯坏了", "路灯坏了两盏"]


async def test_opting_out_is_confirmed_once_and_taken_back_by_a_word(
    any_service: SmsService, engine: ScriptedEngine
) -> None:
    for words in ("TD", "TD", "开通"):
        await any_service.hear(words)
    assert [author for author, _ in await any_service.said()] == ["citizen", "bot", "citizen", "citizen", "bot"]
    await notify(any_service)
    assert [reason for _, reason in await any_service.sent()] == ["", "", ""]
    await any_service.hear("开通")
    assert [request.text for request in engine.heard] == ["开通"]  # nothing to take back: the bot's to answer


async def test_one_numbers_opt_out_is_not_anothers(service: SmsService) -> None:
    await service.hear("TD")
    await service.hear("你好", sender="13900139000")
    await notify(service)
    assert [reason for _, reason in await service.sent()][-1] == ""


async def test_a_withheld_notice_is_written_down_and_not_tried_again(service: SmsService) -> None:
    await service.hear("TD")
    await notify(service)
    notice = (await service.messages())[-1]
    await service.send_out()  # the confirmation waits for Kannel, and the notice for the confirmation
    first = (await service.outbox())[0]
    async with service.runtime.database.write() as session:
        await session.delete(await session.merge(first))
    assert await service.send_out() == 1
    assert [row.status for row in await service.outbox()] == ["done"]
    assert await status_of(service, notice.id) == deliveries.WITHHELD


async def test_a_picture_is_not_sent_as_an_empty_text(service: SmsService) -> None:
    await service.hear("路灯坏了")
    await service.say("staff", Reply(""), staff_id=7)
    assert [reason for _, reason in await service.sent()] == ["", "no_text"]


# --------------------------------------------------------------------------------------------------------- loops


@pytest.mark.parametrize("sender", [SERVICE_NUMBER, "12306", "12345"])
async def test_machines_are_answered_a_few_times_an_hour_and_always_stored(
    service: SmsService, clock: FrozenClock, engine: ScriptedEngine, sender: str
) -> None:
    for _ in range(ANSWERS_AN_HOUR + 5):
        assert await service.hear("您的短信已收到", sender=sender) == 200
    assert [author for author, _ in await service.said()].count("citizen") == ANSWERS_AN_HOUR + 5
    assert len(engine.heard) == ANSWERS_AN_HOUR
    clock.move(timedelta(minutes=61))
    await service.hear("您的短信已收到", sender=sender)
    assert len(engine.heard) == ANSWERS_AN_HOUR + 1
    assert {reason for _, reason in await service.sent()} == {""}


async def test_many_replies_to_one_text_of_a_machine_are_held_back_too(service: SmsService) -> None:
    await service.hear("您的短信已收到", sender=SERVICE_NUMBER)
    for _ in range(ANSWERS_AN_HOUR):
        await service.say("bot", Reply("还有什么可以帮您？"))
    await service.say("staff", Reply("我是话务员。"), staff_id=7)
    assert [reason for _, reason in await service.sent()] == [""] * ANSWERS_AN_HOUR + ["loop", ""]


async def test_a_citizen_is_answered_as_often_as_they_write(service: SmsService, engine: ScriptedEngine) -> None:
    for n in range(20):
        await service.hear(f"第{n}句")
    assert len(engine.heard) == 20
    assert {reason for _, reason in await service.sent()} == {""}


# ------------------------------------------------------------------------------------------------ Kannel's answers


@pytest.mark.parametrize(
    ("status", "answer"), [(202, "0: Accepted for delivery"), (202, "3: Queued for later delivery"), (200, "Sent.")]
)
def test_what_kannel_takes_is_done(status: int, answer: str) -> None:
    judge(status, answer)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, "Number(s) has/have been denied by white- and/or black-lists."),
        (403, "Not routable. Do not try again."),
    ],
)
def test_what_kannel_will_never_take_is_not_tried_again(status: int, answer: str) -> None:
    with pytest.raises(Refused):
        judge(status, answer)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(403, "Authorization failed for sendsms"), (503, "Temporal failure, try again later."), (404, ""), (302, "")],
)
def test_everything_else_is_tried_again(status: int, answer: str) -> None:
    with pytest.raises(NotTaken):
        judge(status, answer)


def test_a_percent_sign_in_the_report_address_is_no_code_of_kannels(sms_settings: Settings) -> None:
    settings = sms_settings.model_copy(
        update={"kannel_get_secret": SecretStr("%d密"), "kannel_callback_url": "http://10.0.0.2/"}
    )
    assert kannel.report_url(settings, 7) == (
        "http://10.0.0.2/sms/kannel/delivery?secret=%%25d%%E5%%AF%%86&message=7&status=%d&part=%F&reply=%A"
    )


async def test_without_kannel_a_text_waits_and_keeps_its_order(service: SmsService, clock: FrozenClock) -> None:
    await service.hear("路灯坏了")
    await service.hear("快点")
    assert await service.send_out() == 1  # the second waits for the first
    first, second = await service.outbox()
    assert (first.status, first.attempts, second.attempts) == ("pending", 1, 0)
    assert CITIZEN not in (first.last_error or "")
    assert await service.send_out() == 0
    clock.move(timedelta(seconds=5))
    assert await service.send_out() == 1


async def test_a_kannel_that_never_answers_is_given_up_for_now(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kannel, "TIME_LIMIT", 0.2)
    silent = await asyncio.start_server(lambda _r, _w: asyncio.sleep(5), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    settings = sms_settings.model_copy(update={"kannel_send_url": f"http://127.0.0.1:{port}/cgi-bin/sendsms"})
    async with silent, sms_service(settings, clock, engine) as service:
        await service.hear("路灯坏了")
        await service.send_out()
        (row,) = await service.outbox()
        assert (row.status, row.attempts) == ("pending", 1)


async def test_where_sms_is_switched_off_a_text_is_a_dead_letter(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine
) -> None:
    settings = sms_settings.model_copy(update={"kannel_send_url": ""})
    async with sms_service(settings, clock, engine) as service:
        await service.hear("路灯坏了")
        await service.send_out()
        assert [row.status for row in await service.outbox()] == ["dead"]


# ------------------------------------------------------------------------------------------------------- reports


async def test_a_report_is_kept_once_and_the_worst_is_shown(any_service: SmsService) -> None:
    await any_service.hear("路灯坏了")
    answer = (await any_service.messages())[-1].id
    report = {"secret": SECRET, "message": str(answer), "part": "p1", "reply": "stat:UNDELIV err:045 text:路灯"}
    for mask, shown in (("8", "buffered"), ("1", "delivered"), ("8", "delivered"), ("2", "failed"), ("1", "failed")):
        assert await any_service.call("delivery", **report, status=mask) == (200, "")
        assert await status_of(any_service, answer) == shown
    async with any_service.runtime.database.read() as session:
        rows = list(await session.scalars(select(deliveries.SmsDelivery)))
    assert sorted(row.status for row in rows) == ["buffered", "delivered", "failed"]
    assert {row.reason for row in rows} == {"UNDELIV 045"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"message": "1", "status": "8", "secret": "wrong"}, 403),
        ({"message": "1", "status": "8"}, 403),
        ({"message": "1", "status": "3", "secret": SECRET}, 400),
        ({"message": "x", "status": "8", "secret": SECRET}, 400),
        ({"message": "²", "status": "8", "secret": SECRET}, 400),
        ({"message": "9" * 40, "status": "8", "secret": SECRET}, 400),
        ({"message": "999", "status": "8", "secret": SECRET}, 200),
        ({"status": "8", "secret": SECRET}, 400),
    ],
)
async def test_a_report_that_is_none_leaves_no_trace(service: SmsService, fields: dict[str, str], status: int) -> None:
    await service.hear("路灯坏了")
    assert (await service.call("delivery", **fields))[0] == status
    async with service.runtime.database.read() as session:
        assert list(await session.scalars(select(deliveries.SmsDelivery))) == []
