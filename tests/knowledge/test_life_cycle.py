"""The write door of the knowledge base: versions, history, verdicts, open questions (B9)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from core import conversations, history
from core.contacts import Sender
from core.messages import InboundMessage
from core.runtime import Runtime
from knowledge import articles, life_cycle
from knowledge.answering import Hit, LookUp
from knowledge.articles import ArticleFeedback, UnansweredQuestion
from tests.knowledge.bases import LOST_CARD, named, publish


async def _conversation(runtime: Runtime, visitor: str = "v1") -> str:
    inbound = InboundMessage(Sender("webchat", "main", visitor), f"{visitor}-1", "社保卡丢了")
    async with runtime.database.write() as session:
        received, _ = await conversations.receive(session, inbound, runtime.clock.now())
    return received.conversation_id


async def test_publishing_again_raises_the_version_and_is_written_into_history(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    await publish(runtime, [named(LOST_CARD, fee="20元")])
    async with runtime.database.read() as session:
        stored = await articles.find(session, "card")
        entries = await history.of(session, "article", "card")
    assert stored is not None
    assert (stored.version, stored.status, stored.fee) == (2, "published", "20元")
    assert stored.article() == named(LOST_CARD, fee="20元", version=2)
    assert [(entry.action, entry.actor, entry.data["version"]) for entry in entries] == [
        ("publish", "staff:1", 1),
        ("publish", "staff:1", 2),
    ]


async def test_an_expired_article_can_be_published_again(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    async with runtime.database.write() as session:
        await life_cycle.expire(session, "card", actor="staff:1", now=runtime.clock.now())
        await life_cycle.expire(session, "card", actor="staff:1", now=runtime.clock.now())
    async with runtime.database.read() as session:
        assert await articles.published(session) == []
    await publish(runtime, [LOST_CARD])
    async with runtime.database.read() as session:
        assert [article.version for article in await articles.published(session)] == [3]  # expired once, not twice


async def test_expiring_an_unknown_article_is_refused(runtime: Runtime) -> None:
    with pytest.raises(life_cycle.ArticleNotFound):
        async with runtime.database.write() as session:
            await life_cycle.expire(session, "nothing", actor="staff:1", now=runtime.clock.now())


async def test_a_draft_does_not_overwrite_what_citizens_are_answered_with(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    with pytest.raises(life_cycle.AlreadyPublished):
        async with runtime.database.write() as session:
            await life_cycle.draft(session, named(LOST_CARD, fee="?"), actor="staff:1", now=runtime.clock.now())
    async with runtime.database.read() as session:
        assert [article.fee for article in await articles.published(session)] == ["免费"]


async def test_a_change_rolled_back_leaves_article_history_and_counter_as_they_were(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])

    async def expire_and_fail() -> None:
        async with any_runtime.database.write() as session:
            await life_cycle.expire(session, "card", actor="staff:1", now=any_runtime.clock.now())
            raise RuntimeError("late")

    with pytest.raises(RuntimeError, match="late"):
        await expire_and_fail()
    async with any_runtime.database.read() as session:
        assert [article.code for article in await articles.published(session)] == ["card"]
        assert len(await history.of(session, "article", "card")) == 1
        assert await articles.changes_so_far(session) == 1


async def test_two_articles_of_one_code_cannot_be_stored(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD, LOST_CARD])
    async with any_runtime.database.read() as session:
        assert len(list(await session.scalars(select(articles.StoredArticle)))) == 1


async def test_a_second_verdict_in_one_conversation_replaces_the_first(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])
    mine, another = await _conversation(any_runtime), await _conversation(any_runtime, "v2")
    now = any_runtime.clock.now()
    async with any_runtime.database.write() as session:
        await life_cycle.record_feedback(session, "card", mine, helpful=True, now=now)
        await life_cycle.record_feedback(session, "card", mine, helpful=False, now=now)
        await life_cycle.record_feedback(session, "card", another, helpful=True, now=now)
    async with any_runtime.database.read() as session:
        verdicts = {row.conversation_id: row.helpful for row in await session.scalars(select(ArticleFeedback))}
    assert verdicts == {mine: False, another: True}


async def test_an_open_question_is_kept_masked_encrypted_and_with_the_nearest_article(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    conversation = await _conversation(runtime)
    found = LookUp("unknown", [Hit(LOST_CARD, 0.1)])
    async with runtime.database.write() as session:
        await life_cycle.record_unanswered(
            session, "打我电话13812345678,能不能上门办", conversation, found, now=runtime.clock.now()
        )
    async with runtime.database.read() as session:
        question = await session.scalar(select(UnansweredQuestion))
        raw = await session.scalar(text("SELECT text FROM unanswered_questions"))
    assert question is not None
    assert question.text == "打我电话138****5678,能不能上门办"
    assert (question.best_article_code, question.confidence) == ("card", 0.1)
    assert "上门" not in str(raw)


async def test_a_question_nothing_is_near_to_is_kept_too(runtime: Runtime) -> None:
    conversation = await _conversation(runtime)
    async with runtime.database.write() as session:
        kept = await life_cycle.record_unanswered(
            session, "怎么申请", conversation, LookUp("unknown", []), now=runtime.clock.now()
        )
    assert (kept.best_article_code, kept.confidence) == (None, None)
