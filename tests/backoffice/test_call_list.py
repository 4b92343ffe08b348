"""Finding calls: by when they came, from which number, how they ended and who answered; by an index."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, update

from backoffice.call_list import CallFilter, list_calls
from backoffice.calls import Call, Ending, begin
from backoffice.staff import Role, Staff
from core.clock import FrozenClock
from core.runtime import Runtime
from huiyin.opening import open_up

NUMBERS = ("13800138000", "13900138000", "01062345678")


@pytest.fixture
async def me(runtime: Runtime, clock: FrozenClock) -> Staff:
    """An agent, and forty-five calls, one a minute."""
    now = clock.now()
    async with runtime.database.write() as session:
        agent = Staff(
            username="a",
            number="1001",
            name="王芳",
            role=Role.AGENT,
            password_hash="",
            created_at=now,
            password_changed_at=now,
        )
        session.add(agent)
        await session.flush()
        for place in range(45):
            begun = now + timedelta(minutes=place)
            caller = NUMBERS[place % 3]
            call = await begin(session, f"call-{place}", "asterisk", caller=caller, called="", channel="", now=begun)
            call.ending = (Ending.BYE if place % 2 else Ending.TRANSFERRED).value
            call.answered_by = None if place % 2 else agent.id
    return agent


async def test_calls_are_found_page_by_page_by_all_that_is_asked_together(
    runtime: Runtime, clock: FrozenClock, me: Staff
) -> None:
    now = clock.now()

    async def found(page: int = 1, **wanted: object) -> tuple[int, list[str]]:
        async with runtime.database.read() as session:
            shown = await list_calls(session, me, CallFilter(**wanted), now, page)  # type: ignore[arg-type]
        return shown.total, [entry.call.id.partition("-")[2] for entry in shown.entries]

    assert await found() == (45, [str(place) for place in range(44, 24, -1)])
    assert await found(3) == await found(9) == (45, ["4", "3", "2", "1", "0"])
    assert (await found(number="8000"))[0] == 30  # of two numbers with the same end
    assert (await found(number="13900138000"))[0] == 15
    asked = {"number": "5678", "ending": Ending.TRANSFERRED, "staff_id": me.id, "until": now + timedelta(minutes=9)}
    assert await found(**asked) == (2, ["8", "2"])
    assert await found(**asked, since=now + timedelta(minutes=3)) == (1, ["8"])


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CallFilter(), "ix_calls_begun_at"),
        (CallFilter(number="8000"), "ix_calls_caller_end"),
        (CallFilter(number="13800138000"), "ix_calls_caller_index"),
    ],
)
async def test_of_many_calls_a_page_is_found_by_an_index(
    runtime: Runtime, clock: FrozenClock, me: Staff, wanted: CallFilter, index: str
) -> None:
    asked: list[tuple[str, object]] = []
    engine = runtime.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _k, said, values, *_: asked.append((said, values)))
    async with runtime.database.read() as session:
        await list_calls(session, me, wanted, clock.now())
    [(said, values)] = [one for one in asked if "ORDER BY calls.begun_at DESC" in one[0]]

    def plan(connection: Connection) -> str:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)  # type: ignore[arg-type]
        return " ".join(row[3] for row in rows)

    async with runtime.database.connect() as connection:
        assert index in await connection.run_sync(plan)


async def test_calls_from_before_numbers_could_be_found_are_found_after_the_next_start(
    runtime: Runtime, clock: FrozenClock, me: Staff
) -> None:
    async with runtime.database.write() as session:
        await session.execute(update(Call).values(caller_index=None, caller_end=None))
    await open_up(runtime.database)
    async with runtime.database.read() as session:
        assert (await list_calls(session, me, CallFilter(number="8000"), clock.now())).total == 30
