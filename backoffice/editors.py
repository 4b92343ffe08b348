"""Who of the staff keeps the knowledge base, and which part of it (B9, I1).

Handlers and heads keep what their own department and those below it answer for; knowledge editors the same of theirs,
or the whole base where they belong to none; administrators the whole. Everybody else of the staff reads what citizens
are answered with.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import departments
from backoffice.departments import Department
from backoffice.staff import DEPARTMENT_ROLES, Role, Staff
from knowledge.moves import Editor

WRITER_ROLES = frozenset({Role.HANDLER, Role.HEAD, Role.EDITOR, Role.ADMINISTRATOR})
REVIEWER_ROLES = frozenset({Role.HEAD, Role.EDITOR, Role.ADMINISTRATOR})


async def editor_of(session: AsyncSession, staff: Staff) -> Editor:
    """What ``staff`` may do to the knowledge base, and to which part of it."""
    active = staff.active
    return Editor(
        label=f"staff:{staff.id}",
        departments=await _kept_by(session, staff) if active else frozenset(),
        writes=active and staff.role in WRITER_ROLES,
        reviews=active and staff.role in REVIEWER_ROLES,
    )


async def _kept_by(session: AsyncSession, staff: Staff) -> frozenset[str] | None:
    if staff.department_id is None:
        return frozenset() if staff.role in DEPARTMENT_ROLES else None
    if staff.role not in DEPARTMENT_ROLES | {Role.EDITOR}:
        return None
    within = select(Department.code).where(Department.id.in_(departments.ids_within(staff.department_id)))
    return frozenset(await session.scalars(within))
