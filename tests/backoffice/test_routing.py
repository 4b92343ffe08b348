"""Which department: rules by category × area × time, doubt and broken rules to the desk (D1, D3; trap: rules)."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from structlog.testing import capture_logs

from backoffice import departments
from backoffice.areas import DistrictEntry, StreetEntry, names_in
from backoffice.classify import CategoryWords, KeywordClassifier
from backoffice.gazetteer import Gazetteer, PlaceKind, PlaceName
from backoffice.order_sheet import sheet_for
from backoffice.refusals import BadField
from backoffice.router import replace_rules
from backoffice.routing import Candidate, Matter, Rule, decide
from backoffice.workflow import Status
from core import history
from core.clock import CHINA
from tests.backoffice.conftest import NOISE, UNCLEAR, Town

OPEN = {code: True for code in ("desk", "a", "b", "c", "east-a")} | {"closed": False}
NOISE_PATH = ("urban", "urban.noise", "urban.noise.site")


def matter(
    *candidates: tuple[tuple[str, ...], float], area: tuple[str, ...] = (), at: time = time(10), strength: float = 1.0
) -> Matter:
    found = [Candidate(path, evidence) for path, evidence in candidates or ((NOISE_PATH, 1.0),)]
    return Matter(found, area, at, strength)


def department(wanted: Matter, *rules: Rule) -> tuple[str, bool, str]:
    decision = decide(wanted, rules, OPEN, "desk")
    return decision.department, decision.sure, decision.why


ALL_NOISE = Rule("urban.noise", None, "a")
NOISE_IN_EAST = Rule("urban.noise", "east", "b")
SITES = Rule("urban.noise.site", None, "c")
SITES_AT_NIGHT = Rule("urban.noise.site", None, "east-a", time(22), time(6))


@pytest.mark.parametrize(
    ("wanted", "rules", "code"),
    [
        (matter(), [ALL_NOISE], "a"),
        (matter(), [ALL_NOISE, SITES], "c"),  # deeper category
        (matter(area=("east",)), [ALL_NOISE, NOISE_IN_EAST], "b"),  # area named
        (matter(area=("east", "east.lake")), [ALL_NOISE, NOISE_IN_EAST], "b"),  # a street lies in its district
        (matter(area=("west",)), [ALL_NOISE, NOISE_IN_EAST], "a"),
        (matter(area=("east",)), [SITES, NOISE_IN_EAST], "c"),  # category counts before area
        (matter(at=time(23)), [SITES, SITES_AT_NIGHT], "east-a"),  # time named
        (matter(at=time(5, 59)), [SITES, SITES_AT_NIGHT], "east-a"),  # over midnight
        (matter(at=time(6)), [SITES, SITES_AT_NIGHT], "c"),  # the end is not included
        (matter(at=time(22)), [SITES, SITES_AT_NIGHT], "east-a"),  # the beginning is
        (matter(), [Rule(None, None, "b"), SITES], "c"),  # a rule for all is the least specific
        (matter((("other",), 1.0)), [Rule(None, None, "b"), SITES], "b"),
    ],
)
def test_the_most_specific_rule_wins(wanted: Matter, rules: list[Rule], code: str) -> None:
    assert department(wanted, *rules) == (code, True, "rule")
    assert department(wanted, *reversed(rules)) == (code, True, "rule")


@pytest.mark.parametrize(
    ("wanted", "rules", "why"),
    [
        (Matter((), (), time(10)), [ALL_NOISE], "category_unknown"),
        (matter((("other",), 1.0)), [ALL_NOISE], "no_rule"),
        (matter(at=time(12)), [SITES_AT_NIGHT], "no_rule"),
        (matter(), [SITES, Rule("urban.noise.site", None, "a")], "rules_disagree"),
        (matter(strength=0.4), [ALL_NOISE], "unsure"),
        (matter((NOISE_PATH, 1.0), (("other",), 0.99)), [ALL_NOISE, Rule("other", None, "b")], "rule"),
        (
            matter((NOISE_PATH, 1.0), (("other",), 1.0), (("third",), 1.0)),
            [ALL_NOISE, Rule("other", None, "b"), Rule("third", None, "c")],
            "unsure",
        ),
        (matter(), [ALL_NOISE, Rule("urban.noise.site", None, "closed")], "broken_rule"),
        (matter(), [ALL_NOISE, Rule("urban.noise.site", None, "never existed")], "broken_rule"),
    ],
)
def test_doubt_goes_to_the_desk_and_says_why(wanted: Matter, rules: list[Rule], why: str) -> None:
    code, sure, said = department(wanted, *rules)
    assert said == why
    assert (code == "desk") is (why != "rule")
    assert sure is (why == "rule")


def test_two_rules_that_agree_are_no_doubt() -> None:
    assert department(matter(), SITES, Rule("urban.noise.site", None, "c")) == ("c", True, "rule")


def test_categories_in_doubt_do_not_matter_when_all_lead_to_one_department() -> None:
    wanted = matter((NOISE_PATH, 1.0), (("urban", "urban.noise", "urban.noise.dance"), 0.98))
    assert department(wanted, ALL_NOISE) == ("a", True, "rule")


def test_a_broken_rule_names_the_department_it_points_at() -> None:
    decision = decide(matter(), [Rule("urban.noise", None, "closed")], OPEN, "desk")
    assert (decision.alarm, decision.suggested) == ("closed", None)


def test_an_unsure_decision_still_suggests() -> None:
    decision = decide(matter(strength=0.3), [ALL_NOISE], OPEN, "desk")
    assert (decision.department, decision.suggested, decision.category) == ("desk", "a", "urban.noise.site")


# --------------------------------------------------------------------------------------------- categories

WORDS = [
    CategoryWords("noise", None, 1, "噪声", ("噪音", "太吵")),
    CategoryWords("noise.site", "noise", 2, "施工噪声", ("夜间施工", "工地*打桩")),
    CategoryWords("water", None, 1, "供水", ("停水", "自来水")),
]
CLASSIFIER = KeywordClassifier(WORDS)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("楼下夜间施工", "noise.site"),
        ("工地半夜还在打桩", "noise.site"),  # a keyword with a gap
        ("半夜施工不让人睡", "noise.site"),  # only a piece of the keyword
        ("音响太吵", "noise"),
        ("家里停水两天了", "water"),
        ("自 来 水 是黄的", "water"),
        ("今天天气不错", None),
        ("", None),
    ],
)
def test_a_category_is_found_by_its_words_and_their_pieces(text: str, code: str | None) -> None:
    assert CLASSIFIER.classify(text).code == code


def test_more_evidence_is_stronger_and_names_its_words() -> None:
    weak, strong = CLASSIFIER.classify("半夜施工"), CLASSIFIER.classify("夜间施工,工地整夜打桩")
    assert weak.strength < strong.strength
    assert strong.words["noise.site"] == ("工地*打桩", "夜间施工")


def test_a_gap_does_not_reach_over_half_the_text() -> None:
    assert CLASSIFIER.classify("工地上的事情我已经说过很多遍了,打桩").words.get("noise.site", ()) == ()


def test_no_keywords_at_all_find_nothing() -> None:
    assert KeywordClassifier([]).classify("夜间施工").code is None


# -------------------------------------------------------------------------------------------------- areas

GAZETTEER = Gazetteer(
    [
        PlaceName("东区", PlaceKind.DISTRICT, "east", "east"),
        PlaceName("西区", PlaceKind.DISTRICT, "west", "west"),
        PlaceName("湖边街道", PlaceKind.STREET, "east.lake", "east"),
        PlaceName("湖边", PlaceKind.ROAD, "west", "west"),
        PlaceName("人民路", PlaceKind.ROAD, "east", "east"),
        PlaceName("人民路", PlaceKind.ROAD, "west", "west"),
        PlaceName("幸福小区", PlaceKind.ESTATE, "east", "east"),
        PlaceName("火车站", PlaceKind.LANDMARK, "west", "west"),
    ]
)


@pytest.mark.parametrize(
    ("address", "content", "area"),
    [
        ("东区人民路88号", "", "east"),
        (None, "幸福小区太吵", "east"),
        (None, "湖边街道垃圾没人收", "east.lake"),  # the longer name counts
        ("人民路8号", "", None),  # a road in two districts proves nothing
        ("人民路幸福小区", "", "east"),  # …but together with an estate it does
        ("幸福小区", "在火车站等车", "east"),  # the address counts before the content
        (None, "从幸福小区到火车站", None),  # two districts are doubt
        (None, "东区和西区都停水", None),
        ("西区人民路", "", "west"),
        ("不知道哪里", "没有地名", None),
    ],
)
def test_areas_are_found_by_names_and_doubt_finds_none(address: str | None, content: str, area: str | None) -> None:
    assert GAZETTEER.locate(address, content).area == area


def test_a_place_listed_under_a_street_tells_the_street() -> None:
    district = DistrictEntry(
        "east", "东区", streets=(StreetEntry("east.lake", "湖边街道", communities=("柳荫社区",), estates=("听涛苑",)),)
    )
    gazetteer = Gazetteer(names_in(district))
    assert gazetteer.locate("听涛苑3栋", "").area == "east.lake"
    located = gazetteer.locate("东区柳荫社区", "")
    assert (located.area, located.district, located.community) == ("east.lake", "east", "柳荫社区")


def test_a_name_recognised_as_others_that_sound_the_same_still_tells_the_area() -> None:
    found = GAZETTEER.mentions("辛福小区门口和平区")
    assert [(mention.name, mention.exact) for mention in found] == [("幸福小区", False)]
    assert GAZETTEER.locate(None, "辛福小区太吵").area == "east"
    assert GAZETTEER.locate(None, "火车晚点,站着等").area is None  # the same words, but not side by side


def test_a_gazetteer_without_names_finds_nothing() -> None:
    assert Gazetteer([]).locate("东区", "东区").area is None


# ---------------------------------------------------------------------------------------- through the door


async def test_a_sure_order_goes_to_its_department_at_once_with_the_reasons_in_history(town: Town) -> None:
    filed = await town.file()
    order = await town.order(filed.order.number)
    assert (order.status, order.area_code) == (Status.PENDING_SIGN.value, "east")
    async with town.runtime.database.read() as session:
        entries = await history.of(session, "order", order.number)
        department = await departments.by_code(session, "east.urban")
    assert department is not None
    assert order.department_id == department.id
    assert [(entry.action, entry.actor) for entry in entries] == [("file", "bot"), ("dispatch", "system")]
    reasons = entries[0].data["routing"]
    assert (reasons["why"], reasons["area"], reasons["places"]) == ("rule", "east", ["东区", "幸福小区"])
    assert reasons["category"].startswith("urban.noise")
    assert entries[1].data == {"why": "rule", "status": "pending_sign", "department": "east.urban"}


async def test_the_hour_it_happened_decides_not_the_hour_it_was_filed(town: Town) -> None:
    night = datetime(2026, 11, 15, 23, 30, tzinfo=CHINA)
    by_day = await town.file(content="工地夜间施工", address="西区西山路")
    by_night = await town.file(content="工地夜间施工", address="西区西山路", happened_at=night)
    async with town.runtime.database.read() as session:
        day, dark = [
            (await sheet_for(session, town.staff["dispatcher"], filed.order.number, town.clock.now())).department_code
            for filed in (by_day, by_night)
        ]
    assert (day, dark) == ("urban", "police")


async def test_a_doubtful_order_waits_at_the_dispatchers_desk(town: Town) -> None:
    order = (await town.file(UNCLEAR)).order
    assert order.status == Status.PENDING_DISPATCH.value
    async with town.runtime.database.read() as session:
        desk = await departments.default_department(session)
    assert order.department_id == desk.id


async def test_a_rule_without_a_live_department_alarms_and_falls_to_the_desk(town: Town) -> None:
    with capture_logs() as logs:
        order = (await town.file(UNCLEAR, content="断头规则断头规则")).order
    assert order.status == Status.PENDING_DISPATCH.value
    alarms = [line for line in logs if line["log_level"] == "error"]
    assert [(line["department"], line["order"]) for line in alarms] == [("abolished", order.number)]
    async with town.runtime.database.read() as session:
        entries = await history.of(session, "order", order.number)
    assert [(entry.action, entry.data.get("department")) for entry in entries] == [
        ("file", "hotline"),
        ("routing_alarm", "abolished"),
    ]


async def test_closing_a_department_alarms_from_the_next_order_on(town: Town) -> None:
    await town.file()
    async with town.runtime.database.write() as session:
        closing = await departments.by_code(session, "east.urban")
        assert closing is not None
        closing.closed_at = town.clock.now()
    with capture_logs() as logs:
        order = (await town.file()).order
    assert order.status == Status.PENDING_DISPATCH.value
    assert "routing rule points at no open department" in [line["event"] for line in logs]


async def test_a_category_a_person_chose_is_believed(town: Town) -> None:
    filed = await town.file(NOISE, content="说不清楚", category="utility.water")
    async with town.runtime.database.read() as session:
        sheet = await sheet_for(session, town.staff["dispatcher"], filed.order.number, town.clock.now())
    assert (sheet.department_code, sheet.category_code, sheet.status) == ("water", "utility.water", Status.PENDING_SIGN)


async def test_a_category_that_does_not_exist_is_refused(town: Town) -> None:
    with pytest.raises(BadField) as refused:
        await town.file(category="no.such")
    assert refused.value.field == "category"


async def test_new_rules_count_from_the_next_order_on(town: Town) -> None:
    await town.file()
    async with town.runtime.database.write() as session:
        await replace_rules(session, [Rule("urban.noise", None, "police")])
    filed = await town.file()
    async with town.runtime.database.read() as session:
        sheet = await sheet_for(session, town.staff["dispatcher"], filed.order.number, town.clock.now())
    assert sheet.department_code == "police"
