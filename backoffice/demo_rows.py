"""Lives of invented past orders turned into rows, with the history the write door would have written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from backoffice.deadlines import Event, Policy, policy_for, standing
from backoffice.demo_lives import Life
from backoffice.demo_story import HANDLER, Step
from backoffice.order_clocks import Timekeeping, write_clocks
from backoffice.order_fields import search_text, title_of
from backoffice.order_filing import phone_index
from backoffice.order_tables import Order
from backoffice.origins import Origin
from backoffice.proof import ALPHABET, CODE_LENGTH
from backoffice.workflow import Action, Status, walk
from core.clock import china_time


@dataclass(frozen=True)
class Ids:
    """Ids by code."""

    departments: Mapping[str, int]
    categories: Mapping[str, int]


@dataclass(frozen=True)
class Written:
    """An order's rows; ``steps`` still need the ids of remarks and answers."""

    order: dict[str, Any]
    steps: tuple[Step, ...]
    codes: tuple[dict[str, Any], ...]
    """Of each step: what history says."""
    actors: tuple[str, ...]


@dataclass(frozen=True)
class Scribe:
    """Turns lives into rows."""

    keeping: Timekeeping
    ids: Ids
    people: Mapping[str, str]
    random: Random

    def write(self, number: str, life: Life) -> Written:
        """The rows of one order."""
        status = walk(step.action for step in life.steps)
        assert status is not None
        first, last = life.steps[0], life.steps[-1]
        policy = policy_for(self.keeping.policies.values(), china_time(first.at).date())
        order = Order(
            number=number,
            query_code="".join(self.random.choices(ALPHABET, k=CODE_LENGTH)),
            kind=life.kind.value,
            status=status.value,
            title=title_of(life.content, life.reporter_name),
            content=life.content,
            search_text=search_text(life.content, life.target, life.reporter_name),
            address=life.address,
            area_code=life.area,
            category_id=self.ids.categories[life.category],
            category_origin=Origin.RULE.value,
            happened=None,
            happened_at=None,
            target=life.target,
            reporter_name=life.reporter_name,
            reporter_phone=life.reporter_phone,
            reporter_phone_index=phone_index(life.reporter_phone) if life.reporter_phone else None,
            confidential=life.confidential,
            attachments={"files": []},
            channel=life.channel,
            account=None,
            conversation_id=None,
            contact_id=None,
            demo=True,
            department_id=self.ids.departments[last.department],
            department_origin=_origin(life),
            handler_id=self._handler(life, status),
            created_at=first.at,
            updated_at=last.at,
            answered_at=_last(life, Action.ANSWER) if status in (Status.ANSWERED, Status.CLOSED) else None,
            closed_at=_last(life, Action.CLOSE) if status is Status.CLOSED else None,
            urges=_count(life, Action.URGE),
            send_backs=_count(life, Action.SEND_BACK),
            policy_version=policy.version,
        )
        events = [Event(step.action, step.at) for step in life.steps]
        write_clocks(order, standing(life.kind, events, policy, self.keeping.calendar))
        row = {column.key: getattr(order, column.key) for column in Order.__table__.columns if column.key != "id"}
        codes = tuple(self._codes(life, policy, index) for index in range(len(life.steps)))
        return Written(row, life.steps, codes, tuple(self.people.get(step.who, step.who) for step in life.steps))

    def _handler(self, life: Life, status: Status) -> int | None:
        """Who signed last, unless it went elsewhere since."""
        signed, moved = _last(life, Action.SIGN), _last(life, Action.DISPATCH)
        if signed is None or status is Status.PENDING_DISPATCH or (moved is not None and moved > signed):
            return None
        return int(self.people[HANDLER].removeprefix("staff:"))

    def _codes(self, life: Life, policy: Policy, index: int) -> dict[str, Any]:
        step = life.steps[index]
        reached = walk(earlier.action for earlier in life.steps[: index + 1])
        assert reached is not None
        codes: dict[str, Any] = {"status": reached.value, "department": step.department}
        if step.why:
            codes["why"] = step.why
        if step.action is Action.SEND_BACK:
            codes["from"] = life.steps[index - 1].department
        if step.action is Action.FILE:
            codes |= {
                "kind": life.kind.value,
                "channel": life.channel,
                "policy": policy.version,
                "routing": _reasons(life),
            }
        return codes


def _reasons(life: Life) -> dict[str, Any]:
    decision = life.routing
    return {
        "why": decision.why,
        "category": life.category,
        "confidence": decision.confidence,
        "suggested": decision.suggested,
        "words": [],
        "area": life.area,
        "places": [],
        "alarm": None,
    }


def _origin(life: Life) -> str | None:
    """Who sent it where it lies: a rule or the dispatcher; None on the desk."""
    moves = [step for step in life.steps if step.action in (Action.DISPATCH, Action.SEND_BACK)]
    return moves[-1].why if moves else None


def _last(life: Life, action: Action) -> datetime | None:
    return next((step.at for step in reversed(life.steps) if step.action is action), None)


def _count(life: Life, action: Action) -> int:
    return sum(step.action is action for step in life.steps)
