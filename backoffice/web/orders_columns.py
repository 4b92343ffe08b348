"""Which columns a person wants to see in lists of orders. How long there is and what it is about are always there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.preferences import keep, preference
from backoffice.staff import Staff

NAME = "order_columns"


@dataclass(frozen=True)
class Column:
    """A column one may do without."""

    key: str
    label: str
    usual: bool = True
    """Shown to somebody who has chosen nothing."""


COLUMNS = (
    Column("number", "受理号"),
    Column("kind", "类型"),
    Column("status", "状态"),
    Column("department", "承办部门"),
    Column("category", "分类", usual=False),
    Column("area", "区域", usual=False),
    Column("created", "受理时间"),
    Column("updated", "最近变化", usual=False),
)
_USUAL = frozenset(column.key for column in COLUMNS if column.usual)
_KEYS = frozenset(column.key for column in COLUMNS)


async def columns_of(session: AsyncSession, staff: Staff) -> frozenset[str]:
    """Keys of the columns ``staff`` wants to see."""
    kept = await preference(session, staff, NAME)
    return _KEYS & {key for key in kept if isinstance(key, str)} if isinstance(kept, list) else _USUAL


async def choose_columns(session: AsyncSession, staff: Staff, keys: list[str]) -> None:
    """Shows ``staff`` these columns from now on; keys that name none are left out."""
    await keep(session, staff, NAME, [column.key for column in COLUMNS if column.key in keys])
