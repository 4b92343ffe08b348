"""The clock. Nothing else in the project asks the machine what time it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "CST")
"""China standard time: one zone, no summer time."""


class Clock(Protocol):
    """Tells the time, always with a zone."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(timezone.utc)


class FrozenClock:
    """A clock that stands still until it is moved: for tests and scripted dialogues."""

    def __init__(self, instant: datetime) -> None:
        """``instant`` without a zone is taken as China standard time."""
        self._instant = (instant if instant.tzinfo else instant.replace(tzinfo=CHINA)).astimezone(timezone.utc)

    def now(self) -> datetime:
        """The frozen instant in UTC."""
        return self._instant

    def move(self, by: timedelta) -> None:
        """Moves the clock forward."""
        self._instant += by


def china_time(instant: datetime) -> datetime:
    """The same instant on a Chinese wall clock."""
    return instant.astimezone(CHINA)
