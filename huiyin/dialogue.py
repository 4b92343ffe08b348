"""Starts the dialogue engine with everything it answers from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import training
from bot.engine import RasaEngine
from bot.services import Services
from core.rounds import Rounds
from core.runtime import Runtime
from knowledge.answering import Answering

REFRESH_EVERY = 10.0
"""Seconds after which a changed article is answered with, at the latest."""


class NotTrained(RuntimeError):
    """There is no dialogue model for the present training data."""

    def __init__(self) -> None:
        super().__init__("还没有训练对话模型，请先运行 huiyin train")


@asynccontextmanager
async def running_engine(runtime: Runtime, answering: Answering | None = None) -> AsyncIterator[RasaEngine]:
    """The dialogue engine with the trained model, for as long as the block runs.

    ``answering``: the knowledge base it answers from, which it keeps up to date; None: one of its own. Raises
    :class:`NotTrained`.
    """
    model = training.trained_model(runtime.settings)
    if model is None:
        raise NotTrained
    answering = answering or Answering(runtime)
    await answering.refresh()
    engine = await RasaEngine.start(model, await Services.load(runtime, answering))
    rounds = Rounds()
    rounds.start("take over changed articles", REFRESH_EVERY, answering.refresh)
    try:
        yield engine
    finally:
        await rounds.stop()
        await engine.stop()
