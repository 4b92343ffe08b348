"""The SMS channel as Kannel and the outbox see it, with a dialogue core that does as it is told."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from pydantic import SecretStr
from sanic import Sanic
from sanic.server.async_server import AsyncioServer
from sqlalchemy import select

from channels.exchange import Exchange
from channels.sms.adapter import SmsAdapter
from channels.sms.outgoing import prepare
from core import conversations
from core.clock import FrozenClock
from core.conversations import Conversation, Message
from core.messages import Reply
from core.outbox import OutboxRow, OutboxWorker
from core.runtime import Runtime
from core.settings import Settings
from core.web.site import install_site
from tests.channels.scripted import ScriptedEngine
from tests.conftest import on_database
from tests.fixtures.kannel import ACCOUNT, PASSWORD, SECRET, USERNAME, free_port, until

CITIZEN = "13800138000"


@dataclass
class SmsService:
    """A running service with nothing but the SMS channel."""

    app: Sanic
    runtime: Runtime
    engine: ScriptedEngine
    adapter: SmsAdapter
    base: str
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def call(self, path: str, **fields: str | bytes) -> tuple[int, str]:
        """Kannel calls ``/sms/kannel/…``; answers status and body."""
        url = f"{self.base}/sms/kannel/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, params=fields) as response:
            return response.status, await response.text()

    async def hear(self, words: str, *, sender: str = CITIZEN, id_: str = "", secret: str = SECRET) -> int:
        """A text comes in by post-url; returns the status once the bot has answered it."""
        fields = {"secret": secret, "from": sender, "to": ACCOUNT, "charset": "UTF-16BE", "smsc": "network"}
        fields["id"] = id_ or f"test-{next(self._ids)}"
        url = f"{self.base}/sms/kannel/inbound"
        body = words.encode("utf-16-be", errors="surrogatepass")
        async with aiohttp.ClientSession() as session, session.post(url, params=fields, data=body) as response:
            said = await response.text()
        assert response.status != 200 or said == ""  # anything else would be sent to the citizen
        await self.app.ctx.exchange.settled()
        return response.status

    async def say(self, author: str, reply: Reply, *, staff_id: int | None = None) -> Message:
        """Somebody of ours says something in the latest conversation."""
        now = self.runtime.clock.now()
        latest = (await self.conversations())[-1].id
        async with self.runtime.database.write() as session:
            conversation = await conversations.lock(session, latest)
            return await conversations.say(session, conversation, author, reply, now, staff_id=staff_id)

    async def sent(self) -> list[tuple[str, str]]:
        """What goes out and what is held back, in order: the text, and "" or the reason."""
        async with self.runtime.database.read() as session:
            ids = [row.payload["message_id"] for row in await self.outbox()]
            prepared = [await prepare(session, message_id, self.runtime.settings.sms_signature) for message_id in ids]
        return [(outgoing.text, outgoing.withheld or "") for outgoing in prepared]

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
        await until(lambda: _all_closed(server), "a call to the service does not end")
        await server.close()
        await runtime.database.close()
        Sanic.unregister_app(app)


def _all_closed(server: AsyncioServer) -> bool:
    """Closes connections nobody is using; whether none is left."""
    for connection in list(server.connections):
        connection.close_if_idle()
    return not server.connections


@pytest.fixture
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_service(
    request: pytest.FixtureRequest, sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine
) -> AsyncIterator[SmsService]:
    """The service without a Kannel, on each database: for what races and what only a constraint keeps apart."""
    with on_database(request, sms_settings) as settings:
        async with sms_service(settings, clock, engine) as running:
            yield running


@pytest.fixture
async def service(sms_settings: Settings, clock: FrozenClock, engine: ScriptedEngine) -> AsyncIterator[SmsService]:
    """The service without a Kannel."""
    async with sms_service(sms_settings, clock, engine) as running:
        yield running
