"""The category of an order is for people to choose and to correct; nothing moves by it (D1)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from backoffice import orders
from backoffice.learned import Subject
from backoffice.learning.training import learn
from backoffice.order_tables import Order
from backoffice.refusals import Refused
from backoffice.workflow import Status
from tests.backoffice.conftest import NOISE, UNCLEAR
from tests.backoffice.learning.matters import labelled
from tests.backoffice.test_learned_routing import put_in_use
from tests.backoffice.web.bureau import HTMX, PROGRAM, Bureau, key_in
from tests.backoffice.web.test_orders_entry import CALL, NEW

DESK = "/staff/dispatch"
EAST = "east.urban handler"
RUBBISH = replace(NOISE, content="广场舞、垃圾没人收、水管爆裂")
"""Speaks of three matters, most of all of rubbish."""


async def _stands(bureau: Bureau, number: str) -> Order:
    return await bureau.town.order(number)


async def test_whoever_enters_an_order_may_choose_its_category_and_the_rules_follow_it(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        form = await browser.get(NEW)
        assert 'data-above="城市管理 › 噪声扰民">　　施工噪声' in form.text
        sent = {"key": key_in(form), **CALL, "content": "说不清楚的一件事", "address": "", "target": ""}
        refused = await browser.post(NEW, {**sent, "category": "no.such"})
        assert (refused.status, "没有这个分类，请另选一个。" in refused.words) == (422, True)
        filed = await browser.post(NEW, {**sent, "category": "utility.water"})
        assert "已转交 小城水务集团" in (await browser.get(filed.headers["location"])).words
        page = await browser.get("/staff/orders/10000001")
        assert "分类 供水 （人工选定）" in page.words
    order = await _stands(bureau, "10000001")
    assert (order.category_origin, order.department_origin) == ("person", "rule")


async def test_the_desk_shows_the_category_with_its_words_and_another_one_leads_elsewhere_before_it_is_sent(
    bureau: Bureau,
) -> None:
    number = (await bureau.town.file(RUBBISH)).order.number
    assert (await _stands(bureau, number)).category_origin == "rule"
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
        assert '<option value="urban.rubbish" selected>垃圾清运</option>' in page.text
        assert "按关键词判断，提到“垃圾没人收”，请核对。" in page.words
        part = await browser.get(f"{DESK}/{number}/choices?category=utility.water", **HTMX)
        assert "按人工选定的分类，规则有明确的部门，可能归： 1 小城水务集团 99% 供水" in part.words
        assert (await _stands(bureau, number)).category_origin == "rule"  # looking changes nothing
        fields = {"key": key_in(page), "category": "utility.water"}
        lacking = await browser.post(f"{DESK}/{number}", fields, **HTMX)  # no department yet
        assert '<option value="utility.water" selected>供水</option>' in lacking.text
        wrong = await browser.post(f"{DESK}/{number}", {**fields, "department": "water", "category": "x"}, **HTMX)
        assert (wrong.status, "没有这个分类，请另选一个。" in wrong.words) == (422, True)
        for _ in range(2):  # a second press of the same form
            sent = await browser.post(f"{DESK}/{number}", {**fields, "department": "water"}, **HTMX)
            assert sent.status == 200
        page = await browser.get(f"/staff/orders/{number}")
        assert "分类由“垃圾清运”改为“供水”" in page.words
        gone = await browser.get(f"{DESK}/{number}/choices?category=utility.water", **PROGRAM)
        assert gone.status == 404
    assert await bureau.actions(number) == ["file", "dispatch"]
    order = await _stands(bureau, number)
    assert (order.category_origin, order.department_origin) == ("person", "person")


async def test_a_category_let_stand_at_the_desk_is_confirmed_and_sending_back_makes_the_department_open_again(
    bureau: Bureau,
) -> None:
    number = (await bureau.town.file(RUBBISH)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        key = key_in(await browser.get(DESK))
        await browser.post(f"{DESK}/{number}", {"key": key, "category": "urban.rubbish", "department": "urban"})
        assert "确认分类为“垃圾清运”" in (await browser.get(f"/staff/orders/{number}")).words
        await bureau.town.do(orders.send_back, number, "urban handler", "不归我们")
        order = await _stands(bureau, number)
        assert (order.category_origin, order.department_origin) == ("person", None)
        assert "人工选定" in (await browser.get(DESK)).words


async def test_a_correction_is_written_down_and_moves_nothing_but_says_where_the_rules_would_send_it(
    bureau: Bureau,
) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    before = await _stands(bureau, number)
    async with bureau.browser_of("supervisor") as browser:
        form = await browser.get(f"/staff/orders/{number}?do=classify")
        assert "现在是“施工噪声”，按关键词判断，提到“工地噪音”。" in form.words
        assert re.search(r'value="urban.noise.site"[^>]* selected', form.text)
        fields = {"key": key_in(form, f'action="/staff/orders/{number}/classify"'), "category": "utility.water"}
        nothing = await browser.post(f"/staff/orders/{number}/classify", {**fields, "category": ""})
        assert (nothing.status, "请选择分类。" in nothing.words) == (422, True)
        for _ in range(2):
            done = await browser.post(f"/staff/orders/{number}/classify", fields)
            assert done.headers["location"] == f"/staff/orders/{number}?done=classify"
        page = await browser.get(done.headers["location"])
        again = await browser.post(f"/staff/orders/{number}/classify", {**fields, "key": "k2"}, **PROGRAM)
    assert f"工单 {number} 的分类已确定。" in page.words
    assert "改分类 002 员工2" not in page.words  # the dispatcher is another one
    assert re.search(r"改分类\s+003 员工3\s+10:00\s+分类由“施工噪声”改为“供水”", page.words)
    assert "按人工选定的分类，规则会派给 小城水务集团 。工单没有转走" in page.words
    assert (again.status, "已经是这个分类" in again.text) == (422, True)
    after = await _stands(bureau, number)
    for name in ("department_id", "department_origin", "status", "handler_id", "due_at", "promised_at"):
        assert getattr(after, name) == getattr(before, name), name
    assert (await bureau.actions(number)).count("classify") == 1
    async with bureau.browser_of(EAST) as browser:
        assert "规则会派给" not in (await browser.get(f"/staff/orders/{number}")).words  # not theirs to decide


@pytest.mark.parametrize("who", ["agent", EAST, "east head"])
async def test_nobody_else_corrects_it_not_even_with_a_dispatch(bureau: Bureau, who: str) -> None:
    number = (await bureau.town.file()).order.number
    fields = {"key": "k", "category": "utility.water"}
    async with bureau.browser_of(who) as browser:
        assert "改分类" not in (await browser.get(f"/staff/orders/{number}")).words
        refused = await browser.post(f"/staff/orders/{number}/classify", fields, **PROGRAM)
        assert (refused.status, '"error":"not_for_you"' in refused.text) == (403, True)
        fields |= {"other": "east.lake"}
        assert (await browser.post(f"{DESK}/{number}", fields, **PROGRAM)).status == 403
    with pytest.raises(Refused):  # whichever page may ask it one day
        await bureau.town.do(orders.dispatch, number, who, "east.lake", category_code="utility.water")
    assert (await _stands(bureau, number)).category_origin == "rule"


async def test_what_is_closed_keeps_its_category(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.classify, number, "dispatcher", "urban.noise.site")
    fields = {"category": "urban.rubbish"}
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(f"/staff/orders/{number}")
        assert "确认分类为“施工噪声”" in page.words
        assert "规则会派给" not in page.words  # it lies there already
        await bureau.town.answered(number)
        answered = await browser.post(f"/staff/orders/{number}/classify", {"key": "a", **fields})
        assert answered.status == 303
        await bureau.town.do(orders.close, number, "dispatcher")
        closed = await browser.post(f"/staff/orders/{number}/classify", {"key": "b", **fields}, **PROGRAM)
    assert (closed.status, "目前是“已办结”，不能改分类" in closed.text) == (409, True)
    assert (await _stands(bureau, number)).status == Status.CLOSED.value


async def test_a_category_that_was_learnt_says_so_and_so_does_the_dispatch_that_followed_it(bureau: Bureau) -> None:
    texts, names = labelled()
    codes = {"水务集团": "utility.water"}
    learnt = learn(texts, [codes.get(name, "urban.noise") for name in names])
    await put_in_use(bureau.town, replace(learnt, threshold=0.5), Subject.CATEGORY)
    number = (await bureau.town.file(UNCLEAR, content="水表走得太快，水压太低")).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(f"/staff/orders/{number}")
    assert re.search("分类 供水 （按以往类似工单判断，提到“.*水表.*”）", page.words)
    assert "按以往类似工单判断分类，再按派单规则自动派单，提到“" in page.words


async def test_what_nobody_could_tell_gets_its_first_category_at_the_desk(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
        assert "派单时可以一并选定。" in page.words
        fields = {"key": key_in(page), "other": "water", "category": "utility.water"}
        await browser.post(f"{DESK}/{number}", fields)
        assert "分类定为“供水”" in (await browser.get(f"/staff/orders/{number}")).words
