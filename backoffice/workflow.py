"""The life of an order: one closed table of allowed moves (C2).

Pure. What is not in :data:`MOVES` is refused. ``urge``, ``supplement``, ``join`` and ``classify`` are
events: they leave the status as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from backoffice.staff import Role


class Status(str, Enum):
    """Where an order stands."""

    PENDING_DISPATCH = "pending_dispatch"
    PENDING_SIGN = "pending_sign"
    HANDLING = "handling"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The word staff see."""
        return _STAFF_WORDS[self]

    @property
    def citizen_word(self) -> str:
        """The word citizens see (A4)."""
        return _CITIZEN_WORDS[self]


_STAFF_WORDS = {
    Status.PENDING_DISPATCH: "待派单",
    Status.PENDING_SIGN: "待签收",
    Status.HANDLING: "办理中",
    Status.ANSWERED: "已答复",
    Status.CLOSED: "已办结",
    Status.WITHDRAWN: "已撤回",
    Status.REFUSED: "不予受理",
}
_CITIZEN_WORDS = _STAFF_WORDS | {
    Status.PENDING_DISPATCH: "已受理",
    Status.PENDING_SIGN: "已受理",
    Status.HANDLING: "正在办理",
}

OPEN = frozenset({Status.PENDING_DISPATCH, Status.PENDING_SIGN, Status.HANDLING})
"""Somebody still has to do something before the citizen has an answer."""


class Action(str, Enum):
    """What can be done to an order."""

    FILE = "file"
    DISPATCH = "dispatch"
    SIGN = "sign"
    SEND_BACK = "send_back"
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"
    URGE = "urge"
    SUPPLEMENT = "supplement"
    JOIN = "join"
    CLASSIFY = "classify"

    @property
    def label(self) -> str:
        """The field's word for it."""
        return _ACTION_WORDS[self]


_ACTION_WORDS = {
    Action.FILE: "受理登记",
    Action.DISPATCH: "派单",
    Action.SIGN: "签收",
    Action.SEND_BACK: "退回",
    Action.ANSWER: "答复",
    Action.CLOSE: "办结",
    Action.REOPEN: "重新办理",
    Action.WITHDRAW: "撤回",
    Action.REFUSE: "不予受理",
    Action.URGE: "催办",
    Action.SUPPLEMENT: "补充",
    Action.JOIN: "并入反映",
    Action.CLASSIFY: "改分类",
}

EVENTS = frozenset({Action.URGE, Action.SUPPLEMENT, Action.JOIN, Action.CLASSIFY})
"""Actions that do not move an order."""


class Who(str, Enum):
    """Who can act on an order: the roles of staff, and those who are no staff."""

    AGENT = Role.AGENT.value
    DISPATCHER = Role.DISPATCHER.value
    HANDLER = Role.HANDLER.value
    HEAD = Role.HEAD.value
    SUPERVISOR = Role.SUPERVISOR.value
    EDITOR = Role.EDITOR.value
    ADMINISTRATOR = Role.ADMINISTRATOR.value
    CITIZEN = "citizen"
    BOT = "bot"
    SYSTEM = "system"


@dataclass(frozen=True)
class Move:
    """Where an action leads from a status, and who may take it."""

    to: Status
    who: frozenset[Who]


_DISPATCHERS = frozenset({Who.DISPATCHER, Who.SUPERVISOR, Who.ADMINISTRATOR})
_DESK = _DISPATCHERS | {Who.AGENT}
_DEPARTMENT = frozenset({Who.HANDLER, Who.HEAD})
_INTAKE = _DESK | {Who.CITIZEN, Who.BOT, Who.SYSTEM}
_ASKING = _DESK | {Who.CITIZEN}

_S, _A = Status, Action

MOVES: dict[tuple[Status | None, Action], Move] = {
    (None, _A.FILE): Move(_S.PENDING_DISPATCH, _INTAKE),
    # the system dispatches where the routing rules are sure
    (_S.PENDING_DISPATCH, _A.DISPATCH): Move(_S.PENDING_SIGN, _DISPATCHERS | {Who.SYSTEM}),
    # a head passes it down to a department below their own (D4); a dispatcher corrects a wrong department
    (_S.PENDING_SIGN, _A.DISPATCH): Move(_S.PENDING_SIGN, _DISPATCHERS | {Who.HEAD}),
    (_S.HANDLING, _A.DISPATCH): Move(_S.PENDING_SIGN, _DISPATCHERS | {Who.HEAD}),
    (_S.PENDING_SIGN, _A.SIGN): Move(_S.HANDLING, _DEPARTMENT),
    (_S.PENDING_SIGN, _A.SEND_BACK): Move(_S.PENDING_DISPATCH, _DEPARTMENT),
    (_S.HANDLING, _A.SEND_BACK): Move(_S.PENDING_DISPATCH, _DEPARTMENT),
    (_S.HANDLING, _A.ANSWER): Move(_S.ANSWERED, _DEPARTMENT),
    # 自办: the hotline answers what needs no department (C3, C6)
    (_S.PENDING_DISPATCH, _A.ANSWER): Move(_S.ANSWERED, _DESK),
    (_S.ANSWERED, _A.CLOSE): Move(_S.CLOSED, _DEPARTMENT | _DESK | {Who.SYSTEM}),
    # not satisfied: back to the same department, to be done again (G3, [S3])
    (_S.ANSWERED, _A.REOPEN): Move(_S.HANDLING, _DESK),
    (_S.CLOSED, _A.REOPEN): Move(_S.HANDLING, _DESK),
    (_S.PENDING_DISPATCH, _A.REFUSE): Move(_S.REFUSED, _DISPATCHERS),
    (_S.PENDING_DISPATCH, _A.WITHDRAW): Move(_S.WITHDRAWN, _ASKING),
    (_S.PENDING_SIGN, _A.WITHDRAW): Move(_S.WITHDRAWN, _ASKING),
    (_S.HANDLING, _A.WITHDRAW): Move(_S.WITHDRAWN, _ASKING),
    (_S.PENDING_DISPATCH, _A.URGE): Move(_S.PENDING_DISPATCH, _ASKING),
    (_S.PENDING_SIGN, _A.URGE): Move(_S.PENDING_SIGN, _ASKING),
    (_S.HANDLING, _A.URGE): Move(_S.HANDLING, _ASKING),
    (_S.PENDING_DISPATCH, _A.SUPPLEMENT): Move(_S.PENDING_DISPATCH, _ASKING),
    (_S.PENDING_SIGN, _A.SUPPLEMENT): Move(_S.PENDING_SIGN, _ASKING),
    (_S.HANDLING, _A.SUPPLEMENT): Move(_S.HANDLING, _ASKING),
    # another citizen reports the same matter (B5, C5)
    (_S.PENDING_DISPATCH, _A.JOIN): Move(_S.PENDING_DISPATCH, frozenset({Who.BOT})),
    (_S.PENDING_SIGN, _A.JOIN): Move(_S.PENDING_SIGN, frozenset({Who.BOT})),
    (_S.HANDLING, _A.JOIN): Move(_S.HANDLING, frozenset({Who.BOT})),
    # what is closed is counted as it is; until then those who dispatch correct what it is about (D1)
    (_S.PENDING_DISPATCH, _A.CLASSIFY): Move(_S.PENDING_DISPATCH, _DISPATCHERS),
    (_S.PENDING_SIGN, _A.CLASSIFY): Move(_S.PENDING_SIGN, _DISPATCHERS),
    (_S.HANDLING, _A.CLASSIFY): Move(_S.HANDLING, _DISPATCHERS),
    (_S.ANSWERED, _A.CLASSIFY): Move(_S.ANSWERED, _DISPATCHERS),
}


class MoveRefused(Exception):
    """The table has no such move, or not for this person; ``by_person`` tells which."""

    def __init__(self, status: Status | None, action: Action, *, by_person: bool) -> None:
        super().__init__(f"{action.value} from {status.value if status else 'nothing'}")
        self.status, self.action, self.by_person = status, action, by_person


def move(status: Status | None, action: Action, who: Who) -> Status:
    """The status ``action`` leads to from ``status`` (None: not filed yet). Raises :class:`MoveRefused`."""
    allowed = MOVES.get((status, action))
    if allowed is None:
        raise MoveRefused(status, action, by_person=False)
    if who not in allowed.who:
        raise MoveRefused(status, action, by_person=True)
    return allowed.to


def allowed_actions(status: Status, who: Who) -> list[Action]:
    """What ``who`` may do to an order in ``status``, in the order of :class:`Action`: the buttons of a page."""
    return [action for action in Action if (found := MOVES.get((status, action))) and who in found.who]


def walk(actions: Iterable[Action]) -> Status | None:
    """The status after ``actions``, whoever took them. Raises :class:`MoveRefused`."""
    status: Status | None = None
    for action in actions:
        found = MOVES.get((status, action))
        if found is None:
            raise MoveRefused(status, action, by_person=False)
        status = found.to
    return status
