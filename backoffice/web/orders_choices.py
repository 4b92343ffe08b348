"""What the pickers of order pages offer: departments, categories, areas, in the order of their trees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import access, areas, categories, departments
from backoffice.areas import Area
from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.staff import Role, Staff
from backoffice.web.orders_words import search_keys

_INDENT = "　"


@dataclass(frozen=True)
class Option:
    """One entry of a picker."""

    code: str
    label: str
    indent: str = ""
    keys: str = ""
    """What it is found by besides its label."""
    above: str = ""
    """What it is part of, from the top."""


async def departments_seen_by(session: AsyncSession, staff: Staff) -> list[Option]:
    """Every open department whose orders ``staff`` may see."""
    known = await departments.open_departments(session)
    if not access.sees_all(staff):
        within = set(await session.scalars(departments.ids_within(staff.department_id or 0)))
        known = [department for department in known if department.id in within]
    return department_options(known)


async def destinations(session: AsyncSession, staff: Staff, holder_code: str, *, undecided: bool) -> list[Option]:
    """Where ``staff`` may send an order that ``holder_code`` has.

    A head: below their own department only (D4). ``undecided``: it waits for a dispatcher, so that even the department
    where it lies may be chosen.
    """
    known = [d for d in await departments.open_departments(session) if undecided or d.code != holder_code]
    if staff.role is Role.HEAD:
        within = set(await session.scalars(departments.ids_within(staff.department_id or 0)))
        known = [department for department in known if department.id in within - {staff.department_id}]
    return department_options(known)


async def category_options(session: AsyncSession) -> list[Option]:
    """Every category in use; found also by the names of those it is part of."""
    found = await categories.in_use(session)
    names = {str(category.id): category.name for category in found}
    options = []
    for category in found:
        above = [names[one] for one in category.path.strip("/").split("/")[:-1] if one in names]
        keys = search_keys(category.name, *above)
        options.append(Option(category.code, category.name, _indent(category.path), keys, " › ".join(above)))
    return options


async def category_names(session: AsyncSession, codes: Iterable[str]) -> dict[str, str]:
    """The names of categories, retired ones too, by their codes."""
    wanted = select(Category.code, Category.name).where(Category.code.in_(set(codes)))
    return {code: name for code, name in await session.execute(wanted)}


async def area_options(session: AsyncSession) -> list[Option]:
    """Every district, followed by its streets."""
    return [
        Option(area.code, area.name, _INDENT if area.parent_code else "", search_keys(area.name))
        for area in await areas.all_areas(session)
    ]


async def name_of(session: AsyncSession, what: str, code: str) -> str | None:
    """The name of a department, category or area (``what``) by its code."""
    statement = {
        "department": select(Department.name).where(Department.code == code),
        "category": select(Category.name).where(Category.code == code),
        "area": select(Area.name).where(Area.code == code),
    }[what]
    name: str | None = await session.scalar(statement)
    return name


def department_options(known: Iterable[Department]) -> list[Option]:
    """Departments in the order of the tree, indented by their depth in it."""
    found = list(known)
    top = min((_depth(department.path) for department in found), default=0)
    return [
        Option(
            department.code,
            department.name,
            _INDENT * (_depth(department.path) - top),
            search_keys(department.short, department.name, *department.aliases),
        )
        for department in found
    ]


def _indent(path: str) -> str:
    return _INDENT * (_depth(path) - 1)


def _depth(path: str) -> int:
    return path.count("/") - 1
