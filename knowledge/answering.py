"""Answers for the bot: one article when it is sure, a choice when it is not, and otherwise an honest "unknown" (B1).

An :class:`Answering` belongs to one process. ``refresh`` looks whether the base has changed and builds a new index
beside the old one; looking up never waits for it and always sees one state whole. Only published articles in force on
the day of asking are ever given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import china_time
from core.runtime import Runtime
from knowledge import followups
from knowledge.article import Article
from knowledge.articles import changes_so_far, published
from knowledge.evaluation import LOOKED_AT, Outcome, codes
from knowledge.index import Index, empty_index
from knowledge.learning import lines_in_force, preferences
from knowledge.lines import Thresholds, thresholds
from knowledge.places import city_words
from knowledge.search import search
from knowledge.temporary import favour

PREFERENCES_HOLD = timedelta(minutes=10)
_ASKED_ANSWER, _ASKED_CHOICE = 0.9, 0.7
"""Of the lines for an answer and for a choice, the shares that suffice where a question is surely asked; for an answer
if …"""
_STANDS_OUT = 12
"""… the best article is so many times as likely as the next."""


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
class _State:
    """One state of the base: swapped whole."""

    changes: int
    index: Index
    by_code: dict[str, Article]
    lines: Thresholds


class Answering:
    """The knowledge base as the bot asks it."""

    def __init__(self, runtime: Runtime) -> None:
        """Knows nothing until the first :meth:`refresh`."""
        self._runtime = runtime
        self._city = city_words(runtime.settings.city_dir)
        self._state = _State(0, empty_index(), {}, thresholds())
        self._refreshing = asyncio.Lock()
        self._preferred: Mapping[str, float] = {}
        self._preferred_at: datetime | None = None

    async def refresh(self) -> bool:
        """Takes over what changed in the base; True when something had. Cheap when nothing has.

        Must run on the loop the runtime's database belongs to.
        """
        async with self._refreshing, self._runtime.database.read() as session:
            # counted before reading: what changes in between is found again by the next refresh
            changes = await changes_so_far(session)
            await self._prefer_anew(session)
            if changes == self._state.changes:
                return False
            articles, lines = await published(session), await lines_in_force(session)
            index = await asyncio.to_thread(Index, articles, self._city)
            self._state = _State(changes, index, {article.code: article for article in articles}, lines)
            return True

    def look_up(self, text: str, *, now: datetime, index: Index | None = None, asked: bool = False) -> LookUp:
        """What the base says to ``text`` at ``now``; callable from any thread, some milliseconds of one core.

        ``index``: one of :meth:`index_with`, to be asked instead of the present one. ``asked``: it is sure that
        ``text`` asks something; then an article that stands out is given sooner (:func:`judge`).
        """
        state = self._state
        return look_up_in(index or state.index, text, now, state.lines, self._preferred, asked=asked)

    async def _prefer_anew(self, session: AsyncSession) -> None:
        """What citizens thought of the articles counts anew every :data:`PREFERENCES_HOLD`."""
        now = self._runtime.clock.now()
        if self._preferred_at is None or now - self._preferred_at >= PREFERENCES_HOLD:
            self._preferred, self._preferred_at = await preferences(session), now

    @property
    def index(self) -> Index:
        """The state of the base answered from now."""
        return self._state.index

    @property
    def lines(self) -> Thresholds:
        """The lines of confidence in force."""
        return self._state.lines

    @property
    def changes(self) -> int:
        """How often the base had changed when that state was read."""
        return self._state.changes

    def index_with(self, article: Article) -> Index:
        """The index as it would be with ``article`` published too, in place of the one with its code: to try it out.

        Takes as long as building the base's index: up to some seconds for a large one, so not on an event loop.
        """
        others = (other for other in self._state.index.articles if other.code != article.code)
        return Index([*others, article], self._city)

    def article(self, code: str) -> Article | None:
        """The article with this code, if it is published and in force now."""
        article = self._state.by_code.get(code)
        return article if article is not None and article.holds_at(self._runtime.clock.now()) else None

    @staticmethod
    def field_for(text: str) -> str | None:
        """Which field of an article a follow-up asks for: see :func:`knowledge.followups.field_for`."""
        return followups.field_for(text)


def look_up_in(
    index: Index,
    text: str,
    now: datetime,
    lines: Thresholds | None = None,
    preferred: Mapping[str, float] | None = None,
    *,
    asked: bool = False,
) -> LookUp:
    """What a base with this index says to ``text`` at ``now``: temporary articles first while they are in force.

    ``lines``: those of the base; None: the usual ones. ``preferred``: see :mod:`knowledge.learning`.
    """
    lines = lines or thresholds()
    found = search(index, text, china_time(now).date(), limit=lines.offered, preferred=preferred or {})
    return judge(favour(found, now), lines, asked=asked)


def judge(found: list[tuple[Article, float]], lines: Thresholds | None = None, *, asked: bool = False) -> LookUp:
    """What to do with what a search found (best first), by the ``lines`` of the base; None: the usual ones.

    The lines are drawn for texts of which nothing is known; where a question is surely ``asked``, what is far likelier
    than all others is likelier right than its confidence says.
    """
    lines = lines or thresholds()
    hits = [Hit(article, confidence) for article, confidence in found[: lines.offered]]
    best, second = (*(hit.confidence for hit in hits[:2]), 0.0, 0.0)[:2]
    if best >= lines.answer and best >= lines.ahead * second:
        return LookUp("answer", hits)
    if asked and best >= _ASKED_ANSWER * lines.answer and best >= _STANDS_OUT * second:
        return LookUp("answer", hits)
    offered = hits[:2] + [hit for hit in hits[2:] if hit.confidence >= lines.beside]
    if sum(hit.confidence for hit in offered) >= lines.choose * (_ASKED_CHOICE if asked else 1.0):
        return LookUp("choose", offered)
    return LookUp("unknown", hits)


def judged(found: list[tuple[Article, float]], lines: Thresholds) -> tuple[str, list[Article]]:
    """:func:`judge` as a calibration asks it: what would be done, and the articles shown."""
    looked_up = judge(found, lines)
    return looked_up.kind, [hit.article for hit in looked_up.hits]


def outcome_in(
    index: Index, text: str, now: datetime, lines: Thresholds, preferred: Mapping[str, float] | None = None
) -> Outcome:
    """What the bot would make of ``text``, as an evaluation counts it. ``preferred``: see :mod:`knowledge.learning`."""
    found = favour(search(index, text, china_time(now).date(), limit=LOOKED_AT, preferred=preferred or {}), now)
    looked_up = judge(found, lines)
    offered = codes(hit.article for hit in looked_up.hits) if looked_up.kind == "choose" else []
    admitted = sum(hit.confidence for hit in looked_up.hits)
    return Outcome(codes(a for a, _ in found), admitted, looked_up.kind, offered)
