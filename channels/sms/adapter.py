"""SMS as a channel of the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from channels.exchange import Exchange
from channels.sms import web
from channels.sms.outgoing import SmsSender
from core.channels import SMS
from core.outbox import Handler
from core.runtime import Runtime
from core.web.application import App


class SmsAdapter:
    """Texts by way of Kannel (:class:`channels.port.Adapter`)."""

    channel: Final = SMS

    def attach(self, app: App) -> None:
        """Adds the addresses Kannel calls."""
        self._app = app
        web.add_routes(app)

    async def start(self, runtime: Runtime, exchange: Exchange) -> None:
        """Nothing: the web server listens."""

    async def stop(self) -> None:
        """Nothing."""

    def deliverer(self) -> Handler:
        """Sends one message of ours to the citizen's phone."""
        return self._deliver

    async def _deliver(self, payload: Mapping[str, Any]) -> None:
        # the runtime begins with the server, after the routes
        await SmsSender(self._app.ctx.runtime).deliver(payload)
