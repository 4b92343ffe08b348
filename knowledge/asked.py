"""Who asks what already: one question has one article at a time, whatever codes rows come with (B10)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.articles import Status, StoredArticle
from knowledge.written import Written, code_for


class Asked:
    """Questions and by whom they are asked, from one day to another. Temporary notices are left out: such a one stands
    beside the article that asks the same."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._by_question: dict[str, list[tuple[str, date, date | None]]] = {}

    def add(self, who: str, values: Mapping[str, Any]) -> None:
        """``values``: of an entry (:mod:`knowledge.entry`); without a first day it begins today."""
        if values.get("ends_at") is None:
            held = (who, values.get("valid_from") or self._today, values.get("valid_to"))
            self._by_question.setdefault(_letters(values["question"]), []).append(held)

    def by(self, values: Mapping[str, Any]) -> str | None:
        """Who asks the same while an entry of these ``values`` is in force; of several the first."""
        if values.get("ends_at") is not None:
            return None
        begins, ends = values.get("valid_from") or self._today, values.get("valid_to") or date.max
        asking = self._by_question.get(_letters(values["question"]), ())
        return next((who for who, first, last in asking if first <= ends and begins <= (last or date.max)), None)


async def settle_codes(session: AsyncSession, written: Iterable[Written], today: date) -> None:
    """Rows that ask what an article of another code asks: one without a code of its own is that article's from now on,
    one with another is at fault. A code that is in the base stays."""
    asked, codes = Asked(today), set[str]()
    stored = StoredArticle
    columns = (stored.code, stored.status, stored.question, stored.valid_from, stored.valid_to, stored.ends_at)
    for code, status, *told in await session.execute(select(*columns).order_by(stored.id)):
        codes.add(code)
        entry = dict(zip(("question", "valid_from", "valid_to", "ends_at"), told, strict=True))
        if status == Status.PUBLISHED.value and (entry["valid_to"] or today) >= today:
            asked.add(code, entry)
    for each in written:
        if each.faults or each.titled or each.values["id"] in codes:
            continue
        code = asked.by(each.values)
        if code is not None and each.values["id"] == code_for(each.values["question"]):
            each.values["id"] = code
        elif code is not None:
            each.doubles = True
            each.faults.append(f"知识库里已有这个问题，编号是 {code}，没有重复添加")


def _letters(question: str) -> str:
    """A question without marks, spaces and case; itself, where that leaves nothing."""
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", question).lower()))
    return plain or question
