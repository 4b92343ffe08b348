"""Staff: who works with the service, in which role and for which department (I1, I5).

A member of staff is never deleted, only made inactive: history names them for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import Boolean, ForeignKey, Integer, String, select
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice import departments, passwords
from core import history
from core.database import Base, Instant

DEFAULT_CAPACITY = 5
"""Conversations one person can hold at a time, unless their row says otherwise."""


class Role(str, Enum):
    """What a member of staff is here for. What each may do is asked of the role, never of the person."""

    AGENT = "agent"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The field's word for it."""
        return _LABELS[self]


_LABELS = {
    Role.AGENT: "话务员",
    Role.DISPATCHER: "派单员",
    Role.HANDLER: "经办人",
    Role.HEAD: "部门负责人",
    Role.SUPERVISOR: "督办员",
    Role.EDITOR: "知识编辑",
    Role.ADMINISTRATOR: "管理员",
}

DEPARTMENT_ROLES = frozenset({Role.HANDLER, Role.HEAD})
"""Roles that belong to a department and see its orders only."""
ORDER_ROLES = frozenset(Role) - {Role.EDITOR}
"""Roles that have to do with orders; who keeps the knowledge base has not, and sees none."""


class Staff(Base):
    """One member of staff."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    """What they sign in with; lower case."""
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """工号: what citizens are told."""
    name: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(
        EnumColumn(Role, native_enum=False, length=20, values_callable=lambda roles: [role.value for role in roles])
    )
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    failed_attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Wrong passwords in a row."""
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    password_changed_at: Mapped[datetime] = mapped_column(Instant)
    capacity: Mapped[int] = mapped_column(Integer, default=DEFAULT_CAPACITY)
    on_duty_since: Mapped[datetime | None] = mapped_column(Instant)
    """在岗 since then; None: 离岗."""
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    """When one of their open pages was last heard of: on duty means also being there (trap 19)."""


class StaffRefused(ValueError):
    """A change of staff that cannot be; the text says why, in Chinese."""


@dataclass(frozen=True)
class NewStaff:
    """Who is to be added."""

    username: str
    number: str
    name: str
    role: Role
    department_id: int | None = None
    capacity: int = DEFAULT_CAPACITY


async def create(session: AsyncSession, new: NewStaff, password: str, actor: str, now: datetime) -> Staff:
    """Adds a member of staff. ``actor`` is history's (``system`` or ``staff:<id>``).

    Raises :class:`StaffRefused` (name or number taken, department missing) or
    :class:`backoffice.passwords.WeakPassword`.
    """
    username = new.username.strip().lower()
    if not username or not new.number.strip() or not new.name.strip():
        raise StaffRefused("用户名、工号和姓名都要填写。")
    _refuse_too_long(username, new.number.strip(), new.name.strip())
    if new.capacity < 1:
        raise StaffRefused("同时接待的会话数至少是 1。")
    if new.role in DEPARTMENT_ROLES and new.department_id is None:
        raise StaffRefused(f"{new.role.label}必须属于一个部门。")
    if new.department_id is not None and await session.get(departments.Department, new.department_id) is None:
        raise StaffRefused("没有这个部门。")
    taken = select(Staff.id).where((Staff.username == username) | (Staff.number == new.number.strip()))
    if await session.scalar(taken.limit(1)) is not None:
        raise StaffRefused("这个用户名或工号已经有人在用。")
    passwords.check_rules(password, about=(username, new.number, new.name))
    staff = Staff(
        username=username,
        number=new.number.strip(),
        name=new.name.strip(),
        password_hash=await passwords.hashed(password),
        role=new.role,
        department_id=new.department_id,
        active=True,
        failed_attempts=0,
        created_at=now,
        password_changed_at=now,
        capacity=new.capacity,
    )
    session.add(staff)
    await session.flush()
    await record(session, staff, "create", actor, now, {"role": new.role.value})
    return staff


def _refuse_too_long(username: str, number: str, name: str) -> None:
    """SQLite would keep a longer text than its column says, PostgreSQL fails on it."""
    for what, text, column in (
        ("用户名", username, Staff.username),
        ("工号", number, Staff.number),
        ("姓名", name, Staff.name),
    ):
        longest = column.type.length
        if longest is not None and len(text) > longest:
            raise StaffRefused(f"{what}最多 {longest} 个字。")


async def by_id(session: AsyncSession, staff_id: int) -> Staff | None:
    """The member of staff with this id."""
    return await session.get(Staff, staff_id)


async def by_username(session: AsyncSession, username: str) -> Staff | None:
    """The member of staff who signs in with this name."""
    if not username.isprintable():  # nobody's; and PostgreSQL does not even look for some of these characters
        return None
    staff: Staff | None = await session.scalar(select(Staff).where(Staff.username == username.strip().lower()))
    return staff


async def lock(session: AsyncSession, staff_id: int) -> Staff:
    """The member of staff, locked until the transaction ends."""
    statement = select(Staff).where(Staff.id == staff_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def record(
    session: AsyncSession,
    staff: Staff,
    action: str,
    actor: str,
    now: datetime,
    data: dict[str, object] | None = None,
) -> None:
    """Writes into the history of staff; never a password, never a name somebody merely typed."""
    await history.append(
        session, subject="staff", subject_id=str(staff.id), action=action, actor=actor, at=now, data=data
    )


async def deactivate(session: AsyncSession, staff_id: int, actor: str, now: datetime) -> None:
    """Closes an account: it cannot sign in any more, and sessions of inactive staff are not let in."""
    staff = await lock(session, staff_id)
    if staff.active:
        staff.active = False
        await record(session, staff, "deactivate", actor, now)
