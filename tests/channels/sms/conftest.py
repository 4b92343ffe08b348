"""The SMS channel as Kannel and the outbox see it, with a dialogue core that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from pydantic import SecretStr
from sanic import Sanic
from sqlalchemy import select

from channels.exchange import Exchange
from channels.sms.adapter import SmsAdapter
from core.clock import FrozenClock
from core.conversations import Conversation, Message
from core.outbox import OutboxRow, OutboxWorker
from core.runtime import Runtime
from core.settings import Settings
from core.web.site import install_site
from tests.channels.scripted import ScriptedEngine
from tests.fixtures.kannel import ACCOUNT, PASSWORD, SECRET, USERNAME, free_port

CITIZEN = "13800138000"


@dataclass
class SmsService:
    """A running service with nothing but the SMS channel."""

    app: Sanic
    runtime: Runtime
    engine: ScriptedEngine
    adapter: SmsAdapter
    base: str
    _ids: list[int] = field(default_factory=list)

    async def call(self, path: str, **fields: str | bytes) -> tuple[int, str]:
        """Kannel calls ``/sms/kannel/…``; answers status and body."""
        url = f"{self.base}/sms/kannel/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, params=fields) as response:
            return response.status, await response.text()

    async def hear(self, words: str, *, sender: str = CITIZEN, id_: str = "", secret: str = SECRET) -> int:
        """A text comes in; returns the status once the bot has answered it."""
        self._ids.append(1)
        fields = {"secret": secret, "from": sender, "to": ACCOUNT, "charset": "UTF-8", "smsc": "network"}
        status, _ = await self.call("inbound", **fields, text=words, id=id_ or f"test-{len(self._ids)}")
        await self.app.ctx.exchange.settled()
        return status

    async def send_out(self) -> int:
        """One round of the outbox; returns how many rows it took."""
        handlers = {self.adapter.channel: self.adapter.deliverer()}
        return await OutboxWorker(self.runtime.database, self.runtime.clock, handlers).work_once()

    async def messages(self) -> list[Message]:
        """Everything said so far, in order."""
        async with self.runtime.database.read() as session:
            return list(await session.scalars(select(Message).order_by(Message.id)))

    async def said(self) -> list[tuple[str, str]]:
        """Who said what."""
        return [(message.author, message.text) for message in await self.messages()]

    async def conversations(self) -> list[Conversation]:
        """All conversations, oldest first."""
        async with self.runtime.database.read() as session:
            return list(await session.scalars(select(Conversation).order_by(Conversation.created_at)))

    async def outbox(self) -> list[OutboxRow]:
        """All outbox rows."""
        async with self.runtime.database.read() as session:
            return list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


@pytest.fixture
def sms_settings(sqlite_settings: Settings) -> Settings:
    """An installation that waits for Kannel on a port of its own; nobody listens at its ``kannel_send_url``."""
    return sqlite_settings.model_copy(
        update={
            "port": free_port(),
            "sms_account": ACCOUNT,
            "kannel_send_url": f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms",
            "kannel_username": USERNAME,
            "kannel_password": SecretStr(PASSWORD),
            "kannel_get_secret": SecretStr(SECRET),
        }
    )


@asynccontextmanager
async def sms_service(settings: Settings, clock: FrozenClock, engine: ScriptedEngine) -> AsyncIterator[SmsService]:
    """Serves the SMS channel until the block ends."""
    app = Sanic("sms-test", configure_logging=False)
    app.config.AUTO_EXTEND = False
    app.config.TOUCHUP = False  # it rewrites Sanic itself, which works once a process
    install_site(app, settings)
    adapter = SmsAdapter()
    adapter.attach(app)
    runtime = app.ctx.runtime = Runtime.start(settings, clock)
    app.ctx.exchange = Exchange(runtime, engine)
    server = await app.create_server(
        host="127.0.0.1", port=settings.port, asyncio_server_kwargs={"start_serving": False}
    )
    assert server is not None
    await server.startup()
    await server.start_serving()
    try:
        yield SmsService(app, runtime, engine, adapter, f"http://127.0.0.1:{settings.port}")
    finally:
        await app.ctx.exchange.stop()
        for connection in list(server.connections):
            connection.close_if_idle()
        await server.close()
        await runtime.database.close()
        Sanic.unregister_app(app)


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
async def service(sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine) -> AsyncIterator[SmsService]:
    """The service without a Kannel."""
    async with sms_service(sms_settings, clock, engine) as running:
        yield running
