"""Words that are near to others and mean something else: questions, wishes for a person, places elsewhere, parties."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.signals import Signals
from bot.reading.address_parts import UNKNOWN_NAME
from bot.reading.corrections import read_correction, swapped
from bot.reading.cues import is_a_question, states_what_went_wrong
from bot.reading.elsewhere import ElsewhereReader
from bot.reading.persons import read_name
from bot.reading.targets import names_an_organisation, read_target
from core.settings import ROOT

SIGNALS = Signals.load(Path(ROOT) / "bot" / "data" / "signals.yml")


@pytest.mark.parametrize(
    "text",
    [
        "养老金在哪领",
        "社保卡去哪补办",
        "在哪交社保",
        "哪可以办社保卡",
        "去哪开证明",
        "在哪报名",
        "在哪缴费",
        "在哪查",
        "好久能拿到",
        "大概几个月才能下来",
        "是本人去还是家里人去",
    ],
)
def test_where_and_how_long_ask(text: str) -> None:
    assert is_a_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "小区停电停了好久",
        "垃圾堆了好久",
        "路灯坏了好久啊",
        "那个烟哪呛得人咳嗽",
        "楼顶盖房子你们管吗",
        "哪怕晚一点也行",
        "等了几个月才有人来看一眼",
        "垃圾是上周报的，现在还是一大堆",
    ],
)
def test_a_long_time_and_a_sigh_ask_nothing(text: str) -> None:
    assert not is_a_question(text)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("转人工，你们窗口态度太差了", "human"),
        ("要人工！打不通电话", "human"),
        ("我要转人工问问医保多少钱", "human"),
        ("快来人工呼吸", None),
        ("直接人工种植牙", None),
        ("我叫人工地上打了", None),
        ("接人工程队的活", None),
        ("网站用真人视频骗钱", None),
        ("你们又要电话 上次打了也没人回", "ask_why"),
        ("超市办卡凭什么要身份证", None),
        ("房东凭什么要手机密码", None),
        ("为什么要电话费两百块", None),
        ("想给她点个赞 你们能告诉她领导不", "praise"),
        ("商家让我给他点赞才退押金", None),
        ("老板逼员工给公司点赞", None),
        ("学校要求家长为老师送锦旗", None),
        ("建意在湖边多放几个凳子", "suggest"),
        ("旁边新建仪器厂排废水", None),
        ("我上次提的建意你们怎么还没回", None),
        ("我家电话62345678，小区门口的公交站取消了", None),
        ("86661234，你们快点处理", None),
        ("20261120下午快递点被撤掉了，取件要走两公里", None),
        ("10000012 催一下", "urge"),
        ("工单10000012，都半个月了，麻烦抓紧", "urge"),
        ("10000012已经修好了，撤了吧", "withdraw"),
        ("受理号10000012，查询码ABCDEF，我想撤了", "withdraw"),
    ],
)
def test_a_signal_is_heard_where_it_is_meant(text: str, intent: str | None) -> None:
    found = SIGNALS.find(text)
    assert (found.intent if found else None) == intent


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("我在成都买的房子 那边开发商晚了一年不交房 我户口是云州的", True),
        ("房子在成都", True),
        ("我在云州买的房子，开发商是广州的", False),
        ("我在云州上班，公司在杭州，不给交社保", False),
        ("我们这边的工地，公司在成都，不给我们发工资", False),
        ("公司在上海，我在这边上班不给交社保", False),
        ("我们是租的房子", False),
    ],
)
def test_where_a_matter_lies_is_not_where_a_firm_or_a_citizen_comes_from(text: str, *, elsewhere: bool) -> None:
    assert ElsewhereReader.of("cities/yunzhou").read(text) is elsewhere


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("402的 姓啥不知道", "402的"),
        ("都喊他张医生 全名不晓得", "张医生"),
        ("就那个名鞋世家啊 刚说了", "名鞋世家"),
        ("还能有谁 佳和物业呗", "佳和物业"),
        ("没看清，太黑了", None),
        ("不知道，你们自己查", None),
        ("不清楚，反正很吵", None),
        ("大家乐餐厅", "大家乐餐厅"),
        ("就业局", "就业局"),
        ("边城烧烤店", "边城烧烤店"),
        ("每天惠超市", "每天惠超市"),
    ],
)
def test_whom_a_matter_is_about_when_that_was_asked(text: str, target: str | None) -> None:
    assert read_target(text, asked=True) == target


def test_an_organisation_is_nobody_s_name() -> None:
    assert [names_an_organisation(name) for name in ("梅园物业", "李老师", "王师傅", "物业")] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("text", ["我叫个车司机就骂我", "我叫个车师傅就绕路", "我是高中就在这上学", "我是常年就住这"])
def test_who_calls_a_car_tells_no_name(text: str) -> None:
    assert read_name(text) is None


@pytest.mark.parametrize("road", ["什刹海路", "能仁路", "万能路"])
def test_a_road_may_be_called_by_any_character(road: str) -> None:
    found = UNKNOWN_NAME.search(f"{road}8号路灯坏了")
    assert found is not None
    assert found.group() == road


@pytest.mark.parametrize(
    ("old", "said", "new"),
    [
        ("明珠小区12栋1单元", "是12栋不是2栋", None),
        ("明珠小区2栋1单元", "是12栋不是2栋", "明珠小区12栋1单元"),
        ("东湖路22号", "不是2是3", None),
    ],
)
def test_a_number_is_corrected_whole(old: str, said: str, new: str | None) -> None:
    correction = read_correction(said)
    assert correction is not None
    assert swapped({"address": old}, correction, said).get("address") == new


@pytest.mark.parametrize(
    "text",
    [
        "低保被停了",
        "报销没到账",
        "单位不缴公积金",
        "证办了三个月还没下来",
        "名字登错了",
        "狗把老人咬了",
        "工资少发",
        "面馆卫生差",
    ],
)
def test_what_went_wrong_is_stated_in_a_few_words(text: str) -> None:
    assert states_what_went_wrong(text)


@pytest.mark.parametrize(
    "text",
    [
        "身份证丢了",
        "不动产证",
        "公积金提取",
        "居住证到期了",
        "我刚退休",
        "低保为什么被停了",
        "没有单位怎么交社保",
        "户口本找不到了",
        "临时救助",
        "产假",
        "违法处理",
        "未婚证明",
        "结婚三年了想离婚",
        "孩子三个月了上户口",
        "不满16岁办身份证",
        "帮我查公积金",
        "被征地农民补偿",
    ],
)
def test_a_matter_named_or_asked_about_is_no_trouble(text: str) -> None:
    assert not states_what_went_wrong(text)
