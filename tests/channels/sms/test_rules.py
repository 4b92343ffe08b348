"""The pure rules of SMS: numbers, charsets, commands, and how a reply becomes a text."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms import commands, composing, deliveries
from channels.sms.commands import Command
from channels.sms.composing import EACH_PART, MOST_PARTS, SHORT_PARTS, compose, parts, units
from channels.sms.numbers import NoNumber, can_be_sent_to, parse_number
from channels.sms.reading import Malformed, decode, fields_of, read_text
from core.messages import QuickReply, Reply

OWN = "12345"


@pytest.mark.parametrize(
    "raw",
    ["13800138000", "8613800138000", "+8613800138000", "008613800138000", " 138-0013-8000 ", "１３８００１３８０００"],
)
def test_a_mobile_is_one_number_however_the_network_writes_it(raw: str) -> None:
    number = parse_number(raw, OWN)
    assert (number.id, number.phone, number.automatic) == ("13800138000", "13800138000", False)


@pytest.mark.parametrize(("raw", "phone"), [("01062345678", "01062345678"), ("+8657188001234", "057188001234")])
def test_a_fixed_line_is_a_phone(raw: str, phone: str) -> None:
    assert parse_number(raw, OWN).phone == phone


@pytest.mark.parametrize(
    "raw", ["10658139001", "1069012345678901", "12306", "95588", "12345", "CMCC", "4001234567", "1"]
)
def test_service_numbers_and_names_are_kept_but_are_no_phones(raw: str) -> None:
    number = parse_number(raw, OWN)
    assert (number.id, number.phone, number.automatic) == (raw, None, True)


def test_our_own_number_is_automatic_even_when_it_is_a_mobile() -> None:
    assert parse_number("13800138000", "13800138000").automatic
    assert parse_number("+8613800138000", "13800138000").automatic
    assert not parse_number("13800138000", OWN).automatic


def test_a_foreign_number_is_a_person_but_no_chinese_phone() -> None:
    number = parse_number("+85261234567", OWN)
    assert (number.id, number.phone, number.automatic) == ("+85261234567", None, False)


def test_letters_are_not_dialled() -> None:
    assert parse_number("1380013TAXI", OWN).phone is None


def test_a_number_of_nothing_is_refused_and_one_without_end_is_cut() -> None:
    with pytest.raises(NoNumber):
        parse_number(" \x00\n", OWN)
    assert len(parse_number("A" * 500, OWN).id) == 40


@pytest.mark.parametrize(
    ("number", "can"), [("13800138000", True), ("+85261234567", True), ("12306", True), ("CMCC", False)]
)
def test_names_cannot_be_answered(number: str, can: bool) -> None:
    assert can_be_sent_to(number) is can


@pytest.mark.parametrize(
    ("raw", "charset", "words"),
    [
        ("您好😀".encode("utf-16-be"), "UTF-16BE", "您好😀"),
        ("Où est-ce? €".encode(), "UTF-8", "Où est-ce? €"),
        ("您好".encode("gb18030"), "8-BIT", "您好"),
        ("您好".encode(), "8-BIT", "您好"),
        ("您好".encode(), "rot13", "您好"),
        ("您好".encode("gbk"), "GBK", "您好"),
        (b"\xd8\x3d", "UTF-16BE", "\ufffd"),
        (b"O`Y", "UTF-16BE", "你\ufffd"),
        (b"", "UTF-16BE", ""),
    ],
)
def test_a_text_is_read_in_the_charset_the_phone_chose(raw: bytes, charset: str, words: str) -> None:
    assert decode(raw, charset) == words


@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_octets_break_the_reading(raw: bytes, charset: str) -> None:
    assert isinstance(decode(raw, charset), str)


@given(st.binary(max_size=300))
def test_a_query_is_read_or_refused(query: bytes) -> None:
    with suppress(Malformed):
        assert read_text(fields_of(query), None, OWN).number.id


def test_octets_in_a_query_stay_what_they_are() -> None:
    assert fields_of(b"text=O%60Y%7D%FF+%2B&charset=UTF-16BE&empty=")["text"] == b"O`Y}\xff +"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (b"from=13800138000&id=1", "no_text"),
        (b"from=13800138000&text=a", "no_id"),
        (b"from=13800138000&text=a&id=" + b"1" * 101, "no_id"),
        (b"from=&text=a&id=1", "no_sender"),
        (b"&".join(b"a%d=1" % n for n in range(50)), "too_many_fields"),
    ],
)
def test_what_kannel_would_never_send_is_refused(query: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_text(fields_of(query), None, OWN)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["TD", "td", " ＴＤ。", "退订", "“退订”", "停止！", "【退订】"])
def test_opt_out_words_are_known(text: str) -> None:
    assert commands.command_in(text) is Command.OPT_OUT


@pytest.mark.parametrize("text", ["我要退订报纸", "停止施工", "TDS", "开通了吗", "", "退订" * 100])
def test_a_word_inside_a_sentence_is_no_command(text: str) -> None:
    assert commands.command_in(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("２。", 2), ("回复 3", 3), ("12", 12), ("0", None), ("1号楼", None), ("13800138000", None)],
)
def test_a_bare_number_is_an_option(text: str, number: int | None) -> None:
    assert commands.option_in(text) == number


# ----------------------------------------------------------------------------------------------------- composing

CONFIRM = (QuickReply("确认提交", "确认"), QuickReply("修改"), QuickReply("取消"))


def article(**fields: object) -> Reply:
    """An answer of the knowledge base."""
    card = {
        "kind": "answer",
        "title": "社保卡丢了怎么补办",
        "summary": "带身份证到社保大厅补办。",
        "department": "市人社局",
    }
    text = "带身份证到社保大厅补办。\n（依据：人社发〔2020〕3号；主管部门：市人社局）"
    return Reply(text, card={**card, **fields}, outcome="answered")


def test_quick_replies_are_numbered() -> None:
    reply = Reply("请确认以上信息。", quick_replies=CONFIRM)
    assert compose(reply, may_shorten=True).text == "请确认以上信息。\n回复1确认提交 2修改 3取消"


def test_long_or_digit_titles_are_listed_line_by_line() -> None:
    reply = Reply("哪一栋？", quick_replies=(QuickReply("1号楼"), QuickReply("2号楼")))
    assert compose(reply, may_shorten=True).text == "哪一栋？\n回复数字选择：\n1. 1号楼\n2. 2号楼"


def test_options_the_text_numbers_itself_are_not_said_twice() -> None:
    card = {"kind": "choices", "options": [{"title": "补办社保卡", "text": "补办社保卡"}, {"title": "挂失社保卡"}]}
    reply = Reply("您想问哪一个？\n1. 补办社保卡\n2. 挂失社保卡", card=card)
    assert compose(reply, may_shorten=True).text.endswith("2. 挂失社保卡\n回复数字选择")
    more = Reply(reply.text, card=card, quick_replies=(QuickReply("都不是"), QuickReply("转人工")))
    assert compose(more, may_shorten=True).text.endswith("2. 挂失社保卡\n回复数字选择，3都不是 4转人工")
    assert [option.said() for option in composing.options_of(more)] == ["补办社保卡", "挂失社保卡", "都不是", "转人工"]


def test_a_short_answer_goes_out_as_it_is() -> None:
    assert compose(article(), may_shorten=True) == composing.Composed(article().text, has_more=False)


def test_materials_and_steps_are_a_text_away() -> None:
    reply = article(materials=["身份证", "一寸照片"], fee="免费")
    composed = compose(reply, may_shorten=True)
    assert (composed.text, composed.has_more) == (reply.text + "\n回复“详情”看全文", True)
    whole = composing.in_full(reply)
    assert whole.text == reply.text + "\n所需材料：1.身份证；2.一寸照片\n费用：免费"
    assert not compose(whole, may_shorten=True).has_more


def test_a_long_answer_is_cut_to_three_parts_and_says_so() -> None:
    summary = "补办社保卡要带身份证原件到就近的社保服务大厅。" * 8
    long = article(summary=summary, source="人社发〔2020〕3号")
    long = Reply(summary + long.text * 3, card=long.card, outcome="answered")
    composed = compose(long, may_shorten=True)
    assert composed.has_more
    assert parts(composed.text) == SHORT_PARTS
    head = composed.text.removesuffix("\n回复“详情”看全文")
    assert head.startswith("补办社保卡要带")
    assert "大厅。" in head
    assert compose(composing.in_full(long), may_shorten=True).text == long.text


def test_the_signature_stands_first_and_counts() -> None:
    signature = "【云州12345】"
    assert compose(Reply("好的。"), may_shorten=False, signature=signature).text == "【云州12345】好的。"
    long = Reply("补办社保卡要带身份证。" * 40, outcome="answered")
    text = compose(long, may_shorten=True, signature=signature).text
    assert text.startswith(signature + "补办")
    assert parts(text) == SHORT_PARTS
    endless = compose(Reply("噪" * 9000), may_shorten=False, signature=signature).text
    assert parts(endless) == MOST_PARTS


def test_only_the_bots_answers_are_shortened() -> None:
    summary = Reply("内容：" + "噪声很大。" * 100, outcome="order")
    assert compose(summary, may_shorten=True).text == summary.text
    answer = Reply("噪声很大。" * 100, outcome="answered")
    assert compose(answer, may_shorten=False).text == answer.text
    assert compose(answer, may_shorten=True).text != answer.text


def test_no_text_is_longer_than_kannel_sends() -> None:
    composed = compose(Reply("噪" * 9000, quick_replies=CONFIRM), may_shorten=False)
    assert units(composed.text) <= MOST_PARTS * EACH_PART
    assert composed.text.endswith("3取消")
    assert "短信太长" in composed.text


def test_control_characters_and_blank_lines_do_not_go_out() -> None:
    assert compose(Reply("您好\x00\r\n\r\n \u202e再见"), may_shorten=False).text == "您好\n再见"


@given(st.text(max_size=1500), st.lists(st.text(min_size=1, max_size=30), max_size=6), st.booleans())
def test_every_reply_fits(text: str, titles: list[str], may_shorten: bool) -> None:
    reply = Reply(text, quick_replies=tuple(QuickReply(title) for title in titles), outcome="answered")
    composed = compose(reply, may_shorten=may_shorten)
    assert parts(composed.text) <= MOST_PARTS


@pytest.mark.parametrize(
    ("text", "count"), [("", 1), ("噪" * 70, 1), ("噪" * 71, 2), ("噪" * 134, 2), ("噪" * 135, 3), ("😀" * 36, 2)]
)
def test_parts_are_counted_as_the_network_counts_them(text: str, count: int) -> None:
    assert parts(text) == count


# --------------------------------------------------------------------------------------------- delivery reports


@pytest.mark.parametrize(
    ("mask", "status"),
    [
        ("1", "delivered"),
        ("2", "failed"),
        ("4", "buffered"),
        ("8", "buffered"),
        ("16", "rejected"),
        ("3", None),
        ("", None),
        ("٣", None),
        ("-1", None),
        ("9" * 30, None),
    ],
)
def test_a_report_says_one_thing(mask: str, status: str | None) -> None:
    assert deliveries.status_of(mask) == status


def test_of_a_networks_reply_only_the_codes_are_kept() -> None:
    reply = "id:7 sub:001 dlvrd:000 submit date:2611161000 done date:2611161001 stat:UNDELIV err:045 text:您的工单"
    assert deliveries.reason_in(reply) == "UNDELIV 045"
    assert deliveries.reason_in("NACK/0x0000000b/Invalid Destination Address") == "0x0000000b"
    assert deliveries.reason_in("ACK/") == ""
