"""SMS in, out and delivery reports through the real Kannel (A9): bearerbox, smsbox and fakesmsc."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.sms import deliveries
from channels.sms.composing import parts
from core.clock import FrozenClock
from core.conversations import TurnOutcome
from core.messages import QuickReply, Reply
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.channels.sms.conftest import CITIZEN, SmsService, sms_service
from tests.fixtures.app import running_app
from tests.fixtures.kannel import Arrived, Kannel, running_kannel, until


@asynccontextmanager
async def connected(
    settings: Settings, clock: FrozenClock, engine: ScriptedEngine, folder: Path, *, by: str = "post-url"
) -> AsyncIterator[tuple[SmsService, Kannel]]:
    """Our service and a Kannel that know each other."""
    async with running_kannel(folder, settings.resolved_kannel_callback_url, by=by) as kannel:
        knowing = settings.model_copy(update={"kannel_send_url": kannel.send_url})
        async with sms_service(knowing, clock, engine) as service:
            yield service, kannel


async def status_of(service: SmsService, message_id: int) -> str | None:
    """What the desk would show for a message."""
    async with service.runtime.database.read() as session:
        return (await deliveries.statuses(session, [message_id])).get(message_id)


async def until_answered(service: SmsService, texts: int = 1) -> None:
    """Waits until the bot has said something to that many texts."""

    async def answered() -> bool:
        return [author for author, _ in await service.said()].count("bot") >= texts

    await until(answered, f"{texts} texts were not answered")


async def until_status(service: SmsService, message_id: int, status: str) -> None:
    """Waits for a delivery report."""

    async def shown() -> bool:
        return await status_of(service, message_id) == status

    await until(shown, f"message {message_id} is not {status}")


@pytest.mark.parametrize("by", ["post-url", "get-url"])
async def test_a_text_is_answered_and_the_delivery_reported(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path, by: str
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path, by=by) as (service, kannel):
        await kannel.text("+86" + CITIZEN, "社保卡丢了怎么补办？😀")
        await until_answered(service)
        assert await service.send_out() == 1
        assert await kannel.until_arrived(1) == [Arrived("12345", CITIZEN, "答：社保卡丢了怎么补办？😀", 1)]
        heard = engine.heard[0]
        assert (heard.channel, heard.text, heard.sender_phone) == ("sms", "社保卡丢了怎么补办？😀", CITIZEN)
        answer = (await service.messages())[-1]
        await until_status(service, answer.id, deliveries.DELIVERED)
        assert len(kannel.arrived()) == 1  # smsbox itself says nothing


async def test_a_long_answer_arrives_whole_and_in_order(
    sms_settings: Settings, clock: FrozenClock, tmp_path: Path
) -> None:
    words = "".join(f"第{n}条：请带身份证原件到社保大厅办理。" for n in range(1, 41))
    engine = ScriptedEngine(lambda _: TurnOutcome([Reply(words, quick_replies=(QuickReply("转人工"),))], None))
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "办社保")
        await until_answered(service)
        await service.send_out()
        (arrived,) = await kannel.until_arrived(1)
        assert arrived.words == words + "\n回复1转人工"
        assert arrived.parts == parts(arrived.words) > 10
        await until_status(service, (await service.messages())[-1].id, deliveries.DELIVERED)


async def test_a_very_long_text_comes_in_whole(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    words = "半夜施工太吵了，没人管。" * 833
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, words)
        await until_answered(service)
        assert (await service.said())[0] == ("citizen", words)


async def test_an_intake_by_numbers_goes_through_both_ways(
    sms_settings: Settings, clock: FrozenClock, tmp_path: Path
) -> None:
    confirm = Reply("路灯坏了，人民路8号。对吗？", quick_replies=(QuickReply("确认提交", "确认"), QuickReply("修改")))
    filed = Reply("已受理，受理号10000001，查询码7K3M9P。", outcome="order")
    script = {"人民路8号路灯坏了": confirm, "确认": filed}
    engine = ScriptedEngine(lambda request: TurnOutcome([script[request.text]], None))
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        for n, said in enumerate(("人民路8号路灯坏了", "1"), 1):
            await kannel.text(CITIZEN, said)
            await until_answered(service, n)
            await service.send_out()
            await kannel.until_arrived(n)
        assert [text.words for text in kannel.arrived(CITIZEN)] == [
            "路灯坏了，人民路8号。对吗？\n回复1确认提交 2修改",
            "已受理，受理号10000001，查询码7K3M9P。",
        ]


async def test_two_citizens_get_each_their_own(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "路灯坏了")
        await kannel.text("13900139000", "井盖没了")
        await until_answered(service, 2)
        assert await service.send_out() == 2
        await kannel.until_arrived(2)
        assert [text.words for text in kannel.arrived(CITIZEN)] == ["答：路灯坏了"]
        assert [text.words for text in kannel.arrived("13900139000")] == ["答：井盖没了"]


async def test_a_restart_of_smsbox_loses_and_doubles_nothing(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "路灯坏了")
        await until_answered(service)
        kannel.kill("smsbox")
        await service.send_out()
        assert [(row.status, row.attempts) for row in await service.outbox()] == [("pending", 1)]
        await kannel.text(CITIZEN, "快点修")  # waits in bearerbox
        await kannel.start_smsbox()
        await until_answered(service, 2)
        for _ in range(2):
            clock.move(timedelta(seconds=10))
            await service.send_out()
        arrived = await kannel.until_arrived(2)
        assert [text.words for text in arrived] == ["答：路灯坏了", "答：快点修"]
        assert [words for author, words in await service.said() if author == "citizen"] == ["路灯坏了", "快点修"]
        assert {row.status for row in await service.outbox()} == {"done"}


async def test_a_text_bearerbox_has_taken_survives_its_death(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        kannel.kill("smsbox")
        await kannel.text(CITIZEN, "路灯坏了")
        await until(lambda: kannel.stored(), "bearerbox has not stored the text")
        kannel.kill("bearerbox")
        await kannel.start_bearerbox()
        await kannel.start_smsbox()
        await until_answered(service)
        assert await service.said() == [("citizen", "路灯坏了"), ("bot", "答：路灯坏了")]


async def test_a_text_that_comes_while_we_are_away_is_brought_again(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with running_kannel(tmp_path, sms_settings.resolved_kannel_callback_url) as kannel:
        await kannel.text(CITIZEN, "路灯坏了")
        async with sms_service(sms_settings, clock, engine) as service:
            await until_answered(service)
            assert await service.said() == [("citizen", "路灯坏了"), ("bot", "答：路灯坏了")]
            assert kannel.arrived() == []  # no word of smsbox about its failures


async def test_a_text_waits_in_kannel_while_the_network_is_away(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "路灯坏了")
        await until_answered(service)
        kannel.disconnect_network()
        await until(lambda: kannel.network_is_away(), "bearerbox has not noticed")
        await service.send_out()
        assert [row.status for row in await service.outbox()] == ["done"]
        await kannel.text("13900139000", "井盖没了")
        await until(lambda: kannel.arrived(CITIZEN), "the text did not arrive")
        assert [text.words for text in kannel.arrived(CITIZEN)] == ["答：路灯坏了"]


async def test_a_text_whose_acknowledgement_was_lost_is_not_sent_again(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "路灯坏了")
        await until_answered(service)
        (row,) = await service.outbox()
        await service.adapter.deliverer()(row.payload)  # sent, and then this process died: the row is still pending
        await until_status(service, row.payload["message_id"], deliveries.DELIVERED)
        assert await service.send_out() == 1
        assert [row.status for row in await service.outbox()] == ["done"]
        await kannel.text(CITIZEN, "还有吗")
        await until_answered(service, 2)
        await service.send_out()
        await kannel.until_arrived(2)
        assert [text.words for text in kannel.arrived()] == ["答：路灯坏了", "答：还有吗"]


async def test_a_wrong_sendsms_password_is_no_reason_to_give_up(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    wrong = sms_settings.model_copy(update={"kannel_password": SecretStr("wrong")})
    async with connected(wrong, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "路灯坏了")
        await until_answered(service)
        await service.send_out()
        (row,) = await service.outbox()
        assert (row.status, row.last_error) == ("pending", "NotTaken: Kannel answered 403")
        assert kannel.arrived() == []


async def test_kannel_with_a_wrong_secret_brings_nothing_in(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    other = sms_settings.model_copy(update={"kannel_get_secret": SecretStr("another")})
    async with connected(other, clock, engine, tmp_path) as (service, kannel):
        await kannel.text(CITIZEN, "路灯坏了")
        await until(lambda: kannel.answers_to("smsbox", 403) >= 2, "Kannel did not call twice")
        assert await service.said() == []


async def test_a_name_as_sender_is_stored_and_not_answered(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with connected(sms_settings, clock, engine, tmp_path) as (service, kannel):
        await kannel.network("CMCC 12345 text your code is 123456")
        await until_answered(service)
        await service.send_out()
        assert (await service.said())[0] == ("citizen", "your code is 123456")
        assert [row.status for row in await service.outbox()] == ["done"]
        assert await status_of(service, (await service.messages())[-1].id) == deliveries.WITHHELD
        assert kannel.arrived() == []


async def test_the_whole_application_answers_texts_by_itself(
    sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine, tmp_path: Path
) -> None:
    async with running_kannel(tmp_path, sms_settings.resolved_kannel_callback_url) as kannel:
        knowing = sms_settings.model_copy(update={"kannel_send_url": kannel.send_url})
        async with running_app(knowing, clock, engine):
            await kannel.text(CITIZEN, "路灯坏了")
            await kannel.until_arrived(1)
            await kannel.text(CITIZEN, "TD")
            await kannel.until_arrived(2)
        first, second = kannel.arrived(CITIZEN)
        assert first.words == "答：路灯坏了"
        assert second.words.startswith("您已退订")
