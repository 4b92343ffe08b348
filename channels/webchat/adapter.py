"""The web chat as a channel: its routes, pages and files, and no deliverer, because its clients fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import SanicException
from sanic.response import json

from channels.exchange import Exchange
from channels.webchat.limits import Limits
from channels.webchat.pages import add_page_routes
from channels.webchat.routes import ChatRoutes
from channels.webchat.session import known_visitor, refuse_foreign_pages
from channels.webchat.uploads import PhotoRoutes
from channels.webchat.welcome import Welcome
from core.channels import WEBCHAT
from core.outbox import Handler
from core.runtime import Runtime
from core.web.application import App
from core.web.errors import describe
from core.web.site import Site

LARGEST_FRAME: Final = 256 * 1024
"""Bytes of one web socket message: more than the longest text we take, so that a longer one is refused in words."""
PING_EVERY: Final = 20
PING_PATIENCE: Final = 20


class WebChat:
    """The web chat's adapter."""

    channel = WEBCHAT

    def __init__(self, welcome: Welcome) -> None:
        """``welcome``: what the first screen says."""
        self._welcome = welcome
        self._limits = Limits()

    def attach(self, app: App) -> None:
        """Adds the page, the socket, the programs' interface and the photos."""
        app.config.WEBSOCKET_MAX_SIZE = LARGEST_FRAME
        app.config.WEBSOCKET_PING_INTERVAL = PING_EVERY
        app.config.WEBSOCKET_PING_TIMEOUT = PING_PATIENCE
        site: Site = app.ctx.site
        site.add_room("webchat", Path(__file__).parent)
        data = Blueprint("webchat")
        data.on_request(_guard)
        data.exception(SanicException)(_in_json)
        ChatRoutes(self._limits).add_to(data)
        PhotoRoutes(self._limits).add_to(data)
        pages = Blueprint("webchat_pages")
        add_page_routes(pages, self._welcome)
        app.blueprint(data)
        app.blueprint(pages)

    async def start(self, runtime: Runtime, exchange: Exchange) -> None:
        """Nothing: the web server listens."""

    async def stop(self) -> None:
        """Nothing."""

    def deliverer(self) -> Handler | None:
        """None: clients fetch by sequence number."""
        return None


async def _guard(request: Request) -> None:
    """Before anything else, and before a socket is opened: no page but ours, no visitor but one we know."""
    refuse_foreign_pages(request)
    if request.path != "/api/chat/session":
        known_visitor(request)


async def _in_json(_request: Request, problem: SanicException) -> HTTPResponse:
    """These addresses are for programs, whatever they say they accept."""
    status, code, reason, headers = describe(problem)
    return json({"error": code, "reason": reason}, status=status, headers=headers)
