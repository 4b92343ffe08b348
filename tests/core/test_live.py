"""Waiting for news: signals wake those who listen, and whoever is cancelled while waiting ends."""

from __future__ import annotations

import asyncio

import pytest

from core.live import Live, heard


async def test_a_signal_wakes_every_listener_of_its_topic_and_no_other() -> None:
    live = Live()
    with live.listen("a", "b") as both, live.listen("c") as other:
        live.signal("b")
        assert (both.is_set(), other.is_set()) == (True, False)
    live.signal("a")  # nobody listens any more: nothing to wake


async def test_waiting_ends_with_the_event_or_with_the_time() -> None:
    event = asyncio.Event()
    assert await heard(event, 0.01) is False
    event.set()
    assert await heard(event, 60) is True


async def test_whoever_is_cancelled_at_the_moment_of_the_news_ends_all_the_same() -> None:
    event = asyncio.Event()
    waiting = asyncio.create_task(heard(event, 60))
    for _ in range(3):
        await asyncio.sleep(0)  # it waits now
    event.set()
    await asyncio.sleep(0)  # the event has told its waiter, who has not told us yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
