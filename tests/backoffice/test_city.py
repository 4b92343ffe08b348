"""City packs: loaded once, changed parts only, mistakes told; and the demo city holds together."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from backoffice import categories, city, departments
from backoffice.city_pack import read_city_pack
from backoffice.deadline_policies import PolicyRefused, load_policies
from backoffice.departments import Department, DepartmentsRefused, NoDefaultDepartment
from backoffice.pack_problems import CityPackRefused
from backoffice.router import load_router
from backoffice.staff import Role
from core.calendar import CalendarDay, DayKind, load_calendar
from core.runtime import Runtime
from core.settings import ROOT
from huiyin.accounts import DEMO_ACCOUNTS
from tests.backoffice.conftest import SMALL_CITY, Town

YUNZHOU = ROOT / "cities" / "yunzhou"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the small city that may be changed."""
    return Path(shutil.copytree(SMALL_CITY, tmp_path / "pack"))


def change(pack: Path, part: str, old: str, new: str) -> None:
    path = pack / f"{part}.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def load(runtime: Runtime, pack: Path) -> city.CityLoaded:
    async with runtime.database.write() as session:
        return await city.load_city(session, pack, runtime.clock.now())


async def test_loading_twice_changes_nothing_and_a_changed_part_is_loaded_alone(
    any_runtime: Runtime, pack: Path
) -> None:
    assert set((await load(any_runtime, pack)).parts) == {
        "departments",
        "categories",
        "routing",
        "gazetteer",
        "holidays",
        "deadlines",
    }
    assert (await load(any_runtime, pack)).parts == ()
    change(pack, "departments", "东区城市管理局", "东区综合执法局")
    assert (await load(any_runtime, pack)).parts == ("departments",)
    async with any_runtime.database.read() as session:
        department = await departments.by_code(session, "east.urban")
    assert department is not None
    assert department.name == "东区综合执法局"


async def test_departments_form_a_tree(town: Town) -> None:
    async with town.runtime.database.read() as session:
        found = {d.code: d for d in await departments.open_departments(session)}
        east = list(await session.scalars(departments.ids_within(found["east"].id)))
    assert sorted(east) == sorted(found[code].id for code in ("east", "east.urban", "east.lake"))
    assert found["east.urban"].path == f"/{found['city'].id}/{found['east'].id}/{found['east.urban'].id}/"


async def test_a_department_taken_out_is_closed_and_keeps_its_id_when_it_comes_back(
    runtime: Runtime, pack: Path
) -> None:
    await load(runtime, pack)
    line = next(row for row in (pack / "departments.yml").read_text().splitlines() if "east.lake" in row)
    async with runtime.database.read() as session:
        before = await departments.by_code(session, "east.lake")
    change(pack, "departments", line, "")
    await load(runtime, pack)
    async with runtime.database.read() as session:
        closed = await departments.by_code(session, "east.lake")
    (pack / "departments.yml").write_text((pack / "departments.yml").read_text() + line + "\n")
    await load(runtime, pack)
    async with runtime.database.read() as session:
        again = await departments.by_code(session, "east.lake")
    assert before is not None
    assert closed is not None
    assert again is not None
    assert (before.is_open, closed.is_open, again.is_open) == (True, False, True)
    assert before.id == closed.id == again.id


async def test_a_category_taken_out_is_retired(runtime: Runtime, pack: Path) -> None:
    await load(runtime, pack)
    change(pack, "categories", "- {code: lost, name: 没有规则的事, keywords: [无主之事]}", "")
    await load(runtime, pack)
    async with runtime.database.read() as session:
        lost = await categories.by_code(session, "lost")
        in_use = [category.code for category in await categories.in_use(session)]
        router = await load_router(session)
    assert lost is not None
    assert lost.retired
    assert "lost" not in in_use
    assert router.knowledge.classifier.classify("无主之事").code is None


async def test_what_the_city_edited_survives_the_next_start(runtime: Runtime, pack: Path) -> None:
    await load(runtime, pack)
    async with runtime.database.write() as session:
        department = await departments.by_code(session, "urban")
        assert department is not None
        department.phone = "0999-8000000"
    await load(runtime, pack)
    async with runtime.database.read() as session:
        department = await departments.by_code(session, "urban")
    assert department is not None
    assert department.phone == "0999-8000000"


async def test_rules_that_name_what_is_not_there_are_told(runtime: Runtime, pack: Path) -> None:
    loaded = await load(runtime, pack)
    assert loaded.problems == ("routing.yml：规则 broken／各区 里的部门 abolished 不存在",)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("departments", "short: 市政府", "shorty: 市政府"),
        ("departments", "level: city", "level: planet"),
        ("categories", "keywords: [城管, 市容]", "keywords: {城管: 市容}"),
        ("routing", '"22:00"', '"夜里"'),
        ("gazetteer", "roads:", "roadz:"),
        ("deadlines", '"08:30", "12:00"', '"08:30"'),
        ("departments", "- {code: city,", "- {code: city"),
    ],
)
async def test_a_file_that_cannot_be_read_is_named(runtime: Runtime, pack: Path, part: str, old: str, new: str) -> None:
    change(pack, part, old, new)
    with pytest.raises(CityPackRefused, match=part):
        await load(runtime, pack)


@pytest.mark.parametrize(
    ("part", "old", "new", "told"),
    [
        (
            "departments",
            "short: 市政府",
            "shorty: 市政府",
            "第 1 项（code: city）：缺少“short”；第 1 项（code: city）：多了“shorty”",
        ),
        (
            "departments",
            "level: city",
            "level: planet",
            "“level”只能是 city、district、street、utility；现在是 'planet'",
        ),
        ("departments", "aliases: [城管]", "aliases: 城管", "（code: urban）：“aliases”要写成一列，例如 [甲, 乙]"),
        ("categories", "name: 施工噪声, ", "", "children 第 1 项（code: urban.noise.site）：缺少“name”"),
        ("routing", '"22:00"', '"夜里"', "“from”要写成时刻，例如 \"22:00\"；现在是 '夜里'"),
        ("routing", "- {category: broken,", "- 没有规则\n- {category: broken,", "第 8 项"),
        ("gazetteer", "name: 湖边街道}", "name: 湖边街道, hous: 1}", "（code: east.lake）：多了“hous”，没有这一项"),
        ("gazetteer", '"0999"', "0571", "“area_code”要写成文字，数字请加引号"),
        ("gazetteer", "roads: [人民路, 湖边路]", "roads: [人民路, 湖边路", "行附近格式读不通"),
        ("deadlines", '"08:30", "12:00"', '"08:30"', "office_hours 第 1 项第 2 项：缺少这一项"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_place_in_plain_chinese(
    pack: Path, part: str, old: str, new: str, told: str
) -> None:
    change(pack, part, old, new)
    with pytest.raises(CityPackRefused) as refused:
        read_city_pack(pack)
    assert str(refused.value).startswith(f"{part}.yml：")
    assert told in str(refused.value)
    assert "pydantic" not in str(refused.value)


async def test_a_road_may_lie_under_a_street(runtime: Runtime, pack: Path) -> None:
    change(pack, "gazetteer", "name: 湖边街道}", "name: 湖边街道, roads: [柳堤路]}")
    await load(runtime, pack)
    async with runtime.database.read() as session:
        found = (await load_router(session)).knowledge.gazetteer.locate("柳堤路18号", "")
    assert (found.area, found.district) == ("east.lake", "east")


async def test_a_missing_file_is_named(runtime: Runtime, pack: Path) -> None:
    (pack / "routing.yml").unlink()
    with pytest.raises(CityPackRefused, match="routing"):
        await load(runtime, pack)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("parent: east, level: street", "parent: nowhere, level: street"),
        (", default: true", ""),
        ("level: utility", "level: utility, default: true"),
    ],
)
async def test_departments_that_are_no_tree_with_one_default_are_refused(
    runtime: Runtime, pack: Path, old: str, new: str
) -> None:
    change(pack, "departments", old, new)
    with pytest.raises(DepartmentsRefused):
        await load(runtime, pack)


async def test_a_category_that_is_there_twice_is_refused(runtime: Runtime, pack: Path) -> None:
    change(pack, "categories", "code: urban.noise.dance", "code: urban.noise.site")
    with pytest.raises(categories.CategoriesRefused):
        await load(runtime, pack)


async def test_a_policy_in_force_cannot_change_but_a_new_version_can_be_added(runtime: Runtime, pack: Path) -> None:
    await load(runtime, pack)
    text = (pack / "deadlines.yml").read_text()
    (pack / "deadlines.yml").write_text(text.replace("sign: {working_days: 1}", "sign: {working_days: 2}"))
    with pytest.raises(PolicyRefused):
        await load(runtime, pack)
    second = text[text.index("- version") :].replace("version: 1", "version: 2").replace("2024-01-01", "2027-01-01")
    (pack / "deadlines.yml").write_text(text + second)
    await load(runtime, pack)
    async with runtime.database.read() as session:
        assert [policy.version for policy in await load_policies(session)] == [1, 2]


async def test_without_a_calendar_file_the_announced_days_hold(runtime: Runtime, pack: Path) -> None:
    await load(runtime, pack)
    async with runtime.database.read() as session:
        calendar = await load_calendar(session)
        stored = await session.get(CalendarDay, date(2026, 2, 14))
    assert stored is not None
    assert stored.kind == DayKind.WORKDAY.value
    assert calendar.is_workday(stored.day)


async def test_a_database_without_a_city_says_so(runtime: Runtime) -> None:
    async with runtime.database.read() as session:
        with pytest.raises(NoDefaultDepartment):
            await load_router(session)
        with pytest.raises(NoDefaultDepartment):
            await departments.default_department(session)


async def test_the_demo_city_holds_together(runtime: Runtime) -> None:
    assert (await load(runtime, YUNZHOU)).problems == ()
    async with runtime.database.read() as session:
        codes = set(await session.scalars(select(Department.code)))
        in_use = await categories.in_use(session)
        bureau = await departments.by_code(
            session, next(a.department for a in DEMO_ACCOUNTS if a.role is Role.HEAD) or ""
        )
        below = set(await session.scalars(departments.ids_within(bureau.id if bureau else 0)))
        router = await load_router(session)
        calendar = await load_calendar(session)
    assert len(codes) >= 40
    assert len(below) > 1, "the demo's head has somewhere to pass orders on to"
    assert len(in_use) >= 120
    assert {category.path.count("/") - 1 for category in in_use} == {1, 2, 3}
    leaves = {category.code for category in in_use} - {
        parent for parent in router.knowledge.category_parents.values() if parent
    }
    unrouted = {
        code
        for code in leaves
        if not any(rule.category and f"{code}.".startswith(f"{rule.category}.") for rule in router.knowledge.rules)
    }
    assert unrouted == set()
    assert {
        day.day
        for day in read_city_pack(YUNZHOU).days
        if day.kind is DayKind.WORKDAY and not calendar.is_workday(day.day)
    } == set()


@pytest.mark.parametrize(
    ("text", "address", "department"),
    [
        ("幸福小区半夜施工太吵了,没人管", None, "nancheng.urban_management"),
        ("家里停水一天了", "东湖区人民路88号", "water"),
        ("公司拖欠我三个月工资不发", None, "labour_inspection"),
    ],
)
async def test_plain_words_find_their_department_in_the_demo_city(
    runtime: Runtime, text: str, address: str | None, department: str
) -> None:
    await load(runtime, YUNZHOU)
    async with runtime.database.read() as session:
        routed = (await load_router(session)).route(text, address, runtime.clock.now())
    assert (routed.decision.department, routed.decision.sure) == (department, True)


def test_what_the_demo_citys_articles_say_has_full_width_marks() -> None:
    narrow = re.compile(r"[\u4e00-\u9fff][?!;]|\d,\d+:")
    told = [line for path in (YUNZHOU / "articles").glob("*.yml") for line in path.read_text().splitlines()]
    assert [line for line in told if narrow.search(line)] == []
