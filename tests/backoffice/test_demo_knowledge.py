"""The demo's knowledge base at work: no page of it is empty at first sight, and all of it is marked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice.demo_knowledge import ACCOUNT, KnowledgeAtWork, load_knowledge_at_work, read_knowledge_at_work
from backoffice.knowledge_todo import piles
from backoffice.pack_problems import CityPackRefused
from core import history
from core.contacts import Identity
from core.conversations import Conversation
from core.settings import ROOT
from knowledge import drafts
from knowledge.drafts import ArticleDraft, ArticleVersion
from knowledge.reminders import remind
from tests.backoffice.conftest import Town

_YUNZHOU = ROOT / "cities" / "yunzhou"
_CLERK, _HEAD = "east.urban handler", "east head"


def _material() -> KnowledgeAtWork:
    """The demo city's, as a department of the small city would have written it."""
    found = read_knowledge_at_work(_YUNZHOU)
    return replace(found, articles=tuple(replace(each, department="east.urban") for each in found.articles))


async def _load(town: Town) -> bool:
    async with town.runtime.database.write() as session:
        people = (town.staff[_CLERK], town.staff[_HEAD])
        return await load_knowledge_at_work(session, _material(), *people, town.clock.now())


async def test_every_pile_of_the_clerk_and_the_head_has_something_marked_as_demo(any_town: Town) -> None:
    town = any_town
    assert await _load(town)
    async with town.runtime.database.write() as session:
        await remind(session, town.clock.now())
    async with town.runtime.database.read() as session:
        seen = {
            who: {pile.key: pile.total for pile in await piles(session, town.staff[who], town.clock.now())}
            for who in (_CLERK, _HEAD)
        }
        notes = [*await session.scalars(select(ArticleDraft.note)), *await session.scalars(select(ArticleVersion.note))]
        assert await history.verify(session, "article") is None
    assert {key for piles_of in seen.values() for key in piles_of} >= {"review", "returned", "expiring", "poor"}, seen
    assert len(notes) >= 7
    assert all(note.startswith("演示") for note in notes)


async def test_what_changed_between_two_versions_can_be_seen(town: Town) -> None:
    await _load(town)
    async with town.runtime.database.read() as session:
        code = await session.scalar(select(ArticleVersion.code).where(ArticleVersion.version == 2))
        assert code is not None
        first, second = await drafts.versions_of(session, code)
    assert first.content["answer"] != second.content["answer"]


async def test_loading_again_adds_nothing_and_no_demo_talk_stays_open(town: Town) -> None:
    assert await _load(town)
    async with town.runtime.database.read() as session:
        before = await session.scalar(select(func.count()).select_from(ArticleVersion))
        left_open = select(Conversation.id).where(Conversation.account == ACCOUNT, Conversation.closed_at.is_(None))
        assert (await session.scalars(left_open)).all() == []
        assert await session.scalar(select(func.count()).where(Identity.account == ACCOUNT)) >= 10
    assert not await _load(town)
    async with town.runtime.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ArticleVersion)) == before


def test_a_city_without_such_a_file_has_nothing_and_a_faulty_one_is_refused(tmp_path: Path) -> None:
    assert read_knowledge_at_work(tmp_path) == KnowledgeAtWork()
    (tmp_path / "knowledge_at_work.yml").write_text("articles:\n- state: nonsense\n", encoding="utf-8")
    with pytest.raises(CityPackRefused, match="knowledge_at_work"):
        read_knowledge_at_work(tmp_path)
