"""A circuit breaker: what has failed several times in a row is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 3
PAUSE: Final = 30.0
"""Seconds until it is tried again, by one caller at a time."""


class Breaker:
    """Counts failures of one thing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds, from any beginning."""
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def is_open(self) -> bool:
        """Whether the thing is to be left alone now."""
        if self._failures < FAILURES:
            return False
        if self._clock() < self._open_until:
            return True
        self._open_until = self._clock() + PAUSE  # one may try; the others wait for how it ends
        return False

    def failed(self) -> None:
        """It has failed again."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = self._clock() + PAUSE

    def succeeded(self) -> None:
        """It works."""
        self._failures = 0
