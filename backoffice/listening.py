"""A supervisor listens to a live call, whispers to the agent or joins in (F5): by a ticket that is dialled once.

The desk gives a ticket to whoever may; the PBX shows it when that person's own extension dials it. Only then is
anybody heard, and then it is kept. Tickets live in the process that leads the calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from backoffice.calls import Call, Ending
from backoffice.dial_tickets import DialTickets
from backoffice.refusals import NotAllowed, NotForYou
from backoffice.staff import Role, Staff

LISTENERS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
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


class Tickets(DialTickets[Ticket]):
    """Those that have not been dialled yet."""

    def give(self, staff: Staff, call: Call, way: Way, now: datetime) -> str:
        """Six digits to dial. Raises :class:`NotForYou`, and :class:`NotAllowed` for a call that is over."""
        if staff.role not in LISTENERS:
            raise NotForYou("只有督办员和管理员可以监听。")
        if not may_be_live(call, now):
            raise NotAllowed("这次通话已经结束，或者不是电话线路，不能监听。")
        return self.keep(staff, Ticket(call.id, call.channel, way, staff), now)


def may_be_live(call: Call, now: datetime) -> bool:
    """Whether somebody may still be talking, as far as we know: with the bot, or with people afterwards."""
    if call.line != "asterisk" or not call.channel:
        return False
    with_people = call.ending == Ending.TRANSFERRED.value
    return call.ended_at is None or (with_people and now - call.ended_at < _LONGEST_TALK)
