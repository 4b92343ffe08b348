"""What of past orders learning may believe (D1), and what it is measured on; why: docs/adr/0014-truth-for-learning.md.

What was learnt must not prove itself right. An order is *independent* where a person or a rule decided and what was
learnt had no say: those are believed, and the newest of them are what a new model and the old one are compared on.
Where what was learnt had decided and a person decided otherwise, the *correction* is believed; it is not measured on,
for the old model is wrong there by construction. Where people *let stand* what was learnt (a department signed for the
order and answered it, a dispatcher sent the form with the category as it was), that is believed of as many orders of a
label as are known from elsewhere, the newest: it counts at most as much as what was known without it, and it is never
measured on.

The category rules found *stands in* where people have chosen too few, up to :data:`ENOUGH` of each; only where the
rules were sure of the department, too, and that department answered. A category nobody but a model named is never
believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.learned import Subject
from backoffice.learning.contest import FEWEST_HELD_OUT
from backoffice.order_clocks import SUBJECT
from backoffice.order_fields import routing_text
from backoffice.order_filing import LEARNED_CATEGORY
from backoffice.order_tables import Order
from backoffice.origins import Origin
from backoffice.workflow import Action, Status
from core.history import HistoryEntry

MOST_ORDERS = 30_000
"""Orders learnt from, the newest: departments change, and so does what they are responsible for."""
ENOUGH = 50
"""Orders of a category chosen by people from which the rules' are not needed any more."""
WORTH_MEASURING = 2 * FEWEST_HELD_OUT
"""Independent orders from which they alone are measured on: some have to be left to learn from."""
_FINISHED = (Status.ANSWERED.value, Status.CLOSED.value)
_AT_ONCE = 500


class Evidence(Enum):
    """Why the label of an order may be believed."""

    INDEPENDENT = "independent"
    CORRECTED = "corrected"
    LET_STAND = "let_stand"
    STAND_IN = "stand_in"


@dataclass(frozen=True)
class PastOrder:
    """An order that came to an end."""

    text: str
    label: str
    filed: datetime
    evidence: Evidence


@dataclass(frozen=True)
class Truth:
    """What may be learnt from; at the end, the oldest first, what may be measured on."""

    orders: tuple[PastOrder, ...]
    measurable: int
    """How many at the end may be measured on."""
    names: dict[str, str]
    """What labels are called."""

    def unseen(self, since: datetime | None) -> int:
        """How many of those that may be measured on were filed after ``since``."""
        last = self.orders[len(self.orders) - self.measurable :]
        return sum(since is None or order.filed > since for order in last)


def of_department(origin: str | None, *, learned_once: bool) -> Evidence:
    """Of the department that answered an order. ``learned_once``: what was learnt has dispatched it at some time.

    Whoever sent it there, the department signed for it before it answered, and has not sent it back since.
    """
    if origin == Origin.LEARNED.value:
        return Evidence.LET_STAND
    return Evidence.CORRECTED if learned_once else Evidence.INDEPENDENT


def of_category(origin: str | None, department_origin: str | None, label: str, learned: str | None) -> Evidence | None:
    """Of the category of an order; None: not to be believed. ``learned``: the category that was learnt, if it was."""
    if origin == Origin.PERSON.value:
        if learned is None:
            return Evidence.INDEPENDENT
        return Evidence.LET_STAND if label == learned else Evidence.CORRECTED
    if origin == department_origin == Origin.RULE.value:
        return Evidence.STAND_IN
    return None


def chosen_from(found: Sequence[PastOrder]) -> tuple[tuple[PastOrder, ...], int]:
    """What of ``found``, the newest first, is learnt from, and how many at its end may be measured on. Pure."""
    known = Counter(o.label for o in found if o.evidence in (Evidence.INDEPENDENT, Evidence.CORRECTED))
    wanted = Counter({label: max(0, ENOUGH - known[label]) for label in {o.label for o in found}})
    stand_ins = _newest(found, Evidence.STAND_IN, wanted)
    let_stand = _newest(found, Evidence.LET_STAND, known + Counter(o.label for o in stand_ins))
    independent = [o for o in found if o.evidence is Evidence.INDEPENDENT]
    corrected = [o for o in found if o.evidence is Evidence.CORRECTED]
    if len(independent) >= WORTH_MEASURING:
        taught, measured = [*corrected, *stand_ins, *let_stand], independent
    else:
        taught, measured = let_stand, [*independent, *corrected, *stand_ins]
    return (*_oldest_first(taught), *_oldest_first(measured)), len(measured)


def _newest(found: Iterable[PastOrder], evidence: Evidence, most: Counter[str]) -> list[PastOrder]:
    taken: Counter[str] = Counter()
    kept = []
    for order in found:
        if order.evidence is evidence and taken[order.label] < most[order.label]:
            taken[order.label] += 1
            kept.append(order)
    return kept


def _oldest_first(orders: Iterable[PastOrder]) -> list[PastOrder]:
    return sorted(orders, key=lambda order: order.filed)


async def truth(session: AsyncSession, subject: Subject) -> Truth:
    """What may be learnt of ``subject`` from the orders that were answered or closed."""
    reading = _departments if subject is Subject.DEPARTMENT else _categories
    known = Department if subject is Subject.DEPARTMENT else Category
    orders, measurable = chosen_from(await reading(session))
    return Truth(
        orders, measurable, {code: name for code, name in await session.execute(select(known.code, known.name))}
    )


def _newest_finished(believable: ColumnElement[bool]) -> Select[tuple[Order]]:
    finished = select(Order).where(Order.status.in_(_FINISHED), believable)
    return finished.order_by(Order.created_at.desc(), Order.number.desc()).limit(MOST_ORDERS)


async def _departments(session: AsyncSession) -> list[PastOrder]:
    """What the desk answered itself was sent nowhere, and tells of no department."""
    newest = _newest_finished(Order.department_origin.is_not(None))
    learned = select(HistoryEntry.subject_id).where(
        HistoryEntry.subject == SUBJECT,
        HistoryEntry.subject_id.in_(newest.with_only_columns(Order.number)),
        HistoryEntry.action == Action.DISPATCH.value,
        HistoryEntry.data["why"].as_string().in_([Origin.LEARNED.value, LEARNED_CATEGORY]),
    )
    once = {number async for number in await session.stream_scalars(learned.execution_options(yield_per=_AT_ONCE))}
    wanted = newest.join(Department, Department.id == Order.department_id).with_only_columns(
        Order.number, Order.content, Order.target, Order.created_at, Department.code, Order.department_origin
    )
    return [
        PastOrder(routing_text(content, target), label, filed, of_department(origin, learned_once=number in once))
        async for number, content, target, filed, label, origin in await session.stream(
            wanted.execution_options(yield_per=_AT_ONCE)
        )
    ]


async def _categories(session: AsyncSession) -> list[PastOrder]:
    newest = _newest_finished(Order.category_origin.in_([Origin.PERSON.value, Origin.RULE.value]))
    guessed = select(HistoryEntry.subject_id, HistoryEntry.data[("routing", "category")].as_string()).where(
        HistoryEntry.subject == SUBJECT,
        HistoryEntry.subject_id.in_(newest.with_only_columns(Order.number)),
        HistoryEntry.action == Action.FILE.value,
        HistoryEntry.data[("routing", "category_origin")].as_string() == Origin.LEARNED.value,
    )
    guesses = await session.stream(guessed.execution_options(yield_per=_AT_ONCE))
    learned = {number: code async for number, code in guesses}
    wanted = newest.join(Category, Category.id == Order.category_id).with_only_columns(
        Order.number,
        Order.content,
        Order.target,
        Order.created_at,
        Category.code,
        Order.category_origin,
        Order.department_origin,
    )
    found = []
    rows = await session.stream(wanted.execution_options(yield_per=_AT_ONCE))
    async for number, content, target, filed, label, origin, sent_by in rows:
        evidence = of_category(origin, sent_by, label, learned.get(number))
        if evidence is not None:
            found.append(PastOrder(routing_text(content, target), label, filed, evidence))
    return found
