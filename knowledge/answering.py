"""Answers for the bot: one article when it is sure, a choice when it is not, and otherwise an honest "unknown" (B1).

An :class:`Answering` belongs to one process. ``refresh`` looks whether the base has changed and builds a new index
beside the old one; looking up never waits for it and always sees one state whole. Only published articles in force on
the day of asking are ever given.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from core.clock import china_time
from core.runtime import Runtime
from knowledge import followups
from knowledge.article import Article
from knowledge.articles import changes_so_far, published
from knowledge.index import Index
from knowledge.places import place_names
from knowledge.search import search


@dataclass(frozen=True)
class Hit:
    """An article, and how sure it is the one asked for (0 to 1)."""

    article: Article
    confidence: float


@dataclass(frozen=True)
class LookUp:
    """What the base has to say to a text."""

    kind: Literal["answer", "choose", "unknown"]
    hits: list[Hit]
    """Best first. ``answer``: the first is it. ``choose``: what to offer. ``unknown``: the nearest, not to be shown."""


@dataclass(frozen=True)
class Thresholds:
    """Where the lines are drawn (``thresholds.yml``)."""

    answer: float
    """From this confidence on the article is the answer."""
    ahead: float
    """…if it is also this many times as likely as the next."""
    choose: float
    """A choice is offered when it is this likely that the right one is in it."""
    offered: int
    """At most this many are offered."""
    beside: float
    """What is offered beside the best must have this confidence."""


@dataclass(frozen=True)
class _State:
    """One state of the base: swapped whole."""

    changes: int
    index: Index
    by_code: dict[str, Article]


class Answering:
    """The knowledge base as the bot asks it."""

    def __init__(self, runtime: Runtime) -> None:
        """Knows nothing until the first :meth:`refresh`."""
        self._runtime = runtime
        self._places = place_names(runtime.settings.city_dir)
        self._state = _State(0, Index([]), {})
        self._refreshing = asyncio.Lock()

    async def refresh(self) -> bool:
        """Takes over what changed in the base; True when something had. Cheap when nothing has.

        Must run on the loop the runtime's database belongs to.
        """
        async with self._refreshing, self._runtime.database.read() as session:
            # counted before reading: what changes in between is found again by the next refresh
            changes = await changes_so_far(session)
            if changes == self._state.changes:
                return False
            articles = await published(session)
            index = await asyncio.to_thread(Index, articles, self._places)
            self._state = _State(changes, index, {article.code: article for article in articles})
            return True

    def look_up(self, text: str, *, now: datetime) -> LookUp:
        """What the base says to ``text`` at ``now``; callable from any thread, some milliseconds of one core."""
        return judge(search(self._state.index, text, china_time(now).date(), limit=thresholds().offered))

    def article(self, code: str) -> Article | None:
        """The article with this code, if it is published and in force now."""
        article = self._state.by_code.get(code)
        today = china_time(self._runtime.clock.now()).date()
        return article if article is not None and article.holds_on(today) else None

    @staticmethod
    def field_for(text: str) -> str | None:
        """Which field of an article a follow-up asks for: see :func:`knowledge.followups.field_for`."""
        return followups.field_for(text)


def judge(found: list[tuple[Article, float]]) -> LookUp:
    """What to do with what a search found (best first), by the lines of ``thresholds.yml``."""
    lines = thresholds()
    hits = [Hit(article, confidence) for article, confidence in found]
    best, second = (*(hit.confidence for hit in hits[:2]), 0.0, 0.0)[:2]
    if best >= lines.answer and best >= lines.ahead * second:
        return LookUp("answer", hits)
    offered = hits[:2] + [hit for hit in hits[2:] if hit.confidence >= lines.beside]
    if sum(hit.confidence for hit in offered) >= lines.choose:
        return LookUp("choose", offered)
    return LookUp("unknown", hits)


@lru_cache(maxsize=1)
def thresholds() -> Thresholds:
    """The lines in force."""
    table = yaml.safe_load(Path(__file__).with_name("thresholds.yml").read_text(encoding="utf-8"))
    return Thresholds(**table)
