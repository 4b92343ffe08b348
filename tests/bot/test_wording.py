"""Whether somebody asks to be kept secret, or complains that somebody else hides something."""

from __future__ import annotations

import pytest

from bot.topic import asking_clause
from bot.wording import wants_secrecy

ASKED = (
    "不公开",
    "希望不公开",
    "不要公开我的名字",
    "别透露是我说的",
    "请不要泄露我的个人信息",
    "不愿透露姓名",
    "别告诉物业是我说的",
    "匿名",
    "不用匿名，但电话请保密",
    "不用匿名，别让物业知道是我",
    "保密，不用匿名",
    "实名举报，请保密",
    "我不想实名",
    "别让我邻居知道",
)
OF_OTHERS = (
    "物业不公开账目",
    "村委会不愿意公开账目",
    "政府信息不公开",
    "他们不告诉我们停水多久",
    "学校不公开收费标准",
    "不用保密",
    "实名举报",
    "他们不想让业主知道钱花哪了",
    "可以公开，不用匿名",
)


@pytest.mark.parametrize(("text", "asked"), [*((t, True) for t in ASKED), *((t, False) for t in OF_OTHERS)])
def test_a_wish_for_secrecy_is_about_oneself(text: str, asked: bool) -> None:
    assert wants_secrecy(text) is asked


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("得多长时间呀我月底要出差", "得多长时间呀"),
        ("我下周考试，几天能拿到", "几天能拿到"),
        ("多少钱", None),
        ("多少钱，几天能拿到", None),
        ("我月底要出差，先走了", None),
    ],
)
def test_the_one_clause_that_asks_stands_apart_from_what_tells_why(text: str, asking: str | None) -> None:
    assert asking_clause(text) == asking
