"""Puts the shared parts of all pages onto an application; rooms then add their own templates, files and routes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request

from core.runtime import Runtime
from core.settings import Settings
from core.web.application import App
from core.web.assets import Assets
from core.web.errors import install_errors
from core.web.headers import install_headers
from core.web.pages import Pages

_HERE = Path(__file__).parent
_FORM_OVERHEAD = 64 * 1024


class Site:
    """Templates and static files of one application; handlers find it at ``request.app.ctx.site``."""

    def __init__(self) -> None:
        self.assets = Assets()
        self.pages = Pages(self.assets.url)
        self.stopping = asyncio.Event()
        """Set when the server stops: whoever holds a stream open lets go."""

    def add_room(self, room: str, folder: Path) -> None:
        """Takes in ``folder/templates`` as ``room/…`` and ``folder/static`` as ``/static/room/…``."""
        self.pages.add(room, folder / "templates")
        self.assets.add(folder / "static", room)


def install_site(app: App, settings: Settings) -> Site:
    """Adds headers, error answers, templates and ``/static`` to ``app``."""
    site = Site()
    site.pages.add("core", _HERE / "templates")
    site.assets.add(_HERE / "static")
    app.ctx.site = site
    app.config.PROXIES_COUNT = settings.trusted_proxies or None
    app.config.REQUEST_MAX_SIZE = settings.upload_limit_bytes + _FORM_OVERHEAD
    install_headers(app, settings)
    install_errors(app, site.pages)

    async def serve_static(request: Request, name: str) -> HTTPResponse:
        return await site.assets.serve(request, name)

    async def let_go(_app: App, _loop: Any = None) -> None:
        site.stopping.set()

    app.add_route(serve_static, "/static/<name:path>", methods=["GET", "HEAD"], name="static")
    app.before_server_stop(let_go)
    return site


def site_of(request: Request) -> Site:
    """The templates and files of the application that answers."""
    site: Site = request.app.ctx.site
    return site


def runtime_of(request: Request) -> Runtime:
    """Settings, clock and database of the application that answers."""
    runtime: Runtime = request.app.ctx.runtime
    return runtime
