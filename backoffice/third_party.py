"""The third party of a call: where it stands, what an agent may want next, what follows from what happens. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final


class Wish(str, Enum):
    """What an agent wants; history calls it the same, but for leaving, which is kept once it has happened."""

    INVITE = "invite"
    JOIN = "join"
    DISMISS = "dismiss"
    LEAVE = "leave"


class Event(str, Enum):
    """What the PBX tells; history calls it the same."""

    ANSWERS = "third_answers"
    UNREACHED = "third_unreached"
    LEAVES = "third_leaves"
    AGENT_LEAVES = "agent_leaves"


class Stand(str, Enum):
    """Where a third party is."""

    CALLED = "called"
    """It rings there; the citizen hears music."""
    ASIDE = "aside"
    """They talk to the agent; the citizen hears music."""
    TOGETHER = "together"
    """All three talk."""
    LEFT = "left"
    """The agent has gone: they talk to the citizen."""


MAY: Final[Mapping[Stand | None, frozenset[Wish]]] = {
    None: frozenset({Wish.INVITE}),
    Stand.CALLED: frozenset({Wish.DISMISS}),
    Stand.ASIDE: frozenset({Wish.JOIN, Wish.DISMISS, Wish.LEAVE}),
    Stand.TOGETHER: frozenset({Wish.DISMISS, Wish.LEAVE}),
    Stand.LEFT: frozenset(),
}
"""What the agent may want while a third party is there or, None, is not."""
_HERE: Final = frozenset({Stand.CALLED, Stand.ASIDE, Stand.TOGETHER, Stand.LEFT})
_MOVES: Final[Mapping[str, tuple[frozenset[Stand], Stand | None]]] = {
    Event.ANSWERS.value: (frozenset({Stand.CALLED}), Stand.ASIDE),
    Wish.JOIN.value: (frozenset({Stand.ASIDE}), Stand.TOGETHER),
    Event.UNREACHED.value: (_HERE - {Stand.LEFT}, None),
    Event.LEAVES.value: (_HERE, None),
    Event.AGENT_LEAVES.value: (_HERE - {Stand.LEFT}, Stand.LEFT),
}
"""From which stand an entry leads to which; anything else moves nothing."""
_WHY: Final = {"BUSY": "占线", "NOANSWER": "没有接听", "CANCEL": "没有再等"}
_OTHERWISE: Final = "没有接通"


@dataclass(frozen=True)
class Third:
    """The third party of a call, the last one that was invited."""

    stand: Stand | None = None
    """None: there is none, or not any more."""
    who: Mapping[str, Any] = field(default_factory=dict)
    """``department`` (its code) or ``extension``."""
    outcome: str = ""
    """What became of it, in words, once it is not there any more."""


def moves(third: Third, event: Event) -> bool:
    """Whether ``event`` can happen to it as it stands; what was told twice or too late cannot."""
    return third.stand in _MOVES[event.value][0]


def third_in(entries: Sequence[tuple[str, Mapping[str, Any]]]) -> Third:
    """The third party after everything that history tells: actions with their data, oldest first."""
    third = Third()
    for action, data in entries:
        if action == Wish.INVITE.value:
            third = Third(Stand.CALLED, data)
        elif action in _MOVES and third.stand in _MOVES[action][0]:
            third = replace(third, stand=_MOVES[action][1], outcome=outcome(action, data))
    return third


def outcome(action: str, data: Mapping[str, Any]) -> str:
    """What became of a third party that is not there any more, in words."""
    if action == Event.UNREACHED.value:
        return _WHY.get(str(data.get("why", "")), _OTHERWISE)
    return "已经退出" if action == Event.LEAVES.value else ""
