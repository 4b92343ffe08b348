"""Loads a city pack into the database. Idempotent: a part whose file has not changed since it was loaded is left
alone, with whatever the city has edited in it since; departments and categories keep their ids for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.areas import load_areas
from backoffice.categories import CategoryEntry, load_categories
from backoffice.city_pack import CityPack, read_city_pack
from backoffice.deadline_policies import add_policy
from backoffice.departments import load_departments
from backoffice.order_clocks import recompute_open
from backoffice.router import replace_rules
from core.calendar import CalendarDay, SpecialDay, announced_days, set_office_hours
from core.database import Base, Instant, insert_into

log = structlog.get_logger(__name__)

FIRST_CALENDAR_YEAR = 2024


class CityPart(Base):
    """That a file of the city pack was loaded, and what it then was."""

    __tablename__ = "city_parts"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True)
class CityLoaded:
    """What loading did: the parts that had changed, and what is wrong in the pack though it can be used."""

    parts: tuple[str, ...]
    problems: tuple[str, ...]


async def load_city(session: AsyncSession, folder: Path, now: datetime) -> CityLoaded:
    """Makes the database what the city pack in ``folder`` says, where that changed.

    Raises :class:`backoffice.city_pack.CityPackRefused` and the refusals of the single parts.
    """
    pack = read_city_pack(folder)
    days = calendar_of(pack)
    fingerprints = pack.fingerprints | {"holidays": hashlib.sha256(repr(days).encode()).hexdigest()}
    changed = [part for part, digest in fingerprints.items() if await _is_new(session, part, digest, now)]
    if "departments" in changed:
        await load_departments(session, pack.departments, now)
    if "categories" in changed:
        await load_categories(session, pack.categories)
    if "gazetteer" in changed:
        await load_areas(session, pack.gazetteer.districts)
    if "routing" in changed:
        await replace_rules(session, pack.rules)
    if {"holidays", "deadlines"} & set(changed):
        await _load_time(session, pack, days)
    found = problems(pack)
    for problem in found:
        log.warning("city pack", problem=problem)
    return CityLoaded(tuple(changed), found)


def calendar_of(pack: CityPack) -> list[SpecialDay]:
    """The announced days, with the pack's own in their place where it names the same."""
    days = {day.day: day for day in announced_days(FIRST_CALENDAR_YEAR)}
    days.update({day.day: day for day in pack.days})
    return [days[day] for day in sorted(days)]


def problems(pack: CityPack) -> tuple[str, ...]:
    """Routing rules that name what the pack does not have: each would alarm, or never hold."""
    departments = {entry.code for entry in pack.departments}
    categories = set(_codes(pack.categories))
    districts = pack.gazetteer.districts
    areas = {district.code for district in districts} | {s.code for district in districts for s in district.streets}
    found: list[str] = []
    for rule in pack.rules:
        for what, code, known in (
            ("部门", rule.department, departments),
            ("分类", rule.category, categories),
            ("区域", rule.area, areas),
        ):
            if code is not None and code not in known:
                found.append(f"routing.yml：规则 {rule.category}／{rule.area or '各区'} 里的{what} {code} 不存在")
    return tuple(found)


def _codes(entries: Iterable[CategoryEntry]) -> Iterable[str]:
    for entry in entries:
        yield entry.code
        yield from _codes(entry.children)


async def _is_new(session: AsyncSession, part: str, digest: str, now: datetime) -> bool:
    known = await session.get(CityPart, part)
    if known is not None and known.fingerprint == digest:
        return False
    await session.merge(CityPart(name=part, fingerprint=digest, loaded_at=now))
    return True


async def _load_time(session: AsyncSession, pack: CityPack, days: list[SpecialDay]) -> None:
    rows = [{"day": day.day, "kind": day.kind.value, "name": day.name} for day in days]
    insert = insert_into(session, CalendarDay)
    newer = {"kind": insert.excluded.kind, "name": insert.excluded.name}
    await session.execute(insert.on_conflict_do_update(index_elements=[CalendarDay.day], set_=newer), rows)
    await set_office_hours(session, pack.deadlines.office_hours)
    for policy in pack.deadlines.policies:
        await add_policy(session, policy.version, policy.effective_from, policy.source, policy.rules)
    await recompute_open(session)
