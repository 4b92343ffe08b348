"""The SQLite driver with one trip a statement: what it promises is what SQLite promises."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from core.counters import Counter
from core.runtime import Runtime


async def _names(runtime: Runtime) -> list[str]:
    async with runtime.database.read() as session:
        return list(await session.scalars(select(Counter.name).order_by(Counter.name)))


async def _write_half(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        session.add(Counter(name="lost", value=1))
        await session.flush()
        raise RuntimeError("half way")


async def _insert(runtime: Runtime, rows: list[dict[str, Any]], times: int = 1) -> None:
    async with runtime.database.write() as session:
        for _ in range(times):
            await session.execute(insert(Counter), rows)


async def test_what_is_acknowledged_outlives_a_power_cut_and_readers_wait_for_no_writer(runtime: Runtime) -> None:
    async with runtime.database.read() as session:
        found = [
            await session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]  # synchronous=FULL


async def test_a_write_is_kept_whole_or_not_at_all(runtime: Runtime) -> None:
    async with runtime.database.write() as session:
        session.add(Counter(name="kept", value=1))
    with pytest.raises(RuntimeError, match="half way"):
        await _write_half(runtime)
    assert await _names(runtime) == ["kept"]


async def test_many_rows_at_once_are_in_the_transaction_too(runtime: Runtime) -> None:
    rows = [{"name": f"n{number}", "value": number} for number in range(3)]
    with pytest.raises(IntegrityError):
        await _insert(runtime, rows, times=2)
    assert await _names(runtime) == []
    await _insert(runtime, rows)
    assert await _names(runtime) == ["n0", "n1", "n2"]


async def test_rows_can_be_streamed(runtime: Runtime) -> None:
    await _insert(runtime, [{"name": f"n{number}", "value": number} for number in range(5)])
    async with runtime.database.read() as session:
        streamed = [
            value async for value in await session.stream_scalars(select(Counter.value).order_by(Counter.value))
        ]
    assert streamed == [0, 1, 2, 3, 4]


async def test_a_statement_that_fails_leaves_the_connection_usable(runtime: Runtime) -> None:
    for _ in range(3):
        with pytest.raises(OperationalError):
            async with runtime.database.write() as session:
                await session.execute(text("SELECT * FROM nowhere"))
        async with runtime.database.write():
            pass  # nothing said, nothing begun
    async with runtime.database.write() as session:
        session.add(Counter(name="after", value=1))
    assert await _names(runtime) == ["after"]


async def test_a_reader_sees_one_moment_while_others_write(runtime: Runtime) -> None:
    async with runtime.database.read() as reader:
        assert list(await reader.scalars(select(Counter.name))) == []
        async with runtime.database.write() as writer:
            writer.add(Counter(name="meanwhile", value=1))
        assert list(await reader.scalars(select(Counter.name))) == []
    assert await _names(runtime) == ["meanwhile"]


async def test_a_cancelled_write_is_undone_and_the_next_one_goes_through(runtime: Runtime) -> None:
    async def write(name: str, pause: float) -> None:
        async with runtime.database.write() as session:
            session.add(Counter(name=name, value=1))
            await session.flush()
            await asyncio.sleep(pause)

    slow = asyncio.create_task(write("cancelled", 60))
    await asyncio.sleep(0.05)
    slow.cancel()
    await asyncio.wait({slow})
    await asyncio.wait_for(write("next", 0), 5)
    assert await _names(runtime) == ["next"]
