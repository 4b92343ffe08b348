"""派单学习: what was learnt from past orders, how good it is, and learning anew."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import structlog
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from backoffice import learned, learning_runs
from backoffice.learned import Subject
from backoffice.learning_runs import LEARNING_ROLES, AlreadyLearning
from backoffice.web.guard import PREFIX, SignedIn, for_roles
from backoffice.web.layout import staff_fragment, staff_page
from core.runtime import Runtime
from core.web.errors import Refusal
from core.web.site import runtime_of

log = structlog.get_logger(__name__)
blueprint = Blueprint("staff_learning", url_prefix=f"{PREFIX}/learning")


@blueprint.get("/")
@for_roles(LEARNING_ROLES)
async def page(request: Request, me: SignedIn) -> HTTPResponse:
    """What is in use, and the latest run."""
    return await staff_page(request, me, "staff/learning/page.html", place="learning", **await _values(request))


@blueprint.get("/state")
@for_roles(LEARNING_ROLES, by_itself=True)
async def state(request: Request, me: SignedIn) -> HTTPResponse:
    """The part of the page that changes while a run is under way."""
    return staff_fragment(request, me, "staff/learning/state.html", **await _values(request))


@blueprint.post("/")
@for_roles(LEARNING_ROLES)
async def begin(request: Request, me: SignedIn) -> HTTPResponse:
    """Begins a run; it goes on whether or not the page stays open."""
    runtime = runtime_of(request)
    try:
        async with runtime.database.write() as session:
            run = await learning_runs.begin(session, f"staff:{me.id}", runtime.clock.now())
    except AlreadyLearning as refused:
        raise Refusal(409, refused.code, refused.reason) from None
    request.app.ctx.learning = asyncio.ensure_future(_carry_out(runtime, run))  # kept: nobody else refers to it
    return redirect(f"{PREFIX}/learning", status=303)


async def stop_learning(app: Any) -> None:
    """Ends a run that is under way when the service stops."""
    work = getattr(app.ctx, "learning", None)
    if work is not None:
        work.cancel()
        await asyncio.wait({work})


async def _carry_out(runtime: Runtime, run: int) -> None:
    try:
        await learning_runs.carry_out(runtime, run)
    except Exception:
        log.exception("learning_failed")


async def _values(request: Request) -> dict[str, Any]:
    runtime = runtime_of(request)
    now: datetime = runtime.clock.now()
    async with runtime.database.read() as session:
        run = await learning_runs.last_run(session)
        models = await learned.in_use(session)
    return {"run": run, "under_way": run is not None and run.is_under_way(now), "models": models, "subjects": Subject}
