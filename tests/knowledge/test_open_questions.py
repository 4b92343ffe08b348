"""Open questions: kept masked, grouped, handed on, dismissed, closed by the article that answers them (B9)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from backoffice.knowledge_rounds import KnowledgeRounds
from core import history
from core.clock import FrozenClock
from core.refusals import BadField, NotAllowed, NotForYou
from core.runtime import Runtime
from knowledge import gaps, life_cycle
from knowledge.answering import Answering, Hit, LookUp
from knowledge.coverage import coverage, settle_answered
from knowledge.grouping import Comparer
from knowledge.moves import Editor
from knowledge.open_questions import (
    NOT_TOLD,
    OpenQuestion,
    Stand,
    UnansweredQuestion,
    list_questions,
    phrasings_of,
    waiting_count,
)
from knowledge.refusals import NoSuchArticle
from knowledge.unanswered import Owner, group_new
from tests.knowledge.bases import LOST_CARD, demo_index, named, publish
from tests.knowledge.test_feedback import conversation_of

POLICE = Editor("staff:1", frozenset({"police"}), writes=True)
CULTURE = Editor("staff:2", frozenset({"culture"}), writes=True)
ALL = Editor("staff:3", None, writes=True)
READER = Editor("staff:4", None)
DOGS = ("养狗要办什么证", "狗证在哪里办", "小区里养狗办狗证要登记吗")
SCHOOL = ("老年大学怎么报名", "我妈想上老年大学学书法")


def _owner(questions: Sequence[UnansweredQuestion]) -> Owner:
    return Owner("police" if "狗" in questions[0].text else "culture", {"why": "default"})


async def _ask(runtime: Runtime, *texts: str, who: str = "v") -> None:
    for number, said in enumerate(texts):
        conversation = await conversation_of(runtime, f"{who}{number}")
        async with runtime.database.write() as session:
            found = LookUp("unknown", [])
            await life_cycle.record_unanswered(session, said, conversation, found, now=runtime.clock.now())


async def _round(runtime: Runtime) -> int:
    async with runtime.database.write() as session:
        return await group_new(session, Comparer(demo_index()), _owner, runtime.clock.now())


async def _open(runtime: Runtime, editor: Editor = ALL, stand: Stand = Stand.OPEN) -> list[OpenQuestion]:
    async with runtime.database.read() as session:
        return await list_questions(session, editor, stand)


async def _do(runtime: Runtime, act: Callable[..., Awaitable[Any]], *args: Any, **more: Any) -> Any:
    async with runtime.database.write() as session:
        return await act(session, *args, now=runtime.clock.now(), **more)


async def _dogs(runtime: Runtime) -> int:
    await _ask(runtime, *DOGS)
    await _round(runtime)
    (question,) = await _open(runtime)
    return question.id


# ---------------------------------------------------------------------------------------------------------- kept


async def test_an_open_question_is_kept_masked_encrypted_and_with_the_nearest_article(runtime: Runtime) -> None:
    await publish(runtime, [LOST_CARD])
    conversation = await conversation_of(runtime)
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
    conversation = await conversation_of(runtime)
    async with runtime.database.write() as session:
        kept = await life_cycle.record_unanswered(
            session, "怎么申请", conversation, LookUp("unknown", []), now=runtime.clock.now()
        )
    assert (kept.best_article_code, kept.confidence) == (None, None)


async def test_what_an_article_does_not_tell_stays_open_until_that_article_is_changed(
    runtime: Runtime, clock: FrozenClock
) -> None:
    await publish(runtime, [LOST_CARD])
    conversation, answering = await conversation_of(runtime), Answering(runtime)
    rounds, found = KnowledgeRounds(runtime, answering), LookUp("unknown", [Hit(LOST_CARD, NOT_TOLD)])
    asked = f"{LOST_CARD.question}，能不能邮寄"
    await _do(runtime, life_cycle.record_unanswered, asked, conversation, found)
    await _round(runtime)
    await answering.refresh()
    assert answering.look_up(asked, now=clock.now()).kind == "answer"
    assert await rounds.settle(clock.now()) == 0
    clock.move(timedelta(minutes=1))
    await publish(runtime, [replace(LOST_CARD, answer=LOST_CARD.answer + "可以邮寄。")])
    await answering.refresh()
    assert await rounds.settle(clock.now()) == 1


# ------------------------------------------------------------------------------------------------------- grouped


async def test_questions_that_ask_for_the_same_are_one_to_do_of_their_department(any_runtime: Runtime) -> None:
    await _ask(any_runtime, *DOGS, *SCHOOL)
    assert await _round(any_runtime) == 5
    dogs, school = await _open(any_runtime)
    assert (dogs.department, dogs.asked, dogs.title in DOGS) == ("police", 3, True)
    assert (school.department, school.asked) == ("culture", 2)
    assert [q.id for q in await _open(any_runtime, POLICE)] == [dogs.id]
    async with any_runtime.database.read() as session:
        assert {p.text for p in await phrasings_of(session, dogs.id)} == set(DOGS)
        assert await waiting_count(session, CULTURE) == 1
        assert await waiting_count(session, Editor("staff:9", frozenset())) == 0
        raw = await session.scalar(text("SELECT title FROM open_questions"))
        entries = await history.of(session, "open_question", str(dogs.id))
    assert "狗" not in str(raw)
    assert [(entry.action, entry.data) for entry in entries] == [("open", {"department": "police", "why": "default"})]


async def test_later_phrasings_join_and_nothing_is_looked_at_twice(any_runtime: Runtime, clock: FrozenClock) -> None:
    question_id = await _dogs(any_runtime)
    clock.move(timedelta(hours=1))
    await _ask(any_runtime, "大型犬办狗证去哪里", who="w")
    assert await _round(any_runtime) == 1
    assert await _round(any_runtime) == 0
    (question,) = await _open(any_runtime)
    assert (question.id, question.asked, question.last_at) == (question_id, 4, clock.now())


async def test_one_conversation_that_asks_again_and_again_counts_once(runtime: Runtime) -> None:
    for _ in range(3):
        await _ask(runtime, "狗证在哪里办")
    await _round(runtime)
    (question,) = await _open(runtime)
    assert question.asked == 1
    async with runtime.database.read() as session:
        assert [(p.text, p.times) for p in await phrasings_of(session, question.id)] == [("狗证在哪里办", 3)]


async def test_rounds_at_once_put_every_question_into_one_group(any_runtime: Runtime) -> None:
    await _ask(any_runtime, *DOGS)
    await asyncio.gather(*(_round(any_runtime) for _ in range(3)))
    assert sum(question.asked for question in await _open(any_runtime)) == 3


# ------------------------------------------------------------------------------------------------- handed on, dismissed


async def test_handed_to_another_department_it_is_their_to_do(any_runtime: Runtime) -> None:
    question_id = await _dogs(any_runtime)
    for _ in range(2):
        await _do(any_runtime, gaps.assign, question_id, POLICE, "culture", "不归我们管", key="k")
    assert await _open(any_runtime, POLICE) == []
    (question,) = await _open(any_runtime, CULTURE)
    assert (question.owner_why, question.reason) == ({"why": "person", "from": "police"}, "不归我们管")
    with pytest.raises(NoSuchArticle):
        await _do(any_runtime, gaps.dismiss, question_id, POLICE, "不用")


async def test_dismissed_it_stays_dismissed_when_asked_again_until_somebody_reopens_it(any_runtime: Runtime) -> None:
    question_id = await _dogs(any_runtime)
    await _do(any_runtime, gaps.dismiss, question_id, POLICE, "开玩笑的")
    await _ask(any_runtime, "狗证怎么办", who="w")
    await _round(any_runtime)
    assert await _open(any_runtime) == []
    (dismissed,) = await _open(any_runtime, stand=Stand.DISMISSED)
    assert (dismissed.asked, dismissed.reason, dismissed.settled_by) == (4, "开玩笑的", "staff:1")
    await _do(any_runtime, gaps.reopen, question_id, POLICE)
    assert [question.id for question in await _open(any_runtime)] == [question_id]


async def test_what_does_not_belong_is_taken_out_into_a_question_of_its_own(any_runtime: Runtime) -> None:
    question_id = await _dogs(any_runtime)
    comparer = Comparer(demo_index())
    apart = await _do(any_runtime, gaps.split_off, question_id, POLICE, [DOGS[2]], comparer)
    found = {question.id: question for question in await _open(any_runtime)}
    assert (found[question_id].asked, found[apart.id].asked) == (2, 1)
    assert found[apart.id].title == DOGS[2]
    for wanted in ([], ["别的"], list(DOGS[:2])):
        with pytest.raises(BadField):
            await _do(any_runtime, gaps.split_off, question_id, POLICE, wanted, comparer)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
async def test_a_reason_is_required(runtime: Runtime, reason: str) -> None:
    question_id = await _dogs(runtime)
    with pytest.raises(BadField):
        await _do(runtime, gaps.dismiss, question_id, POLICE, reason)
    with pytest.raises(BadField):
        await _do(runtime, gaps.assign, question_id, POLICE, "culture", reason)


async def test_readers_and_the_settled_are_left_alone(runtime: Runtime) -> None:
    question_id = await _dogs(runtime)
    with pytest.raises(NotForYou):
        await _do(runtime, gaps.dismiss, question_id, READER, "不用")
    with pytest.raises(NotAllowed):
        await _do(runtime, gaps.reopen, question_id, POLICE)
    await _do(runtime, gaps.dismiss, question_id, POLICE, "不用")
    with pytest.raises(NotAllowed):
        await _do(runtime, gaps.assign, question_id, POLICE, "culture", "转走")


# ------------------------------------------------------------------------------------------------------ answered

DOG_LICENCE = named(
    LOST_CARD,
    code="dog",
    question="养狗怎么办理狗证？",
    variants=("狗证在哪里办", "养狗要办什么证"),
    keywords=("狗证", "养狗", "犬只登记"),
    answer="请带狗到辖区派出所指定的宠物医院打疫苗、植芯片，当场领取狗证。",
)


async def test_the_article_that_answers_it_closes_it_when_the_search_finds_it(any_runtime: Runtime) -> None:
    question_id = await _dogs(any_runtime)
    await publish(any_runtime, [LOST_CARD])
    answering = Answering(any_runtime)
    await answering.refresh()

    async def settle() -> OpenQuestion | None:
        now = any_runtime.clock.now()
        found = coverage(DOGS, lambda said: answering.look_up(said, now=now))
        async with any_runtime.database.write() as session:
            return await settle_answered(session, question_id, found, now=now)

    assert await settle() is None
    await publish(any_runtime, [DOG_LICENCE])
    await answering.refresh()
    settled = await settle()
    assert settled is not None
    assert (settled.stand, settled.article_code) == (Stand.ANSWERED, "dog")
    assert await settle() is None  # once
    async with any_runtime.database.read() as session:
        last = (await history.of(session, "open_question", str(question_id)))[-1]
    assert (last.action, last.data["article"], last.data["of"]) == ("answered", "dog", 3)


async def test_what_the_article_still_does_not_answer_is_named_and_it_stays_open(runtime: Runtime) -> None:
    await publish(runtime, [DOG_LICENCE])
    answering = Answering(runtime)
    await answering.refresh()
    asked = ("狗证在哪里办", "老年大学怎么报名", "图书馆几点关门")
    found = coverage(asked, lambda said: answering.look_up(said, now=runtime.clock.now()))
    assert (found.article_code, found.answered, found.is_enough) == ("dog", 1, False)
    assert found.left == ("老年大学怎么报名", "图书馆几点关门")


async def test_asked_anew_in_a_way_its_article_does_not_answer_it_is_a_new_question(any_runtime: Runtime) -> None:
    question_id = await _dogs(any_runtime)
    await publish(any_runtime, [DOG_LICENCE])
    answering = Answering(any_runtime)
    await answering.refresh()
    now = any_runtime.clock.now()
    async with any_runtime.database.write() as session:
        found = coverage(DOGS[:2], lambda said: answering.look_up(said, now=now))
        assert await settle_answered(session, question_id, found, now=now) is not None
    await _ask(any_runtime, "狗证丢了办狗证要钱吗", who="w")
    await _round(any_runtime)
    (question,) = await _open(any_runtime)
    assert question.id != question_id
