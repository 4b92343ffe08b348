"""What citizens say in a few words, in every part of a call: yes, no, a person, however they say it (A1, B11). Pure."""

from __future__ import annotations

import pytest

from backoffice.poll_papers import Offer
from channels.voice import script_words as s
from core.messages import Reply
from tests.phone.test_script import ASKS_PHONE, CONFIRM, FILED, PLAN, Talk, answered
from tests.phone.test_script_poll import PAPER

LONG = "带身份证到社保窗口办理补卡。" * 12
LONG_ANSWER = Reply(LONG, card={"kind": "answer", "summary": LONG}, outcome="answered")
YES = ["对对对", "嗯嗯", "嗯对", "是的是的", "可以的", "好啊", "行吧"]
NO = ["不不不", "嗯不对", "不是的", "不用了谢谢", "错了错了"]


def asked_back() -> Talk:
    """The number of an order has been read back."""
    return Talk().on(s.Pressed("2"), s.Pressed("3"), *(s.Pressed(key) for key in "20260417"))


def recorded() -> Talk:
    """A complaint has been recorded, and what is to be done with it asked."""
    return Talk().on(s.Pressed("2"), s.Pressed("2"), s.RecordingEnded(9.0))


STATES = {
    "start": Talk,
    "menu": lambda: Talk().on(s.Pressed("2")),
    "number": lambda: Talk().on(s.Pressed("2"), s.Pressed("3")),
    "half a number": lambda: Talk().on(s.Pressed("2"), s.Pressed("3"), s.Pressed("2"), s.Pressed("0")),
    "number read back": asked_back,
    "recording": lambda: Talk().on(s.Pressed("2"), s.Pressed("2")),
    "recorded": recorded,
    "poll": lambda: Talk().on(s.Pressed("2"), s.Pressed("5"), s.PollFound(Offer(PAPER))),
    "dialogue": lambda: answered(Reply("在哪里？", asks="address")),
    "telephone number": lambda: answered(ASKS_PHONE),
    "summary": lambda: answered(CONFIRM),
    "long answer": lambda: answered(LONG_ANSWER, mobile=True),
    "anything else": lambda: answered(FILED).on(s.Quiet()),
    "rating": lambda: answered(FILED).on(s.Quiet(), s.Quiet()),
    "rating a person": lambda: Talk(leg=s.Leg.AFTER_PERSON),
    "nobody": lambda: Talk().on(s.Pressed("0"), s.Sought(there=False)),
    "message": lambda: Talk().on(s.Pressed("0"), s.Sought(there=False), s.Pressed("1")),
    "without a bot": lambda: Talk(leg=s.Leg.UNANSWERED),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("said", ["帮我转人工", "给我找个人", "嗯，转人工转人工。", "能不能给我接一下人工服务啊"])
def test_a_person_is_reached_from_every_state_however_one_asks(state: str, said: str) -> None:
    talk = STATES[state]().on(s.Said(said))
    assert talk.did(s.Seek)
    assert talk.on(s.Sought(there=True)).goes.next == "queue"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("said", ["人工湖很脏", "对面小区太吵了"])
def test_a_sentence_that_only_holds_such_a_word_calls_nobody(state: str, said: str) -> None:
    talk = STATES[state]().on(s.Said(said))
    assert bool(talk.did(s.Seek)) is (state == "rating a person"), "a new matter after a person is for a person"


@pytest.mark.parametrize("state", [name for name in STATES if name not in {"recording", "message"}])
def test_what_was_asked_is_said_again_and_slower_in_every_state(state: str) -> None:
    asked = STATES[state]()
    question = next(command for command in reversed(asked.done) if isinstance(command, s.Speak)).text
    assert question in asked.on(s.Said("你再说一遍，没听清楚")).said
    assert all(speak.slow for speak in asked.on(s.Said("请你慢一点说")).did(s.Speak))
    assert question in asked.said


@pytest.mark.parametrize("said", [*YES, "没错没错", "一", "按一"])
def test_a_number_read_back_is_confirmed_however_yes_is_said(said: str) -> None:
    assert asked_back().on(s.Said(said)).did(s.Tell) == [s.Tell("查询进度20260417")]


@pytest.mark.parametrize("said", [*NO, "二", "按二"])
def test_a_number_read_back_is_asked_for_anew_however_no_is_said(said: str) -> None:
    talk = asked_back().on(s.Said(said))
    assert (talk.said, talk.did(s.Tell)) == (PLAN.say["ask_number"], [])


def test_an_unclear_word_does_not_cost_the_number_and_another_number_replaces_it() -> None:
    talk = asked_back().on(s.Said("啊这"))
    assert talk.said == PLAN.say["yes_or_no"] + "您查询的编号是20260417，正确请按1，重新输入请按2。"
    assert talk.on(s.Said("对对对")).did(s.Tell) == [s.Tell("查询进度20260417")]
    talk = asked_back().on(s.Said("对编号"), s.Said("我要投诉噪音"))
    assert talk.did(s.Tell) == [s.Tell("我要投诉噪音")], "the second time it is for the bot"
    assert asked_back().on(s.Said("着火了")).did(s.Tell) == [s.Tell("着火了")]
    mended = asked_back().on(s.Said("不对，是二零二六零四一八"))
    assert "20260418" in mended.said
    assert mended.on(s.Said("嗯对")).did(s.Tell) == [s.Tell("查询进度20260418")]


@pytest.mark.parametrize("said", [*YES, "确认提交吧", "一"])
def test_a_recording_is_filed_however_yes_is_said(said: str) -> None:
    assert recorded().on(s.Said(said)).did(s.File) == [s.File("complaint")]


@pytest.mark.parametrize("said", [*NO, "取消吧", "不提交了", "按二"])
def test_a_recording_is_cancelled_however_no_is_said(said: str) -> None:
    talk = recorded().on(s.Said(said))
    assert (bool(talk.did(s.Discard)), talk.did(s.File)) == (True, [])


def test_a_recording_is_heard_again_by_word_and_an_unclear_word_asked_about() -> None:
    assert recorded().on(s.Said("我再听一遍")).did(s.Replay)
    assert recorded().on(s.Said("对面小区太吵了")).said.startswith("确认提交请按1")


@pytest.mark.parametrize("said", [*YES, "发给我", "发给我吧", "那就发短信吧", "给我发个短信"])
def test_a_text_is_sent_however_it_is_wanted(said: str) -> None:
    assert answered(LONG_ANSWER, mobile=True).on(s.Said(said)).did(s.SendText) == [s.SendText(LONG_ANSWER)]


@pytest.mark.parametrize("said", ["不用了谢谢", "好的不用", "不用发了"])
def test_no_text_is_sent_however_it_is_refused(said: str) -> None:
    talk = answered(LONG_ANSWER, mobile=True).on(s.Said(said))
    assert (talk.did(s.SendText), talk.did(s.Tell), talk.said) == ([], [], PLAN.say["anything_else"])


@pytest.mark.parametrize(
    ("said", "deed"), [("二", "反映的单位"), ("我要查进度", "八位"), ("民意调查吧", ""), ("我要留言", "市长信箱")]
)
def test_a_menu_is_chosen_from_in_other_words_than_its_own(said: str, deed: str) -> None:
    talk = Talk().on(s.Pressed("2"), s.Said(said))
    assert not talk.did(s.Tell)
    assert deed in talk.said if deed else talk.did(s.FindPoll)


@pytest.mark.parametrize(("said", "ending"), [("给我登记回电吧", "call_back"), ("二", "call_back")])
def test_what_to_do_where_nobody_is_there_is_chosen_in_other_words_too(said: str, ending: str) -> None:
    assert Talk().on(s.Pressed("0"), s.Sought(there=False), s.Said(said)).goes.ending == ending


@pytest.mark.parametrize("said", ["没有了谢谢你", "好的好的", "谢谢你啊", "没有别的了", "行，就这样", "不用了不用了"])
def test_nothing_more_is_wanted_however_it_is_said(said: str) -> None:
    assert PLAN.rate_prompt() in answered(FILED).on(s.Quiet(), s.Said(said)).said


@pytest.mark.parametrize("said", ["有", "还有个事", "嗯，我还有个问题"])
def test_who_only_says_that_there_is_more_is_asked_what(said: str) -> None:
    talk = answered(FILED).on(s.Quiet(), s.Said(said))
    assert (talk.said, talk.did(s.Tell)) == (PLAN.say["what_you_need"], [])
    assert talk.on(s.Said("社保卡丢了怎么补办")).did(s.Tell) == [s.Tell("社保卡丢了怎么补办")]
