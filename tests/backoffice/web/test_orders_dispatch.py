"""The dispatcher's desk: why an order lies there, where it may belong, and one press to send it there (D1, D2)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from backoffice import orders
from tests.backoffice.conftest import NOISE, UNCLEAR
from tests.backoffice.web.bureau import HTMX, OURS, PROGRAM, Bureau, key_in
from tests.backoffice.web.test_desk import PAYLOADS

DESK = "/staff/dispatch"
TORN = replace(NOISE, content="广场舞、垃圾没人收、水管爆裂")
"""Speaks of three matters at once."""


async def test_it_lists_what_nobody_is_sure_of_and_nothing_else(bureau: Bureau) -> None:
    sure = (await bureau.town.file()).order.number
    unclear = (await bureau.town.file(UNCLEAR)).order.number
    orphan = (await bureau.town.file(content="无主之事")).order.number
    broken = (await bureau.town.file(content="断头规则")).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
    assert "还有 3 件等待派单" in page.words
    assert f'id="o-{sure}"' not in page.text
    for number, why in (
        (unclear, "看不出属于哪一类事情，请找一个部门"),
        (orphan, "这类事情还没有派单规则"),
        (broken, "派单规则指向已停用的部门"),
    ):
        assert why in page.words.split(number)[1], number


async def test_it_proposes_departments_with_the_words_that_speak_for_them(bureau: Bureau) -> None:
    number = (await bureau.town.file(TORN)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
        entry = page.text.split(f'id="o-{number}"')[1]
        assert entry.count('type="radio"') == 3
        assert "checked" not in entry  # nothing goes anywhere by one careless Enter
        for words in (
            "把握不够，需要人工判断",
            "1 小城市城市管理局 47% 垃圾清运，提到“垃圾没人收”",
            "2 小城水务集团 30% 供水，提到“水管爆裂”",
            "3 小城市公安局 23% 广场舞噪声，提到“广场舞”",
        ):
            assert words in page.words, words
        sent = await browser.post(f"{DESK}/{number}", {"key": key_in(page), "department": "police"})
        assert sent.headers["location"] == f"{DESK}?done=dispatch&number={number}"
        page = await browser.get(sent.headers["location"])
    assert f"工单 {number} 已派往小城市公安局。" in page.words
    assert "没有等待派单的工单" in page.words
    last = (await bureau.history(number))[-1]
    assert (last.action, last.data["department"], last.data["why"]) == ("dispatch", "police", "person")


async def test_a_department_that_sent_it_back_is_named_with_its_reason_and_comes_last(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.send_back, number, "east.urban handler", "该路段归公安管理")
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
    assert "东区城市管理局 于 10:00 退回：该路段归公安管理" in page.words
    assert "被承办部门退回" in page.words
    choices = page.text.split('class="choice-name">')[1:]
    assert "退回过这件工单" in choices[-1]


async def test_a_department_found_by_searching_counts_before_one_that_was_proposed(bureau: Bureau) -> None:
    number = (await bureau.town.file(TORN)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
        fields = {"key": key_in(page), "department": "police", "other": "west", "note": "西区在管"}
        await browser.post(f"{DESK}/{number}", fields)
    entries = await bureau.history(number)
    assert entries[-1].data["department"] == "west"


async def test_live_the_order_becomes_a_line_and_the_count_goes_down(bureau: Bureau) -> None:
    first, _ = [(await bureau.town.file(UNCLEAR)).order.number for _ in range(2)]
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
        fields = {"key": key_in(page, f'id="o-{first}"'), "other": "police"}
        part = await browser.post(f"{DESK}/{first}", fields, **HTMX)
        assert part.status == 200
        assert f"工单 {first} 已派往小城市公安局。" in part.words
        assert "还有 1 件等待派单" in part.words
        assert "undecided" not in part.text
        again = await browser.post(f"{DESK}/{first}", fields, **HTMX)  # a second press of the same form
        assert again.status == 200
    assert (await bureau.actions(first)).count("dispatch") == 1


async def test_sent_three_times_at_once_it_goes_once(bureau: Bureau) -> None:
    citizen = await bureau.town.citizen()
    number = (await bureau.town.file(UNCLEAR, **citizen)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        fields = {"key": key_in(await browser.get(DESK)), "other": "police"}
        sent = await asyncio.gather(*(browser.post(f"{DESK}/{number}", fields, **HTMX) for _ in range(3)))
    assert {part.status for part in sent} == {200}
    assert (await bureau.actions(number)).count("dispatch") == 1
    assert sum("已转交" in text for text in await bureau.said(citizen["conversation_id"])) == 1


async def test_nothing_chosen_and_unknown_departments_are_said_in_place(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        key = key_in(await browser.get(DESK))
        for fields, words in (({}, "请先选一个部门"), ({"other": "atlantis"}, "没有这个部门")):
            sent = {"key": key, "note": "写了一半的说明", **fields}
            part = await browser.post(f"{DESK}/{number}", sent, **HTMX)
            assert part.status == 422
            assert words in part.words
            assert "写了一半的说明" in part.text
            page = await browser.post(f"{DESK}/{number}", sent)
            assert page.status == 422
            assert words in page.words
            assert "写了一半的说明" in page.text
            program = await browser.post(f"{DESK}/{number}", sent, **PROGRAM)
            assert '"error":"bad_field"' in program.text
    assert "dispatch" not in await bureau.actions(number)


async def test_what_a_colleague_has_sent_meanwhile_is_said(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        key = key_in(await browser.get(DESK))
        await bureau.town.do(orders.dispatch, number, "supervisor", "police")
        await bureau.town.do(orders.sign, number, "police handler")
        await bureau.town.do(orders.answer, number, "police handler", bureau.town.answer())
        fields = {"key": key, "other": "west"}
        part = await browser.post(f"{DESK}/{number}", fields, **HTMX)
        assert (part.status, "目前是“已答复”" in part.words) == (409, True)
        page = await browser.post(f"{DESK}/{number}", fields)
        assert (page.status, "目前是“已答复”" in page.words) == (409, True)
    assert (await bureau.actions(number)).count("dispatch") == 1


async def test_only_those_who_dispatch_open_the_desk(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    for who in ("agent", "east head", "east.urban handler"):
        async with bureau.browser_of(who) as browser:
            assert (await browser.get(DESK)).status == 403
            assert (await browser.post(f"{DESK}/{number}", {"key": "k", "other": "police"})).status == 403
            assert 'href="/staff/dispatch"' not in (await browser.get("/staff/orders")).text
    assert "dispatch" not in await bureau.actions(number)


async def test_a_stale_form_sends_nothing(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        fields = {"key": "k", "other": "police", "csrf": "old"}
        assert (await browser.post(f"{DESK}/{number}", fields, **HTMX)).status == 403
        stale = await browser.post(f"{DESK}/{number}", fields, **OURS)
        assert (stale.status, "重新提交" in stale.words) == (403, True)
        assert "dispatch" not in await bureau.actions(number)
        await browser.post(f"{DESK}/{number}", {**fields, "csrf": stale.csrf})
    assert "dispatch" in await bureau.actions(number)


async def test_the_desk_has_pages_and_an_end(bureau: Bureau) -> None:
    for _ in range(12):
        await bureau.town.file(UNCLEAR)
    async with bureau.browser_of("dispatcher") as browser:
        assert (await browser.get(DESK)).text.count("data-undecided") == 10
        for page in ("2", "999"):
            assert (await browser.get(f"{DESK}?page={page}")).text.count("data-undecided") == 2
        assert (await browser.get(f"{DESK}?page=x")).status == 200


async def test_markup_on_the_desk_stays_text(bureau: Bureau) -> None:
    for payload in PAYLOADS:
        await bureau.town.file(UNCLEAR, content=payload, target=payload[:90], address=payload)
    async with bureau.browser_of("dispatcher") as browser:
        page = await browser.get(DESK)
    for tag in ("<script>alert", "<img src=x", "<svg onload", "<iframe", "evil.example>"):
        assert tag not in page.text
    assert "&lt;iframe" in page.text
