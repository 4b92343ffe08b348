"""What the bot would say to a question: from the base as it is, or as it would be with a draft published (B9).

It is the search and the lines the bot answers by, not an imitation of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from core.clock import china_time
from core.texts import tidy
from knowledge.answering import Answering, LookUp
from knowledge.article import Article
from knowledge.drafts import content_of, digest_of
from knowledge.index import Index
from knowledge.lines import Thresholds

TEXT_LIMIT = 200
MOST_AT_ONCE = 40
NEW = "new"
"""The code a draft goes by that has none yet."""
_KEPT = 3
"""Indexes with a draft that are kept: an editor tries many questions on one text."""


@dataclass(frozen=True)
class Candidate:
    """An article that was found."""

    code: str
    question: str
    answer: str
    department: str
    """Code of who keeps it."""
    sure: str
    """How sure the search is, in words."""
    confidence: float
    temporary: bool
    is_draft: bool
    """It is the draft being tried."""


@dataclass(frozen=True)
class Heard:
    """What the bot would make of a question."""

    text: str
    kind: Literal["answer", "choose", "unknown"]
    found: tuple[Candidate, ...]
    """``answer``: the first is it. ``choose``: what is offered. ``unknown``: the nearest, which citizens do not see."""

    @property
    def reaches_draft(self) -> Literal["answer", "choose", "no"]:
        """Whether the draft being tried is the answer, is offered, or neither."""
        if self.kind == "answer" and self.found[0].is_draft:
            return "answer"
        return "choose" if self.kind == "choose" and any(each.is_draft for each in self.found) else "no"


def confidence_words(confidence: float, lines: Thresholds) -> str:
    """How sure the search is, in words, by the lines of the base."""
    steps = ((0.9, "十拿九稳"), (0.75, "很有把握"), (lines.answer, "有把握"), (lines.choose, "拿不准"))
    return next((words for line, words in steps if confidence >= line), "没把握")


class Trials:
    """Tries questions in one process."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._indexes: OrderedDict[tuple[int, str], Index] = OrderedDict()
        self._building = asyncio.Lock()

    @property
    def index(self) -> Index:
        """The base as it is."""
        return self._answering.index

    async def ask(self, texts: Sequence[str], now: datetime, draft: Article | None = None) -> list[Heard]:
        """What the bot would say to each of ``texts`` at ``now``, with ``draft`` published if there is one."""
        await self._answering.refresh()
        code = (draft.code or NEW) if draft else None
        index = None if draft is None else await self._index_with(_as_if_published(draft, now))
        answering = self._answering
        asked = [tidy(text)[:TEXT_LIMIT] for text in texts]
        asked = list(dict.fromkeys(text for text in asked if text))[:MOST_AT_ONCE]

        def hear() -> list[Heard]:
            return [
                _heard(text, answering.look_up(text, now=now, index=index), answering.lines, code) for text in asked
            ]

        return await asyncio.to_thread(hear)

    async def _index_with(self, draft: Article) -> Index:
        async with self._building:  # whoever types on waits for the index being built, and builds no second one
            key = (self._answering.changes, digest_of({**content_of(draft), "code": draft.code}))
            if key not in self._indexes:
                self._indexes[key] = await asyncio.to_thread(self._answering.index_with, draft)
                while len(self._indexes) > _KEPT:
                    self._indexes.popitem(last=False)
            self._indexes.move_to_end(key)
            return self._indexes[key]


def _as_if_published(draft: Article, now: datetime) -> Article:
    """In force now, whatever its dates are still to become."""
    today = china_time(now).date()
    ends = draft.ends_at if draft.ends_at is not None and draft.ends_at > now else None
    return replace(draft, code=draft.code or NEW, valid_from=min(draft.valid_from, today), valid_to=None, ends_at=ends)


def _heard(text: str, found: LookUp, lines: Thresholds, draft_code: str | None) -> Heard:
    hits = found.hits[:1] if found.kind == "answer" else found.hits[:3] if found.kind == "unknown" else found.hits
    return Heard(
        text,
        found.kind,
        tuple(
            Candidate(
                code=hit.article.code,
                question=hit.article.question,
                answer=hit.article.answer,
                department=hit.article.department,
                sure=confidence_words(hit.confidence, lines),
                confidence=hit.confidence,
                temporary=hit.article.ends_at is not None,
                is_draft=hit.article.code == draft_code,
            )
            for hit in hits
        ),
    )
