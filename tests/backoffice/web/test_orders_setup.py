"""What a person sets up about their list: columns and views of their own, theirs alone, whatever is sent."""

from __future__ import annotations

import re

from backoffice.kinds import Kind
from backoffice.preferences import keep
from tests.backoffice.conftest import UNCLEAR
from tests.backoffice.web.bureau import Bureau
from tests.backoffice.web.office import Answer

EAST = "east.urban handler"
LIST = "/staff/orders"


def _heads(page: Answer) -> list[str]:
    return re.findall(r'<th role="columnheader" class="c-\w+">([^<]+)</th>', page.text)


def _tabs(page: Answer) -> dict[str, tuple[int, bool]]:
    """Name of a tab → how many, and whether one is there."""
    found = re.findall(
        r'<a href="[^"]+"( aria-current="page")?>(?:<svg.*?</svg>)?([^<]+)<span class="tab-count', page.text
    )
    counts = re.findall(r'class="tab-count tabular">(\d+)<', page.text)
    return {name: (int(count), bool(current)) for (current, name), count in zip(found, counts, strict=True)}


async def test_the_columns_one_ticks_are_the_columns_one_sees(bureau: Bureau) -> None:
    await bureau.town.file()
    async with bureau.browser_of("supervisor") as browser, bureau.browser_of("dispatcher") as other:
        usual = ["剩余时间", "受理号", "事项", "类型", "状态", "承办部门", "受理时间"]
        assert _heads(await browser.get(LIST)) == usual
        answer = await browser.post(
            f"{LIST}/columns?view=all&kind=complain", {"column": ["category", "area", "updated", "<script>"]}
        )
        assert answer.headers["location"] == f"{LIST}?view=all&kind=complain"
        assert _heads(await browser.get(LIST)) == ["剩余时间", "事项", "分类", "区域", "最近变化"]
        assert _heads(await other.get(LIST)) == usual
        await browser.post(f"{LIST}/columns", {})
        assert _heads(await browser.get(LIST)) == ["剩余时间", "事项"]


async def test_a_saved_view_is_a_tab_with_its_count_for_whoever_saved_it(bureau: Bureau) -> None:
    for _ in range(2):
        await bureau.town.file()
    await bureau.town.file(UNCLEAR, kind=Kind.SUGGEST)
    async with bureau.browser_of("supervisor") as browser, bureau.browser_of("dispatcher") as other:
        assert "存为视图" not in (await browser.get(LIST)).words
        asked = f"{LIST}?view=open&kind=complain"
        assert "存为视图" in (await browser.get(asked)).words
        assert (await browser.post(f"{LIST}/views?view=open&kind=complain&page=3", {"name": " 投诉 "})).status == 303
        page = await browser.get(asked)
        assert (_tabs(page)["投诉"], _tabs(page)["未办结"]) == ((2, True), (2, False))
        assert _tabs(await browser.get(LIST))["投诉"] == (2, False)
        assert "投诉" not in _tabs(await other.get(asked))
        await browser.post(f"{LIST}/views?view=open&kind=suggest", {"name": "投诉"})
        assert _tabs(await browser.get(LIST))["投诉"] == (1, False)
        await browser.post(f"{LIST}/views/forget", {"name": "投诉"})
        assert "投诉" not in _tabs(await browser.get(LIST))


async def test_a_view_without_a_name_or_one_too_many_says_so_above_the_same_list(bureau: Bureau) -> None:
    await bureau.town.file()
    async with bureau.browser_of(EAST) as browser:
        for number in range(6):
            await browser.post(f"{LIST}/views?kind=complain", {"name": f"视图{number}"})
        for name, reason in (("", "请给视图起个名字"), ("名" * 13, "名字太长"), ("第七个", "最多存 6 个视图")):
            page = await browser.post(f"{LIST}/views?view=all&kind=complain", {"name": name})
            assert page.status == 422
            assert reason in page.words
            assert "类型： 投诉" in page.words
        assert len(_tabs(await browser.get(LIST))) == 8 + 6


async def test_what_an_older_version_kept_breaks_no_list(bureau: Bureau) -> None:
    await bureau.town.file()
    staff = bureau.town.staff["supervisor"]
    async with bureau.town.runtime.database.write() as session:
        await keep(session, staff, "order_columns", {"not": "a list"})
        await keep(
            session, staff, "order_views", ["x", {"name": 1}, {"name": "旧", "args": {"view": "gone", "kind": 7}}]
        )
    async with bureau.browser_of("supervisor") as browser:
        page = await browser.get(LIST)
    assert page.status == 200
    assert "受理号" in _heads(page)
    assert "旧" in _tabs(page)


async def test_an_evil_name_is_only_words(bureau: Bureau) -> None:
    async with bureau.browser_of("supervisor") as browser:
        await browser.post(f"{LIST}/views?kind=complain", {"name": "<b>x</b>"})
        page = await browser.get(LIST)
    assert "&lt;b&gt;x&lt;/b&gt;" in page.text
    assert "<b>x</b>" not in page.text
