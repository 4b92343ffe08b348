"""The left navigation: what there is, whom it serves, and how much waits there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import desk
from backoffice.staff import Role, Staff

Count = Callable[[AsyncSession, Staff], Awaitable[int]]


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    key: str
    label: str
    icon: str
    address: str
    roles: frozenset[Role]
    count: Count | None = None
    """How much waits there for this person; None: nothing is counted."""
    count_label: str = ""
    """What the number means, for screen readers: ``个会话在等待``."""


PLACES: tuple[Place, ...] = (
    Place("desk", "会话", "messages", "/staff/desk", desk.READERS, desk.waiting_count, count_label="个会话在等待人工"),
)
"""In the order shown; a page that does not exist yet is not here."""


@dataclass(frozen=True)
class Entry:
    """A place as one person sees it."""

    place: Place
    count: int


async def entries_for(session: AsyncSession, staff: Staff) -> list[Entry]:
    """The places ``staff`` may open, with what waits there."""
    return [
        Entry(place, await place.count(session, staff) if place.count else 0)
        for place in PLACES
        if staff.role in place.roles
    ]


def home_of(staff: Staff) -> str:
    """Where ``staff`` begins the day."""
    return next((place.address for place in PLACES if staff.role in place.roles), "/staff/account")
