"""An agent transfers the call they are in to a department's telephone (part of A1): it rings there once they put down.

Only numbers of the city's own departments are ever dialled.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.call_people import talk_of
from backoffice.calls import Call
from backoffice.departments import Department, open_departments
from backoffice.desk import DeskRefused
from backoffice.staff import Staff
from core import conversations, history
from core.messages import Reply

_NUMBER: Final = re.compile(r"\d{3,15}")
TRANSFER: Final = "transfer"
"""What history calls it."""


def number_of(department: Department) -> str | None:
    """The digits to dial; None where the department has no telephone number."""
    digits = re.sub(r"[ ()（）-]", "", department.phone)
    return digits if _NUMBER.fullmatch(digits) else None


async def departments_with_telephone(session: AsyncSession) -> list[Department]:
    """Those a call can be transferred to."""
    return [department for department in await open_departments(session) if number_of(department)]


async def want(
    session: AsyncSession, conversation_id: str, staff: Staff, department_id: int | None, now: datetime
) -> None:
    """``staff`` wants the call they are in transferred. Raises :class:`DeskRefused`: not in it, or nobody to call."""
    call = await talk_of(session, conversation_id, staff)
    await session.refresh(call, with_for_update=True)
    department = await session.get(Department, department_id) if department_id is not None else None
    if department is None or not department.is_open or number_of(department) is None:
        raise DeskRefused("no_department", "请选一个有电话的部门。")
    call.transfer_to = department.id
    await history.append(
        session,
        subject="call",
        subject_id=call.id,
        action=TRANSFER,
        actor=f"staff:{staff.id}",
        at=now,
        data={"department": department.code},
    )
    conversation = await conversations.lock(session, conversation_id)
    told = Reply(f"话务员挂机后，电话转给{department.name}。")
    await conversations.say(session, conversation, "system", told, now, kind="notice")


async def target(session: AsyncSession, call_id: str) -> str | None:
    """The number a call goes to now that the agent has put down, once; None: nowhere."""
    call = await session.get(Call, call_id, with_for_update=True)
    if call is None or call.transfer_to is None:
        return None
    department = await session.get_one(Department, call.transfer_to)
    call.transfer_to = None
    return number_of(department)
