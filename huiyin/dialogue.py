"""Starts the dialogue engine with everything it answers from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot import training
from bot.engine import RasaEngine
from bot.services import Services
from core.runtime import Runtime
from knowledge.answering import Answering

log = structlog.get_logger(__name__)

REFRESH_EVERY = 10.0
"""Seconds after which a changed article is answered with, at the latest."""


class NotTrained(RuntimeError):
    """There is no dialogue model for the present training data."""

    def __init__(self) -> None:
        super().__init__("还没有训练对话模型，请先运行 huiyin train")


@asynccontextmanager
async def running_engine(runtime: Runtime) -> AsyncIterator[RasaEngine]:
    """The dialogue engine with the trained model, for as long as the block runs. Raises :class:`NotTrained`."""
    model = training.trained_model(runtime.settings)
    if model is None:
        raise NotTrained
    answering = Answering(runtime)
    await answering.refresh()
    engine = await RasaEngine.start(model, await Services.load(runtime, answering))
    keeping_up = asyncio.create_task(_keep_up(answering))
    try:
        yield engine
    finally:
        keeping_up.cancel()
        await engine.stop()


async def _keep_up(answering: Answering) -> None:
    """Takes over articles as they change."""
    while True:
        await asyncio.sleep(REFRESH_EVERY)
        try:
            await answering.refresh()
        except Exception as problem:  # the database may be away for a while; the next look finds what this one missed
            log.error("the knowledge base could not be read", error=type(problem).__name__)
