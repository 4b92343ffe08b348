"""The port: what a way for citizens to reach us has to be, whatever it is made of.

A message travels in through :meth:`channels.exchange.Exchange.receive` and out in one of two ways: clients that are
connected fetch it by sequence number (web chat), all others are sent it by an outbox handler (SMS).
"""

from __future__ import annotations

from typing import Protocol

from sanic import Request

from channels.exchange import Exchange
from core.outbox import Handler
from core.runtime import Runtime
from core.web.application import App


class Adapter(Protocol):
    """One channel. What its callers send is parsed into ``InboundMessage``; the rest of the house never sees it."""

    @property
    def channel(self) -> str:
        """Its name: ``Sender.channel`` of what comes in, and the outbox topic of what goes out."""
        ...

    def attach(self, app: App) -> None:
        """Adds its routes and pages. They find the exchange by :func:`exchange_of`."""
        ...

    async def start(self, runtime: Runtime, exchange: Exchange) -> None:
        """Begins to listen, where the channel has ears of its own."""
        ...

    async def stop(self) -> None:
        """Ends what :meth:`start` began."""
        ...

    def deliverer(self) -> Handler | None:
        """Carries out an outbox row ``{conversation_id, message_id}``; None where clients fetch for themselves."""
        ...


def exchange_of(request: Request) -> Exchange:
    """The exchange of the application that answers."""
    exchange: Exchange = request.app.ctx.exchange
    return exchange
