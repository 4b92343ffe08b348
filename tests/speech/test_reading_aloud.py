"""Written text as it is read to a citizen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.numbers import cardinal, decimal
from speech.pinyin import Pinyin
from speech.reading_aloud import phone_in_groups, read_aloud
from speech.sentences import LONGEST, sentences


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # telephone numbers, receipts, codes
        ("您的电话是13800138000，对吗？", "您的电话是幺三八，零零幺三，八零零零，对吗？"),
        ("138 0013 8000", "幺三八，零零幺三，八零零零"),
        ("0871-12345678", "零八七幺，幺二三四，五六七八"),
        ("010-62345678转802", "零幺零，六二三四，五六七八，转八零二"),
        ("400-810-8888", "四零零，八幺零，八八八八"),
        ("请拨打 12345 或 110、12348", "请拨打幺二三四五或幺幺零、幺二三四八"),
        ("受理编号：20000417", "受理编号：二零零零，零四幺七"),
        ("查询码：K7M2QX", "查询码：K，七，M，二，Q，X"),
        ("工号 1001 为您服务", "工号幺零零幺为您服务"),
        ("请说一下 8 位的受理编号。", "请说一下八位的受理编号。"),
        # counts
        ("每平方米110元，共120平方米", "每平方米一百一十元，共一百二十平方米"),
        ("1,234.50元", "一千二百三十四点五元"),
        ("20000元", "两万元"),
        ("¥99.9", "九十九点九元"),
        ("30万元", "三十万元"),
        ("2个月，2人，2楼，2栋，第2次", "两个月，两人，二楼，二栋，第二次"),
        ("3-5个工作日", "三到五个工作日"),
        ("15～20天", "十五到二十天"),
        ("按3.5%缴纳，1/3由单位承担", "按百分之三点五缴纳，三分之一由单位承担"),
        ("共 105 件", "共一百零五件"),
        ("102000", "十万两千"),
        ("3公里、5km、60㎡、26℃", "三公里、五公里、六十平方米、二十六摄氏度"),
        # dates and times
        ("2026年4月17日 22:30", "二零二六年四月十七日二十二点三十分"),
        ("2026-11-25 8:05", "二零二六年十一月二十五日八点零五分"),
        ("2027 年 01 月 01 日", "二零二七年一月一日"),
        ("12月2日前答复您", "十二月二日前答复您"),
        ("9:00-12:00，13:30～17:00", "九点到十二点，十三点三十分到十七点"),
        ("上午9:00 — 下午5:00", "上午九点到下午五点"),
        ("10年以上", "十年以上"),
        ("下午2点", "下午两点"),
        # places and papers
        ("人民路88号2栋302室", "人民路八十八号二栋三零二室"),
        ("301路公交，12路", "三零幺路公交，十二路"),
        ("《社保法》第12条", "社保法第十二条"),
        ("云政发〔2023〕12号", "云政发二零二三年十二号"),
        # marks
        ("1. 身份证\n2. 户口簿\n3. 照片", "第一，身份证。第二，户口簿。第三，照片。"),
        ("（依据：条例）", "依据：条例"),
        ("网上办理：https://a.example/x?y=1。", "网上办理：网址。"),
        ("５Ｇ，１２３", "五G，一百二十三"),
    ],
)  # fmt: skip
def test_it_is_read_as_people_read_it(written: str, read: str) -> None:
    assert read_aloud(written) == read


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "零"), ("2", "二"), ("10", "十"), ("12", "十二"), ("20", "二十"), ("100", "一百"), ("101", "一百零一"),
        ("110", "一百一十"), ("200", "两百"), ("222", "两百二十二"), ("1010", "一千零一十"), ("2000", "两千"),
        ("10000", "一万"), ("10001", "一万零一"), ("20200", "两万零两百"), ("100000", "十万"),
        ("1000100", "一百万零一百"),
        ("100000000", "一亿"), ("0007", "七"),
    ],
)  # fmt: skip
def test_whole_numbers_are_said_as_people_say_them(number: str, words: str) -> None:
    assert cardinal(number) == words


def test_decimals_are_said_digit_by_digit_after_the_point() -> None:
    assert (decimal("3.14"), decimal("0.50"), decimal("12")) == ("三点一四", "零点五", "十二")


@given(st.text(max_size=200))
def test_no_figure_is_left_and_nothing_breaks(text: str) -> None:
    assert not re.search(r"[0-9]", read_aloud(text))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mobile_number_can_be_written_down_from_what_is_said(number: str) -> None:
    digits = {word: str(figure) for figure, word in enumerate("零幺二三四五六七八九")}
    assert "".join(digits[c] for c in phone_in_groups(number) if c != "，") == number


@given(st.text(alphabet="我要投诉，。！？；、0123456789", max_size=400))
def test_sentences_together_are_the_text_and_none_is_long_without_need(text: str) -> None:
    pieces = sentences(text)
    assert [c for c in "".join(pieces) if re.match(r"\w", c)] == [c for c in text if re.match(r"\w", c)]
    assert all(len(piece) <= LONGEST or not re.search("[，、]", piece[:-1]) for piece in pieces)


def test_words_of_the_table_and_of_the_city_are_read_its_way(tmp_path: object) -> None:
    assert Pinyin.load().of("着火的地址") == "zhao2 huo3 de5 di4 zhi3"
    assert Pinyin({"长庚路": "chang2 geng1 lu4"}).of("在长庚路，八号") == "zai4 chang2 geng1 lu4, ba1 hao4"
