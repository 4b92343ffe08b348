"""Follow-up questions: which part of the article is asked for (B1)."""

from __future__ import annotations

import pytest

from knowledge.followups import FIELDS, field_for


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
