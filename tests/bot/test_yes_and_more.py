"""What is said beside a yes to a withdrawal, to a question for secrecy, and of trouble that goes on."""

from __future__ import annotations

import pytest

from backoffice.kinds import Kind
from bot.actions.again import tells_more
from bot.answers import Reading, read_answer
from bot.case_words import still_wants_to
from bot.plan import intake_plan
from bot.situation import Situation, Utterance
from tests.bot.reading.test_readers import AT, PLACES


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("对，取消", True),
        ("是的，撤了吧", True),
        ("好的", True),
        ("没错", True),
        ("没问题，撤吧", True),
        ("确定", True),
        ("好的，撤回的话还能恢复吗", False),
        ("是的，取消撤回", False),
        ("是的，撤什么撤", False),
    ],
)
def test_a_case_is_taken_back_by_a_plain_yes_only(text: str, yes: bool) -> None:
    assert still_wants_to(Utterance(text, "nlu_fallback", 0.3)) is yes


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("之前反映的井盖一直没修，今天有个孩子掉进去了，怎么办", True),
        ("上礼拜报的下水道堵的事 现在还在冒 到底有没有人管", False),
        ("路灯的事过去十多天了咋还是黑的", False),
    ],
)
def test_what_is_told_beside_the_question_why_it_is_still_so_is_heard(text: str, more: bool) -> None:
    assert tells_more(text) is more


@pytest.mark.parametrize(
    ("text", "confidential"),
    [("随便", False), ("都可以吧", False), ("都可以，怕他报复", None), ("怎么都不能让他晓得", None)],
)
def test_who_says_more_than_that_they_do_not_mind_waives_no_secrecy(text: str, confidential: bool | None) -> None:
    situation = Situation(Kind.REPORT, None, {}, "confidential", 0, AT)
    reading = Reading(intake_plan(), PLACES, situation, Utterance(text, "inform", 0.4))
    assert read_answer("confidential", reading).value is confidential
