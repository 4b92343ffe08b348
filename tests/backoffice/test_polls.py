"""Opinion polls: written, opened, answered once by each, counted, closed (A14)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice import poll_ballots, poll_results, polls
from backoffice.poll_papers import Offer, Paper
from backoffice.poll_tables import Poll, PollBallot, PollStatus
from backoffice.polls import DraftQuestion, PollDraft
from backoffice.refusals import BadField, NotAllowed
from core import history
from core.clock import china_time
from core.contacts import Sender
from tests.backoffice.conftest import Town
from tests.backoffice.polls import LIFTS, open_poll

KEEPER = "supervisor"
CALLER = Sender("voice", "12345", "13800138000", phone="13800138000")
VISITOR = Sender("webchat", "web", "visitor-1")


async def offered(town: Town, who: Sender = CALLER) -> Offer:
    async with town.runtime.database.read() as session:
        return await poll_ballots.offer(session, who, town.clock.now())


async def paper(town: Town, who: Sender = CALLER) -> Paper:
    found = (await offered(town, who)).paper
    assert found is not None
    return found


async def answers(
    town: Town, poll_id: int, chosen: dict[int, int], who: Sender = CALLER, *, done: bool = False
) -> None:
    async with town.runtime.database.write() as session:
        await poll_ballots.answer(session, poll_id, who, chosen, town.clock.now(), finished=done)


async def test_a_poll_is_asked_from_its_opening_to_its_last_day_and_then_kept(any_town: Town) -> None:
    town = any_town
    today = china_time(town.clock.now()).date()
    staff, now = town.staff[KEEPER], town.clock.now()
    async with town.runtime.database.write() as session:
        poll = await polls.save(session, staff, None, replace(LIFTS, closes_on=today + timedelta(days=1)), now)
    assert await offered(town) == Offer(None)
    async with town.runtime.database.write() as session:
        await polls.save(session, staff, poll.id, replace(LIFTS, title="改过的标题", closes_on=today), now)
        await polls.open_poll(session, staff, poll.id, now)
    found = await paper(town)
    assert (found.title, [question.text for question in found.questions]) == (
        "改过的标题",
        ["您赞成加装电梯吗", "您住几楼"],
    )
    assert [(choice.key, choice.text) for choice in found.questions[0].choices] == [
        ("1", "赞成"),
        ("2", "不赞成"),
        ("3", "无所谓"),
    ]
    async with town.runtime.database.write() as session:
        with pytest.raises(NotAllowed, match="已经开始"):
            await polls.save(session, staff, poll.id, LIFTS, now)
        with pytest.raises(NotAllowed, match="已经开始"):
            await polls.drop(session, staff, poll.id, now)
    town.wait(days=1)
    assert await offered(town) == Offer(None)
    with pytest.raises(NotAllowed, match="已经结束"):
        await answers(town, found.poll_id, {})
    async with town.runtime.database.read() as session:
        (entry,) = await polls.listed(session, town.clock.now())
        actions = [happening.action for happening in await history.of(session, "poll", str(poll.id))]
    assert (entry.status, entry.ballots, actions) == (PollStatus.CLOSED, 0, ["create", "edit", "open"])


async def test_each_answers_once_may_go_on_later_and_nobody_is_named(any_town: Town) -> None:
    town = any_town
    await open_poll(town.runtime, town.staff[KEEPER])
    first = await paper(town)
    lifts, floors = first.questions
    await answers(town, first.poll_id, {lifts.id: lifts.choices[0].id})
    rest = await paper(town)
    assert [question.id for question in rest.questions] == [floors.id], "the line broke: what is answered stays"
    await answers(town, first.poll_id, {lifts.id: lifts.choices[1].id, floors.id: floors.choices[1].id}, done=True)
    assert await offered(town) == Offer(None, taken=True)
    with pytest.raises(NotAllowed, match="已经参加过"):
        await answers(town, first.poll_id, {lifts.id: lifts.choices[0].id})
    await answers(town, first.poll_id, {lifts.id: lifts.choices[1].id}, VISITOR, done=True)
    async with town.runtime.database.read() as session:
        results = await poll_results.results_of(session, first.poll_id)
        voters = list(await session.scalars(select(PollBallot.voter)))
        table = poll_results.as_csv(await session.get_one(Poll, first.poll_id), results)
    assert (results.ballots, results.finished, results.channels) == (2, 2, (("voice", 1), ("webchat", 1)))
    counts = [[(option.count, option.share) for option in question.options] for question in results.questions]
    assert counts == [[(0, 0.0), (2, 1.0), (0, 0.0)], [(0, 0.0), (1, 1.0)]]
    assert [question.answered for question in results.questions] == [2, 1]
    assert not any(who.external_id in voter for voter in voters for who in (CALLER, VISITOR))
    assert "老旧小区加装电梯意见征集,您赞成加装电梯吗,不赞成,2,100.0%" in table


async def test_answers_at_the_same_moment_are_one_ballot_and_strange_ones_are_none(any_town: Town) -> None:
    town = any_town
    await open_poll(town.runtime, town.staff[KEEPER])
    other = await open_poll(town.runtime, town.staff[KEEPER], replace(LIFTS, title="另一项"))
    found = await paper(town)
    assert found.poll_id == other.id, "the one opened last is asked first"
    lifts, floors = found.questions
    chosen = {lifts.id: lifts.choices[0].id, floors.id: floors.choices[0].id}
    tries = [answers(town, other.id, chosen, done=True) for _ in range(8)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in done if one is not None] == [NotAllowed] * 7
    async with town.runtime.database.read() as session:
        assert (await poll_results.results_of(session, other.id)).ballots == 1
    first = await paper(town)
    assert first.title == LIFTS.title
    for strange in ({lifts.id: lifts.choices[0].id}, {first.questions[0].id: first.questions[1].choices[0].id}, {7: 7}):
        with pytest.raises(NotAllowed, match="没有这个选项"):
            await answers(town, first.poll_id, strange)
    async with town.runtime.database.read() as session:
        assert (await poll_results.results_of(session, first.poll_id)).ballots == 0


def _with(*options: str, text: str = "题目") -> PollDraft:
    return replace(LIFTS, questions=(DraftQuestion(text, options),))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(LIFTS, title=" \u200b"), "title"),
        (replace(LIFTS, title="长" * 61), "title"),
        (replace(LIFTS, opening="长" * 201), "opening"),
        (replace(LIFTS, questions=()), "questions"),
        (replace(LIFTS, questions=LIFTS.questions * 6), "questions"),
        (_with("甲", "乙", text=""), "question-0"),
        (_with("只有一个", " "), "options-0"),
        (_with(*"一二三四五六七八九"), "options-0"),
        (_with("一样", "一样 "), "options-0"),
        (_with("甲", "长" * 41), "options-0"),
    ],
)
async def test_what_cannot_be_asked_on_a_telephone_is_refused_where_it_stands(
    town: Town, draft: PollDraft, field: str
) -> None:
    async with town.runtime.database.write() as session:
        with pytest.raises(BadField) as refused:
            await polls.save(session, town.staff[KEEPER], None, draft, town.clock.now())
    assert refused.value.field == field


async def test_a_day_that_has_passed_ends_no_poll(town: Town) -> None:
    now, staff = town.clock.now(), town.staff[KEEPER]
    yesterday = china_time(now).date() - timedelta(days=1)
    async with town.runtime.database.write() as session:
        with pytest.raises(BadField, match="早于今天"):
            await polls.save(session, staff, None, replace(LIFTS, closes_on=yesterday), now)
        poll = await polls.save(session, staff, None, replace(LIFTS, closes_on=china_time(now).date()), now)
    town.wait(days=1)
    async with town.runtime.database.write() as session:
        with pytest.raises(NotAllowed, match="已经过了"):
            await polls.open_poll(session, staff, poll.id, town.clock.now())
