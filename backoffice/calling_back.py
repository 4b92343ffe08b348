"""Whoever has taken a follow-up calls the citizen through the PBX (A6): by a ticket they dial from their own telephone.

The PBX calls the number, says that the call is recorded, records it and tells what came of it. A citizen who was
reached has been called back; one who did not answer waits again; of one who put down at once whoever called decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import call_backs
from backoffice.call_backs import Result
from backoffice.calls import Call
from backoffice.dial_tickets import DialTickets
from backoffice.refusals import NotAllowed
from backoffice.staff import Staff
from core import history

CALLED_BACK: Final = "called_back"
"""What history calls it."""
REACHED: Final = "ANSWER"
TALKED: Final = 5
"""Seconds from which somebody was reached: in less nothing is said after the announcement."""
_GIVEN_UP: Final = frozenset({"", "CANCEL"})
"""Whoever called has put down while it rang: they may try again."""
_TOLD: Final = {REACHED: "接通", "BUSY": "占线", "NOANSWER": "没有人接", "CANCEL": "没有再等"}


@dataclass(frozen=True)
class DialOut:
    """A number to be called, and for which call."""

    call_id: str
    number: str


class CallBackTickets(DialTickets[DialOut]):
    """Tickets for calling back."""

    @staticmethod
    async def holds(session: AsyncSession, found: DialOut, extension: str) -> bool:
        """Whether whoever dials from ``extension`` still has the follow-up: it may be settled since."""
        call = await session.get(Call, found.call_id)
        staff = await session.scalar(select(Staff).where(Staff.number == extension))
        if call is None or staff is None:
            return False
        return call.follow_up is not None and call.followed_at is None and call.taken_by == staff.id

    def give(self, staff: Staff, call: Call, now: datetime) -> str:
        """Six digits to dial. Raises :class:`NotAllowed` for what ``staff`` has not taken, and without a number."""
        if call.follow_up is None or call.followed_at is not None or call.taken_by != staff.id:
            raise NotAllowed("请先接下这个回电。")
        if call.caller is None:
            raise NotAllowed("这个电话没有显示号码，没法回电。")
        return self.keep(staff, DialOut(call.id, call.caller), now)


async def called_back(
    session: AsyncSession, call_id: str, extension: str, status: str, seconds: int, at: datetime
) -> None:
    """The PBX tells that ``extension`` has called: ``status`` as Asterisk has it, the ``seconds`` they talked.

    Told again, with the same ``at`` (when it was over), it is the same.
    """
    staff = await session.scalar(select(Staff).where(Staff.number == extension))
    call = await session.get(Call, call_id)
    if staff is None or call is None:
        return
    await call_backs.lock(session, call)
    data = {"status": status, "seconds": seconds}
    actor = f"staff:{staff.id}"
    told_before = await history.of(session, "call", call_id)
    if any((one.action, one.actor, one.at, one.data) == (CALLED_BACK, actor, at, data) for one in told_before):
        return
    await history.append(session, subject="call", subject_id=call_id, action=CALLED_BACK, actor=actor, at=at, data=data)
    if status in _GIVEN_UP or (status == REACHED and seconds < TALKED):
        return
    with suppress(NotAllowed):  # it has been done with by hand meanwhile
        result = Result.REACHED if status == REACHED else Result.NO_ANSWER
        await call_backs.finish(session, staff, call_id, result, "", at)


def told(data: Mapping[str, Any]) -> str:
    """What came of a call, in words."""
    words = _TOLD.get(str(data.get("status", "")), "没有接通")
    return f"{words}，说了 {data['seconds']} 秒" if data.get("seconds") else words
