"""The write door of the knowledge base: versions, history, taking down, what is over by itself (B9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import history
from core.clock import CHINA, FrozenClock
from core.refusals import NotForYou
from core.runtime import Runtime
from knowledge import articles, life_cycle
from knowledge.answering import Answering
from knowledge.drafts import digest_of, versions_of
from knowledge.moves import Editor
from knowledge.refusals import NoSuchArticle
from tests.knowledge.bases import LOST_CARD, named, publish


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
    with pytest.raises(NoSuchArticle):
        async with runtime.database.write() as session:
            await life_cycle.expire(session, "nothing", actor="staff:1", now=runtime.clock.now())


async def test_every_version_is_kept_whole_and_history_vouches_for_it(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])
    await publish(any_runtime, [named(LOST_CARD, fee="20元")])
    async with any_runtime.database.write() as session:
        await life_cycle.expire(session, "card", actor="staff:2", now=any_runtime.clock.now(), reason="政策停止执行")
    async with any_runtime.database.read() as session:
        versions = await versions_of(session, "card")
        entries = await history.of(session, "article", "card")
        assert await history.verify(session, "article") is None
    assert [(v.version, v.action, v.actor, v.article().fee, v.note) for v in versions] == [
        (1, "publish", "staff:1", "免费", ""),
        (2, "publish", "staff:1", "20元", ""),
        (3, "expire", "staff:2", "20元", "政策停止执行"),
    ]
    assert versions[0].article() == named(LOST_CARD, version=1)
    assert [entry.data["digest"] for entry in entries] == [digest_of(version.content) for version in versions]


async def test_the_database_refuses_to_change_a_version(any_runtime: Runtime) -> None:
    await publish(any_runtime, [LOST_CARD])
    for change in ("UPDATE article_versions SET note = 'x'", "DELETE FROM article_versions"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with any_runtime.database.write() as session:
                await session.execute(text(change))


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


HEAD = Editor("staff:7", frozenset({"hrss"}), writes=True, reviews=True)


async def test_a_reviewer_takes_an_article_down_with_the_reason_and_once(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    for _ in range(2):
        async with runtime.database.write() as session:
            await life_cycle.take_down(session, "card", HEAD, "标准改了", key="k1", now=runtime.clock.now())
    async with runtime.database.read() as session:
        assert await articles.published(session) == []
        assert [v.note for v in await versions_of(session, "card")] == ["", "标准改了"]


@pytest.mark.parametrize(
    ("editor", "refusal"),
    [
        (Editor("staff:8", frozenset({"hrss"}), writes=True), NotForYou),
        (Editor("staff:9", frozenset({"heat"}), writes=True, reviews=True), NoSuchArticle),
    ],
)
async def test_who_may_not_take_an_article_down_is_refused(
    runtime: Runtime, editor: Editor, refusal: type[Exception]
) -> None:
    await publish(runtime, [LOST_CARD])
    with pytest.raises(refusal):
        async with runtime.database.write() as session:
            await life_cycle.take_down(session, "card", editor, "不对", now=runtime.clock.now())
    async with runtime.database.read() as session:
        assert len(await articles.published(session)) == 1


OUTAGE = named(
    LOST_CARD,
    code="outage",
    question="幸福路一带今天停水吗？",
    variants=("幸福路怎么没水",),
    keywords=("停水", "幸福路"),
    answer="幸福路一带因抢修停水，预计今天18:00恢复。",
    valid_from=date(2026, 11, 16),
    valid_to=date(2026, 11, 16),
    ends_at=datetime(2026, 11, 16, 18, 0, tzinfo=CHINA),
)


async def test_a_temporary_article_is_over_to_the_minute_and_gone_by_itself(
    any_runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(any_runtime, [LOST_CARD, OUTAGE])
    answering = Answering(any_runtime)
    await answering.refresh()
    assert answering.look_up("幸福路怎么没水", now=clock.now()).hits[0].article.code == "outage"
    clock.move(timedelta(hours=8))  # 18:00, before anybody has tidied up
    assert "outage" not in [hit.article.code for hit in answering.look_up("幸福路怎么没水", now=clock.now()).hits]
    assert answering.article("outage") is None
    for expected in (["outage"], []):  # once is enough
        async with any_runtime.database.write() as session:
            assert await life_cycle.end_temporary(session, clock.now()) == expected
    async with any_runtime.database.read() as session:
        assert [article.code for article in await articles.published(session)] == ["card"]
        last = (await versions_of(session, "outage"))[-1]
    assert (last.action, last.actor, last.note) == ("expire", "system", "到了结束时间，自动下架")


async def test_a_temporary_article_is_kept_to_the_second(any_runtime: Runtime) -> None:
    await publish(any_runtime, [OUTAGE])
    async with any_runtime.database.read() as session:
        stored = await articles.find(session, "outage")
        version = (await versions_of(session, "outage"))[0]
    assert stored is not None
    assert stored.article() == version.article() == named(OUTAGE, version=1)
