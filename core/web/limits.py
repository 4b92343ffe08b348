"""Rate limits inside one process: a bucket of tokens per asker (trap 14).

A whole office sits behind one address, so an address alone is never the asker: it goes together with the session or
with the number (phone, order, user name) that is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MOST_ASKERS = 50_000


@dataclass(frozen=True)
class Asker:
    """Whom a bucket belongs to."""

    address: str
    session: str = ""
    number: str = ""

    def __post_init__(self) -> None:
        if not (self.session or self.number):
            raise ValueError("an address alone may be a whole office: name the session or the number as well")


@dataclass
class _Bucket:
    tokens: float
    filled_at: datetime


class TokenBuckets:
    """Allows ``burst`` requests at once and then one every ``per``, for each asker."""

    def __init__(self, burst: int, per: timedelta) -> None:
        """``burst``: tokens in a full bucket; ``per``: time in which one comes back."""
        self._burst = float(burst)
        self._per = per
        self._buckets: dict[Asker, _Bucket] = {}

    def take(self, asker: Asker, now: datetime) -> timedelta | None:
        """Takes a token. None: go ahead; otherwise how long until there is one."""
        bucket = self._buckets.get(asker)
        if bucket is None:
            self._make_room(now)
            bucket = self._buckets[asker] = _Bucket(self._burst, now)
        bucket.tokens = self._tokens(bucket, now)
        bucket.filled_at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return None
        return self._per * (1 - bucket.tokens)

    def _tokens(self, bucket: _Bucket, now: datetime) -> float:
        return min(self._burst, bucket.tokens + (now - bucket.filled_at) / self._per)

    def _make_room(self, now: datetime) -> None:
        """Forgets askers whose bucket is full again; they would start with a full one anyway."""
        if len(self._buckets) < _MOST_ASKERS:
            return
        self._buckets = {a: b for a, b in self._buckets.items() if self._tokens(b, now) < self._burst}
        while len(self._buckets) >= _MOST_ASKERS:
            del self._buckets[next(iter(self._buckets))]
