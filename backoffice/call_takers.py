"""Whose telephone rings for a citizen (part of F1): one that can be reached and whose owner is on duty.

The PBX knows the telephones, the desk knows who is on duty; a call goes to whoever has both. An extension is the number
of a member of staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.duty import DESK_ROLES, is_at_desk, is_present
from backoffice.staff import Staff


async def takers(
    session: AsyncSession, telephones: Sequence[str], now: datetime, *, without_desk: bool = False
) -> list[str]:
    """Of ``telephones``, extensions that can be reached, those that take calls now.

    ``without_desk``: also those whose owner has no desk page open, or that are nobody's: a telephone alone is enough.
    """
    owners = {one.number: one for one in await session.scalars(select(Staff).where(Staff.number.in_(telephones)))}
    return [one for one in telephones if _takes(owners.get(one), now, without_desk)]


def _takes(owner: Staff | None, now: datetime, without_desk: bool) -> bool:
    if owner is None:
        return without_desk
    if not owner.active or owner.role not in DESK_ROLES:
        return False
    return is_present(owner, now) or (without_desk and not is_at_desk(owner, now))
