"""What a message itself sets apart: 还有, 另外, 第二; not its commas, and not 还有人."""

from __future__ import annotations

import pytest

from bot.reading.parts import strands_of


@pytest.mark.parametrize(
    ("text", "strands"),
    [
        ("路灯坏了，还有楼下烧烤摊油烟很大", ["路灯坏了", "楼下烧烤摊油烟很大"]),
        ("路灯坏了还有楼下烧烤摊油烟很大", ["路灯坏了", "楼下烧烤摊油烟很大"]),
        ("垃圾没人收。还有一件事，学校门口的红绿灯坏了", ["垃圾没人收", "学校门口的红绿灯坏了"]),
        ("小区停水了，另外一个问题是电梯老坏", ["小区停水了", "电梯老坏"]),
        ("反映两件事，一是停水两天了，二是电梯坏了", ["反映两件事", "停水两天了", "电梯坏了"]),
        ("第一，停水两天了；第二，电梯坏了", ["停水两天了", "电梯坏了"]),
        ("半夜施工，噪音太大，灰尘也大，没人管", ["半夜施工，噪音太大，灰尘也大，没人管"]),
        ("都十二点了还有人打球", ["都十二点了还有人打球"]),
        ("我们小区还有一个工地没有围挡", ["我们小区还有一个工地没有围挡"]),
        ("第一中学旁边的工地太吵，物业是不管的", ["第一中学旁边的工地太吵，物业是不管的"]),
        ("还有", ["还有"]),
    ],
)
def test_a_message_comes_apart_where_its_own_words_say_so(text: str, strands: list[str]) -> None:
    assert strands_of(text) == strands
