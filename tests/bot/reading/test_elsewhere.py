"""What lies in another city, and what only bears the name of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from backoffice.gazetteer import Gazetteer, PlaceKind, place_names_of
from bot.reading.address_parts import PartKind, names_in
from bot.reading.elsewhere import ElsewhereReader, province_of
from knowledge.places import city_words

YUNZHOU = ElsewhereReader(frozenset({"云州市", "云州", "东湖区"}))
GUANGZHOU = ElsewhereReader(frozenset({"广州市", "广州", "天河区"}))

THERE = (
    "我在上海这里的地铁太挤了",
    "我老家河南的宅基地被占了",
    "我人在成都这边的物业欺负人",
    "投诉深圳地铁太挤",
    "反映北京朝阳区的小区停水",
    "投诉成都市武侯区一家饭店",
    "反映广东深圳的工地太吵",
    "投诉上海物业乱收费",
    "我要举报河南郑州有个黑作坊",
    "我家在西安小区停水",
)
NAMED_AFTER_IT = (
    "投诉广东移动乱扣费",
    "投诉北京大学附属学校乱收费",
    "投诉重庆小面馆卫生差",
    "举报新疆烤肉店油烟",
    "投诉广州银行不给开户",
    "反映南京东路有个坑",
    "反映上海城小区停水",
    "投诉深圳湾小区物业乱收费",
    "反映北京城建的工地夜间施工",
    "投诉河南老乡饭店",
    "投诉山东大汉健身房跑路",
    "我住北京花园3栋",
    "楼上是四川人天天吵",
)


@pytest.mark.parametrize(("said", "there"), [*((s, True) for s in THERE), *((s, False) for s in NAMED_AFTER_IT)])
def test_a_name_tells_a_place_only_where_it_stands_for_one(said: str, there: bool) -> None:
    assert YUNZHOU.read(said) is there


def test_a_city_lies_in_its_province() -> None:
    assert [province_of(frozenset({name})) for name in ("广州", "重庆", "云州")] == ["广东", "重庆", ""]
    said = ("我在广东这边的小区停水了", "我在广东深圳的小区停水了", "我在海南这边的小区停水了")
    assert [GUANGZHOU.read(text) for text in said] == [False, True, True]
    home = ("我在广东这边的小区停水了", "我在广东深圳的小区停水了", "我不是你们广州的", "我们小区停水了")
    assert [GUANGZHOU.is_home(text) for text in home] == [True, False, False, False]
    told = ElsewhereReader(frozenset({"云州市", "云州"}), "海南省")
    assert [told.read(text) for text in said] == [True, True, False]


@pytest.mark.parametrize("city", ["云岭市", "云岭盟", "云岭地区"])
def test_a_city_is_known_by_its_whole_name_and_its_short_one(city: str, tmp_path: Path) -> None:
    (tmp_path / "gazetteer.yml").write_text(f"city: {city}\ndistricts: [{{name: 东湖区}}]\n", encoding="utf-8")
    reader = ElsewhereReader.of(str(tmp_path))
    assert reader.is_home("我问的是云岭这边的事")
    assert reader.is_home(f"我问的是{city}的事")
    hospital = place_names_of("c1", PlaceKind.LANDMARK, ["云岭妇幼保健院"])
    gazetteer = Gazetteer(hospital, city)
    assert [mention.name for mention in gazetteer.mentions("我在妇幼保健院门口")] == ["妇幼保健院"]
    assert [part.kind for part in names_in(f"{city}的", gazetteer)] == [PartKind.CITY]
    assert city_words(tmp_path).names == (city, "云岭")
