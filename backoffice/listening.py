"""A supervisor listens to a live call, whispers to the agent or joins in (F5): by a ticket that is dialled once.

The desk gives a ticket to whoever may; the PBX shows it when that person's own extension dials it. Only then is
anybody heard, and then it is kept. Tickets live in the process that leads the calls.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from backoffice.calls import Call, Ending
from backoffice.refusals import NotAllowed, NotForYou
from backoffice.staff import Role, Staff

LISTENERS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
VALID: Final = timedelta(minutes=2)
_LONGEST_TALK: Final = timedelta(hours=2)
"""How long after the bot's part a call may still be with people."""


class Way(str, Enum):
    """How one is with a call; history calls it the same."""

    SPY = "spy"
    WHISPER = "whisper"
    """The agent hears the supervisor, the citizen does not."""
    BARGE = "barge"

    @property
    def label(self) -> str:
        """The words for it."""
        return {"spy": "监听", "whisper": "耳语", "barge": "强插"}[self.value]


@dataclass(frozen=True)
class Ticket:
    """Leave to be with one call, for one person."""

    call_id: str
    channel: str
    way: Way
    staff: Staff
    until: datetime


class Tickets:
    """Those that have not been dialled yet."""

    def __init__(self) -> None:
        self._given: dict[str, Ticket] = {}

    def give(self, staff: Staff, call: Call, way: Way, now: datetime) -> str:
        """Six digits to dial. Raises :class:`NotForYou`, and :class:`NotAllowed` for a call that is over."""
        if staff.role not in LISTENERS:
            raise NotForYou("只有督办员和管理员可以监听。")
        if not may_be_live(call, now):
            raise NotAllowed("这次通话已经结束，或者不是电话线路，不能监听。")
        self._given = {code: ticket for code, ticket in self._given.items() if ticket.until > now}
        code = f"{secrets.randbelow(10**6):06}"
        self._given[code] = Ticket(call.id, call.channel, way, staff, now + VALID)
        return code

    def use(self, code: str, extension: str, now: datetime) -> Ticket | None:
        """The ticket, once, if the right extension shows it in time."""
        ticket = self._given.get(code)
        if ticket is None or ticket.until <= now or ticket.staff.number != extension:
            return None
        return self._given.pop(code)


def may_be_live(call: Call, now: datetime) -> bool:
    """Whether somebody may still be talking, as far as we know: with the bot, or with people afterwards."""
    if call.line != "asterisk" or not call.channel:
        return False
    with_people = call.ending == Ending.TRANSFERRED.value
    return call.ended_at is None or (with_people and now - call.ended_at < _LONGEST_TALK)
