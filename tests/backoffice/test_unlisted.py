"""What an address names though no gazetteer lists it."""

from __future__ import annotations

import pytest

from backoffice.unlisted import unlisted_names


@pytest.mark.parametrize(
    ("address", "sites", "roads"),
    [
        ("翡翠湾小区16栋", {"翡翠湾"}, set()),
        ("翡翠湾二期3号楼2单元501", {"翡翠湾"}, set()),
        ("富强路与和平路交叉口", set(), {"富强路", "和平路"}),
        ("北江区富强路88号", set(), {"富强路"}),
        ("富强路沃尔玛超市对面", {"沃尔玛超市"}, {"富强路"}),
        ("甲省乙市丙区科技路上", set(), {"科技路"}),
        ("杨家湾村三组", {"杨家湾村"}, set()),
        ("我家楼下", set(), set()),
        ("小区门口的公交站", set(), set()),
        ("未说明", set(), set()),
    ],
)
def test_names_are_told_from_small_words_and_numbers(address: str, sites: set[str], roads: set[str]) -> None:
    found = unlisted_names(address)
    assert (found.sites, found.roads) == (sites, roads)
