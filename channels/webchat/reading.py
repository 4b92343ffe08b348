"""How far a visitor has read, so that a page opened again can say which messages are new."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant, insert_into


class WebchatRead(Base):
    """The last message of a conversation that was in view."""

    __tablename__ = "webchat_reads"

    conversation_id: Mapped[str] = mapped_column(String(36), ForeignKey("conversations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime] = mapped_column(Instant)


async def mark_read(session: AsyncSession, conversation_id: str, seq: int, now: datetime) -> None:
    """Notes that everything up to ``seq`` was in view; never goes back."""
    insert = insert_into(session, WebchatRead).values(conversation_id=conversation_id, seq=seq, read_at=now)
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=[WebchatRead.conversation_id],
            set_={"seq": insert.excluded.seq, "read_at": insert.excluded.read_at},
            where=WebchatRead.seq < insert.excluded.seq,
        )
    )


async def read_up_to(session: AsyncSession, conversation_id: str) -> int:
    """The last sequence number that was in view; 0: none."""
    row = await session.get(WebchatRead, conversation_id)
    return row.seq if row else 0
