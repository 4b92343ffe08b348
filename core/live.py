"""Wakes whoever waits for news: open sockets, the desk, workers.

A signal says only *that* something is new under a topic; what it is, the listener reads from the database. A lost
or doubled signal therefore does no harm, and a listener that was away catches up by sequence number.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Live:
    """Signals inside one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)

    def signal(self, topic: str) -> None:
        """Wakes every listener of ``topic``."""
        for event in self._listeners.get(topic, ()):
            event.set()

    @contextmanager
    def listen(self, *topics: str, event: asyncio.Event | None = None) -> Iterator[asyncio.Event]:
        """An event set at each signal under one of ``topics``; the listener clears it before it reads.

        ``event``: one that is listened with already, to be woken by further topics too.
        """
        event = event or asyncio.Event()
        for topic in topics:
            self._listeners[topic].add(event)
        try:
            yield event
        finally:
            for topic in topics:
                self._listeners[topic].discard(event)
                if not self._listeners[topic]:
                    del self._listeners[topic]


async def heard(event: asyncio.Event, seconds: float) -> bool:
    """Waits until ``event`` is set, at most ``seconds``; whether it was.

    Whoever is cancelled while waiting here ends: ``asyncio.wait_for`` forgets the cancelling when the event is set at
    the same moment (until Python 3.12), and its caller goes on for ever.
    """
    setting = asyncio.ensure_future(event.wait())
    try:
        done, _ = await asyncio.wait({setting}, timeout=seconds)
    finally:
        setting.cancel()
    return bool(done)


live = Live()
"""The signals of this process."""

DESK = "desk"
"""Topic: the list of waiting and taken conversations changed."""

OUTBOX = "outbox"
"""Topic: something is to be sent."""


def conversation_topic(conversation_id: str) -> str:
    """Topic: a message or another owner in one conversation."""
    return f"conversation:{conversation_id}"


def contact_topic(contact_id: int) -> str:
    """Topic: a message or another owner in any conversation of one contact, also one just begun."""
    return f"contact:{contact_id}"


def citizen_typing_topic(conversation_id: str) -> str:
    """Topic: the citizen is typing in a conversation."""
    return f"typing:citizen:{conversation_id}"


def staff_typing_topic(conversation_id: str) -> str:
    """Topic: the person who owns a conversation is typing."""
    return f"typing:staff:{conversation_id}"
