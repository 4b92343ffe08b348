"""Categories of matters: a tree of three levels, each with the words citizens use for it.

A category is never deleted, only retired: orders keep theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pydantic import with_config
from sqlalchemy import JSON, Boolean, ForeignKey, Integer, Select, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from backoffice.pack_problems import CityPackRefused
from backoffice.routing_state import routing_changed
from core.database import Base

LEVELS = 3


class Category(Base):
    """One category."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    path: Mapped[str] = mapped_column(String(60), index=True)
    """Ids from the root down to this one, ``/1/14/130/``."""
    position: Mapped[int] = mapped_column(Integer)
    """Place in the city pack, for lists."""
    keywords: Mapped[list[str]] = mapped_column(JSON)
    retired: Mapped[bool] = mapped_column(Boolean)


@with_config(extra="forbid")
@dataclass(frozen=True)
class CategoryEntry:
    """A category as a city pack describes it, with its children."""

    code: str
    name: str
    keywords: tuple[str, ...] = ()
    children: tuple[CategoryEntry, ...] = ()
    names_target: bool = False
    """Whether a complaint of this kind is about somebody, who must be asked for; its children's are, too."""
    lies_somewhere: bool = False
    """Whether trouble of this kind lies at a place; its children's does, too."""


class CategoriesRefused(CityPackRefused):
    """A code is there twice, or the tree is deeper than three levels."""


def codes_where(entries: Iterable[CategoryEntry], holds: Callable[[CategoryEntry], bool]) -> frozenset[str]:
    """Codes of the entries of which ``holds`` is true, and of all below them."""
    found: set[str] = set()
    for entry in entries:
        found |= codes_where(entry.children, (lambda _: True) if holds(entry) else holds)
        found |= {entry.code} if holds(entry) else set()
    return frozenset(found)


async def by_code(session: AsyncSession, code: str) -> Category | None:
    """The category with this code, in use or retired."""
    category: Category | None = await session.scalar(select(Category).where(Category.code == code))
    return category


async def in_use(session: AsyncSession) -> list[Category]:
    """Every category in use, in the order of the city pack."""
    return list(await session.scalars(select(Category).where(~Category.retired).order_by(Category.position)))


def ids_within(code: str) -> Select[tuple[int]]:
    """A subquery: the ids of a category and of all its descendants."""
    top = aliased(Category)
    return select(Category.id).join(top, Category.path.startswith(top.path)).where(top.code == code)


async def load_categories(session: AsyncSession, entries: Iterable[CategoryEntry]) -> None:
    """Makes the tree what ``entries`` say; categories no longer named are retired.

    Raises :class:`CategoriesRefused`.
    """
    known = {category.code: category for category in await session.scalars(select(Category))}
    seen: set[str] = set()

    async def put(entry: CategoryEntry, parent: Category | None, level: int) -> None:
        if entry.code in seen or level > LEVELS:
            raise CategoriesRefused(f"categories.yml：{entry.code} 写了两次，或者超过了 {LEVELS} 级。")
        seen.add(entry.code)
        category = known.get(entry.code)
        if category is None:
            category = known[entry.code] = Category(code=entry.code, path="")
            session.add(category)
        category.name, category.keywords, category.retired = entry.name, list(entry.keywords), False
        category.position, category.parent_id = len(seen), parent.id if parent else None
        await session.flush()
        category.path = f"{parent.path if parent else '/'}{category.id}/"
        for child in entry.children:
            await put(child, category, level + 1)

    for entry in entries:
        await put(entry, None, 1)
    for code in known.keys() - seen:
        known[code].retired = True
    await session.flush()
    await routing_changed(session)
