"""Follow-up questions: which part of the article is asked for, and what of a plain answer tells it (B1)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from knowledge.followups import FIELDS, field_for
from knowledge.lexicon import Lexicon
from knowledge.telling import AMOUNT, CONDITIONS, LATE, sentence_about, told_in


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("那要带什么材料", "materials"),
        ("都得准备点啥", "materials"),
        ("多少钱?", "fee"),
        ("收费不收费", "fee"),
        ("在哪办啊", "place"),
        ("地址发我一下", "place"),
        ("周末开门吗", "office_hours"),
        ("你们几点下班", "office_hours"),
        ("要几天能下来", "duration"),
        ("得等多久", "duration"),
        ("那具体怎么弄", "steps"),
        ("下一步呢", "steps"),
        ("有没有电话", "phone"),
        ("那我找谁问", "phone"),
        ("这政策到哪天为止", "valid"),
        ("依据是哪个文件", "valid"),
        ("网址给我一个", "link"),
        ("手机上能办不", "link"),
    ],
)
def test_a_follow_up_names_the_field_it_asks_for(said: str, field: str) -> None:
    assert field_for(said) == field
    assert field in FIELDS


@pytest.mark.parametrize("said", ["", "那我爱人呢", "老人也一样吗", "谢谢", "😀", "<script>"])
def test_what_asks_for_no_field_gives_none(said: str) -> None:
    assert field_for(said) is None


LISTED = (
    "年满十六周岁的居民可以办理，符合条件的当场受理。请携带以下材料：1.居民身份证；2.户口簿；3.近期照片两张。"
    "办理地点：市政务大厅三楼。"
    "工本费20元，当月办结。周一至周五上午九点到十一点半。可以登录“云州办”APP预约。咨询电话：0837-5550101。"
)
POINTS = (
    "一、申请条件：本市户籍。\n二、应备文件：\n(一)申请书。\n(二)身份证影本。\n三、费用：免收规费。\n"
    "四、自受理之日起7个工作日。"
)


@pytest.mark.parametrize(
    ("answer", "field", "told"),
    [
        (LISTED, "materials", "请携带以下材料：1.居民身份证；2.户口簿；3.近期照片两张。"),
        (LISTED, "fee", "工本费20元，当月办结。"),
        (LISTED, "place", "办理地点：市政务大厅三楼。"),
        (LISTED, "office_hours", "周一至周五上午九点到十一点半。"),
        (LISTED, "link", "可以登录“云州办”APP预约。"),
        (LISTED, "phone", "咨询电话：0837-5550101。"),
        (LISTED, CONDITIONS, "年满十六周岁的居民可以办理，符合条件的当场受理。"),
        (POINTS, "materials", "二、应备文件：(一)申请书。(二)身份证影本。"),
        (POINTS, "fee", "三、费用：免收规费。"),
        (POINTS, "duration", "四、自受理之日起7个工作日。"),
        (POINTS, "phone", None),
        (POINTS, "link", None),
        ("请拨打12345。", "fee", None),
        ("2026年1月15日起停止办理。", "duration", None),
        ("", "materials", None),
        (LISTED, "valid", None),
    ],
)  # fmt: skip
def test_the_sentences_of_an_answer_that_tell_it_are_picked_and_nothing_else(
    answer: str, field: str, told: str | None
) -> None:
    assert told_in(answer, field) == told


def _alike(words: Sequence[str]) -> list[float]:
    return [1.0] * len(words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("小孩的能一起迁吗", "随行的未成年子女可一并迁入。"),
        ("他吃着低保的，还能拿吗", "低保家庭可领生活补贴，每月120元；"),
        ("路灯坏了找谁", None),
    ],
)
def test_a_sentence_that_speaks_of_most_of_a_question_in_near_words_tells_it(text: str, told: str | None) -> None:
    answer = "带好结婚证到派出所申请。随行的未成年子女可一并迁入。低保家庭可领生活补贴，每月120元；由街道发放。"
    assert sentence_about(text, answer, Lexicon(), _alike) == told


def test_of_two_sentences_the_one_that_speaks_of_the_rarer_word_is_meant() -> None:
    answer = "孩子可以在网上报名，孩子到场核验。色盲的另行体检。"
    rare = {"色盲": 3.0}
    told = sentence_about("孩子色盲", answer, Lexicon(), lambda words: [rare.get(word, 0.4) for word in words])
    assert told == "色盲的另行体检。"


def test_of_two_sentences_about_a_thing_the_one_that_denies_it_too_is_meant() -> None:
    answer = "有床位且愿意的，当天入住。无空余床位的登记轮候。"
    assert sentence_about("没床位咋弄", answer, Lexicon(), _alike) == "无空余床位的登记轮候。"
    assert sentence_about("有床位咋弄", answer, Lexicon(), _alike) == "有床位且愿意的，当天入住。"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("请在30日内申请。逾期的从次月起算。", "逾期的从次月起算。"),
        ("每年核验一次，错过的不补发。费用全免。", "每年核验一次，错过的不补发。"),
        ("请在30日内申请，原卡作废。", None),
    ],
)
def test_what_comes_of_being_late_is_not_until_when(answer: str, told: str | None) -> None:
    assert told_in(answer, LATE) == told


def test_a_sum_that_is_paid_out_is_told_where_no_fee_is() -> None:
    answer = "网上申请，免费。每人每月最高1800元。"
    assert told_in(answer, AMOUNT) == "每人每月最高1800元。"
