"""Working time: holidays, make-up workdays, half days, lunch breaks (E2; trap: 调休)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import calendar, history
from core.calendar import DayKind, WorkCalendar
from core.clock import CHINA
from core.runtime import Runtime

KNOWN = calendar.announced_days(2025)


def announced() -> WorkCalendar:
    return WorkCalendar(
        holidays=[day.day for day in KNOWN if day.kind is DayKind.HOLIDAY],
        workdays=[day.day for day in KNOWN if day.kind is DayKind.WORKDAY],
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 13), True),  # an ordinary Friday
        (date(2026, 2, 14), True),  # Saturday, worked for Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 17), False),  # Tuesday in Spring Festival
        (date(2026, 2, 23), False),
        (date(2026, 2, 28), True),  # Saturday, worked for Spring Festival
        (date(2026, 9, 20), True),  # Sunday, worked for National Day
        (date(2026, 10, 10), True),  # Saturday, worked for National Day
        (date(2026, 10, 11), False),  # an ordinary Sunday
    ],
)
def test_make_up_workdays_are_worked_and_holidays_are_not(day: date, worked: bool) -> None:
    assert announced().is_workday(day) is worked


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-16T10:00", 1, "2026-11-17T17:30"),  # the first day is not counted
        ("2026-11-16T23:59", 1, "2026-11-17T17:30"),
        ("2026-11-20T10:00", 1, "2026-11-23T17:30"),  # over a weekend
        ("2026-11-21T10:00", 1, "2026-11-23T17:30"),  # filed on a Saturday
        ("2026-02-13T16:00", 1, "2026-02-14T17:30"),  # the Saturday before Spring Festival is worked
        ("2026-02-14T16:00", 5, "2026-02-28T17:30"),  # 24–27 and Saturday the 28th
        ("2026-02-12T09:00", 15, "2026-03-11T17:30"),
        ("2026-09-30T09:00", 3, "2026-10-10T17:30"),  # 8, 9 and Saturday the 10th
        ("2026-09-18T09:00", 1, "2026-09-20T17:30"),  # Sunday the 20th is worked
    ],
)
def test_working_days_are_counted_over_holidays_and_make_up_workdays(start: str, days: int, due: str) -> None:
    assert announced().add_working_days(at(start), days) == at(due)


def test_a_term_in_days_ends_at_noon_when_its_last_day_is_a_half_day() -> None:
    half = WorkCalendar(half_days=[date(2026, 11, 17)])
    assert half.add_working_days(at("2026-11-16T10:00"), 1) == at("2026-11-17T12:00")
    assert half.working_time_between(at("2026-11-17T00:00"), at("2026-11-18T00:00")) == timedelta(hours=3.5)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16T11:00", 2, "2026-11-16T14:30"),  # over the lunch break
        ("2026-11-16T11:00", 1, "2026-11-16T12:00"),  # to the very end of the morning
        ("2026-11-16T12:30", 1, "2026-11-16T14:30"),  # begun during lunch
        ("2026-11-20T17:00", 1, "2026-11-23T09:00"),  # over a weekend
        ("2026-11-21T03:00", 7.5, "2026-11-23T17:30"),
        ("2026-02-14T17:00", 1, "2026-02-24T09:00"),  # over Spring Festival
        ("2026-11-16T14:30", -2, "2026-11-16T11:00"),
        ("2026-11-23T09:00", -1, "2026-11-20T17:00"),
        ("2026-11-16T03:00", 0, "2026-11-16T03:00"),
    ],
)
def test_working_time_runs_in_office_hours_only(start: str, hours: float, end: str) -> None:
    assert announced().add_working_time(at(start), timedelta(hours=hours)) == at(end)


def test_between_friday_evening_and_monday_morning_there_is_no_working_time() -> None:
    assert announced().working_time_between(at("2026-11-20T18:00"), at("2026-11-23T08:30")) == timedelta()
    assert announced().working_time_between(at("2026-11-20T16:30"), at("2026-11-23T09:30")) == timedelta(hours=2)
    assert announced().working_time_between(at("2026-11-23T09:30"), at("2026-11-20T16:30")) == timedelta(hours=-2)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 10, 31)).map(lambda moment: moment.replace(tzinfo=CHINA))


@given(instants, st.integers(1, 60 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_adding_working_time_and_measuring_it_agree(start: datetime, amount: timedelta) -> None:
    end = announced().add_working_time(start, amount)
    assert announced().working_time_between(start, end) == amount
    assert announced().working_time_between(announced().add_working_time(end, -amount), end) == amount


@given(instants, instants, instants)
def test_working_time_adds_up(first: datetime, second: datetime, third: datetime) -> None:
    between = announced().working_time_between
    assert between(first, second) + between(second, third) == between(first, third)


@pytest.mark.parametrize(
    "sessions", [[], [(time(9), time(9))], [(time(13), time(17)), (time(9), time(12))], [(time(9), time(8))]]
)
def test_office_hours_out_of_order_are_refused(sessions: list[tuple[time, time]]) -> None:
    with pytest.raises(ValueError):
        WorkCalendar(sessions=sessions)


@pytest.mark.parametrize("days", [0, -1])
def test_a_term_without_a_day_is_refused(days: int) -> None:
    with pytest.raises(ValueError):
        announced().add_working_days(at("2026-11-16T10:00"), days)


def test_office_hours_end_at_the_closing_minute() -> None:
    assert announced().is_open(at("2026-11-16T08:30"))
    assert not announced().is_open(at("2026-11-16T12:00"))
    assert not announced().is_open(at("2026-02-17T10:00"))


async def test_an_edited_day_and_other_office_hours_count_at_once_and_are_in_history(any_runtime: Runtime) -> None:
    monday = date(2026, 11, 23)
    async with any_runtime.database.write() as session:
        await calendar.set_office_hours(session, [(time(9), time(12)), (time(14), time(18))])
        now = any_runtime.clock.now()
        await calendar.set_day(session, monday, DayKind.HOLIDAY, "市庆日", actor="staff:1", now=now)
        await calendar.set_day(session, date(2026, 11, 21), DayKind.WORKDAY, "市庆日调休", actor="staff:1", now=now)
    async with any_runtime.database.read() as session:
        loaded = await calendar.load_calendar(session)
        written = await history.of(session, "calendar", "2026-11-23")
    assert loaded.add_working_days(at("2026-11-20T10:00"), 1) == at("2026-11-21T18:00")
    assert loaded.add_working_days(at("2026-11-20T10:00"), 2) == at("2026-11-24T18:00")
    assert [(entry.action, entry.actor, entry.data["kind"]) for entry in written] == [("set_day", "staff:1", "holiday")]
    async with any_runtime.database.write() as session:
        await calendar.set_day(session, monday, None, "", actor="staff:1", now=any_runtime.clock.now())
    async with any_runtime.database.read() as session:
        assert (await calendar.load_calendar(session)).is_workday(monday)


async def test_a_database_without_a_calendar_works_from_monday_to_friday(runtime: Runtime) -> None:
    async with runtime.database.read() as session:
        loaded = await calendar.load_calendar(session)
    assert loaded.day_length == timedelta(hours=7.5)
    assert loaded.is_workday(date(2026, 11, 20))
    assert not loaded.is_workday(date(2026, 11, 21))
