"""How much time an order has left, in a colour and in words (E3): 在期 / 临期 / 逾期, 剩 2 个工作日 3 小时.

Pure. Time left is office time: a night or a holiday takes nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from backoffice.deadlines import Clock
from core.calendar import WorkCalendar


class Colour(str, Enum):
    """How urgent an order is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    STOPPED = "stopped"
    """No clock is running: answered, closed, withdrawn or refused."""

    @property
    def label(self) -> str:
        """The word that goes with the colour."""
        return {"green": "在期", "yellow": "临期", "red": "逾期", "stopped": "已停表"}[self.value]


@dataclass(frozen=True)
class TimeLeft:
    """What a page shows of a clock."""

    colour: Colour
    text: str
    due_at: datetime | None

    @property
    def word(self) -> str:
        """在期, 临期, 逾期 or 已停表."""
        return self.colour.label


STOPPED = TimeLeft(Colour.STOPPED, "", None)


def colour_at(now: datetime, due_at: datetime, yellow_at: datetime) -> Colour:
    """Red after ``due_at``, yellow from ``yellow_at`` on, green before."""
    if now > due_at:
        return Colour.RED
    return Colour.YELLOW if now >= yellow_at else Colour.GREEN


def time_left(due_at: datetime | None, yellow_at: datetime | None, now: datetime, calendar: WorkCalendar) -> TimeLeft:
    """Colour and words for a running clock; :data:`STOPPED` when there is none."""
    if due_at is None or yellow_at is None:
        return STOPPED
    colour = colour_at(now, due_at, yellow_at)
    if colour is Colour.RED:
        return TimeLeft(colour, overdue_words(calendar.working_time_between(due_at, now), calendar), due_at)
    return TimeLeft(colour, remaining_words(calendar.working_time_between(now, due_at), calendar), due_at)


def kept_or_late(clock: Clock, calendar: WorkCalendar) -> str:
    """Whether a stopped clock was kept: 按期, or how late it was. Raises ValueError for a running one."""
    if clock.stopped_at is None:
        raise ValueError("the clock is still running")
    if clock.stopped_at <= clock.due_at:
        return "按期"
    return overdue_words(calendar.working_time_between(clock.due_at, clock.stopped_at), calendar)


def remaining_words(amount: timedelta, calendar: WorkCalendar) -> str:
    """剩 2 个工作日 3 小时; below an hour in minutes."""
    days, hours, minutes = _split(amount, calendar)
    if days:
        return f"剩 {days} 个工作日" + (f" {hours} 小时" if hours else "")
    if hours:
        return f"剩 {hours} 小时"
    return f"剩 {minutes} 分钟" if minutes else "即将到期"


def overdue_words(amount: timedelta, calendar: WorkCalendar) -> str:
    """逾期 1 个工作日; below a day in hours."""
    days, hours, _ = _split(amount, calendar)
    if days:
        return f"逾期 {days} 个工作日"
    return f"逾期 {hours} 小时" if hours else "逾期不到 1 小时"


def _split(amount: timedelta, calendar: WorkCalendar) -> tuple[int, int, int]:
    days, rest = divmod(amount, calendar.day_length)
    hours, rest = divmod(rest, timedelta(hours=1))
    return days, hours, rest // timedelta(minutes=1)
