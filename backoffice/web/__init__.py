"""The pages of staff."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from backoffice import duty
from backoffice.web import (
    account,
    desk,
    desk_stream,
    frame_parts,
    media,
    orders_deeds,
    orders_dispatch,
    orders_entry,
    orders_list,
    orders_sheet,
    orders_todo,
)
from backoffice.web.guard import check_routes
from core.web.application import App
from core.web.site import Site

log = structlog.get_logger(__name__)

_PAGES = (
    account,
    frame_parts,
    desk_stream,
    desk,
    media,
    orders_todo,
    orders_list,
    orders_entry,
    orders_sheet,
    orders_deeds,
    orders_dispatch,
)

LOOK_FOR_ABANDONED_EVERY = 60.0
"""Seconds."""


def install_staff_pages(app: App, site: Site) -> None:
    """Adds the pages of staff; raises RuntimeError when one of them does not say whom it serves."""
    site.add_room("staff", Path(__file__).parent)
    for module in _PAGES:
        app.blueprint(module.blueprint)
    check_routes(app)
    app.after_server_start(_start_housekeeping)
    app.before_server_stop(_stop_housekeeping)


async def _start_housekeeping(app: App) -> None:
    app.ctx.staff_housekeeping = asyncio.ensure_future(_housekeeping(app))


async def _stop_housekeeping(app: App) -> None:
    """Lets a round that has begun come to its end; cancelled in the middle it would leave its transaction open."""
    app.ctx.site.stopping.set()
    await app.ctx.staff_housekeeping


async def _housekeeping(app: App) -> None:
    """Puts back what people hold who have gone; a failed round is logged and the next one comes."""
    runtime, site = app.ctx.runtime, app.ctx.site
    while not site.stopping.is_set():
        try:
            async with runtime.database.write() as session:
                released = await duty.release_abandoned(session, runtime.clock.now())
            if released:
                log.warning("abandoned_conversations_released", count=released)
        except Exception:
            log.exception("release_abandoned_failed")
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(site.stopping.wait(), LOOK_FOR_ABANDONED_EVERY)
