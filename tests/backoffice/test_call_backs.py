"""Who has to be called back, of many: whole citizens, mine always among them; found by an index; without a deadlock."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_backs, call_people, calling_back, calls
from backoffice.calls import Call, FollowUp
from backoffice.refusals import NotAllowed
from backoffice.staff import NewStaff, Role, Staff, create
from core import history
from core.clock import FrozenClock
from core.runtime import Runtime

EACH = 2
"""Calls of one citizen."""
CITIZENS = 6


@pytest.fixture
async def me(any_runtime: Runtime, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """An agent, and citizens who have called in turn, twice each, in vain; three are listed at once."""
    monkeypatch.setattr(call_backs, "SHOWN", 3)
    async with any_runtime.database.write() as session:
        new = NewStaff(username="agent", number="1001", name="王芳", role=Role.AGENT)
        agent = await create(session, new, "Correct-Horse-9", "test", clock.now())
        for place in range(EACH * CITIZENS):
            begun = clock.now() + timedelta(minutes=place)
            caller = number(place % CITIZENS)
            await calls.begin(session, f"call-{place}", "asterisk", caller=caller, called="", channel="", now=begun)
            await calls.want_follow_up(session, f"call-{place}", FollowUp.MISSED)
    return agent


def number(place: int) -> str:
    return f"1380013800{place}"


async def test_of_many_who_wait_the_longest_waiting_are_listed_with_all_their_calls_and_mine_always(
    any_runtime: Runtime, clock: FrozenClock, me: Staff
) -> None:
    async with any_runtime.database.write() as session:
        await call_backs.take(session, me, "call-5", clock.now())
    async with any_runtime.database.read() as session:
        listed = await call_backs.waiting(session, me, clock.now())
    assert [(entry.call.caller, len(entry.calls), entry.mine) for entry in listed] == [
        (number(5), EACH, True),
        (number(0), EACH, False),
        (number(1), EACH, False),
    ]


async def test_of_many_who_were_called_back_the_latest_are_listed_with_all_their_calls(
    any_runtime: Runtime, clock: FrozenClock, me: Staff
) -> None:
    for place in range(CITIZENS):
        clock.move(timedelta(minutes=1))
        async with any_runtime.database.write() as session:
            await call_backs.take(session, me, f"call-{place}", clock.now())
            await call_backs.finish(session, me, f"call-{place}", call_backs.Result.REACHED, "", clock.now())
    async with any_runtime.database.read() as session:
        listed = await call_backs.done_lately(session, me, clock.now())
    ids = [[call.id for call in entry.calls] for entry in listed]
    assert ids == [[f"call-{place}", f"call-{place + CITIZENS}"] for place in (5, 4, 3)]


@pytest.mark.parametrize("view", [call_backs.waiting, call_backs.done_lately, call_backs.waiting_count])
async def test_who_waits_and_who_was_called_back_is_found_by_an_index(
    runtime: Runtime, clock: FrozenClock, view: object
) -> None:
    asked: list[tuple[str, object]] = []
    engine = runtime.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _k, said, values, *_: asked.append((said, values)))
    async with runtime.database.read() as session:
        await view(session, Staff(id=1), clock.now())  # type: ignore[operator]
    [(said, values)] = [one for one in asked if "FROM calls" in one[0]]

    def plan(connection: Connection) -> list[str]:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)  # type: ignore[arg-type]
        return [row[3] for row in rows if "calls" in row[3]]

    async with runtime.database.connect() as connection:
        steps = await connection.run_sync(plan)
    assert steps
    assert all("ix_calls_followed_at" in step for step in steps), steps


async def test_who_answers_and_who_takes_a_call_back_of_one_number_do_not_lock_each_other_out(
    any_runtime: Runtime, clock: FrozenClock, me: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, taking = call_backs.to_withdraw, list[asyncio.Task[None]]()

    async def take() -> None:
        async with any_runtime.database.write() as session:
            await call_backs.take(session, me, "call-0", clock.now())

    async def find_slowly(session: AsyncSession, later: Call, kinds: Iterable[FollowUp]) -> list[Call]:
        await session.flush()  # what has been changed until now is locked
        taking.append(asyncio.create_task(take()))
        await asyncio.sleep(0.5)
        return await find(session, later, kinds)

    monkeypatch.setattr(call_backs, "to_withdraw", find_slowly)
    async with any_runtime.database.write() as session:
        await call_people.answered(session, f"call-{CITIZENS}", me.number, clock.now())
    with suppress(NotAllowed):  # the answer was first
        await asyncio.gather(*taking)
    async with any_runtime.database.read() as session:
        [first, second] = [await session.get_one(Call, name) for name in ("call-0", f"call-{CITIZENS}")]
    assert (first.follow_result, second.follow_result) == ("called_again", "called_again")
    assert (second.with_staff, second.answered_by) == (me.id, me.id)


@pytest.mark.parametrize("by", ["hand", "the PBX again"])
async def test_what_the_pbx_tells_of_a_call_back_that_is_told_at_the_same_moment_is_kept_once(
    any_runtime: Runtime, clock: FrozenClock, me: Staff, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    finish, at, others = call_backs.finish, clock.now(), list[asyncio.Task[None]]()
    reached = call_backs.Result.REACHED

    async def tell() -> None:
        async with any_runtime.database.write() as session:
            if by == "hand":
                await finish(session, me, "call-0", reached, "", at)
            else:
                await calling_back.called_back(session, "call-0", me.number, calling_back.REACHED, 60, at)

    async def finish_slowly(session: AsyncSession, *told: Any) -> None:
        if not others:
            others.append(asyncio.create_task(tell()))
            await asyncio.sleep(0.5)
        await finish(session, *told)

    async with any_runtime.database.write() as session:
        await call_backs.take(session, me, "call-0", at)
    monkeypatch.setattr(call_backs, "finish", finish_slowly)
    async with any_runtime.database.write() as session:
        await calling_back.called_back(session, "call-0", me.number, calling_back.REACHED, 60, at)
    with suppress(NotAllowed):  # the PBX was first
        await asyncio.gather(*others)
    async with any_runtime.database.read() as session:
        told = [one.action for one in await history.of(session, "call", "call-0")]
        call = await session.get_one(Call, "call-0")
    assert told[-2:] == ["called_back", "follow_up_done"]
    assert (told.count("called_back"), call.attempts, call.follow_result) == (1, 1, reached.value)


async def test_a_call_back_told_late_settles_no_call_that_came_after_it(
    any_runtime: Runtime, clock: FrozenClock, me: Staff
) -> None:
    over, later = clock.now() + timedelta(hours=1), clock.now() + timedelta(hours=2)
    async with any_runtime.database.write() as session:
        await call_backs.take(session, me, "call-0", clock.now())
        await calls.begin(session, "later", "asterisk", caller=number(0), called="", channel="", now=later)
        await calls.want_follow_up(session, "later", FollowUp.MISSED)
    async with any_runtime.database.write() as session:
        await calling_back.called_back(session, "call-0", me.number, calling_back.REACHED, 60, over)
    async with any_runtime.database.read() as session:
        followed = [(await session.get_one(Call, name)).followed_at for name in ("call-0", f"call-{CITIZENS}", "later")]
    assert followed == [over, over, None]


@pytest.mark.parametrize("any_runtime", ["postgresql"], indirect=True)  # SQLite has one writer
@pytest.mark.parametrize("waits_again", [True, False])
async def test_what_was_changed_while_somebody_amends_it_is_not_overlooked(
    any_runtime: Runtime, clock: FrozenClock, me: Staff, waits_again: bool
) -> None:
    async with any_runtime.database.write() as session:
        await call_backs.take(session, me, "call-0", clock.now())
        await call_backs.finish(session, me, "call-0", call_backs.Result.REACHED, "", clock.now())
    with pytest.raises(NotAllowed) if waits_again else nullcontext():
        async with any_runtime.database.write() as session:
            as_it_was = await session.get_one(Call, "call-0")
            assert as_it_was.followed_at is not None
            async with any_runtime.database.write() as other:
                await call_backs.amend(other, me, "call-0", "没有说清", clock.now(), waits_again=waits_again)
            await call_backs.amend(session, me, "call-0", "", clock.now(), waits_again=False)
    async with any_runtime.database.read() as session:
        kept = await session.get_one(Call, "call-0")
    assert (kept.follow_remark, kept.followed_at is None) == ("没有说清" if waits_again else None, waits_again)
