"""Loads a year of invented past orders, for lists and charts to show something. Every one is marked as demo.

Lives (:mod:`backoffice.demo_lives`) become rows (:mod:`backoffice.demo_rows`) and are put in in bulk, with a history as
the write door would have written it: same actions, same codes, one unbroken chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import routing
from backoffice.categories import Category
from backoffice.city_pack import read_city_pack
from backoffice.deadlines import Policy, Unit, policy_for
from backoffice.demo_lives import lives
from backoffice.demo_material import read_material
from backoffice.demo_rows import Ids, Scribe, Written
from backoffice.demo_story import DISPATCHER, HANDLER, District, World
from backoffice.departments import Department
from backoffice.kinds import Kind
from backoffice.order_clocks import SUBJECT, Timekeeping
from backoffice.order_fields import routing_text
from backoffice.order_numbers import new_numbers
from backoffice.order_tables import Order, OrderAnswer, OrderRemark
from backoffice.router import Router, load_router
from backoffice.routing import Candidate, Decision, Matter
from backoffice.staff import Role, Staff
from core import history
from core.calendar import WorkCalendar
from core.clock import china_time
from core.database import Base
from core.history import Happening

ORDERS_IN_A_YEAR = 4000
SEED = 12345
_CHUNK = 500

Progress = Callable[[int, int], None]
"""Told how many of how many orders are done."""


async def load_demo(
    session: AsyncSession,
    city_dir: Path,
    now: datetime,
    *,
    seed: int = SEED,
    count: int = ORDERS_IN_A_YEAR,
    progress: Progress | None = None,
) -> int:
    """Adds ``count`` past orders of the year before ``now``; returns how many, 0 when demo orders are there already.

    The same seed, city and ``now`` give the same orders. The city must have been loaded before.
    """
    if await session.scalar(select(func.count()).select_from(Order).where(Order.demo)):
        return 0
    keeping = await Timekeeping.load(session)
    world = await _world(session, city_dir, keeping, now)
    people = await _people(session, now)
    scribe = Scribe(keeping, await _ids(session), people, Random(seed))  # noqa: S311
    numbers = await new_numbers(session, count)
    written: list[Written] = []
    for number, life in zip(numbers, lives(world, now, seed, count), strict=True):
        written.append(scribe.write(str(number), life))
        if progress and len(written) % 100 == 0:
            progress(len(written), count)
    await _store(session, written)
    if progress:
        progress(count, count)
    return count


async def _store(session: AsyncSession, written: Sequence[Written]) -> None:
    table = Base.metadata.tables[Order.__tablename__]
    for start in range(0, len(written), _CHUNK):
        await session.execute(insert(table), [one.order for one in written[start : start + _CHUNK]])
    remarks = [
        (codes, {"number": one.order["number"], "at": s.at, "action": s.action.value, "text": s.remark})
        for one in written
        for s, codes in zip(one.steps, one.codes, strict=True)
        if s.remark
    ]
    answers = [
        (codes, {"number": one.order["number"], "at": s.at, "staff_id": one.order["handler_id"], **vars(s.answer)})
        for one in written
        for s, codes in zip(one.steps, one.codes, strict=True)
        if s.answer
    ]
    await _insert_named(session, OrderRemark, "remark", remarks)
    await _insert_named(session, OrderAnswer, "answer", answers)
    happenings = [
        Happening(one.order["number"], step.action.value, actor, step.at, codes)
        for one in written
        for step, codes, actor in zip(one.steps, one.codes, one.actors, strict=True)
    ]
    happenings.sort(key=lambda happening: happening.at)  # stable: steps at one instant keep their order
    await history.append_all(session, SUBJECT, happenings)


async def _insert_named(
    session: AsyncSession,
    table: type[OrderRemark] | type[OrderAnswer],
    name: str,
    rows: Sequence[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    """Inserts rows and writes their ids under ``name`` into the codes they belong to."""
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        statement = insert(Base.metadata.tables[table.__tablename__]).returning(table.id, sort_by_parameter_order=True)
        ids = await session.scalars(statement, [row for _, row in chunk])
        for (codes, _), row_id in zip(chunk, ids, strict=True):
            codes[name] = row_id


async def _ids(session: AsyncSession) -> Ids:
    return Ids(
        {code: key for code, key in await session.execute(select(Department.code, Department.id))},
        {code: key for code, key in await session.execute(select(Category.code, Category.id))},
    )


async def _people(session: AsyncSession, now: datetime) -> dict[str, str]:
    """History's names for a dispatcher and a handler who never sign in."""
    people: dict[str, str] = {}
    for who, role, number, name in (
        (DISPATCHER, Role.DISPATCHER, "DEMO-1", "演示派单员"),
        (HANDLER, Role.HANDLER, "DEMO-2", "演示经办人"),
    ):
        username = number.lower()
        person = await session.scalar(select(Staff).where(Staff.username == username))
        if person is None:
            person = Staff(
                username=username,
                number=number,
                name=name,
                password_hash="!",  # noqa: S106  # no password has this hash
                role=role,
                active=False,
                created_at=now,
                password_changed_at=now,
            )
            session.add(person)
            await session.flush()
        people[who] = f"staff:{person.id}"
    return people


async def _world(session: AsyncSession, city_dir: Path, keeping: Timekeeping, now: datetime) -> World:
    router = await load_router(session)
    names = {code: name for code, name in await session.execute(select(Department.code, Department.name))}
    gazetteer = read_city_pack(city_dir).gazetteer
    districts = tuple(
        District(entry.code, entry.name, entry.roads, entry.estates, entry.landmarks) for entry in gazetteer.districts
    )
    return World(
        material=read_material(city_dir),
        districts=districts,
        area_code=gazetteer.area_code,
        calendar=keeping.calendar,
        desk=router.default,
        names=names,
        route=lambda category, area, at: _decided(router, category, area, at),
        doubt=lambda content, target, address, at: _doubt(router, routing_text(content, target), address, at),
        terms=_days(policy_for(keeping.policies.values(), china_time(now).date()), keeping.calendar),
    )


def _days(policy: Policy, calendar: WorkCalendar) -> dict[Kind, float]:
    """The terms of a policy in working days, roughly."""
    hours = calendar.day_length.total_seconds() / 3600
    lengths = {Unit.WORKING_DAYS: 1.0, Unit.WORKING_HOURS: hours, Unit.HOURS: 24.0}
    return {kind: max(term.amount / lengths[term.unit], 2.0) for kind, term in policy.answer.items()}


def _doubt(router: Router, text: str, address: str | None, at: datetime) -> Decision | None:
    decision = router.route(text, address, at).decision
    return None if decision.sure else decision


def _decided(router: Router, category: str, area: str, at: time) -> Decision:
    known = router.knowledge
    matter = Matter(
        candidates=[Candidate(routing.path_of(known.category_parents, category))],
        area=routing.path_of(known.area_parents, area),
        at=at,
    )
    return routing.decide(matter, known.rules, router.departments, router.default)
