"""Which version of categories, areas and rules holds: a token that changes with each of them."""

from __future__ import annotations

import uuid

from sqlalchemy import Integer, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base

_ONLY = 1


class RoutingState(Base):
    """The one row with the token."""

    __tablename__ = "routing_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str] = mapped_column(String(36))


async def routing_changed(session: AsyncSession) -> None:
    """Says, from the commit on and to every process, that routing must be read anew."""
    await session.merge(RoutingState(id=_ONLY, version=str(uuid.uuid4())))
    await session.flush()


async def routing_version(session: AsyncSession) -> str:
    """The token that holds now."""
    state = await session.get(RoutingState, _ONLY, populate_existing=True)
    return state.version if state else ""
