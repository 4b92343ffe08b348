"""Signing in, signing out, changing the password (I5).

Whoever fails learns nothing: an unknown name, a wrong password, a locked and a switched-off account get the same
answer after the same work. Wrong passwords lock the account for a time that grows; everything is history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import passwords, staff_sessions
from backoffice.staff import Staff, by_id, by_username, lock, record
from backoffice.staff_sessions import Opened, Origin
from core import history
from core.database import Database
from core.settings import Settings

LOCK_AFTER = 5
"""Wrong passwords in a row before the account is locked."""
FIRST_LOCK = timedelta(minutes=5)
LONGEST_LOCK = timedelta(hours=1)
"""Longer would let a stranger keep somebody from work all day by typing nonsense."""
NAME_LENGTH = 40

NOBODY = "-"
"""History's subject for a name nobody has; the name itself is not kept: people type passwords into it."""


def lock_length(failed_attempts: int) -> timedelta | None:
    """For how long the account is locked after so many wrong passwords in a row; None: not at all."""
    if failed_attempts < LOCK_AFTER:
        return None
    doublings = min(failed_attempts - LOCK_AFTER, 10)
    return min(FIRST_LOCK * float(2**doublings), LONGEST_LOCK)


@dataclass(frozen=True)
class Attempt:
    """Somebody wants to sign in."""

    username: str
    password: str
    origin: Origin
    old_session: tuple[int, int] | None = None
    """(staff id, session id) this browser was signed in with; it ends, whoever it was."""


async def sign_in(database: Database, attempt: Attempt, settings: Settings, now: datetime) -> Opened | None:
    """A new session, or None: the one answer to everything that is not right."""
    async with database.read() as session:
        staff = await by_username(session, attempt.username[:NAME_LENGTH])
    known_hash = staff.password_hash if staff else None
    right = await passwords.matches(known_hash, attempt.password)  # outside any transaction: it takes a while
    new_hash = None
    if right and known_hash is not None and passwords.is_outdated(known_hash):
        new_hash = await passwords.hashed(attempt.password)
    async with database.write() as session:
        if staff is None:
            await history.append(
                session,
                subject="staff",
                subject_id=NOBODY,
                action="sign_in_failed",
                actor="system",
                at=now,
                data={"address": attempt.origin.address},
            )
            return None
        staff = await lock(session, staff.id)
        right = right and staff.password_hash == known_hash
        if not await _may_enter(session, staff, right, attempt.origin, now):
            return None
        if new_hash is not None:
            staff.password_hash = new_hash
        return await _enter(session, staff, attempt, settings, now)


async def _may_enter(session: AsyncSession, staff: Staff, right: bool, origin: Origin, now: datetime) -> bool:
    """Judges an attempt under the account's lock and writes down a failure.

    What is tried while the account is locked is refused unjudged and not counted: of a thousand guesses sent at once
    five are looked at.
    """
    where: dict[str, object] = {"address": origin.address}
    if not staff.active or (staff.locked_until is not None and staff.locked_until > now):
        why = "locked" if staff.active else "inactive"
        await record(session, staff, "sign_in_failed", "system", now, {**where, "why": why})
        return False
    if right:
        return True
    staff.failed_attempts += 1
    await record(session, staff, "sign_in_failed", "system", now, {**where, "attempts": staff.failed_attempts})
    length = lock_length(staff.failed_attempts)
    if length is not None:
        staff.locked_until = now + length
        await record(session, staff, "lock", "system", now, {"minutes": int(length.total_seconds() // 60)})
    return False


async def _enter(session: AsyncSession, staff: Staff, attempt: Attempt, settings: Settings, now: datetime) -> Opened:
    staff.failed_attempts = 0
    staff.locked_until = None
    staff.seen_at = now
    if attempt.old_session is not None:
        await staff_sessions.end(session, *attempt.old_session)
    await staff_sessions.forget_ended(session, settings, now)
    opened = await staff_sessions.begin(session, staff, attempt.origin, settings, now)
    await record(session, staff, "sign_in", f"staff:{staff.id}", now, {"address": attempt.origin.address})
    return opened


async def sign_out(session: AsyncSession, staff_id: int, session_id: int, now: datetime) -> bool:
    """Ends one session of ``staff_id``; False when it had ended already or is somebody else's."""
    staff = await lock(session, staff_id)
    if not await staff_sessions.end(session, staff_id, session_id):
        return False
    await record(session, staff, "sign_out", f"staff:{staff_id}", now)
    return True


async def sign_out_everywhere(
    session: AsyncSession, staff_id: int, actor: str, now: datetime, *, but: int | None = None
) -> int:
    """Ends every session of ``staff_id`` except ``but``; how many there were."""
    staff = await lock(session, staff_id)
    ended = await staff_sessions.end_all(session, staff_id, but=but)
    await record(session, staff, "sign_out_everywhere", actor, now, {"sessions": ended})
    return ended


class WrongPassword(ValueError):
    """The present password is not the one typed."""


async def change_password(database: Database, staff_id: int, old: str, new: str, session_id: int, now: datetime) -> int:
    """Changes the password of whoever is signed in and ends their other sessions; how many there were.

    Raises :class:`WrongPassword` (which counts towards the lock-out, as at the door) or
    :class:`backoffice.passwords.WeakPassword`.
    """
    async with database.read() as session:
        staff = await by_id(session, staff_id)
    assert staff is not None
    locked = staff.locked_until is not None and staff.locked_until > now
    right = await passwords.matches(staff.password_hash, old) and not locked
    if right:
        passwords.check_rules(new, about=(staff.username, staff.number, staff.name))
        if old == new:
            raise passwords.WeakPassword("新密码不能和现在的密码一样。")
    new_hash = await passwords.hashed(new) if right else ""
    async with database.write() as session:
        known_hash, staff = staff.password_hash, await lock(session, staff_id)
        if right and staff.password_hash == known_hash:
            staff.password_hash = new_hash
            staff.password_changed_at = now
            staff.failed_attempts = 0
            ended = await staff_sessions.end_all(session, staff_id, but=session_id)
            await record(session, staff, "change_password", f"staff:{staff_id}", now, {"sessions_ended": ended})
            return ended
        if not locked:
            await _count_wrong_password(session, staff, now)
    raise WrongPassword


async def _count_wrong_password(session: AsyncSession, staff: Staff, now: datetime) -> None:
    """A wrong present password: whoever found an open screen may not guess on without end."""
    staff.failed_attempts += 1
    await record(session, staff, "change_password_failed", f"staff:{staff.id}", now)
    length = lock_length(staff.failed_attempts)
    if length is not None:
        staff.locked_until = now + length
        await staff_sessions.end_all(session, staff.id)
        await record(session, staff, "lock", "system", now, {"minutes": int(length.total_seconds() // 60)})


async def reset_password(session: AsyncSession, staff_id: int, new: str, actor: str, now: datetime) -> None:
    """Sets a password for somebody else, unlocks the account and ends all its sessions.

    Raises :class:`backoffice.passwords.WeakPassword`.
    """
    staff = await lock(session, staff_id)
    passwords.check_rules(new, about=(staff.username, staff.number, staff.name))
    staff.password_hash = await passwords.hashed(new)
    staff.password_changed_at = now
    staff.failed_attempts = 0
    staff.locked_until = None
    ended = await staff_sessions.end_all(session, staff_id)
    await record(session, staff, "reset_password", actor, now, {"sessions_ended": ended})
