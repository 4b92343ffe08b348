"""Times and durations in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.clock import CHINA
from core.web import wording

NOW = datetime(2026, 11, 16, 10, 0, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (datetime(2026, 11, 16, 9, 5, tzinfo=CHINA), "09:05"),
        (datetime(2026, 11, 15, 23, 59, tzinfo=CHINA), "昨天 23:59"),
        (datetime(2026, 11, 3, 8, 0, tzinfo=CHINA), "11月3日 08:00"),
        (datetime(2025, 12, 31, 8, 0, tzinfo=CHINA), "2025-12-31 08:00"),
    ],
)
def test_a_time_is_said_as_short_as_it_stays_exact(then: datetime, words: str) -> None:
    assert wording.clock_time(then, NOW) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "不到 1 分钟"),
        (timedelta(seconds=59), "不到 1 分钟"),
        (timedelta(minutes=3), "3 分钟"),
        (timedelta(hours=1), "1 小时"),
        (timedelta(hours=1, minutes=5), "1 小时 5 分钟"),
        (timedelta(days=2, minutes=5), "2 天"),
        (timedelta(days=2, hours=3, minutes=5), "2 天 3 小时"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(length: timedelta, words: str) -> None:
    assert wording.duration(length) == words


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (datetime(2026, 12, 7, 17, 30, tzinfo=CHINA), "还有 21 天"),
        (datetime(2026, 11, 18, 0, 30, tzinfo=CHINA), "还有 2 天"),
        (datetime(2026, 11, 17, 23, 0, tzinfo=CHINA), "还有 37 小时"),
        (datetime(2026, 11, 16, 11, 59, tzinfo=CHINA), "还有 1 小时"),
        (datetime(2026, 11, 16, 10, 30, tzinfo=CHINA), "还有 30 分钟"),
        (datetime(2026, 11, 16, 10, 0, 20, tzinfo=CHINA), "还有 1 分钟"),
        (NOW, "期限已过"),
    ],
)
def test_what_is_left_is_said_in_days_then_hours_then_minutes(until: datetime, words: str) -> None:
    assert wording.remaining(until, NOW) == words
