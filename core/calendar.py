"""Working time: public holidays **and** make-up workdays (调休), half days, office hours with a lunch break (E2).

:class:`WorkCalendar` is pure and counts; the tables hold what a city may edit. A day nobody has said anything about
is worked from Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise

from chinese_calendar import constants as chinese_calendar
from sqlalchemy import Date, Integer, String, Time, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core import history
from core.clock import CHINA, china_time
from core.database import Base

OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(13, 30), time(17, 30)))
"""Office hours where a city names none; the gap is the lunch break."""

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class DayKind(str, Enum):
    """In what a day differs from an ordinary day of its weekday."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"
    """A make-up workday: a weekend day that is worked."""
    HALF_DAY = "half_day"
    """Only the first session is worked."""


class CalendarDay(Base):
    """A day that differs from what its weekday says."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))


class OfficeSession(Base):
    """One unbroken stretch of office hours: the morning, the afternoon."""

    __tablename__ = "office_sessions"

    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)


@dataclass(frozen=True)
class SpecialDay:
    """A calendar day as a value."""

    day: date
    kind: DayKind
    name: str


class WorkCalendar:
    """Counts working days and working time. All instants in and out carry a zone; days are Chinese days."""

    def __init__(
        self,
        holidays: Iterable[date] = (),
        workdays: Iterable[date] = (),
        half_days: Iterable[date] = (),
        sessions: Iterable[tuple[time, time]] = OFFICE_HOURS,
    ) -> None:
        """``sessions``: (opens, closes) in order. Raises ValueError when they overlap, are empty or turned round."""
        self._holidays = frozenset(holidays)
        self._workdays = frozenset(workdays)
        self._half_days = frozenset(half_days)
        self._sessions = tuple(sessions)
        edges = [edge for session in self._sessions for edge in session]
        if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
            raise ValueError(f"office hours must be in order and not empty: {self._sessions}")
        self.day_length = sum((_length(session) for session in self._sessions), timedelta())
        """Office time of a whole working day."""

    def with_hours(self, sessions: Iterable[tuple[time, time]]) -> WorkCalendar:
        """The same days with other hours. Raises ValueError as the constructor does."""
        return WorkCalendar(self._holidays, self._workdays, self._half_days, sessions)

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked, be it only half."""
        if day in self._workdays or day in self._half_days:
            return True
        return day not in self._holidays and day.weekday() < _SATURDAY

    def is_open(self, instant: datetime) -> bool:
        """Whether ``instant`` lies in office hours."""
        return any(opens <= instant < closes for opens, closes in self._open_on(china_time(instant).date()))

    def opens_after(self, instant: datetime) -> datetime:
        """When office hours begin next; ``instant`` itself when it lies in them."""
        opens, _ = next(self._stretches_from(instant))
        return max(opens, instant)

    def add_working_days(self, instant: datetime, days: int) -> datetime:
        """The close of office hours on the ``days``-th working day after the day of ``instant``.

        The day on which a term begins is not counted, and a term counted in days ends with the business hours of
        its last day (Civil Code, articles 201 and 203). Raises ValueError unless ``days`` is positive.
        """
        if days < 1:
            raise ValueError(f"a term has at least one working day, not {days}")
        day, counted = china_time(instant).date(), 0
        while counted < days:
            day += _ONE_DAY
            counted += self.is_workday(day)
        return self._open_on(day)[-1][1]

    def add_working_time(self, instant: datetime, amount: timedelta) -> datetime:
        """The instant by which ``amount`` of office time has passed since ``instant``; backwards when negative."""
        if amount < timedelta():
            return self._back(instant, -amount)
        if not amount:
            return instant
        for opens, closes in self._stretches_from(instant):
            start = max(opens, instant)
            if start + amount <= closes:
                return start + amount
            amount -= closes - start
        raise AssertionError("the stretches of a calendar never end")

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Office time from ``start`` to ``end``; negative when ``end`` lies before ``start``."""
        if end < start:
            return -self.working_time_between(end, start)
        passed = timedelta()
        for opens, closes in self._stretches_from(start):
            if opens >= end:
                break
            passed += min(closes, end) - max(opens, start)
        return passed

    def _back(self, instant: datetime, amount: timedelta) -> datetime:
        day = china_time(instant).date()
        while True:
            for opens, closes in reversed(self._open_on(day)):
                end = min(closes, instant)
                if opens <= end - amount:
                    return end - amount
                amount -= max(end - opens, timedelta())
            day -= _ONE_DAY

    def _stretches_from(self, instant: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every stretch of office time that ends after ``instant``, in order, without end."""
        day = china_time(instant).date()
        while True:
            for opens, closes in self._open_on(day):
                if closes > instant:
                    yield opens, closes
            day += _ONE_DAY

    def _open_on(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_workday(day):
            return []
        sessions = self._sessions[:1] if day in self._half_days else self._sessions
        return [
            (datetime.combine(day, opens, tzinfo=CHINA), datetime.combine(day, closes, tzinfo=CHINA))
            for opens, closes in sessions
        ]


def _length(session: tuple[time, time]) -> timedelta:
    opens, closes = session
    return datetime.combine(date.min, closes) - datetime.combine(date.min, opens)


def announced_days(first_year: int) -> list[SpecialDay]:
    """Holidays and make-up workdays announced by the State Council, as the chinesecalendar package knows them."""
    known = [(DayKind.HOLIDAY, chinese_calendar.holidays), (DayKind.WORKDAY, chinese_calendar.workdays)]
    return [
        SpecialDay(day, kind, chinese_calendar.Holiday(name).chinese + ("调休" if kind is DayKind.WORKDAY else ""))
        for kind, days in known
        for day, name in sorted(days.items())
        if day.year >= first_year
    ]


async def load_calendar(session: AsyncSession) -> WorkCalendar:
    """The calendar as it stands in the database."""
    days: dict[str, list[date]] = {kind.value: [] for kind in DayKind}
    for day, kind in await session.execute(select(CalendarDay.day, CalendarDay.kind)):
        days[kind].append(day)
    hours = await session.execute(select(OfficeSession.opens, OfficeSession.closes).order_by(OfficeSession.position))
    return WorkCalendar(
        days[DayKind.HOLIDAY.value],
        days[DayKind.WORKDAY.value],
        days[DayKind.HALF_DAY.value],
        [(opens, closes) for opens, closes in hours] or OFFICE_HOURS,
    )


async def set_day(
    session: AsyncSession, day: date, kind: DayKind | None, name: str, *, actor: str, now: datetime
) -> None:
    """Makes ``day`` a special day, or with ``kind`` None an ordinary one; deadlines are not recomputed here."""
    await session.execute(delete(CalendarDay).where(CalendarDay.day == day))
    if kind is not None:
        session.add(CalendarDay(day=day, kind=kind.value, name=name))
    await history.append(
        session,
        subject="calendar",
        subject_id=day.isoformat(),
        action="set_day",
        actor=actor,
        at=now,
        data={"kind": kind.value if kind else None, "name": name},
    )


async def set_office_hours(session: AsyncSession, sessions: Iterable[tuple[time, time]]) -> None:
    """Replaces the office hours. Raises ValueError for hours :class:`WorkCalendar` would refuse."""
    wanted = tuple(sessions)
    WorkCalendar(sessions=wanted)
    await session.execute(delete(OfficeSession))
    session.add_all(
        OfficeSession(position=position, opens=opens, closes=closes)
        for position, (opens, closes) in enumerate(wanted, start=1)
    )
