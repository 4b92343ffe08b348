"""Departments (D4): a tree of city, districts, streets and utilities.

A department is never deleted, only closed: orders and history name it for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pydantic import with_config
from sqlalchemy import JSON, Boolean, ColumnElement, ForeignKey, Integer, ScalarSelect, Select, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from backoffice.pack_problems import CityPackRefused
from core.database import Base, Instant


class Level(str, Enum):
    """Where in the city a department stands."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    UTILITY = "utility"


class Department(Base):
    """One department."""

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    short: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    path: Mapped[str] = mapped_column(String(120), index=True)
    """Ids from the root down to this one, ``/1/14/``: everything below a department begins with its path."""
    level: Mapped[str] = mapped_column(String(10))
    duties: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(120))
    aliases: Mapped[list[str]] = mapped_column(JSON)
    is_default: Mapped[bool] = mapped_column(Boolean)
    """Where an order lies while nobody is sure: the hotline's own desk. Exactly one."""
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_open(self) -> bool:
        """Whether orders may be sent there."""
        return self.closed_at is None


class NoDefaultDepartment(RuntimeError):
    """No open department is marked as the default: the city pack has not been loaded."""


@with_config(extra="forbid")
@dataclass(frozen=True)
class DepartmentEntry:
    """A department as a city pack describes it."""

    code: str
    name: str
    short: str
    level: Level
    parent: str | None = None
    duties: str = ""
    phone: str = ""
    address: str = ""
    aliases: tuple[str, ...] = ()
    default: bool = False


class DepartmentsRefused(CityPackRefused):
    """The entries are no tree, or not exactly one of them is the default."""


async def by_code(session: AsyncSession, code: str) -> Department | None:
    """The department with this code, open or closed."""
    department: Department | None = await session.scalar(select(Department).where(Department.code == code))
    return department


async def default_department(session: AsyncSession) -> Department:
    """The department where doubtful orders lie. Raises :class:`NoDefaultDepartment`."""
    statement = select(Department).where(Department.is_default, Department.closed_at.is_(None))
    department = await session.scalar(statement)
    if department is None:
        raise NoDefaultDepartment("load a city pack first")
    return department


async def open_departments(session: AsyncSession) -> list[Department]:
    """Every department orders may be sent to, in the order of the tree."""
    statement = select(Department).where(Department.closed_at.is_(None)).order_by(Department.path)
    return list(await session.scalars(statement))


def ids_within(department_id: int | ScalarSelect[int]) -> Select[tuple[int]]:
    """A subquery: the ids of a department and of all its descendants."""
    top = aliased(Department)
    below: ColumnElement[bool] = Department.path.startswith(top.path)  # paths hold digits and slashes only
    return select(Department.id).join(top, below).where(top.id == department_id)


async def is_within(session: AsyncSession, department_id: int, top_id: int) -> bool:
    """Whether a department is ``top_id`` itself or lies below it."""
    found = await session.scalar(ids_within(top_id).where(Department.id == department_id))
    return found is not None


async def load_departments(session: AsyncSession, entries: Iterable[DepartmentEntry], now: datetime) -> None:
    """Makes the tree what ``entries`` say; departments no longer named are closed, not deleted.

    Raises :class:`DepartmentsRefused`.
    """
    wanted = {entry.code: entry for entry in entries}
    ordered = _parents_first(wanted)
    known = {department.code: department for department in await session.scalars(select(Department))}
    for entry in ordered:
        department = known.get(entry.code)
        if department is None:
            department = known[entry.code] = Department(code=entry.code, path="")
            session.add(department)
        _describe(department, entry)
        parent = known[entry.parent] if entry.parent else None
        department.parent_id = parent.id if parent else None
        await session.flush()
        department.path = f"{parent.path if parent else '/'}{department.id}/"
    for code in known.keys() - wanted.keys():
        known[code].is_default = False
        known[code].closed_at = known[code].closed_at or now
    await session.flush()


def _describe(department: Department, entry: DepartmentEntry) -> None:
    department.name, department.short, department.level = entry.name, entry.short, entry.level.value
    department.duties, department.phone, department.address = entry.duties, entry.phone, entry.address
    department.aliases, department.is_default, department.closed_at = list(entry.aliases), entry.default, None


def _parents_first(entries: Mapping[str, DepartmentEntry]) -> list[DepartmentEntry]:
    defaults = sum(entry.default for entry in entries.values())
    if defaults != 1:
        raise DepartmentsRefused(f"departments.yml：要有正好一个兜底部门（default: true），现在有 {defaults} 个。")
    ordered: dict[str, DepartmentEntry] = {}
    waiting = dict(entries)
    while waiting:
        ready = [entry for entry in waiting.values() if entry.parent is None or entry.parent in ordered]
        if not ready:
            raise DepartmentsRefused(
                f"departments.yml：这些部门的 parent 找不到，或者绕成了圈：{'、'.join(sorted(waiting))}。"
            )
        for entry in ready:
            ordered[entry.code] = waiting.pop(entry.code)
    return list(ordered.values())
