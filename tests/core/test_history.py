"""History: append-only, and every break in the chain shows (C11, I3)."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import history
from core.runtime import Runtime


async def _write(runtime: Runtime, number: str, action: str) -> None:
    async with runtime.database.write() as session:
        await history.append(
            session, subject="order", subject_id=number, action=action, actor="bot", at=runtime.clock.now()
        )


@pytest.mark.parametrize("statement", ["UPDATE history SET action = 'x'", "DELETE FROM history"])
async def test_the_database_refuses_to_change_history(any_runtime: Runtime, statement: str) -> None:
    await _write(any_runtime, "10000001", "file")
    with pytest.raises(DBAPIError, match="append-only"):
        async with any_runtime.database.write() as session:
            await session.execute(text(statement))
    async with any_runtime.database.read() as session:
        assert [entry.action for entry in await history.of(session, "order", "10000001")] == ["file"]


async def test_an_untouched_chain_verifies_and_a_changed_row_shows(runtime: Runtime) -> None:
    for action in ("file", "dispatch", "sign"):
        await _write(runtime, "10000001", action)
    async with runtime.database.read() as session:
        assert await history.verify(session, "order") is None
    async with runtime.database.write() as session:
        await session.execute(text("DROP TRIGGER history_no_update"))
        await session.execute(text("UPDATE history SET actor = 'staff:7' WHERE position = 2"))
    async with runtime.database.read() as session:
        found = await history.verify(session, "order")
    assert found == history.Break("order", 2, "row changed")


async def test_a_row_taken_out_shows(runtime: Runtime) -> None:
    for action in ("file", "dispatch", "sign"):
        await _write(runtime, "10000001", action)
    async with runtime.database.write() as session:
        await session.execute(text("DROP TRIGGER history_no_delete"))
        await session.execute(text("DELETE FROM history WHERE position = 2"))
    async with runtime.database.read() as session:
        assert await history.verify(session, "order") == history.Break("order", 2, "row missing")
