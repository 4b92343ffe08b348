"""Taking a model into use that was learnt elsewhere: its labels become the codes of this city."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.categories import Category
from backoffice.departments import Department
from backoffice.learned import Subject, put_in_use
from backoffice.learning import model_file
from backoffice.learning.model import Model


class AdoptionRefused(ValueError):
    """The model does not fit this city; the message says why, in plain Chinese."""


async def adopt(session: AsyncSession, subject: Subject, model: Model, now: datetime) -> list[str]:
    """Takes ``model`` into use for ``subject``; its labels may be codes or names of departments (categories).

    Returns the labels that are neither; they are never proposed. Raises :class:`AdoptionRefused` when none fits, or
    two mean the same.
    """
    codes = await _codes(session, subject)
    labels = tuple(codes.get(label, label) for label in model.labels)
    unknown = [label for label in model.labels if label not in codes]
    if len(unknown) == len(labels):
        raise AdoptionRefused(f"模型里的标签没有一个是本系统的{subject.label}，例如“{unknown[0]}”。")
    twice = next((code for code, count in Counter(labels).items() if count > 1), None)
    if twice is not None:
        raise AdoptionRefused(f"模型里有几个标签指的是同一个{subject.label}（{twice}），请先合并再训练。")
    adopted = replace(model, labels=labels)
    await put_in_use(session, subject, model_file.dumps(adopted), dict(model.about), now, now)
    return unknown


async def _codes(session: AsyncSession, subject: Subject) -> dict[str, str]:
    """Every code and name, and the code it stands for; names that several share stand for none."""
    if subject is Subject.CATEGORY:
        rows = [(code, [name]) for code, name in await session.execute(select(Category.code, Category.name))]
    else:
        found = await session.execute(select(Department.code, Department.name, Department.short, Department.aliases))
        rows = [(code, [name, short, *aliases]) for code, name, short, aliases in found]
    owners: dict[str, set[str]] = {}
    for code, names in rows:
        for name in filter(None, names):
            owners.setdefault(name, set()).add(code)
    named = {name: codes.pop() for name, codes in owners.items() if len(codes) == 1}
    return named | {code: code for code, _ in rows}
