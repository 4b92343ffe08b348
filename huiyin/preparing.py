"""Makes an installation ready: the schema up to date, the city pack loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backoffice.city import CityLoaded, load_city
from backoffice.departments import open_departments
from core.runtime import Runtime
from huiyin.opening import open_up
from knowledge.loading import LoadReport, load_pack

Step = Callable[[str, float], None]
"""Told what is being done, in Chinese, and the share done (0 to 1)."""


_PREPARING = "prepare"


@dataclass(frozen=True)
class Prepared:
    """What making an installation ready found."""

    city: CityLoaded
    articles: LoadReport


async def prepare(runtime: Runtime, step: Step = lambda what, share: None) -> Prepared:
    """Brings the schema up to date and loads the city pack; changes nothing that is already so.

    Raises :class:`core.database.DatabaseUnreachable`, :class:`core.privacy.KeyRefused` and
    :class:`backoffice.city_pack.CityPackRefused`.
    """
    step("更新数据库结构", 0.0)
    await open_up(runtime.database)
    step("更新数据库结构", 1.0)
    folder, now = runtime.settings.city_dir, runtime.clock.now()
    step("载入城市资料", 0.0)
    async with runtime.database.write() as session:
        await runtime.database.one_at_a_time(session, _PREPARING)
        city = await load_city(session, folder, now)
    step("载入城市资料", 1.0)
    async with runtime.database.write() as session:
        await runtime.database.one_at_a_time(session, _PREPARING)
        articles = await load_pack(
            session,
            folder / "articles",
            now=now,
            departments={department.code for department in await open_departments(session)},
            progress=lambda done, total: step("载入知识库", done / total),
        )
    step("载入知识库", 1.0)
    return Prepared(city, articles)
