"""Sessions of signed-in staff: a random token in a cookie, its digest in the database (I5).

A session ends by signing out, by idling, by age, by signing out everywhere, and with the account. What the page asks
for by itself (live counts, the desk's stream) does not keep it alive: only a person does.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Integer, String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.staff import Staff
from core.database import Base, Instant
from core.settings import Settings

SEEN_STEP = timedelta(seconds=30)
"""``last_seen`` is written at most this often: a request must not always cost a write."""
_AGENT_LENGTH, _ADDRESS_LENGTH = 200, 64


class StaffSession(Base):
    """One browser in which a member of staff is signed in."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """The absolute end; idling ends it sooner."""
    address: Mapped[str] = mapped_column(String(_ADDRESS_LENGTH))
    user_agent: Mapped[str] = mapped_column(String(_AGENT_LENGTH))

    def csrf_holds(self, token: str) -> bool:
        """Whether a form really comes from a page of this session; compared in constant time."""
        return hmac.compare_digest(self.csrf_token.encode(), token.encode())


@dataclass(frozen=True)
class Origin:
    """Where a request comes from, as far as it can be known."""

    address: str
    user_agent: str


@dataclass(frozen=True)
class Opened:
    """A new session and the token only its browser ever holds."""

    session: StaffSession
    token: str


async def begin(session: AsyncSession, staff: Staff, origin: Origin, settings: Settings, now: datetime) -> Opened:
    """Opens a session; every sign-in gets a token of its own."""
    token = secrets.token_urlsafe(32)
    opened = StaffSession(
        staff_id=staff.id,
        token_hash=_digest(token),
        csrf_token=secrets.token_urlsafe(32),
        created_at=now,
        last_seen=now,
        expires_at=now + timedelta(minutes=settings.staff_session_minutes),
        address=origin.address[:_ADDRESS_LENGTH],
        user_agent=origin.user_agent[:_AGENT_LENGTH],
    )
    session.add(opened)
    await session.flush()
    return Opened(opened, token)


async def find(
    session: AsyncSession, token: str, settings: Settings, now: datetime
) -> tuple[StaffSession, Staff] | None:
    """The session behind a token and whose it is; None when it has ended in any way."""
    statement = (
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.token_hash == _digest(token),
            StaffSession.expires_at > now,
            StaffSession.last_seen > now - timedelta(minutes=settings.staff_idle_minutes),
            Staff.active,
        )
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1])


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether a "seen" time is old enough to be worth writing again."""
    return last is None or now - last >= SEEN_STEP


async def touch(session: AsyncSession, session_id: int, staff_id: int, now: datetime, *, by_person: bool) -> None:
    """Notes that a page was heard of; only what a person did keeps the session alive."""
    await session.execute(update(Staff).where(Staff.id == staff_id).values(seen_at=now))
    if by_person:
        await session.execute(update(StaffSession).where(StaffSession.id == session_id).values(last_seen=now))


async def live_of(session: AsyncSession, staff_id: int, settings: Settings, now: datetime) -> list[StaffSession]:
    """The sessions of one person that are still good, newest first."""
    statement = (
        select(StaffSession)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.expires_at > now,
            StaffSession.last_seen > now - timedelta(minutes=settings.staff_idle_minutes),
        )
        .order_by(StaffSession.last_seen.desc(), StaffSession.id.desc())
    )
    return list(await session.scalars(statement))


async def end(session: AsyncSession, staff_id: int, session_id: int) -> bool:
    """Ends one session of one person; False when it is not theirs or has ended."""
    statement = delete(StaffSession).where(StaffSession.id == session_id, StaffSession.staff_id == staff_id)
    ended = await session.scalars(statement.returning(StaffSession.id))
    return ended.one_or_none() is not None


async def end_all(session: AsyncSession, staff_id: int, *, but: int | None = None) -> int:
    """Ends every session of one person, ``but`` one; how many there were."""
    statement = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if but is not None:
        statement = statement.where(StaffSession.id != but)
    return len(list(await session.scalars(statement.returning(StaffSession.id))))


async def forget_ended(session: AsyncSession, settings: Settings, now: datetime) -> None:
    """Removes the rows of sessions that can never be good again."""
    idle = now - timedelta(minutes=settings.staff_idle_minutes)
    await session.execute(
        delete(StaffSession).where((StaffSession.expires_at <= now) | (StaffSession.last_seen <= idle))
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
