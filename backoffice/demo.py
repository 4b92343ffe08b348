"""Loads a year of invented past orders, for lists and charts to show something. Every one is marked as demo.

The lives come from :mod:`backoffice.demo_lives`; here they become rows, in bulk, with a history as the write door
would have written it: same actions, same codes, one unbroken chain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import routing
from backoffice.categories import Category
from backoffice.city_pack import read_city_pack
from backoffice.deadlines import Event, Policy, Unit, policy_for, standing
from backoffice.demo_lives import DISPATCHER, HANDLER, District, Life, Step, World, lives
from backoffice.demo_material import read_material
from backoffice.departments import Department
from backoffice.kinds import Kind
from backoffice.order_clocks import SUBJECT, Timekeeping, write_clocks
from backoffice.order_fields import routing_text, search_text, title_of
from backoffice.order_filing import phone_index
from backoffice.order_numbers import new_numbers
from backoffice.order_tables import Order, OrderAnswer, OrderRemark
from backoffice.origins import Origin
from backoffice.proof import ALPHABET, CODE_LENGTH
from backoffice.router import Router, load_router
from backoffice.routing import Candidate, Decision, Matter
from backoffice.staff import Role, Staff
from backoffice.workflow import Action, Status, walk
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
    scribe = _Scribe(keeping, await _ids(session), people, Random(seed))  # noqa: S311
    numbers = await new_numbers(session, count)
    written: list[_Written] = []
    for number, life in zip(numbers, lives(world, now, seed, count), strict=True):
        written.append(scribe.write(str(number), life))
        if progress and len(written) % 100 == 0:
            progress(len(written), count)
    await _store(session, written)
    if progress:
        progress(count, count)
    return count


@dataclass(frozen=True)
class _Ids:
    departments: Mapping[str, int]
    categories: Mapping[str, int]


@dataclass(frozen=True)
class _Written:
    """An order's rows; ``steps`` still need the ids of remarks and answers."""

    order: dict[str, Any]
    steps: tuple[Step, ...]
    codes: tuple[dict[str, Any], ...]
    """Of each step: what history says."""
    actors: tuple[str, ...]


@dataclass(frozen=True)
class _Scribe:
    """Turns lives into rows."""

    keeping: Timekeeping
    ids: _Ids
    people: Mapping[str, str]
    random: Random

    def write(self, number: str, life: Life) -> _Written:
        """The rows of one order."""
        status = walk(step.action for step in life.steps)
        assert status is not None
        first, last = life.steps[0], life.steps[-1]
        policy = policy_for(self.keeping.policies.values(), china_time(first.at).date())
        order = Order(
            number=number,
            query_code="".join(self.random.choices(ALPHABET, k=CODE_LENGTH)),
            kind=life.kind.value,
            status=status.value,
            title=title_of(life.content, life.reporter_name),
            content=life.content,
            search_text=search_text(life.content, life.target, life.reporter_name),
            address=life.address,
            area_code=life.area,
            category_id=self.ids.categories[life.category],
            category_origin=Origin.RULE.value,
            happened=None,
            happened_at=None,
            target=life.target,
            reporter_name=life.reporter_name,
            reporter_phone=life.reporter_phone,
            reporter_phone_index=phone_index(life.reporter_phone) if life.reporter_phone else None,
            confidential=life.confidential,
            attachments={"files": []},
            channel=life.channel,
            account=None,
            conversation_id=None,
            contact_id=None,
            demo=True,
            department_id=self.ids.departments[last.department],
            department_origin=_origin(life),
            handler_id=self._handler(life, status),
            created_at=first.at,
            updated_at=last.at,
            answered_at=_last(life, Action.ANSWER) if status in (Status.ANSWERED, Status.CLOSED) else None,
            closed_at=_last(life, Action.CLOSE) if status is Status.CLOSED else None,
            urges=_count(life, Action.URGE),
            send_backs=_count(life, Action.SEND_BACK),
            policy_version=policy.version,
        )
        events = [Event(step.action, step.at) for step in life.steps]
        write_clocks(order, standing(life.kind, events, policy, self.keeping.calendar))
        row = {column.key: getattr(order, column.key) for column in Order.__table__.columns if column.key != "id"}
        codes = tuple(self._codes(life, policy, index) for index in range(len(life.steps)))
        return _Written(row, life.steps, codes, tuple(self.people.get(step.who, step.who) for step in life.steps))

    def _handler(self, life: Life, status: Status) -> int | None:
        """Who signed last, unless it went elsewhere since."""
        signed, moved = _last(life, Action.SIGN), _last(life, Action.DISPATCH)
        if signed is None or status is Status.PENDING_DISPATCH or (moved is not None and moved > signed):
            return None
        return int(self.people[HANDLER].removeprefix("staff:"))

    def _codes(self, life: Life, policy: Policy, index: int) -> dict[str, Any]:
        step = life.steps[index]
        reached = walk(earlier.action for earlier in life.steps[: index + 1])
        assert reached is not None
        codes: dict[str, Any] = {"status": reached.value, "department": step.department}
        if step.why:
            codes["why"] = step.why
        if step.action is Action.SEND_BACK:
            codes["from"] = life.steps[index - 1].department
        if step.action is Action.FILE:
            codes |= {
                "kind": life.kind.value,
                "channel": life.channel,
                "policy": policy.version,
                "routing": _reasons(life),
            }
        return codes


def _reasons(life: Life) -> dict[str, Any]:
    decision = life.routing
    return {
        "why": decision.why,
        "category": life.category,
        "confidence": decision.confidence,
        "suggested": decision.suggested,
        "words": [],
        "area": life.area,
        "places": [],
        "alarm": None,
    }


def _origin(life: Life) -> str | None:
    """Who sent it where it lies: a rule or the dispatcher; None on the desk."""
    moves = [step for step in life.steps if step.action in (Action.DISPATCH, Action.SEND_BACK)]
    return moves[-1].why if moves else None


def _last(life: Life, action: Action) -> datetime | None:
    return next((step.at for step in reversed(life.steps) if step.action is action), None)


def _count(life: Life, action: Action) -> int:
    return sum(step.action is action for step in life.steps)


async def _store(session: AsyncSession, written: Sequence[_Written]) -> None:
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


async def _ids(session: AsyncSession) -> _Ids:
    return _Ids(
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
    districts = tuple(
        District(entry.code, entry.name, entry.roads, entry.estates, entry.landmarks)
        for entry in read_city_pack(city_dir).gazetteer.districts
    )
    return World(
        material=read_material(city_dir),
        districts=districts,
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
