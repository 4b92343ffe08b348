"""Puts the parts together: the database made ready, the city loaded, the dialogue engine started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from backoffice.city import CityLoaded, load_city
from backoffice.departments import open_departments
from bot import training
from bot.engine import RasaEngine
from bot.services import Services
from core.runtime import Runtime
from huiyin.migrate import migrate
from knowledge.answering import Answering
from knowledge.loading import LoadReport, load_pack

log = structlog.get_logger(__name__)

REFRESH_EVERY = 10.0
"""Seconds after which a changed article is answered with, at the latest."""

Step = Callable[[str, float], None]
"""Told what is being done, in Chinese, and the share done (0 to 1)."""


class NotTrained(RuntimeError):
    """There is no dialogue model for the present training data."""

    def __init__(self) -> None:
        super().__init__("还没有训练对话模型，请先运行 huiyin train")


@dataclass(frozen=True)
class Prepared:
    """What making an installation ready found."""

    city: CityLoaded
    articles: LoadReport


async def prepare(runtime: Runtime, step: Step = lambda what, share: None) -> Prepared:
    """Brings the schema up to date and loads the city pack; changes nothing that is already so."""
    step("更新数据库结构", 0.0)
    await migrate(runtime.database)
    step("更新数据库结构", 1.0)
    folder, now = runtime.settings.city_dir, runtime.clock.now()
    step("载入城市资料", 0.0)
    async with runtime.database.write() as session:
        city = await load_city(session, folder, now)
    step("载入城市资料", 1.0)
    async with runtime.database.write() as session:
        articles = await load_pack(
            session,
            folder / "articles",
            now=now,
            departments={department.code for department in await open_departments(session)},
            progress=lambda done, total: step("载入知识库", done / total),
        )
    step("载入知识库", 1.0)
    return Prepared(city, articles)


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
