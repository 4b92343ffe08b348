"""What somebody says who was just told whom to call: that it is over, or that it goes on (B3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu import signals
from bot.nlu.constants import OVER, UNREACHED
from bot.nlu.signals import Signals

NOT_CONNECTED = ("打过119了，没人接", "打过119了占线", "119打不通", "119打不通")
SIGNALS = Signals.load(Path(signals.__file__).parent.parent / "data" / "signals.yml")


@pytest.mark.parametrize(
    "text",
    [
        "已经打过119了，没事了", "不是，已经关了阀门", "虚惊一场", "我看错了，不是着火", "打过了", "报过警了",
        "消防车已经到了", "火已经扑灭了", "人已经送医院了", "阀门关好了，窗户也开了", "已经报警了", "我们都跑出来了",
        "已经打110了", "119打过了", "火被邻居扑灭了", "已经送到医院了", "救护车已经在路上了",
        "没什么事了，谢谢你们", "我妈醒过来了",
    ],
)  # fmt: skip
def test_that_it_is_over_is_heard(text: str) -> None:
    found = SIGNALS.find_after_alarm(text)
    assert found is not None
    assert found.value == OVER
    otherwise = SIGNALS.find(text)
    assert otherwise is None or otherwise.value != OVER, "only after an alarm"


@pytest.mark.parametrize(
    "text",
    [
        "阀门关了但是味道还很大", "打过119了，没人接", "已经报警了，他又来砸门", "还有人困在里面", "关不上阀门",
        "他把我打了", "没事了吗", "灭了又烧起来了", "已经打过120了，人叫不醒", "我头晕", "门关了出不去", "活着没意思",
        "叫了救护车了，老人没呼吸了", "我们都跑出来了，孩子在里面", "报了警，他拿着刀在门口",
        "我已经打了电话，我站在楼顶",
        "打了119了，火烧到隔壁了", "打过119了占线",
        "阀门关了，屋里全是气", "没事了我想跳下去",
        "火灭了，我妈烧伤了", "门关了，我在里面",
    ],
)  # fmt: skip
def test_that_it_goes_on_or_that_something_else_is_told_beside_it_is_not_taken_for_over(text: str) -> None:
    found = SIGNALS.find_after_alarm(text)
    assert (found.value if found else None) == (UNREACHED if text in NOT_CONNECTED else None)
