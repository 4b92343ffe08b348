"""What is said is of the city whose pack is loaded; what it did not tell is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from backoffice.categories import CategoryEntry
from backoffice.city_facts import CityFacts, read_city_facts
from backoffice.kinds import Kind
from backoffice.pack_problems import CityPackRefused
from bot.filling import filled, is_known
from bot.plan import intake_plan
from core.settings import ROOT

KNOWN = CityFacts("甲市", {"gas_phone": "0999-1"})
UNKNOWN = CityFacts("甲市")


def test_a_clause_with_a_number_nobody_told_is_left_out() -> None:
    text = "{city}：打 119[ 和 {gas_phone}]。"
    assert (filled(text, KNOWN), filled(text, UNKNOWN)) == ("甲市：打 119 和 0999-1。", "甲市：打 119。")
    assert (is_known("119", UNKNOWN), is_known("{gas_phone}", UNKNOWN), is_known("{gas_phone}", KNOWN)) == (
        True,
        False,
        True,
    )


def test_emergency_numbers_come_from_the_city_pack_and_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "gazetteer.yml").write_text('{city: 甲市, area_code: "0999", districts: []}', encoding="utf-8")
    assert read_city_facts(tmp_path) == UNKNOWN
    assert UNKNOWN.unknown_phones == ("燃气抢修",)
    (tmp_path / "emergency.yml").write_text('gas: "0999-1"', encoding="utf-8")
    assert read_city_facts(tmp_path) == KNOWN
    (tmp_path / "emergency.yml").write_text("gass: 1", encoding="utf-8")
    with pytest.raises(CityPackRefused, match=r"emergency\.yml"):
        read_city_facts(tmp_path)
    assert read_city_facts(ROOT / "cities" / "yunzhou").unknown_phones == ()


def test_which_complaints_are_about_somebody_is_marked_in_the_pack_or_told_by_names() -> None:
    named = (
        CategoryEntry("03", "市场监管", children=(CategoryEntry("0301", "预付卡"),)),
        CategoryEntry("07", "供水"),
        CategoryEntry("09", "其他", children=(CategoryEntry("0901", "路灯"),)),
    )
    plan = intake_plan().of_city(named)
    asked = {code: "target" in plan.required(Kind.COMPLAIN, code) for code in ("03", "0301", "07", "0901", None)}
    assert asked == {"03": True, "0301": True, "07": False, "0901": False, None: False}
    assert [plan.has_a_place(code) for code in ("07", "0901", "09", "03", None)] == [True, True, False, False, False]
    marked = (*named, CategoryEntry("11", "别的", names_target=True, children=(CategoryEntry("1101", "供水"),)))
    plan = intake_plan().of_city(marked)
    assert plan.target_needed_for == {"11", "1101"}
    assert not plan.lies_somewhere
