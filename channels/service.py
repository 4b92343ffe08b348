"""The channels of one process, put together: adapters, the exchange they share, and the outbox that sends for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.turns import Engine
from channels.exchange import Exchange
from channels.people_only import PeopleOnly
from channels.port import Adapter
from core.outbox import OutboxWorker
from core.runtime import Runtime
from core.web.application import App


class Channels:
    """Every way citizens reach us."""

    def __init__(self, app: App, adapters: Sequence[Adapter]) -> None:
        """Adds the adapters' routes to ``app``."""
        self._app = app
        self._adapters = tuple(adapters)
        self._worker: OutboxWorker | None = None
        self._sending: asyncio.Task[None] | None = None
        for adapter in self._adapters:
            adapter.attach(app)

    async def start(self, runtime: Runtime, engine: Engine | None) -> None:
        """Takes up what was left unfinished and begins to send. Without ``engine`` people answer everything."""
        exchange = Exchange(runtime, engine or PeopleOnly())
        self._app.ctx.exchange = exchange
        await exchange.start()
        for adapter in self._adapters:
            await adapter.start(runtime, exchange)
        handlers = {adapter.channel: handler for adapter in self._adapters if (handler := adapter.deliverer())}
        self._worker = OutboxWorker(runtime.database, runtime.clock, handlers)
        self._sending = asyncio.create_task(self._worker.run())

    async def stop(self) -> None:
        """Ends the running turns with their answers stored, and sends no more; what is left waits in the outbox."""
        for adapter in self._adapters:
            await adapter.stop()
        exchange: Exchange = self._app.ctx.exchange
        await exchange.stop()
        if self._worker is not None and self._sending is not None:
            self._worker.stop()
            await self._sending
