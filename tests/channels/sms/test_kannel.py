"""SMS in, out and delivery reports through the real Kannel (A9): bearerbox, smsbox and fakesmsc."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from channels.sms import deliveries
from core.clock import FrozenClock
from core.settings import Settings
from tests.channels.scripted import ScriptedEngine
from tests.channels.sms.conftest import CITIZEN, SmsService, sms_service
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
        await until(lambda: engine.heard, "the text did not come in")
        await service.app.ctx.exchange.settled()
        assert await service.send_out() == 1
        assert await kannel.until_arrived(1) == [Arrived("12345", CITIZEN, "答：社保卡丢了怎么补办？😀", 1)]
        heard = engine.heard[0]
        assert (heard.channel, heard.text, heard.sender_phone) == ("sms", "社保卡丢了怎么补办？😀", CITIZEN)
        answer = (await service.messages())[-1]
        await until_status(service, answer.id, deliveries.DELIVERED)
        assert len(kannel.arrived()) == 1  # smsbox itself says nothing
