"""Composes the application: one process that serves citizens and staff."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.config import Config
from sanic.response import json
from sqlalchemy import text

from backoffice.web import install_staff_pages
from bot.turns import Engine
from channels.polls.page import PollPage
from channels.progress.page import ProgressPage
from channels.service import Channels
from channels.sms.adapter import SmsAdapter
from channels.voice.adapter import VoiceAdapter
from channels.webcall.page import CallPage
from channels.webchat.adapter import WebChat
from channels.webchat.welcome import read_welcome
from core.clock import Clock
from core.runtime import Runtime
from core.settings import Settings
from core.web.application import App
from core.web.site import install_site, runtime_of
from huiyin.metrics import metrics
from knowledge.answering import Answering

MakeEngine = Callable[[Runtime, Answering], AbstractAsyncContextManager[Engine]]
"""Starts a dialogue core that answers from a knowledge base, and stops it when the service ends."""


def create_app(
    settings: Settings,
    clock: Clock | None = None,
    engine: Engine | None = None,
    make_engine: MakeEngine | None = None,
) -> App:
    """The application, ready to be served by one process.

    The database must have the newest schema. ``clock`` is replaced in tests. The dialogue core is an ``engine`` that
    runs already or one that ``make_engine`` starts; with neither, every message of a citizen goes to a person.
    """
    app = Sanic(f"huiyin-{secrets.token_hex(4)}", config=_config(), configure_logging=False)
    running = AsyncExitStack()

    async def start(app: App, _loop: Any = None) -> None:
        app.ctx.runtime = Runtime.start(settings, clock)
        app.ctx.answering = Answering(app.ctx.runtime)
        made = make_engine(app.ctx.runtime, app.ctx.answering) if make_engine else None
        started = await running.enter_async_context(made) if made else engine
        await channels.start(app.ctx.runtime, started)

    async def stop(app: App, _loop: Any = None) -> None:
        await channels.stop()
        await running.aclose()
        await app.ctx.runtime.database.close()

    app.before_server_start(start)
    app.after_server_stop(stop)
    site = install_site(app, settings)
    install_staff_pages(app, site)
    ProgressPage().attach(app)
    PollPage().attach(app)
    welcome = read_welcome(settings.city_dir)
    CallPage(welcome).attach(app)
    channels = Channels(app, (WebChat(welcome), SmsAdapter(), VoiceAdapter()))
    app.add_route(health, "/healthz")
    app.add_route(metrics, "/metrics")
    return app


def _config() -> Config:
    config = Config(env_prefix="")  # our settings are the only ones
    config.AUTO_EXTEND = False  # sanic-ext would publish its own pages, with scripts of foreign servers
    config.MOTD = False
    config.ACCESS_LOG = False
    config.GRACEFUL_SHUTDOWN_TIMEOUT = 3.0  # open sockets come back to the next process by themselves
    return config


async def health(request: Request) -> HTTPResponse:
    """Whether this process can do its work: it answers and its database does."""
    async with runtime_of(request).database.read() as session:
        await session.execute(text("SELECT 1"))
    return json({"status": "ok"})
