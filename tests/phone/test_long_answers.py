"""Answers longer than one listens to: read on piece by piece, sent as a text, or let be (B1, A5). Pure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.speaking import TO_FILE
from channels.voice import script_words as s
from channels.voice.for_the_ear import spoken
from core.messages import Reply
from speech.recognition import Expecting
from tests.phone.test_script import PLAN, Talk, answered

SENTENCES = [f"第{number}步，带身份证到社保窗口办理第{number}项补卡手续。" for number in "一二三四五六七八"]
LONG = "".join(SENTENCES)
ANSWER = Reply(f"{LONG}（依据：社会保险法）", card={"kind": "answer", "summary": LONG}, outcome="answered")
WHICH = PLAN.prompt("more_or_text", read="1", send="2")
ON = PLAN.prompt("more", agree="1", refuse="2")
READ = ["接着念", "你念给我听", "继续吧", "好的你接着说", "不用发短信，你念吧", "第一个", "按一"]


def told(*, mobile: bool) -> Talk:
    return answered(ANSWER, mobile=mobile)


def heard_to_the_end(talk: Talk, *events: s.Event) -> str:
    """All that is said when one says ``events`` again and again, the questions left out."""
    said = talk.said
    while talk.said.endswith((WHICH, ON)):
        said += talk.on(*events).said
    return said.replace(WHICH, "").replace(ON, "")


@pytest.mark.parametrize("mobile", [True, False], ids=["mobile", "landline"])
def test_an_answer_is_told_in_pieces_and_heard_to_its_end(mobile: bool) -> None:
    talk = told(mobile=mobile)
    assert talk.said.endswith(WHICH if mobile else ON)
    assert len(talk.said) < 130
    assert heard_to_the_end(talk, s.Pressed("1")) == LONG
    assert heard_to_the_end(told(mobile=mobile), s.Said("接着念吧")) == LONG
    assert heard_to_the_end(told(mobile=mobile), s.Pressed("1"), s.Said("再说一遍")).startswith(SENTENCES[0])
    assert talk.on(s.Quiet()).said == PLAN.say["anything_else"], "then all is settled"


def test_a_sound_after_the_whole_of_it_is_asked_about_and_silence_then_ends_it() -> None:
    talk = told(mobile=False)
    heard_to_the_end(talk, s.Said("接着念"))
    assert talk.on(s.Unclear()).said == PLAN.say["bad_line"]
    assert talk.on(s.Quiet()).said == PLAN.say["anything_else"]


@pytest.mark.parametrize("said", READ)
def test_whoever_wants_it_read_hears_the_rest(said: str) -> None:
    talk = told(mobile=True).on(s.Said(said))
    assert (talk.did(s.Tell), talk.did(s.SendText)) == ([], [])
    assert SENTENCES[3] in heard_to_the_end(talk, s.Said(said))


@pytest.mark.parametrize("event", [s.Pressed("2"), s.Said("发短信"), s.Said("二"), s.Said("好的")])
def test_whoever_wants_a_text_gets_all_of_it(event: s.Event) -> None:
    talk = told(mobile=True).on(event)
    assert talk.did(s.SendText) == [s.SendText(ANSWER)]
    assert talk.said == PLAN.say["sms_sent"] + PLAN.say["anything_else"]
    assert told(mobile=True).on(s.Pressed("1"), event).did(s.SendText) == [s.SendText(ANSWER)], "a piece later too"


def test_a_telephone_no_text_goes_to_is_told_so_and_read_on_to() -> None:
    talk = told(mobile=False).on(s.Said("发给我吧"))
    assert talk.did(s.SendText) == []
    assert talk.said.startswith(PLAN.say["no_text"] + SENTENCES[3][:3])
    assert told(mobile=False).on(s.Said("好的")).said.startswith(SENTENCES[3][:3])


@pytest.mark.parametrize("mobile", [True, False], ids=["mobile", "landline"])
def test_who_has_heard_enough_or_asks_on_is_not_held_up(mobile: bool) -> None:
    assert told(mobile=mobile).on(s.Said("不用了谢谢")).said == PLAN.say["anything_else"]
    assert told(mobile=mobile).on(s.Said("要带什么材料")).did(s.Tell) == [s.Tell("要带什么材料")]
    quiet = told(mobile=mobile).on(s.Quiet())
    assert quiet.said == (WHICH if mobile else ON), "the question alone, not all before it"
    assert quiet.on(s.Quiet()).said == PLAN.say["anything_else"]
    assert told(mobile=mobile).on(s.Said("转人工")).did(s.Seek)
    assert told(mobile=mobile).on(s.Pressed("7")).said.startswith(PLAN.say["wrong_key"])


@pytest.mark.parametrize("mobile", [True, False], ids=["mobile", "landline"])
def test_a_question_of_the_bots_comes_after_the_long_answer_before_it(mobile: bool) -> None:
    asks = Reply("请留一个联系电话。", asks="phone")
    talk = answered(ANSWER, asks, mobile=mobile)
    assert asks.text not in talk.said
    assert heard_to_the_end(talk, s.Said("接着念")) == LONG + asks.text
    assert talk.listening.expecting is Expecting.DIGITS
    assert talk.on(s.Pressed("1"), s.Pressed("3"), s.Quiet()).said == "已经记下幺三，请接着说后面的数字。"
    assert answered(ANSWER, asks, mobile=mobile).on(s.Said("不用了")).said == asks.text
    assert answered(ANSWER, asks, mobile=mobile).on(s.Quiet(), s.Quiet()).said == asks.text
    assert answered(ANSWER, asks, mobile=mobile).on(s.Pressed("0")).did(s.Seek), "no key is part of a number yet"
    sent = answered(ANSWER, asks, mobile=True).on(s.Said("发给我"))
    assert (sent.said, sent.did(s.SendText)) == (PLAN.say["sms_sent"] + asks.text, [s.SendText(ANSWER)])


def test_two_long_answers_are_both_read_to_their_ends_and_sent() -> None:
    other = Reply(LONG.replace("社保", "医保"), outcome="answered", card={"kind": "answer"})
    talk = answered(ANSWER, other, mobile=True)
    said = heard_to_the_end(talk, s.Said("继续"))
    assert all(sentence in said for sentence in SENTENCES)
    assert all(sentence.replace("社保", "医保") in said for sentence in SENTENCES)
    assert answered(ANSWER, other, mobile=True).on(s.Said("发给我")).did(s.SendText) == [
        s.SendText(ANSWER),
        s.SendText(other),
    ]


@pytest.mark.parametrize("summary", [SENTENCES[0], LONG], ids=["short", "long"])
def test_what_may_have_been_meant_as_a_complaint_is_told_how_it_is_filed(summary: str) -> None:
    answer = Reply(summary, card={"kind": "answer", "summary": summary}, quick_replies=(TO_FILE,), outcome="answered")
    assert PLAN.say["may_file"] in spoken(answer, PLAN, mobile=True).text
    assert PLAN.say["may_file"] not in spoken(replace(answer, quick_replies=()), PLAN, mobile=True).text


def test_a_choice_may_be_filed_from_as_well() -> None:
    card = {
        "kind": "choices",
        "title": "您想问的是下面哪一个？",
        "options": [{"title": "怎么激活", "text": "怎么激活"}],
    }
    choice = Reply("您想问的是下面哪一个？", card=card, quick_replies=(TO_FILE,), asks="choice")
    assert spoken(choice, PLAN, mobile=False).text.endswith(PLAN.say["may_file"])
