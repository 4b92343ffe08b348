"""What a member of staff has set up for themselves: columns of a list, views, ready sentences.

A value is whatever JSON holds. It is read with care: what an older version kept may mean nothing any more.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.staff import Staff
from core.database import Base, insert_into
from core.privacy import EncryptedText


class StaffPreference(Base):
    """One thing one person set up."""

    __tablename__ = "staff_preferences"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(EncryptedText)
    """JSON; encrypted, for a search or a sentence may name a citizen."""


async def preference(session: AsyncSession, staff: Staff, name: str) -> Any:
    """What ``staff`` keeps under ``name``; None when nothing."""
    statement = select(StaffPreference.value).where(StaffPreference.staff_id == staff.id, StaffPreference.name == name)
    kept = await session.scalar(statement)
    return None if kept is None else json.loads(kept)


async def keep(session: AsyncSession, staff: Staff, name: str, value: Any) -> None:
    """Keeps ``value`` for ``staff`` under ``name``, in the place of what was there."""
    insert = insert_into(session, StaffPreference).values(
        staff_id=staff.id, name=name, value=json.dumps(value, ensure_ascii=False)
    )
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=[StaffPreference.staff_id, StaffPreference.name], set_={"value": insert.excluded.value}
        )
    )
