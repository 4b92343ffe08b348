"""A base finds its own lines of confidence, however its articles came in: in rounds, once much of it is new (B1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import knowledge_rounds
from backoffice.knowledge_rounds import KnowledgeRounds
from core.clock import FrozenClock
from core.runtime import Runtime
from knowledge import life_cycle
from knowledge.answering import Answering
from knowledge.article import Article
from knowledge.learning import SearchLines
from knowledge.lines import thresholds
from knowledge.loading import read_pack
from tests.knowledge.bases import CITY, MARRIAGE


@pytest.fixture(autouse=True)
def without_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """No citizen waits beside these rounds."""
    monkeypatch.setattr(knowledge_rounds, "_REST", 0.0)


async def publish(runtime: Runtime, *articles: Article) -> None:
    """As a city pack, a draft that is approved or an import would."""
    async with runtime.database.write() as session:
        for article in articles:
            await life_cycle.publish(session, article, actor="system:pack", now=runtime.clock.now())


async def lines_found(runtime: Runtime) -> list[int]:
    """With how many questions lines were found, each time."""
    async with runtime.database.read() as session:
        return list(await session.scalars(select(SearchLines.questions).order_by(SearchLines.id)))


async def test_lines_are_sought_once_and_again_only_when_much_has_changed(runtime: Runtime, clock: FrozenClock) -> None:
    articles = [entry.article for entry in read_pack(CITY / "articles")[0]][:40]
    await publish(runtime, *articles)
    answering = Answering(runtime)
    rounds = KnowledgeRounds(runtime, answering)
    await rounds.round()
    assert len(await lines_found(runtime)) == 1
    assert answering.lines != thresholds()  # in force at once
    clock.move(timedelta(minutes=1))
    await rounds.round()
    await KnowledgeRounds(runtime, Answering(runtime)).round()  # the service was started again
    assert len(await lines_found(runtime)) == 1
    await publish(runtime, *(replace(article, fee="每件1元") for article in articles[:3]))
    await rounds.round()
    assert len(await lines_found(runtime)) == 1  # three of forty are not much
    await publish(runtime, replace(articles[3], fee="每件2元"), MARRIAGE)
    await rounds.round()
    assert len(await lines_found(runtime)) == 2


async def test_an_empty_base_and_one_that_is_over_keep_the_usual_lines(runtime: Runtime) -> None:
    answering = Answering(runtime)
    rounds = KnowledgeRounds(runtime, answering)
    await rounds.round()
    await publish(runtime, replace(MARRIAGE, valid_to=MARRIAGE.valid_from))
    await rounds.round()
    assert await lines_found(runtime) == []
    assert answering.lines == thresholds()
