"""The call's script, event by event: what is said, what is done, where the line goes. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.voice import script_words as s
from channels.voice.phone_plan import PhonePlan, PhonePlanRefused, load_phone_plan
from channels.voice.script import CallScript
from channels.voice.script_words import Command
from core.messages import QuickReply, Reply
from speech.recognition import Expecting

PLAN = load_phone_plan()
GRADES = PLAN.rating
ASKS_PHONE = Reply("请留一个联系电话。", asks="phone")
CONFIRM = Reply("请您核对。", asks="confirm", quick_replies=(QuickReply("确认提交", "确认"), QuickReply("修改")))
FILED = Reply(
    "登记好了。\n受理编号：20260417\n查询码：K7M2QX\n请记好这两个号码，可以随时来查进度。",
    card={"kind": "order", "number": "20260417", "query_code": "K7M2QX"},
    outcome="order",
)


def nobody(offer: str = "nobody", why: str = "why_absent") -> str:
    """What is said when no person can take the call."""
    return PLAN.prompt(offer, why=PLAN.say[why], message="1", call_back="2", writing="2")


class Talk:
    """A script, what it has done last, and all it has done."""

    def __init__(self, plan: PhonePlan = PLAN, **connected: Any) -> None:
        self.script = CallScript(plan)
        self.done: list[Command] = []
        self.last: list[Command] = []
        self.hello = "".join(command.text for command in self.script.hello() if isinstance(command, s.Speak))
        self.on(s.Connected(**connected))

    def on(self, *events: s.Event) -> Talk:
        for event in events:
            self.last = self.script.on(event)
            self.done += self.last
        return self

    @property
    def said(self) -> str:
        return "".join(command.text for command in self.last if isinstance(command, s.Speak))

    def did(self, kind: type) -> list[Any]:
        return [command for command in self.last if isinstance(command, kind)]

    @property
    def listening(self) -> s.Listen:
        listening: s.Listen = self.did(s.Listen)[-1]
        return listening

    @property
    def goes(self) -> s.Leave:
        leaving: s.Leave = self.did(s.Leave)[-1]
        return leaving


def answered(*replies: Reply, **connected: Any) -> Talk:
    """A talk in which the bot has just answered."""
    return Talk(**connected).on(s.Said("我要投诉"), s.Answered(replies))


def test_the_call_is_greeted_announced_as_recorded_and_offered_keys_and_words() -> None:
    talk = Talk()
    assert talk.hello == PLAN.announcement + PLAN.greeting
    assert "人工服务请按1，自助服务请按2" in talk.said
    assert PLAN.say["what_you_need"] in talk.said
    assert talk.listening.expecting is Expecting.MENU


def test_the_menu_can_be_switched_off_and_its_keys_and_prompts_follow_the_file(tmp_path: Path) -> None:
    (tmp_path / "phone.yml").write_text(
        'menu_first: false\ngreeting: 您好，这里是乐水市。\nrecording: {cancel: "2", replay: "1", confirm: "3"}\n'
    )
    plan = load_phone_plan(tmp_path)
    script = CallScript(plan)
    said = "".join(c.text for c in [*script.hello(), *script.on(s.Connected())] if isinstance(c, s.Speak))
    assert said.startswith(plan.announcement + "您好，这里是乐水市。")
    assert "请按" not in said
    script = CallScript(plan)
    script.on(s.Connected())
    script.menu("self_service")
    script.on(s.Pressed("2"))
    asked = "".join(c.text for c in script.on(s.RecordingEnded(5.0)) if isinstance(c, s.Speak))
    assert asked == "确认提交请按3，取消请按2，重听请按1。"


@pytest.mark.parametrize(
    "wrong",
    [
        'agree: "1"\nrefuse: "1"\n',
        "menus: {top: [{key: '1', does: person, say: 人工}, {key: '1', does: consult, say: 咨询}]}\n",
        "menus: {top: [{key: '0', does: person, say: 人工}]}\n",
        "menus: {top: [{key: '1', does: menu nowhere, say: 人工}]}\n",
        "menus: {top: [{key: 'x', does: person, say: 人工}]}\n",
        'anytime: {repeat: "8"}\n',
        'recording: {cancel: "1"}\n',
        'recording: {end: "0"}\n',
        'nobody: {message: {key: "2", words: []}}\n',
        'nobody: {message: {key: "0", words: []}}\n',
        'more: {read: "2"}\n',
        "rating: {1: 满意}\n",
        "rating: {0: 满意, 1: 不满意}\n",
        "rating: {x: 满意, 1: 不满意}\n",
        "rating: {1: 满意, 2: 满意}\n",
        "rating: {1: 满意, '1': 不满意}\n",
        "rating: {1: 不满意, 2: 满意}\n",
        'more: {send: "0"}\n',
        "hours: sometimes\n",
        "hours: {spans: ['20:00-08:00']}\n",
        "hours: {spans: ['08:00']}\n",
        "hours: {spans: []}\n",
        "patience: {bot: [2, 1, 6]}\n",
        "greting: 您好\n",
        "menus: [\n",
    ],
)
def test_a_plan_whose_keys_mean_two_things_or_lead_nowhere_is_refused(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "phone.yml").write_text(wrong)
    with pytest.raises(PhonePlanRefused):
        load_phone_plan(tmp_path)


# ------------------------------------------------------------------------------------------ to a person


@pytest.mark.parametrize(
    "way",
    [
        [s.Pressed("1")],
        [s.Pressed("0")],
        [s.Said("人工服务")],
        [s.Pressed("2"), s.Pressed("0")],
        [s.Pressed("2"), s.Pressed("3"), s.Pressed("0"), s.Quiet()],
        [s.Said("我要投诉"), s.Answered((ASKS_PHONE,)), s.Pressed("0"), s.Quiet()],
        [s.Said("我要投诉"), s.Answered((Reply("请问在哪里？", asks="address"),)), s.Pressed("0")],
        [s.Pressed("2"), s.Pressed("2"), s.RecordingEnded(9.0), s.Pressed("0")],
        [s.Pressed("2"), s.Pressed("2"), s.RecordingEnded(9.0), s.Said("人工")],
        [s.Pressed("2"), s.Pressed("2"), s.Pressed("0"), s.RecordingEnded(9.0)],
        [s.Pressed("2"), s.Pressed("2"), s.Said("转人工"), s.RecordingEnded(9.0)],
        [s.Pressed("2"), s.Pressed("3"), s.Said("转人工")],
        [s.Said("我要投诉"), s.Answered((ASKS_PHONE,)), s.Said("转人工。")],
        [s.Said("我要投诉"), s.Answered((FILED,)), s.Quiet(), s.Pressed("0")],
        [s.Said("我要投诉"), s.Answered((FILED,)), s.Quiet(), s.Said("真人")],
        [s.Said("我要投诉"), s.Answered((FILED,)), s.Quiet(), s.Quiet(), s.Pressed("0")],
        [s.Said("我要投诉"), s.Answered((FILED,)), s.Quiet(), s.Quiet(), s.Said("转人工")],
        [s.Pressed("0"), s.Sought(there=False), s.Pressed("0")],
        [s.Pressed("0"), s.Sought(there=False), s.Said("转人工")],
        [s.Pressed("0"), s.Sought(there=False), s.Pressed("1"), s.Said("转人工"), s.RecordingEnded(9.0)],
    ],
)
def test_a_person_is_one_key_or_word_away_everywhere(way: list[s.Event]) -> None:
    talk = Talk().on(*way)
    assert [command for command in talk.done if isinstance(command, s.Seek)]
    talk.on(s.Sought(there=True))
    assert talk.did(s.HandOver)
    assert talk.goes.next == "queue"
    assert talk.said == PLAN.say["transfer"]


def test_whoever_the_bot_hands_over_goes_to_the_queue_after_the_announcement() -> None:
    called = Reply("好的，正在为您转接。", card={"kind": "handoff", "on_duty": True}, outcome="handoff")
    talk = answered(called)
    assert talk.did(s.Seek)  # who is on duty at the desk may have no telephone
    talk.on(s.Sought(there=True))
    assert (talk.goes.next, talk.goes.at_once, talk.said) == ("queue", False, PLAN.say["transfer"])


@pytest.mark.parametrize(
    "event", [s.Broken("bot"), s.Broken("ear"), s.Broken("voice"), s.Broken("database"),
              s.Answered((Reply("非常抱歉，我这边出了点问题。", outcome="handoff"),))],
)  # fmt: skip
def test_whatever_fails_the_citizen_goes_to_people_without_a_word_more(event: s.Event) -> None:
    talk = Talk().on(s.Said("我要投诉"), event)
    assert (talk.goes.next, talk.goes.at_once) == ("queue", True)


def test_a_failure_on_the_way_out_still_leads_to_people() -> None:
    talk = Talk().on(s.Said("再见"))
    assert talk.goes.next == "bye"
    assert talk.on(s.Broken("voice")).goes.next == "queue"


def test_keys_may_be_written_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "phone.yml").write_text("agree: 3\nanytime: {person: 0, repeat: 9}\nmore: {read: 3}\n")
    plan = load_phone_plan(tmp_path)
    assert answered(CONFIRM, plan=plan).on(s.Pressed("3")).did(s.Tell) == [s.Tell("确认")]
    assert answered(CONFIRM, plan=plan).on(s.Pressed("0")).did(s.Seek)


def test_who_is_taken_at_the_desk_goes_to_that_persons_phone() -> None:
    assert Talk().on(s.Taken("1001")).goes.next == "agent/1001"


def test_with_nobody_there_one_may_leave_a_message_be_called_back_or_go_on() -> None:
    def alone() -> Talk:
        return Talk().on(s.Pressed("0"), s.Sought(there=False))

    talk = alone()
    assert [follow.why for follow in talk.did(s.FollowUp)] == ["missed"]
    assert talk.said == nobody()
    talk.on(s.Pressed("2"))
    assert ([f.why for f in talk.did(s.FollowUp)], talk.goes.ending) == (["call_back"], "call_back")
    talk = alone().on(s.Pressed("1"))
    assert talk.did(s.Record)
    talk.on(s.Pressed("#"))
    assert talk.did(s.EndRecording)
    talk.on(s.RecordingEnded(6.0))
    assert ([f.why for f in talk.did(s.FollowUp)], talk.goes.next) == (["voicemail"], "bye")
    assert alone().on(s.Said("社保卡丢了怎么补办")).did(s.Tell) == [s.Tell("社保卡丢了怎么补办")]


@pytest.mark.parametrize(
    ("writes", "offer"), [(False, "nobody_no_number"), (True, "nobody_in_writing")], ids=["withheld", "browser"]
)
@pytest.mark.parametrize("leg", [s.Leg.FIRST, s.Leg.UNANSWERED])
def test_without_a_number_no_call_back_is_promised_and_a_message_becomes_an_order(
    writes: bool, offer: str, leg: s.Leg
) -> None:
    talk = Talk(reachable=False, writes=writes, leg=leg)
    if leg is s.Leg.FIRST:
        talk.on(s.Pressed("0"), s.Sought(there=False))
    assert talk.said == nobody(offer)
    assert "回电" not in talk.said
    talk.on(s.Pressed("1"), s.RecordingEnded(5), s.Pressed(str(PLAN.recording["confirm"])))
    assert s.File("complaint") in talk.done
    assert not any(isinstance(command, s.FollowUp) for command in talk.done)


def test_a_call_in_the_browser_goes_on_in_writing_when_nobody_is_there() -> None:
    talk = Talk(reachable=False, writes=True).on(s.Pressed("0"), s.Sought(there=False), s.Pressed("2"))
    assert s.HandOver("asked") in talk.done
    assert s.Leave("queue", "transferred") in talk.done


def test_a_call_nobody_in_the_queue_answered_is_offered_the_same() -> None:
    assert Talk(leg=s.Leg.UNANSWERED).said == nobody()
    assert Talk(leg=s.Leg.UNANSWERED, busy=True).said == nobody(why="why_busy")


@pytest.mark.parametrize("way", ["key", "word"])
def test_what_to_do_when_nobody_is_there_has_keys_and_words_of_the_file(tmp_path: Path, way: str) -> None:
    (tmp_path / "phone.yml").write_text(
        'nobody: {message: {key: "7", words: [留个话]}, call_back: {key: "8", words: [打给我]}}\n'
    )
    plan = load_phone_plan(tmp_path)

    def alone() -> Talk:
        return Talk(plan=plan).on(s.Pressed("0"), s.Sought(there=False))

    assert "留言请按7，登记回电请按8" in alone().said
    assert "留个话" in alone().listening.phrases
    message, back = (s.Pressed("7"), s.Pressed("8")) if way == "key" else (s.Said("留个话"), s.Said("打给我。"))
    assert alone().on(message).did(s.Record)
    assert alone().on(back).goes.ending == "call_back"
    assert alone().on(s.Pressed("0")).did(s.Seek)
    assert "人工服务请按1" in alone().on(s.Pressed("*")).said
    assert alone().on(s.Pressed("9")).said == alone().said


def test_outside_peoples_hours_it_is_said_when_they_are_back() -> None:
    talk = Talk().on(s.Said("转人工"), s.Sought(there=False, opens="明天8点30分"))
    assert talk.said.startswith("现在是下班时间，话务员明天8点30分上班。留言请按1")
    assert Talk(leg=s.Leg.UNANSWERED, opens="今天13点").said.startswith("现在是下班时间，话务员今天13点上班。")


# ------------------------------------------------------------------------------------------ manners


def test_a_silent_caller_is_asked_once_more_and_then_the_call_ends() -> None:
    talk = Talk()
    assert talk.listening.patience == 3
    talk.on(s.Quiet())
    assert "人工服务请按1" in talk.said
    assert talk.listening.patience == 3
    talk.on(s.Quiet())
    assert (talk.said, talk.goes.ending) == (PLAN.say["silent_end"], "silence")


def test_a_bad_line_gets_an_apology_the_question_again_and_an_end() -> None:
    talk = answered(ASKS_PHONE).on(s.Unclear())
    assert (talk.said, talk.listening.patience) == (PLAN.say["bad_line"], 2)
    talk.on(s.Quiet())
    assert ASKS_PHONE.text in talk.said
    assert talk.listening.patience == 2
    talk.on(s.Quiet())
    assert talk.goes.ending == "bad_line"
    noisy = answered(ASKS_PHONE).on(s.Unclear(), s.Unclear(), s.Unclear())
    assert noisy.goes.ending == "bad_line"


def test_a_sound_after_all_has_been_said_does_not_make_the_line_a_bad_one() -> None:
    talk = answered(FILED).on(s.Unclear(), s.Quiet())
    assert talk.said == PLAN.say["anything_else"]


def test_a_word_understood_begins_the_patience_anew() -> None:
    talk = Talk().on(s.Quiet(), s.Said("我要投诉"), s.Answered((ASKS_PHONE,)), s.Quiet())
    assert ASKS_PHONE.text in talk.said
    assert not talk.did(s.Leave)


def test_once_all_is_settled_silence_leads_to_the_end_with_a_rating() -> None:
    talk = answered(FILED).on(s.Quiet())
    assert talk.said == PLAN.say["anything_else"]
    talk.on(s.Quiet())
    assert "非常满意请按1" in talk.said
    talk.on(s.Pressed("2"))
    assert talk.did(s.Rate) == [s.Rate(2, GRADES["2"])]
    assert (talk.goes.next, talk.goes.ending) == ("bye", "bye")


@pytest.mark.parametrize(("said", "key"), [("非常满意", "1"), ("不满意", "4")])
def test_one_rates_by_word_too(said: str, key: str) -> None:
    talk = answered(FILED).on(s.Said("再见"), s.Said("没有了"), s.Said(said))
    assert s.Rate(int(key), said) in talk.done


def test_whoever_has_another_matter_at_the_end_is_heard() -> None:
    talk = answered(FILED).on(s.Quiet(), s.Said("还想问社保卡丢了怎么补办"))
    assert talk.did(s.Tell) == [s.Tell("还想问社保卡丢了怎么补办")]
    talk = answered(FILED).on(s.Quiet(), s.Quiet(), s.Said("还想问社保卡丢了怎么补办"))
    assert talk.did(s.Tell) == [s.Tell("还想问社保卡丢了怎么补办")]
    assert Talk(leg=s.Leg.AFTER_PERSON).on(s.Said("还想问社保卡丢了怎么补办")).did(s.Seek)


@pytest.mark.parametrize("word", ["不用了", "谢谢", "好的", "再见"])
def test_whoever_does_not_want_to_rate_just_says_so(word: str) -> None:
    talk = answered(FILED).on(s.Quiet(), s.Quiet(), s.Said(word))
    assert (talk.said, talk.goes.next) == (PLAN.say["bye"], "bye")


def test_a_key_that_rates_nothing_is_told_and_the_question_asked_again() -> None:
    talk = answered(FILED).on(s.Quiet(), s.Quiet(), s.Pressed("7"))
    assert talk.said == PLAN.say["wrong_key"] + PLAN.rate_prompt()
    assert talk.on(s.Pressed("1")).did(s.Rate) == [s.Rate(1, GRADES["1"])]


def test_nobody_rates_a_call_in_which_nothing_was_done() -> None:
    talk = Talk().on(s.Said("再见"))
    assert talk.said == PLAN.say["bye"]


def test_what_was_asked_is_repeated_and_said_slower_on_demand() -> None:
    talk = answered(ASKS_PHONE)
    for event in (s.Said("再说一遍"), s.Said("没听清")):
        talk.on(event)
        assert talk.said == ASKS_PHONE.text
        assert not talk.did(s.Tell)
    talk.on(s.Said("说慢一点"))
    assert all(speak.slow for speak in talk.did(s.Speak))
    assert answered(Reply("在哪里？", asks="address")).on(s.Pressed("9")).said == "在哪里？"


def test_a_late_answer_is_waited_for_with_a_word() -> None:
    talk = Talk().on(s.Said("我要投诉"), s.Late())
    assert talk.said == PLAN.say["wait"]
    assert answered(ASKS_PHONE).on(s.Late()).said == ""


# ------------------------------------------------------------------------------------------ the dialogue


def test_words_go_to_the_bot_and_its_question_decides_how_is_listened() -> None:
    for asks, expecting, digits, telling in (
        ("phone", Expecting.DIGITS, 11, False),
        ("receipt", Expecting.DIGITS, 8, False),
        ("confirm", Expecting.YES_NO, 0, False),
        ("confidential", Expecting.YES_NO, 0, False),
        ("content", Expecting.ANYTHING, 0, True),
        ("address", Expecting.ANYTHING, 0, False),
    ):
        listening = answered(Reply("？", asks=asks)).listening
        assert (listening.expecting, listening.digits, listening.telling) == (expecting, digits, telling)


def test_a_number_is_keyed_in_and_ends_by_itself_by_hash_or_by_a_pause() -> None:
    talk = answered(ASKS_PHONE)
    talk.on(*(s.Pressed(key) for key in "13800138000"))
    assert talk.did(s.Tell) == [s.Tell("13800138000")]
    talk = answered(ASKS_PHONE).on(*(s.Pressed(key) for key in "08711234567"))
    assert not talk.did(s.Tell)
    assert talk.on(s.Pressed("#")).did(s.Tell) == [s.Tell("08711234567")]
    talk = answered(ASKS_PHONE).on(*(s.Pressed(key) for key in "62345678"), s.Quiet())
    assert talk.did(s.Tell) == [s.Tell("62345678")]
    talk = answered(ASKS_PHONE).on(*(s.Pressed(key) for key in "139*13800138000"))
    assert talk.did(s.Tell) == [s.Tell("13800138000")]


@pytest.mark.parametrize(("key", "words"), [("1", "确认"), ("2", "修改")])
def test_yes_and_no_have_keys(key: str, words: str) -> None:
    assert answered(CONFIRM).on(s.Pressed(key)).did(s.Tell) == [s.Tell(words)]


def test_options_are_numbered_and_chosen_by_key() -> None:
    options = [{"title": "补领身份证", "text": "补领身份证"}, {"title": "换领身份证", "text": "换领身份证"}]
    offered = Reply("？", card={"kind": "choices", "title": "您想问的是？", "options": options}, asks="choice")
    talk = answered(offered)
    assert talk.said == f"您想问的是？第一，补领身份证；第二，换领身份证。{PLAN.say['choose']}"
    assert talk.on(s.Pressed("2")).did(s.Tell) == [s.Tell("换领身份证")]


def test_a_key_that_means_nothing_is_told_and_the_question_asked_again() -> None:
    talk = answered(CONFIRM).on(s.Pressed("7"))
    assert talk.said == PLAN.say["wrong_key"] + CONFIRM.text


def test_the_receipt_is_said_twice_and_its_code_goes_by_text_message() -> None:
    by_mobile, by_landline = answered(FILED, mobile=True).said, answered(FILED).said
    assert by_mobile.count("20260417") == 2
    assert "K7M2QX" not in by_mobile
    assert PLAN.say["code_by_sms"] in by_mobile
    assert "K7M2QX" in by_landline
    assert by_landline.count("五七六，二七九") == 2


# ------------------------------------------------------------------------------------------ self-service


def test_a_complaint_is_recorded_confirmed_filed_and_its_number_spoken() -> None:
    talk = Talk().on(s.Pressed("2"), s.Pressed("2"))
    assert PLAN.recordings["complaint"].ask in talk.said
    assert talk.did(s.Record)
    assert talk.on(s.Pressed("5")).last == []
    assert talk.on(s.Pressed("#")).did(s.EndRecording)
    talk.on(s.RecordingEnded(12.0))
    assert talk.said == "确认提交请按1，取消请按2，重听请按3。"
    talk.on(s.Pressed("3"))
    assert talk.did(s.Replay)
    talk.on(s.Pressed("1"))
    assert talk.did(s.File) == [s.File("complaint")]
    talk.on(s.Filed("20260417", "K7M2QX"))
    assert talk.said.count("20260417") == 2


@pytest.mark.parametrize("mobile", [True, False])
def test_the_code_of_what_was_recorded_goes_by_text_or_is_spoken_by_its_keys_and_all_of_it_once_more(
    mobile: bool,
) -> None:
    talk = Talk(mobile=mobile).on(s.Pressed("2"), s.Pressed("2"), s.RecordingEnded(12.0), s.Pressed("1"))
    talk.on(s.Filed("20260417", "K7M2QX"))
    told = talk.said
    assert told.count("五七六，二七九") == (0 if mobile else 2)
    assert (PLAN.say["code_by_sms"] in told) is mobile
    assert told.endswith(PLAN.say["anything_else"])
    assert talk.on(s.Said("你再说一遍")).said == told
    assert PLAN.rate_prompt() in talk.on(s.Said("好的谢谢")).said


def test_a_cancelled_recording_is_not_filed_and_an_empty_one_not_asked_about() -> None:
    talk = Talk().on(s.Pressed("2"), s.Pressed("2"), s.RecordingEnded(12.0), s.Pressed("2"))
    assert PLAN.say["recording_cancelled"] in talk.said
    talk = Talk().on(s.Pressed("2"), s.Pressed("1"), s.RecordingEnded(0.2))
    assert PLAN.say["nothing_recorded"] in talk.said
    assert not [command for command in talk.done if isinstance(command, s.File)]


def test_progress_reads_the_number_back_and_asks_the_bot_only_after_a_yes() -> None:
    talk = Talk().on(s.Pressed("2"), s.Pressed("3"), *(s.Pressed(key) for key in "20260417"))
    assert talk.said == "您查询的编号是20260417，正确请按1，重新输入请按2。"
    assert not talk.did(s.Tell)
    assert talk.on(s.Pressed("1")).did(s.Tell) == [s.Tell("查询进度20260417")]
    again = Talk().on(s.Pressed("2"), s.Pressed("3"), s.Said("二零二六零四一七"), s.Said("不对"))
    assert again.said == PLAN.say["ask_number"]
    assert again.on(s.Said("二零二六零四一八"), s.Said("是的")).did(s.Tell) == [s.Tell("查询进度20260418")]
    short = Talk().on(s.Pressed("2"), s.Pressed("3"), s.Pressed("1"), s.Pressed("2"), s.Pressed("#"))
    assert short.said == PLAN.say["not_eight"]


def test_a_query_code_is_keyed_in_by_the_keys_its_letters_stand_on() -> None:
    talk = answered(Reply("请再说一下 6 位查询码。", asks="query_code"))
    assert talk.said.endswith(PLAN.say["code_by_keys"])
    assert talk.on(*(s.Pressed(key) for key in "576924")).did(s.Tell)[-1] == s.Tell("576924")


def test_one_changes_between_menus_and_back_at_any_time() -> None:
    talk = Talk().on(s.Pressed("2"))
    assert "投诉举报录音请按2" in talk.said
    assert "人工服务请按1" in talk.on(s.Pressed("*")).said
    assert "投诉举报录音请按2" in talk.on(s.Said("自助服务")).said
    assert "人工服务请按1" in talk.on(s.Said("返回")).said
    assert "人工服务请按1" in Talk().on(s.Pressed("2"), s.Pressed("3"), s.Pressed("*")).said
    assert "人工服务请按1" in answered(Reply("？", asks="address")).on(s.Pressed("*")).said


def test_words_that_are_no_menu_word_are_for_the_bot() -> None:
    assert Talk().on(s.Said("幸福小区停水了")).did(s.Tell) == [s.Tell("幸福小区停水了")]


def test_without_ears_the_phone_works_by_keys_and_says_so() -> None:
    talk = Talk(hears=False)
    assert PLAN.say["only_keys"] in talk.said
    assert PLAN.say["what_you_need"] not in talk.said
    assert talk.on(s.Pressed("2"), s.Pressed("4")).said == PLAN.say["no_consult"]


def test_a_call_that_broke_off_goes_on_where_it_was() -> None:
    talk = Talk(resumes=True)
    assert PLAN.say["resumed"] in talk.said
    assert talk.on(s.Said("昨天晚上")).did(s.Tell) == [s.Tell("昨天晚上")]


def test_after_a_person_the_citizen_is_asked_to_rate() -> None:
    talk = Talk(leg=s.Leg.AFTER_PERSON)
    assert "非常满意请按1" in talk.said
    assert talk.on(s.Pressed("1")).did(s.Rate) == [s.Rate(1, GRADES["1"])]


def test_after_the_end_nothing_more_is_done() -> None:
    talk = Talk().on(s.Said("再见"))
    assert talk.on(s.Said("等一下"), s.Pressed("1"), s.Quiet()).last == []
