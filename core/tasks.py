"""Ending tasks for certain.

``asyncio.wait_for`` of Python 3.10 swallows a cancellation that comes at the very moment its work is done: a task that
is cancelled once may therefore live on for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, Final, TypeVar

Result = TypeVar("Result")

_AGAIN_AFTER: Final = 0.2
_given_up: set[asyncio.Task[Any]] = set()
"""Work that was cancelled and has not ended yet."""


async def cancel_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels tasks until every one has ended; what they raise is not the caller's matter."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_AFTER)


async def within(seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """What ``work`` gives. Raises ``asyncio.TimeoutError`` after ``seconds``, whatever the work does about it.

    ``asyncio.wait_for`` waits until the work has let itself be cancelled; a statement that the database does not answer
    cannot be taken back and lets nobody go for a long time.
    """
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        raise asyncio.TimeoutError
    finally:
        give_up(task)


def give_up(task: asyncio.Task[Any]) -> None:
    """Cancels a task, unless it is done, without waiting for its end."""
    if not task.done():
        _given_up.add(task)
        task.add_done_callback(_forget)
        task.cancel()


def _forget(task: asyncio.Task[Any]) -> None:
    _given_up.discard(task)
    if not task.cancelled():
        task.exception()  # nobody asks any more
