"""Times and durations in the words people read."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.clock import china_time


def moment(instant: datetime) -> str:
    """2026-11-16 10:05, on a Chinese wall clock."""
    return china_time(instant).strftime("%Y-%m-%d %H:%M")


def clock_time(instant: datetime, now: datetime) -> str:
    """The shortest exact wording: 10:05 · 昨天 10:05 · 11月3日 10:05 · 2025-11-03 10:05."""
    then, today = china_time(instant), china_time(now)
    time = then.strftime("%H:%M")
    if then.date() == today.date():
        return time
    if then.date() == today.date() - timedelta(days=1):
        return f"昨天 {time}"
    if then.year == today.year:
        return f"{then.month}月{then.day}日 {time}"
    return moment(instant)


def duration(length: timedelta) -> str:
    """不到 1 分钟 · 3 分钟 · 1 小时 5 分钟 · 2 天 3 小时: the two largest units."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "天"), (hours, "小时"), (minutes, "分钟")]
    while parts and parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{value} {unit}" for value, unit in parts[:2] if value) or "不到 1 分钟"


def remaining(instant: datetime, now: datetime) -> str:
    """还有 21 天 · 还有 5 小时 · 还有 30 分钟 · 期限已过: what is left, by the calendar on the wall."""
    rest = instant - now
    if rest <= timedelta():
        return "期限已过"
    days = (china_time(instant).date() - china_time(now).date()).days
    if days > 1:
        return f"还有 {days} 天"
    hours = rest // timedelta(hours=1)
    return f"还有 {hours} 小时" if hours else f"还有 {max(1, rest // timedelta(minutes=1))} 分钟"


def iso(instant: datetime) -> str:
    """For ``<time datetime>`` and scripts: 2026-11-16T10:05:00+08:00."""
    return china_time(instant).isoformat(timespec="seconds")
