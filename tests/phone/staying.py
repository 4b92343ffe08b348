"""What a test must not leave behind in this process: tasks, threads, open files and sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.fixtures.kannel import until

_POOLS: Final = ("espeak", "asyncio_", "uvloop_", "argon2_", "decode_", "speech_")
"""Threads of pools that grow to their size once, and of the ear at the citizen's end."""


@dataclass(frozen=True)
class Standing:
    """What there was before."""

    tasks: frozenset[asyncio.Task[Any]]
    threads: frozenset[threading.Thread]
    files: frozenset[str]

    @classmethod
    def now(cls) -> Standing:
        """Of this moment."""
        threads = (thread for thread in threading.enumerate() if not thread.name.startswith(_POOLS))
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        return cls(frozenset(tasks), frozenset(threads), frozenset(_open_files()))

    async def is_all(self) -> None:
        """Fails, with what it is, where anything stays that was not there before."""
        for kind in ("tasks", "threads", "files"):
            before: frozenset[Any] = getattr(self, kind)
            try:
                await until(lambda kind=kind, before=before: getattr(Standing.now(), kind) <= before, "")  # type: ignore[misc]
            except AssertionError:
                left = getattr(Standing.now(), kind) - before
                raise AssertionError(f"{kind} stay: {left}") from None


def _open_files() -> set[str]:
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            name = str(descriptor.readlink())
            if not name.startswith("socket:") or _leads_out(int(descriptor.name)):
                found.add(name)
        except OSError:  # closed meanwhile
            continue
    return {name for name in found if not name.startswith(("/proc", "/dev", "anon_inode", "pipe:"))}


def _leads_out(descriptor: int) -> bool:
    """Whether a socket is a connection, and no pair by which the event loop wakes itself."""
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        return copy.family != socket.AF_UNIX
