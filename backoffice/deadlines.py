"""When an order is due (E1–E4): a function of its history, the policy it was filed under, and the calendar.

Pure. Nothing is ever added to a stored date: every clock is read off the history anew.

* *dispatch*: from lying on the dispatcher's desk to being sent to a department.
* *sign*: from being sent to a department to its signing for it; starts anew with every department.
* *answer*: from filing to the answer, as promised to the citizen. While an order lies sent back on the dispatcher's
  desk this clock pauses, and the office time of the pause is added at the end, unless the policy says it runs on.
* *redo*: from being opened again to the new answer.

An answer stops every clock, as do withdrawal, refusal and closing; what is written to an order afterwards changes
nothing. This module does not cover extensions, co-handling departments or reminders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum

from backoffice.kinds import Kind
from backoffice.workflow import Action
from core.calendar import WorkCalendar


class ClockName(str, Enum):
    """What is being timed."""

    DISPATCH = "dispatch"
    SIGN = "sign"
    ANSWER = "answer"
    REDO = "redo"

    @property
    def label(self) -> str:
        """The word staff see."""
        return {"dispatch": "派单", "sign": "签收", "answer": "答复", "redo": "重新答复"}[self.value]


class Unit(str, Enum):
    """In what a term is counted."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    HOURS = "hours"
    """By the clock on the wall, day and night."""

    @property
    def label(self) -> str:
        """What citizens read after the figure."""
        return {"working_days": "个工作日", "working_hours": "个办公小时", "hours": "小时"}[self.value]


@dataclass(frozen=True)
class Term:
    """So much time for something."""

    amount: float
    unit: Unit

    @property
    def words(self) -> str:
        """15 个工作日."""
        return f"{self.amount:g} {self.unit.label}"

    def end(self, start: datetime, calendar: WorkCalendar) -> datetime:
        """When a term begun at ``start`` is over."""
        if self.unit is Unit.WORKING_DAYS:
            return calendar.add_working_days(start, int(self.amount))
        amount = timedelta(hours=self.amount)
        return calendar.add_working_time(start, amount) if self.unit is Unit.WORKING_HOURS else start + amount


@dataclass(frozen=True)
class Policy:
    """One version of the terms. Orders keep the version they were filed under."""

    version: int
    effective_from: date
    dispatch: Term
    sign: Term
    answer: Mapping[Kind, Term]
    redo: Term
    close: Term | None = None
    """How long an answer stands before the order closes by itself; None: never."""
    yellow_share: float = 0.2
    """An order turns yellow when less than this share of its term is left."""
    sent_back_pauses: bool = True
    """Whether the answer clock pauses while an order lies sent back."""


@dataclass(frozen=True)
class Event:
    """Something in an order's history, as far as time is concerned."""

    action: Action
    at: datetime


@dataclass(frozen=True)
class Clock:
    """One clock of one order."""

    name: ClockName
    started_at: datetime
    due_at: datetime
    yellow_at: datetime
    paused_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether time is being lost by it now."""
        return self.stopped_at is None and self.paused_at is None


@dataclass(frozen=True)
class Standing:
    """All clocks an order has had, oldest first."""

    clocks: tuple[Clock, ...]

    @property
    def pressing(self) -> Clock | None:
        """The running clock that is due first; None when nobody is late whatever happens."""
        return min((clock for clock in self.clocks if clock.running), key=lambda clock: clock.due_at, default=None)

    @property
    def promised(self) -> Clock | None:
        """The clock by which the citizen hears an answer: the last of *answer* and *redo*."""
        return next((c for c in reversed(self.clocks) if c.name in (ClockName.ANSWER, ClockName.REDO)), None)


def policy_for(policies: Iterable[Policy], day: date) -> Policy:
    """The policy in force on ``day``: the newest that has begun; before the first, the first. Raises ValueError."""
    by_start = sorted(policies, key=lambda policy: (policy.effective_from, policy.version))
    if not by_start:
        raise ValueError("there is no deadline policy")
    begun = [policy for policy in by_start if policy.effective_from <= day]
    return begun[-1] if begun else by_start[0]


def standing(kind: Kind, events: Iterable[Event], policy: Policy, calendar: WorkCalendar) -> Standing:
    """Reads every clock off ``events`` (oldest first, beginning with the filing)."""
    run = _Run(kind, policy, calendar)
    for event in events:
        step = _STEPS.get(event.action)
        if step is not None:
            step(run, event.at)
    return Standing(tuple(run.clocks))


@dataclass
class _Run:
    """Clocks being read off a history."""

    kind: Kind
    policy: Policy
    calendar: WorkCalendar
    clocks: list[Clock] = field(default_factory=list)

    def start(self, name: ClockName, term: Term, at: datetime) -> None:
        due = term.end(at, self.calendar)
        self.clocks.append(self._with_due(Clock(name, at, due, due), due))

    def stop(self, at: datetime, *names: ClockName) -> None:
        self._change(lambda clock: replace(clock, stopped_at=at), names)

    def pause(self, at: datetime) -> None:
        self._change(lambda clock: replace(clock, paused_at=clock.paused_at or at), _PROMISES)

    def resume(self, at: datetime) -> None:
        self._change(lambda clock: self._resumed(clock, at), _PROMISES)

    def _resumed(self, clock: Clock, at: datetime) -> Clock:
        if clock.paused_at is None:
            return clock
        going = replace(clock, paused_at=None)
        if clock.paused_at >= clock.due_at:  # what was late stays late
            return going
        lost = self.calendar.working_time_between(clock.paused_at, at)
        return self._with_due(going, self.calendar.add_working_time(clock.due_at, lost))

    def _with_due(self, clock: Clock, due: datetime) -> Clock:
        term = self.calendar.working_time_between(clock.started_at, due)
        share = timedelta(minutes=round(term.total_seconds() / 60 * self.policy.yellow_share))
        yellow = self.calendar.add_working_time(due, -share) if share else due
        return replace(clock, due_at=due, yellow_at=max(yellow, clock.started_at))

    def _change(self, change: Callable[[Clock], Clock], names: Iterable[ClockName]) -> None:
        chosen = frozenset(names) or frozenset(ClockName)
        self.clocks = [
            change(clock) if clock.stopped_at is None and clock.name in chosen else clock for clock in self.clocks
        ]


_PROMISES = (ClockName.ANSWER, ClockName.REDO)


def _filed(run: _Run, at: datetime) -> None:
    run.start(ClockName.ANSWER, run.policy.answer[run.kind], at)
    run.start(ClockName.DISPATCH, run.policy.dispatch, at)


def _dispatched(run: _Run, at: datetime) -> None:
    run.stop(at, ClockName.DISPATCH, ClockName.SIGN)
    run.resume(at)
    run.start(ClockName.SIGN, run.policy.sign, at)


def _signed(run: _Run, at: datetime) -> None:
    run.stop(at, ClockName.SIGN)


def _sent_back(run: _Run, at: datetime) -> None:
    run.stop(at, ClockName.SIGN)
    if run.policy.sent_back_pauses:
        run.pause(at)
    run.start(ClockName.DISPATCH, run.policy.dispatch, at)


def _ended(run: _Run, at: datetime) -> None:
    run.resume(at)
    run.stop(at)


def _reopened(run: _Run, at: datetime) -> None:
    run.start(ClockName.REDO, run.policy.redo, at)


_STEPS: dict[Action, Callable[[_Run, datetime], None]] = {
    Action.FILE: _filed,
    Action.DISPATCH: _dispatched,
    Action.SIGN: _signed,
    Action.SEND_BACK: _sent_back,
    Action.ANSWER: _ended,
    Action.CLOSE: _ended,
    Action.WITHDRAW: _ended,
    Action.REFUSE: _ended,
    Action.REOPEN: _reopened,
}
