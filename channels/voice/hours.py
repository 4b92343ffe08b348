"""When people take calls: the hotline's hours, which are not those of the offices. Holidays are the city's (A6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from core.calendar import WorkCalendar
from core.clock import china_time

_DAY_NAMES: Final = ("今天", "明天", "后天")
ALWAYS: Final = "always"


@dataclass(frozen=True)
class Hours:
    """Spans of a day in which people answer; none: round the clock."""

    spans: tuple[tuple[time, time], ...] = ()
    every_day: bool = False
    """Whether people answer on days off too."""

    def opens(self, calendar: WorkCalendar, now: datetime) -> datetime | None:
        """When people answer again; None where they do now. ``calendar``: whose days are taken, not its hours."""
        if not self.spans:
            return None
        if self.every_day:
            today = china_time(now).date()
            calendar = WorkCalendar(workdays=(today, today + timedelta(days=1)), sessions=self.spans)
        else:
            calendar = calendar.with_hours(self.spans)
        opens = calendar.opens_after(now)
        return opens if opens > now else None


def read_hours(written: str | Mapping[str, Any]) -> Hours:
    """``hours`` of ``phone.yml``: ``always``, or spans like ``08:00-20:00``. Raises ValueError, KeyError, TypeError."""
    if isinstance(written, str):
        if written != ALWAYS:
            raise ValueError(f"服务时间写 {ALWAYS} 或者时段，不是“{written}”")
        return Hours()
    spans = tuple(_span(span) for span in written["spans"])
    WorkCalendar(sessions=spans)  # in order and not empty
    return Hours(spans, bool(written.get("every_day", False)))


def in_words(opens: datetime, now: datetime) -> str:
    """When that is, as one says it on the telephone: 明天8点30分, 10月9日8点."""
    local = china_time(opens)
    days = (local.date() - china_time(now).date()).days
    day = _DAY_NAMES[days] if days < len(_DAY_NAMES) else f"{local.month}月{local.day}日"
    return f"{day}{local.hour}点" + (f"{local.minute}分" if local.minute else "")


def _span(written: str) -> tuple[time, time]:
    opens, dash, closes = written.partition("-")
    if not dash:
        raise ValueError(f"时段要写成 08:00-20:00：{written}")
    return time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip())
