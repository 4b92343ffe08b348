"""The pages of staff."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import structlog

from backoffice import duty
from backoffice.call_wishes import Wishes
from backoffice.calling_back import CallBackTickets
from backoffice.knowledge_imports import Imports
from backoffice.knowledge_rounds import KnowledgeRounds
from backoffice.knowledge_trial import Trials
from backoffice.listening import Tickets
from backoffice.order_closing import close_answered
from backoffice.order_numbers import learn_numbers
from backoffice.web import (
    account,
    calls,
    calls_list,
    desk,
    desk_phrases,
    desk_stream,
    desk_telephone,
    frame_parts,
    knowledge_article,
    knowledge_deeds,
    knowledge_edit,
    knowledge_files,
    knowledge_list,
    knowledge_questions,
    knowledge_write,
    learning,
    media,
    orders_deeds,
    orders_dispatch,
    orders_entry,
    orders_list,
    orders_setup,
    orders_sheet,
    orders_todo,
    polls,
)
from backoffice.web.again import install_leading_back
from backoffice.web.guard import check_routes
from core.rounds import Rounds
from core.runtime import Runtime
from core.web.application import App
from core.web.site import Site

log = structlog.get_logger(__name__)

_PAGES = (
    account,
    frame_parts,
    desk_stream,
    desk,
    desk_telephone,
    desk_phrases,
    calls,
    calls_list,
    learning,
    media,
    orders_todo,
    orders_list,
    orders_setup,
    orders_entry,
    orders_sheet,
    orders_deeds,
    orders_dispatch,
    knowledge_list,
    knowledge_edit,
    knowledge_write,
    knowledge_article,
    knowledge_deeds,
    knowledge_questions,
    knowledge_files,
    polls,
)

LOOK_EVERY = 60.0
"""Seconds between looks for what people hold who have gone, and for what has come due."""


def install_staff_pages(app: App, site: Site) -> None:
    """Adds the pages of staff; raises RuntimeError when one of them does not say whom it serves."""
    site.add_room("staff", Path(__file__).parent)
    for module in _PAGES:
        app.blueprint(module.blueprint)
    check_routes(app)
    install_leading_back(app)
    app.before_server_start(_learn_numbers)
    app.before_server_start(_open_knowledge)
    app.after_server_start(_start_rounds)
    app.before_server_stop(_stop_rounds)
    app.before_server_stop(learning.stop_learning)


async def _learn_numbers(app: App) -> None:
    runtime: Runtime = app.ctx.runtime
    async with runtime.database.read() as session:
        await learn_numbers(session)


async def _open_knowledge(app: App) -> None:
    """What knowledge pages work with; the application has opened the base before."""
    app.ctx.trials = Trials(app.ctx.answering)
    app.ctx.knowledge_rounds = KnowledgeRounds(app.ctx.runtime, app.ctx.answering)
    app.ctx.knowledge_imports = Imports(app.ctx.runtime)
    app.ctx.knowledge_tasks = set()
    app.ctx.listening = Tickets()
    app.ctx.calling_back = CallBackTickets()
    app.ctx.wishes = Wishes()


async def _start_rounds(app: App) -> None:
    app.ctx.staff_rounds = Rounds()
    app.ctx.staff_rounds.start("release abandoned conversations", LOOK_EVERY, partial(_release_abandoned, app))
    app.ctx.staff_rounds.start("close answered orders", LOOK_EVERY, partial(_close_answered, app))
    app.ctx.staff_rounds.start("learn which numbers are orders'", LOOK_EVERY, partial(_learn_numbers, app))
    app.ctx.staff_rounds.start("keep the knowledge base", LOOK_EVERY, app.ctx.knowledge_rounds.round)


async def _stop_rounds(app: App) -> None:
    await app.ctx.staff_rounds.stop()
    await asyncio.gather(*app.ctx.knowledge_tasks, return_exceptions=True)
    await app.ctx.knowledge_imports.wait()


async def _release_abandoned(app: App) -> None:
    runtime: Runtime = app.ctx.runtime
    async with runtime.database.write() as session:
        released = await duty.release_abandoned(session, runtime.clock.now())
    if released:
        log.warning("abandoned conversations released", count=released)


async def _close_answered(app: App) -> None:
    runtime: Runtime = app.ctx.runtime
    await close_answered(runtime.database, runtime.clock.now())
