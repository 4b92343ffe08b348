"""Whether people can take a call is looked up while the citizen waits."""

from __future__ import annotations

import asyncio
from unittest.mock import patch

from channels.voice import call as leading
from core.runtime import Runtime
from core.tasks import cancel_all
from tests.phone.fast import calling, somebody_comes_on_duty


async def test_who_asks_for_people_without_telephones_is_not_passed_over_by_calls_that_only_look(town: Runtime) -> None:
    await somebody_comes_on_duty(town)
    async with calling(town, None) as call:
        await call.until(lambda: call.is_speaking)
        call.call.link.telephones = tuple
        store, loop = call.call.house.store, asyncio.get_running_loop()

        async def others_look() -> None:
            while True:
                begun = loop.time()
                await asyncio.sleep(0.1)
                store.beat(loop.time(), begun=begun, kind="look")

        async def somebody_writes() -> None:
            async with town.database.write():
                await asyncio.sleep(2)

        tasks = [asyncio.create_task(others_look()), asyncio.create_task(somebody_writes())]
        try:
            with patch.object(leading, "_STORE_HANGS", 0.5):
                await call.presses("0")
                await call.until(lambda: "话务员都不在" in call.told)
        finally:
            await cancel_all(tasks)
