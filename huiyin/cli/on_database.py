"""Commands that work on the database of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.logs import configure_logs
from core.runtime import Runtime
from core.settings import load_settings
from huiyin.cli.console import progress_bars
from huiyin.opening import open_up

T = TypeVar("T")
Step = Callable[[str, float], None]
"""Told what is being done, in Chinese, and the share done (0 to 1)."""


def run_on_database(work: Callable[[Runtime, Step], Awaitable[T]]) -> T:
    """Runs ``work`` on the database of the settings, brought up to date first, with bars for what it does."""
    configure_logs("ERROR")

    async def run() -> T:
        runtime = Runtime.start(load_settings())
        try:
            await open_up(runtime.database)
            with progress_bars() as step:
                return await work(runtime, step)
        finally:
            await runtime.database.close()

    return asyncio.run(run())
