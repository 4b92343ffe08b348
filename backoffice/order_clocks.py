"""Reads an order's clocks off its history and writes them beside it, for lists.

Book-keeping only: nothing here makes history, tells anybody anything or counts as a change of the order (trap: 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import deadline_policies
from backoffice.deadlines import Event, Policy, Standing, standing
from backoffice.kinds import Kind
from backoffice.order_tables import Order
from backoffice.workflow import OPEN, Action
from core import history
from core.calendar import WorkCalendar, load_calendar
from core.history import HistoryEntry

SUBJECT = "order"
"""Orders' chain of history."""

_ACTIONS = {action.value: action for action in Action}
_BATCH = 500


@dataclass(frozen=True)
class Timekeeping:
    """What clocks are read by: every version of the policy, and the calendar."""

    policies: dict[int, Policy]
    calendar: WorkCalendar

    @classmethod
    async def load(cls, session: AsyncSession) -> Timekeeping:
        """As the database has them now."""
        policies = await deadline_policies.load_policies(session)
        return cls({policy.version: policy for policy in policies}, await load_calendar(session))

    def standing_of(self, order: Order, events: Iterable[Event]) -> Standing:
        """The clocks of ``order`` after ``events``."""
        return standing(Kind(order.kind), events, self.policies[order.policy_version], self.calendar)


def events_of(entries: Iterable[HistoryEntry]) -> list[Event]:
    """What of an order's history matters to its clocks."""
    return [Event(_ACTIONS[entry.action], entry.at) for entry in entries if entry.action in _ACTIONS]


async def set_clocks(session: AsyncSession, order: Order, *new: Event) -> Standing:
    """Writes the clocks of ``order`` beside it: as its history has them, with the events about to be added."""
    entries = await history.of(session, SUBJECT, order.number)
    found = (await Timekeeping.load(session)).standing_of(order, [*events_of(entries), *new])
    write_clocks(order, found)
    return found


def write_clocks(order: Order, found: Standing) -> None:
    """Writes ``found`` beside the order."""
    pressing, promised = found.pressing, found.promised
    order.clock = pressing.name.value if pressing else None
    order.due_at = pressing.due_at if pressing else None
    order.yellow_at = pressing.yellow_at if pressing else None
    order.promised_at = promised.due_at if promised else None


async def recompute_open(session: AsyncSession) -> int:
    """Reads the clocks of every open order anew, after a change of the calendar; returns how many moved."""
    keeping = await Timekeeping.load(session)
    numbers = list(
        await session.scalars(select(Order.number).where(Order.status.in_([s.value for s in OPEN])).order_by(Order.id))
    )
    moved = 0
    for start in range(0, len(numbers), _BATCH):
        moved += await _recompute(session, keeping, numbers[start : start + _BATCH])
    return moved


async def _recompute(session: AsyncSession, keeping: Timekeeping, numbers: Sequence[str]) -> int:
    # locked first: a change that comes in between would be overwritten by what was read before it
    locked = select(Order).where(Order.number.in_(numbers)).order_by(Order.id).with_for_update(key_share=True)
    orders = list(await session.scalars(locked.execution_options(populate_existing=True)))
    entries: dict[str, list[HistoryEntry]] = {number: [] for number in numbers}
    chain = (
        select(HistoryEntry)
        .where(HistoryEntry.subject == SUBJECT, HistoryEntry.subject_id.in_(numbers))
        .order_by(HistoryEntry.position)
    )
    for entry in await session.scalars(chain):
        entries[entry.subject_id].append(entry)
    moved = 0
    for order in orders:
        before = (order.due_at, order.yellow_at, order.promised_at)
        write_clocks(order, keeping.standing_of(order, events_of(entries[order.number])))
        moved += before != (order.due_at, order.yellow_at, order.promised_at)
    await session.flush()
    return moved
