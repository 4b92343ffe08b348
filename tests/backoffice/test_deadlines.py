"""Deadlines are read off history, policy and calendar (E1–E4; traps: holds, calendars, answered orders)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from backoffice.deadline_policies import DEFAULT_RULES, PolicyRefused, read_policy
from backoffice.deadlines import Clock, ClockName, Event, Policy, Standing, Term, Unit, policy_for, standing
from backoffice.kinds import Kind
from backoffice.time_left import Colour, colour_at, kept_or_late, time_left
from backoffice.workflow import Action
from core.calendar import DayKind, WorkCalendar, announced_days
from core.clock import CHINA

DAYS = announced_days(2025)
CALENDAR = WorkCalendar(
    holidays=[day.day for day in DAYS if day.kind is DayKind.HOLIDAY],
    workdays=[day.day for day in DAYS if day.kind is DayKind.WORKDAY],
)
POLICY = read_policy(1, date(2024, 1, 1), DEFAULT_RULES)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def life(*steps: str) -> list[Event]:
    """``"2026-11-16T10:00 file"`` …"""
    return [Event(Action(action), at(moment)) for moment, action in (step.split() for step in steps)]


def after(
    *steps: str, kind: Kind = Kind.COMPLAIN, policy: Policy = POLICY, calendar: WorkCalendar = CALENDAR
) -> Standing:
    return standing(kind, life(*steps), policy, calendar)


def clock_of(found: Standing, name: ClockName) -> Clock:
    return [clock for clock in found.clocks if clock.name is name][-1]


@pytest.mark.parametrize(
    ("kind", "filed", "due"),
    [
        (Kind.CONSULT, "2026-11-16T10:00", "2026-11-23T17:30"),
        (Kind.COMPLAIN, "2026-11-16T10:00", "2026-12-07T17:30"),
        (Kind.HELP, "2026-11-16T10:00", "2026-12-07T17:30"),
        (Kind.SUGGEST, "2026-11-16T10:00", "2026-12-07T17:30"),
        (Kind.PRAISE, "2026-11-16T10:00", "2026-12-07T17:30"),
        (Kind.REPORT, "2026-11-16T10:00", "2026-12-28T17:30"),
        # over Spring Festival 2026: 15–23 February off, Saturdays 14 and 28 February worked
        (Kind.CONSULT, "2026-02-12T10:00", "2026-02-26T17:30"),
        (Kind.CONSULT, "2026-02-14T10:00", "2026-02-28T17:30"),
        (Kind.COMPLAIN, "2026-02-12T10:00", "2026-03-11T17:30"),
        # over National Day 2026: 1–7 October off, Sunday 20 September and Saturday 10 October worked
        (Kind.CONSULT, "2026-09-18T10:00", "2026-09-24T17:30"),
        (Kind.CONSULT, "2026-09-29T10:00", "2026-10-12T17:30"),
        # filed in the middle of the holiday
        (Kind.CONSULT, "2026-10-03T22:00", "2026-10-13T17:30"),
    ],
)
def test_the_answer_is_due_by_kind_in_working_days_from_filing(kind: Kind, filed: str, due: str) -> None:
    found = after(f"{filed} file", kind=kind)
    assert clock_of(found, ClockName.ANSWER).due_at == at(due)
    assert found.promised is not None
    assert found.promised.due_at == at(due)


def test_signing_is_due_one_working_day_after_dispatch_and_presses_until_signed() -> None:
    found = after("2026-11-20T16:00 file", "2026-11-20T16:00 dispatch")
    assert found.pressing is not None
    assert (found.pressing.name, found.pressing.due_at) == (ClockName.SIGN, at("2026-11-23T17:30"))
    signed = after("2026-11-20T16:00 file", "2026-11-20T16:00 dispatch", "2026-11-20T17:00 sign")
    assert signed.pressing is not None
    assert signed.pressing.name is ClockName.ANSWER


def test_the_dispatchers_desk_has_a_clock_of_its_own() -> None:
    found = after("2026-11-16T10:00 file")
    assert found.pressing is not None
    assert (found.pressing.name, found.pressing.due_at) == (ClockName.DISPATCH, at("2026-11-16T15:30"))


SENT_BACK = (
    "2026-11-16T10:00 file",
    "2026-11-16T10:00 dispatch",
    "2026-11-17T11:00 send_back",
    "2026-11-18T11:00 dispatch",
)


def test_time_sent_back_is_added_in_office_hours_not_to_the_start() -> None:
    found = after(*SENT_BACK)
    # 11:00 to 11:00 the next day is 7.5 hours of office time: one more working day at the end
    assert clock_of(found, ClockName.ANSWER).due_at == at("2026-12-08T17:30")
    assert clock_of(found, ClockName.SIGN).due_at == at("2026-11-19T17:30")


def test_a_pause_over_a_weekend_adds_only_its_working_time() -> None:
    found = after(
        "2026-11-16T10:00 file",
        "2026-11-16T10:00 dispatch",
        "2026-11-20T16:30 send_back",
        "2026-11-23T09:30 dispatch",
    )
    assert clock_of(found, ClockName.ANSWER).due_at == at("2026-12-08T10:30")  # two hours after 17:30 on the 7th


def test_under_a_policy_that_runs_on_nothing_is_added() -> None:
    runs_on = replace(POLICY, sent_back_pauses=False)
    assert clock_of(after(*SENT_BACK, policy=runs_on), ClockName.ANSWER).due_at == at("2026-12-07T17:30")


def test_while_sent_back_the_desk_presses_and_the_answer_clock_stands() -> None:
    found = after(*SENT_BACK[:3])
    assert clock_of(found, ClockName.ANSWER).paused_at == at("2026-11-17T11:00")
    assert found.pressing is not None
    assert found.pressing.name is ClockName.DISPATCH


def test_changing_the_terms_does_not_forget_paused_time() -> None:
    longer = replace(POLICY, answer={kind: Term(20, Unit.WORKING_DAYS) for kind in Kind})
    without = clock_of(after(*SENT_BACK[:2], policy=longer), ClockName.ANSWER).due_at
    assert clock_of(after(*SENT_BACK, policy=longer), ClockName.ANSWER).due_at == CALENDAR.add_working_days(without, 1)


def test_a_pause_that_begins_after_the_due_time_does_not_excuse_it() -> None:
    late = after(
        "2026-11-16T10:00 file",
        "2026-11-16T10:00 dispatch",
        "2026-11-16T11:00 sign",
        "2026-11-24T10:00 send_back",
        "2026-11-25T10:00 dispatch",
        kind=Kind.CONSULT,
    )
    assert clock_of(late, ClockName.ANSWER).due_at == at("2026-11-23T17:30")


def test_an_answer_stops_every_clock_and_later_writes_change_nothing() -> None:
    steps = ("2026-11-16T10:00 file", "2026-11-16T10:00 dispatch", "2026-11-16T11:00 sign", "2026-11-20T10:00 answer")
    found = after(*steps, kind=Kind.CONSULT)
    assert found.pressing is None
    assert clock_of(found, ClockName.ANSWER).stopped_at == at("2026-11-20T10:00")
    assert after(*steps, "2027-03-01T10:00 close", kind=Kind.CONSULT).clocks == found.clocks


@pytest.mark.parametrize("end", ["withdraw", "refuse"])
def test_withdrawal_and_refusal_stop_every_clock(end: str) -> None:
    found = after("2026-11-16T10:00 file", f"2026-11-16T11:00 {end}")
    assert found.pressing is None
    assert all(clock.stopped_at for clock in found.clocks)


def test_urging_and_supplements_move_no_clock() -> None:
    quiet = after("2026-11-16T10:00 file", "2026-11-16T10:00 dispatch")
    noisy = after(
        "2026-11-16T10:00 file", "2026-11-16T10:00 dispatch", "2026-11-18T10:00 urge", "2026-11-19T10:00 supplement"
    )
    assert noisy == quiet


def test_reopening_starts_the_redo_term_and_keeps_the_first_answer_on_record() -> None:
    found = after(
        "2026-11-16T10:00 file",
        "2026-11-16T10:00 dispatch",
        "2026-11-16T11:00 sign",
        "2026-11-17T10:00 answer",
        "2026-11-20T15:00 reopen",
    )
    assert found.pressing is not None
    assert found.promised is not None
    assert (found.pressing.name, found.pressing.due_at) == (ClockName.REDO, at("2026-11-25T17:30"))
    assert found.promised.name is ClockName.REDO
    assert clock_of(found, ClockName.ANSWER).stopped_at == at("2026-11-17T10:00")


def test_the_policy_of_the_filing_day_applies() -> None:
    newer = replace(POLICY, version=2, effective_from=date(2026, 12, 1))
    assert policy_for([newer, POLICY], date(2026, 11, 30)).version == 1
    assert policy_for([newer, POLICY], date(2026, 12, 1)).version == 2
    assert policy_for([newer], date(2020, 1, 1)).version == 2
    with pytest.raises(ValueError):
        policy_for([], date(2026, 1, 1))


def test_terms_in_hours_run_by_the_office_or_by_the_wall() -> None:
    friday = at("2026-11-20T17:00")
    assert Term(2, Unit.HOURS).end(friday, CALENDAR) == friday + timedelta(hours=2)
    assert Term(2, Unit.WORKING_HOURS).end(friday, CALENDAR) == at("2026-11-23T10:00")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        DEFAULT_RULES | {"sign": {"working_days": 0}},
        DEFAULT_RULES | {"sign": {"working_days": 0.5}},
        DEFAULT_RULES | {"sign": {"weeks": 1}},
        DEFAULT_RULES | {"sign": {"working_days": 1, "hours": 2}},
        DEFAULT_RULES | {"answer": {"consult": {"working_days": 5}}},
        DEFAULT_RULES | {"yellow_share": 1.5},
        DEFAULT_RULES | {"sent_back": "vanishes"},
    ],
)
def test_a_policy_that_cannot_be_read_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(PolicyRefused):
        read_policy(9, date(2026, 1, 1), broken)


# ------------------------------------------------------------------------------------------ colour and words


def consult_clock() -> Clock:
    """Due on Monday the 23rd at 17:30; yellow in the last fifth of its 43.5 office hours."""
    return clock_of(after("2026-11-16T10:00 file", kind=Kind.CONSULT), ClockName.ANSWER)


@pytest.mark.parametrize(
    ("now", "colour", "text"),
    [
        ("2026-11-16T10:00", Colour.GREEN, "剩 5 个工作日 6 小时"),
        ("2026-11-19T17:30", Colour.GREEN, "剩 2 个工作日"),
        ("2026-11-20T16:00", Colour.GREEN, "剩 1 个工作日 1 小时"),
        ("2026-11-20T16:30", Colour.YELLOW, "剩 1 个工作日 1 小时"),
        ("2026-11-21T12:00", Colour.YELLOW, "剩 1 个工作日"),  # a Saturday takes nothing away
        ("2026-11-23T15:00", Colour.YELLOW, "剩 2 小时"),
        ("2026-11-23T17:05", Colour.YELLOW, "剩 25 分钟"),
        ("2026-11-23T17:30", Colour.YELLOW, "即将到期"),
        ("2026-11-23T20:00", Colour.RED, "逾期不到 1 小时"),
        ("2026-11-24T11:00", Colour.RED, "逾期 2 小时"),
        ("2026-11-25T09:00", Colour.RED, "逾期 1 个工作日"),
        ("2026-12-01T09:00", Colour.RED, "逾期 5 个工作日"),
    ],
)
def test_time_left_in_colour_and_words(now: str, colour: Colour, text: str) -> None:
    clock = consult_clock()
    left = time_left(clock.due_at, clock.yellow_at, at(now), CALENDAR)
    assert (left.colour, left.text, left.due_at) == (colour, text, clock.due_at)
    assert left.word == {"green": "在期", "yellow": "临期", "red": "逾期"}[colour.value]


def test_without_a_running_clock_nothing_is_late() -> None:
    left = time_left(None, None, at("2030-01-01T00:00"), CALENDAR)
    assert (left.colour, left.text) == (Colour.STOPPED, "")


def test_colours_change_at_their_instants() -> None:
    due, yellow = at("2026-11-23T17:30"), at("2026-11-20T16:18")
    second = timedelta(seconds=1)
    assert colour_at(yellow - second, due, yellow) is Colour.GREEN
    assert colour_at(yellow, due, yellow) is Colour.YELLOW
    assert colour_at(due, due, yellow) is Colour.YELLOW
    assert colour_at(due + second, due, yellow) is Colour.RED


def test_a_stopped_clock_tells_whether_it_was_kept() -> None:
    clock = consult_clock()
    assert kept_or_late(replace(clock, stopped_at=clock.due_at), CALENDAR) == "按期"
    assert kept_or_late(replace(clock, stopped_at=at("2026-11-26T09:00")), CALENDAR) == "逾期 2 个工作日"
    with pytest.raises(ValueError):
        kept_or_late(clock, CALENDAR)
