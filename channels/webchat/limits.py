"""How fast one visitor may go (trap 14: never by address alone)."""

from __future__ import annotations

from datetime import datetime, timedelta

from channels.webchat.visitors import Visitor
from core.web.errors import Refusal
from core.web.limits import Asker, TokenBuckets

MESSAGES_AT_ONCE = 80
PHOTOS_AT_ONCE = 9
FRAMES_AT_ONCE = 400
MOST_SOCKETS = 12
"""Open windows of one visitor."""


class Limits:
    """The buckets of one process."""

    def __init__(self) -> None:
        self._messages = TokenBuckets(MESSAGES_AT_ONCE, timedelta(seconds=1))
        self._photos = TokenBuckets(PHOTOS_AT_ONCE, timedelta(seconds=10))
        self._frames = TokenBuckets(FRAMES_AT_ONCE, timedelta(seconds=0.2))
        self._sockets: dict[str, int] = {}

    def message(self, visitor: Visitor, address: str, now: datetime) -> timedelta | None:
        """How long the visitor's next message has to wait; None: not at all."""
        return self._messages.take(Asker(address, session=visitor.id), now)

    def photo(self, visitor: Visitor, address: str, now: datetime) -> timedelta | None:
        """How long the visitor's next photo has to wait; None: not at all."""
        return self._photos.take(Asker(address, session=visitor.id), now)

    def frame(self, visitor: Visitor, address: str, now: datetime) -> timedelta | None:
        """Whether the visitor's socket sends more than any page would."""
        return self._frames.take(Asker(address, session=visitor.id), now)

    def open_socket(self, visitor: Visitor) -> bool:
        """Counts a socket in; False when the visitor has too many."""
        if self._sockets.get(visitor.id, 0) >= MOST_SOCKETS:
            return False
        self._sockets[visitor.id] = self._sockets.get(visitor.id, 0) + 1
        return True

    def close_socket(self, visitor: Visitor) -> None:
        """Counts a socket out."""
        left = self._sockets[visitor.id] - 1
        if left:
            self._sockets[visitor.id] = left
        else:
            del self._sockets[visitor.id]


def refuse_if(wait: timedelta | None, reason: str) -> None:
    """Refuses a request with 429 when it has to wait."""
    if wait is not None:
        raise Refusal(429, "too_fast", reason, {"Retry-After": str(int(wait.total_seconds()) + 1)})
