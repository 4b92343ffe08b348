"""What of a text is masked: whatever may be somebody's number; what is readable: orders, codes, days, amounts (I4)."""

from __future__ import annotations

import pytest

from backoffice.call_transcript import masked_speech
from backoffice.order_numbers import FIRST_NUMBER
from core.masking import BLOT, blot_numbers, know_orders, mask_text


@pytest.fixture(autouse=True)
def ten_orders() -> None:
    know_orders(range(FIRST_NUMBER, FIRST_NUMBER + 10))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我的电话13812345678。", "我的电话138****5678。"),
        ("电话0571-87654321", "电话0571-****321"),
        ("身份证33010619900101123X", "身份证330106********123X"),
        ("我的电话1381234567", "我的电话*******567"),
        ("我的电话138123456789", "我的电话*********789"),
        ("打138 1234 5678", "打*** **** *678"),
        ("打138-1234-567吧", "打***-****-567吧"),
        ("13812345 678", "******** 678"),
        ("打13812345，QQ是10000011", "打*****345，QQ是*****011"),
        ("10000001 13812345", "******** *****345"),
        ("+8613812345678", "+**********678"),
        ("座机87654321，小灵通8765432", "座机*****321，小灵通****432"),
        ("卡号6222021234567890123", "卡号****************123"),
        ("电话１３８１２３４５６７", "电话*******５６７"),
        ("我叫王明，电话幺三八一二三四五六七八，住三楼", "我叫王明，电话幺三八****五六七八，住三楼"),
        ("座机零五七幺 八七六五四三二一", "座机**** *****三二一"),
        ("是138一二三四五六七八", "是138****五六七八"),
    ],
)
def test_what_may_be_a_number_of_somebodys_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked
    assert masked.startswith(blot_numbers(text).partition(BLOT)[0])
    assert not any(c.isdigit() for c in blot_numbers(text))


@pytest.mark.parametrize(
    "text",
    [
        f"受理编号：{FIRST_NUMBER}\n查询码：7K3M9P",
        f"{FIRST_NUMBER} 234567",
        f"{FIRST_NUMBER} {FIRST_NUMBER + 1}，{FIRST_NUMBER + 2}",
        f"{FIRST_NUMBER} 2026-11-16 08:30 交的，{FIRST_NUMBER} 3次了",
        "2026-11-16 08:30 到 2026-11-18 10:00",
        "20261116、2026/11/16、2026.11.16",
        "欠了1234567元、8765432.10元、1,234,567元、123456789 元",
        "12345、110、96110，3幢2单元501室",
        "编号幺零零零零零零幺，二零二六一一一六交的，一二三四五六楼",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_orders_codes_days_and_amounts_stay_readable(text: str) -> None:
    assert mask_text(text) == text == blot_numbers(text)


def test_a_number_spoken_one_digit_short_is_masked_in_a_call_too() -> None:
    assert masked_speech("我的电话是幺三八零零幺三八零零") == "我的电话是*******八零零"
    assert masked_speech("打138 0013 8000") == "打*** **** *000"
