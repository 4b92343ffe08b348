"""A small city, its staff, and its citizens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select, text
from sqlalchemy.dialects import sqlite

from backoffice import city, departments, orders
from backoffice.kinds import Kind
from backoffice.order_tables import Order
from backoffice.orders import Answer, Filed, OrderDraft
from backoffice.staff import Role, Staff
from core import contacts, conversations
from core.clock import FrozenClock
from core.contacts import Sender
from core.runtime import Runtime
from huiyin.schema import metadata

SMALL_CITY = Path(__file__).parent / "small_city"

NOISE = OrderDraft(kind=Kind.COMPLAIN, content="东区幸福小区旁边工地噪音太大", channel="webchat")
"""Goes to east.urban without doubt."""
UNCLEAR = OrderDraft(kind=Kind.COMPLAIN, content="说不清楚的一件事", channel="webchat")
"""Nobody can tell what it is about."""


@dataclass
class Town:
    """The small city in one database, and what tests do in it."""

    runtime: Runtime
    clock: FrozenClock
    staff: dict[str, Staff]

    async def file(self, draft: OrderDraft = NOISE, *, key: str | None = None, **changes: Any) -> Filed:
        """Files an order."""
        async with self.runtime.database.write() as session:
            wanted = replace(draft, **changes)
            return await orders.file(session, wanted, key=key or f"test-{self._next()}", now=self.clock.now())

    async def do(
        self, action: Callable[..., Awaitable[Order]], number: str, who: str, *args: Any, **named: Any
    ) -> Order:
        """Lets a member of staff do something to an order, in a transaction of its own."""
        async with self.runtime.database.write() as session:
            return await action(session, number, self.staff[who], *args, now=self.clock.now(), **named)

    async def answered(self, number: str, who: str = "east.urban handler") -> Order:
        """Signs for an order and answers it."""
        await self.do(orders.sign, number, who)
        return await self.do(orders.answer, number, who, self.answer())

    def answer(self) -> Answer:
        """A decent answer of today."""
        return Answer("东区城市管理局", self.clock.now().date(), "到现场检查", "已责令停工")

    async def citizen(self, name: str = "visitor-1", channel: str = "webchat") -> dict[str, Any]:
        """A citizen in a conversation; the fields of a draft that name them."""
        sender = Sender(channel, "main", name)
        now = self.clock.now()
        async with self.runtime.database.write() as session:
            contact = await contacts.find_or_create(session, sender, now)
            conversation = await conversations.open_conversation(session, contact, channel, sender.account, now)
            return {
                "channel": channel,
                "conversation_id": conversation.id,
                "contact_id": conversation.contact_id,
            }

    async def order(self, number: str) -> Order:
        """The order as it stands in the database."""
        async with self.runtime.database.read() as session:
            return await orders_by_number(session, number)

    def wait(self, **time: float) -> None:
        """Lets time pass."""
        self.clock.move(timedelta(**time))

    _count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count


async def orders_by_number(session: Any, number: str) -> Order:
    """The order, whoever may see it."""
    return (await session.scalars(select(Order).where(Order.number == number))).one()


_STAFF = {
    "agent": (Role.AGENT, None),
    "dispatcher": (Role.DISPATCHER, None),
    "supervisor": (Role.SUPERVISOR, None),
    "administrator": (Role.ADMINISTRATOR, None),
    "urban handler": (Role.HANDLER, "urban"),
    "police handler": (Role.HANDLER, "police"),
    "east head": (Role.HEAD, "east"),
    "east.urban handler": (Role.HANDLER, "east.urban"),
    "east.lake handler": (Role.HANDLER, "east.lake"),
    "west handler": (Role.HANDLER, "west"),
    "editor": (Role.EDITOR, None),
}
_USERNAMES = {name: f"user{position}" for position, name in enumerate(_STAFF, start=1)}


_Rows = list[tuple[Table, list[dict[str, Any]]]]
_LOADED: dict[datetime, _Rows] = {}
"""What loading the small city at that moment wrote, once it has been loaded."""


async def town_of(runtime: Runtime, clock: FrozenClock) -> Town:
    """Loads the small city and its staff; on SQLite the rows of an earlier loading are put in."""
    now = clock.now()
    if runtime.database.is_sqlite and now in _LOADED:
        async with runtime.database.write() as session:
            await session.execute(text("PRAGMA defer_foreign_keys = ON"))  # a row may come before its parent
            for table, rows in _LOADED[now]:
                await session.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
            hired = {member.username: member for member in await session.scalars(select(Staff))}
        return Town(runtime, clock, {name: hired[username] for name, username in _USERNAMES.items()})
    staff = await _load(runtime, now)
    async with runtime.database.read() as session:
        tables = [(table, await session.execute(select(table))) for table in metadata().sorted_tables]
        _LOADED[now] = [(table, rows) for table, found in tables if (rows := [dict(row) for row in found.mappings()])]
    return Town(runtime, clock, staff)


async def _load(runtime: Runtime, now: datetime) -> dict[str, Staff]:
    async with runtime.database.write() as session:
        await city.load_city(session, SMALL_CITY, now)
        staff = {}
        for position, (name, (role, code)) in enumerate(_STAFF.items(), start=1):
            department = await departments.by_code(session, code) if code else None
            staff[name] = Staff(
                username=_USERNAMES[name],
                number=f"{position:03d}",
                name=f"员工{position}",
                password_hash="!",
                role=role,
                department_id=department.id if department else None,
                active=True,
                created_at=now,
                password_changed_at=now,
            )
            session.add(staff[name])
        await session.flush()
    return staff


@pytest.fixture
async def town(runtime: Runtime, clock: FrozenClock) -> Town:
    """The small city on SQLite."""
    return await town_of(runtime, clock)


@pytest.fixture
async def any_town(any_runtime: Runtime, clock: FrozenClock) -> Town:
    """The small city on SQLite and again on PostgreSQL."""
    return await town_of(any_runtime, clock)
