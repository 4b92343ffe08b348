"""An opinion poll in a call's script, event by event (A2, A14). Pure."""

from __future__ import annotations

import pytest

from backoffice.poll_papers import Choice, Offer, Paper, Question
from channels.voice import script_words as s
from tests.phone.test_script import PLAN, Talk

LIFTS = Question(
    11, 1, "您赞成加装电梯吗？", (Choice(1, "1", "赞成"), Choice(2, "2", "不赞成"), Choice(3, "3", "无所谓"))
)
FLOORS = Question(12, 2, "您住几楼", (Choice(4, "1", "一二楼"), Choice(5, "2", "三楼以上")))
PAPER = Paper(7, "加装电梯意见征集", "想听听您的看法", (LIFTS, FLOORS))


def asked(paper: Paper | None = PAPER, *, taken: bool = False) -> Talk:
    """A caller who has chosen the poll by keys."""
    talk = Talk().on(s.Pressed("2"), s.Pressed("5"))
    assert talk.did(s.FindPoll)
    return talk.on(s.PollFound(Offer(paper, taken)))


def test_every_question_is_asked_with_its_keys_and_every_answer_kept_at_once() -> None:
    talk = asked()
    assert "加装电梯意见征集。想听听您的看法。一共2道题，不记名，不想答的请按井号。" in talk.said
    assert talk.said.endswith("第1题，您赞成加装电梯吗？赞成请按1，不赞成请按2，无所谓请按3。")
    assert talk.listening.phrases == ("赞成", "不赞成", "无所谓")
    talk.on(s.Pressed("2"))
    assert talk.did(s.Vote) == [s.Vote(7, {11: 2}, finished=False)]
    assert talk.said == "第2题，您住几楼。一二楼请按1，三楼以上请按2。"
    talk.on(s.Pressed("1"))
    assert talk.did(s.Vote) == [s.Vote(7, {12: 4}, finished=True)]
    assert talk.said == PLAN.say["poll_thanks"] + PLAN.say["anything_else"]
    assert talk.on(s.Said("没有了")).said == PLAN.say["bye"], "a poll is no service to be rated"


@pytest.mark.parametrize("said", ["不赞成", "第二个", "选二", "二", "不赞成。"])
def test_one_answers_by_word_or_place_too(said: str) -> None:
    assert asked().on(s.Said(said)).did(s.Vote) == [s.Vote(7, {11: 2}, finished=False)]


@pytest.mark.parametrize("event", [s.Pressed("#"), s.Said("不知道")])
def test_a_question_may_be_left_out_and_the_last_one_too(event: s.Event) -> None:
    talk = asked().on(event)
    assert talk.did(s.Vote) == [s.Vote(7, {}, finished=False)]
    assert "第2题" in talk.said
    assert talk.on(event).did(s.Vote) == [s.Vote(7, {}, finished=True)]


def test_an_answer_offered_is_no_wish_to_leave_the_question_out_and_none_is_written_down() -> None:
    unsure = Question(11, 1, "您赞成吗？", (Choice(1, "1", "赞成"), Choice(2, "2", "不清楚")))
    talk = asked(Paper(7, "意见征集", "", (unsure, FLOORS)))
    assert talk.listening.unkept
    assert talk.on(s.Unclear()).listening.unkept, "what is said again is as secret"
    assert talk.on(s.Said("不清楚")).did(s.Vote) == [s.Vote(7, {11: 2}, finished=False)]
    assert not talk.on(s.Pressed("1")).listening.unkept, "the poll is over"


@pytest.mark.parametrize("heard", ["不在成", "啊这"])
def test_an_answer_badly_heard_is_asked_for_once_more_and_then_for_the_bot(heard: str) -> None:
    talk = asked().on(s.Said(heard))
    assert talk.said.startswith(PLAN.say["poll_again"] + "第1题")
    assert talk.on(s.Said(heard)).did(s.Tell) == [s.Tell(heard)]


@pytest.mark.parametrize("told", ["着火了", "我要投诉噪音"])
def test_what_is_no_answer_is_for_the_bot_at_once(told: str) -> None:
    assert asked().on(s.Said(told)).did(s.Tell) == [s.Tell(told)]


def test_a_key_that_is_no_answer_is_told_and_the_way_out_is_always_open() -> None:
    talk = asked().on(s.Pressed("7"))
    assert talk.said.startswith(PLAN.say["wrong_key"] + "第1题")
    assert "人工服务请按1" in asked().on(s.Pressed("*")).said
    assert asked().on(s.Pressed("0")).did(s.Seek)
    assert asked().on(s.Said("再说一遍")).said.startswith("第1题")
    assert asked().on(s.Quiet(), s.Quiet()).goes.ending == "silence"


def test_without_a_poll_the_call_goes_on() -> None:
    assert asked(None).said == PLAN.say["no_poll"] + PLAN.say["anything_else"]
    assert asked(None, taken=True).said.startswith(PLAN.say["poll_taken"])
    left = asked(Paper(7, "意见征集", "", ()))
    assert left.did(s.Vote) == [s.Vote(7, {}, finished=True)], "all was answered before the line broke"


def test_nothing_is_taken_for_an_answer_before_there_is_a_question() -> None:
    talk = Talk().on(s.Pressed("2"), s.Pressed("5"), s.Pressed("1"))
    assert talk.last == []
