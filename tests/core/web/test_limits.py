"""Rate limits: bursts, refilling, and never by address alone (trap 14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import FrozenClock
from core.web import limits
from core.web.limits import Asker, TokenBuckets

OFFICE = "203.0.113.7"


def test_an_address_alone_is_never_an_asker() -> None:
    with pytest.raises(ValueError, match="whole office"):
        Asker(OFFICE)


def test_a_burst_is_allowed_and_then_one_at_a_time(clock: FrozenClock) -> None:
    buckets, asker = TokenBuckets(3, timedelta(seconds=10)), Asker(OFFICE, number="10000001")
    assert [buckets.take(asker, clock.now()) for _ in range(3)] == [None] * 3
    assert buckets.take(asker, clock.now()) == timedelta(seconds=10)
    clock.move(timedelta(seconds=4))
    assert buckets.take(asker, clock.now()) == timedelta(seconds=6)
    clock.move(timedelta(seconds=6))
    assert buckets.take(asker, clock.now()) is None
    assert buckets.take(asker, clock.now()) is not None


def test_a_bucket_never_holds_more_than_its_burst(clock: FrozenClock) -> None:
    buckets, asker = TokenBuckets(2, timedelta(seconds=1)), Asker(OFFICE, session="s")
    buckets.take(asker, clock.now())
    clock.move(timedelta(days=1))
    assert [buckets.take(asker, clock.now()) is None for _ in range(3)] == [True, True, False]


def test_a_whole_office_behind_one_address_is_many_askers(clock: FrozenClock) -> None:
    buckets = TokenBuckets(1, timedelta(minutes=1))
    assert all(buckets.take(Asker(OFFICE, session=f"s{n}"), clock.now()) is None for n in range(200))


def test_memory_is_bounded_and_whoever_is_slowed_stays_slowed(
    clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MOST_ASKERS", 10)
    buckets = TokenBuckets(1, timedelta(seconds=60))
    slowed = Asker(OFFICE, number="slowed")
    for number in range(8):
        buckets.take(Asker(OFFICE, number=str(number)), clock.now())
    clock.move(timedelta(seconds=61))
    buckets.take(slowed, clock.now())
    for number in range(8, 16):
        buckets.take(Asker(OFFICE, number=str(number)), clock.now())
    assert len(buckets._buckets) <= 10
    assert buckets.take(slowed, clock.now()) is not None
