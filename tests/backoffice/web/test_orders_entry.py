"""Orders entered by staff: once, whole, and the citizen gets number and query code (A10, F3)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from backoffice.order_tables import Order
from backoffice.orders import CitizenProof, progress
from core import conversations
from core.messages import Reply
from tests.backoffice.web.bureau import OURS, PROGRAM, Bureau, key_in
from tests.backoffice.web.office import Answer, Browser

NEW = "/staff/orders/new"
CALL = {
    "kind": "complain",
    "source": "phone",
    "content": "东区幸福小区旁边工地噪音太大",
    "address": "东区人民路 1 号",
    "target": "某工地",
    "happened": "昨晚十一点",
    "happened_at": "2026-11-15T23:10",
    "reporter_name": "张建国",
    "reporter_phone": "138 0013 8000",
}


async def _file(browser: Browser, fields: dict[str, Any], **changes: Any) -> Answer:
    key = key_in(await browser.get(NEW))
    return await browser.post(NEW, {"key": key, **fields, **changes})


async def _orders(bureau: Bureau) -> list[Order]:
    async with bureau.town.runtime.database.read() as session:
        return list(await session.scalars(select(Order).options(undefer(Order.content)).order_by(Order.id)))


async def test_a_call_becomes_an_order_and_its_number_and_code_are_shown_to_be_read_out(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        filed = await _file(browser, CALL)
        assert filed.status == 303
        receipt = await browser.get(filed.headers["location"])
    (order,) = await _orders(bureau)
    assert order.number in receipt.words
    assert order.query_code in receipt.words
    assert "已转交 小城市公安局 ，等待签收" in receipt.words  # at night the police see to it
    assert "请把受理号和查询码告诉市民" in receipt.words
    assert (order.channel, order.kind, order.content, order.target) == ("phone", "complain", CALL["content"], "某工地")
    assert (order.reporter_name, order.reporter_phone) == ("张建国", "138 0013 8000")
    assert order.happened_at is not None
    assert order.happened_at.isoformat() == "2026-11-15T15:10:00+00:00"
    first = (await bureau.history(order.number))[0]
    assert (first.action, first.actor) == ("file", f"staff:{bureau.town.staff['agent'].id}")


async def test_the_query_code_is_shown_to_nobody_but_whoever_filed_it(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        where = (await _file(browser, CALL)).headers["location"]
    (order,) = await _orders(bureau)
    for who in ("dispatcher", "administrator"):
        async with bureau.browser_of(who) as browser:
            page = await browser.get(where)
            assert page.status == 404
            assert order.query_code not in page.text
            assert order.query_code not in (await browser.get(f"/staff/orders/{order.number}")).text
    async with bureau.browser_of("agent") as browser:
        for key in ("", "x", "%00", "k" * 500):
            assert (await browser.get(f"{NEW}/filed?key={key}")).status == 404


@pytest.mark.parametrize("source", ["phone", "visit", "letter", "email", "fax", "weibo", "leader_day", "other"])
async def test_every_source_is_kept_and_shown_in_words(bureau: Bureau, source: str) -> None:
    async with bureau.browser_of("dispatcher") as browser:
        form = await browser.get(NEW)
        label = re.search(rf'value="{source}"[^>]*><span>([^<]+)<', form.text)
        assert label is not None
        assert (await _file(browser, CALL, source=source)).status == 303
        (order,) = await _orders(bureau)
        assert f"来源 {label[1]}，" in (await browser.get(f"/staff/orders/{order.number}")).words


async def test_what_comes_by_telephone_needs_no_choosing_of_its_source_and_no_typed_category_once_one_is_chosen(
    bureau: Bureau,
) -> None:
    async with bureau.browser_of("agent") as browser:
        form = await browser.get(NEW)
        assert re.findall(r'name="source" value="(\w+)" checked', form.text) == ["phone"]
        assert (await _file(browser, CALL, category="utility.water", category_typed="供水")).status == 303


async def test_everything_wrong_is_said_at_once_and_everything_typed_stays(bureau: Bureau) -> None:
    wrong = {
        "content": "",
        "address": "东区人民路 1 号旁边",
        "reporter_phone": "1380",
        "happened_at": "2026-11-17T10:00",
        "confidential": "1",
    }
    async with bureau.browser_of("agent") as browser:
        page = await _file(browser, wrong)
        assert page.status == 422
        for words in (
            "请选择诉求类型。",
            "请选择来源。",
            "请填写反映的内容。",
            "电话号码不完整",
            "发生时间不能晚于现在。",
        ):
            assert words in page.words
        assert 'value="东区人民路 1 号旁边"' in page.text
        assert 'value="1380"' in page.text
        assert 'value="2026-11-17T10:00"' in page.text
        assert re.search(r'name="confidential" value="1" checked', page.text)
        assert await _orders(bureau) == []
        assert (await browser.post(NEW, {"key": key_in(page), **CALL})).status == 303


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kind", "murder", "请选择诉求类型"),
        ("source", "webchat", "请选择来源"),
        ("content", "长" * 5001, "内容太长"),
        ("content", "\u200b\u0007 ", "请填写反映的内容"),
        ("address", "路" * 201, "地点太长"),
        ("reporter_name", "名" * 41, "姓名太长"),
        ("reporter_phone", "打给我", "电话号码不完整"),
        ("happened_at", "昨天", "看不懂这个时间"),
        ("category_typed", "外星人", "没有选中“外星人”"),
    ],
)
async def test_a_value_that_cannot_be_taken_is_said_at_its_field(
    bureau: Bureau, field: str, value: str, words: str
) -> None:
    async with bureau.browser_of("agent") as browser:
        page = await _file(browser, CALL, **{field: value})
        assert page.status == 422
        place = field.removesuffix("_typed")
        assert words in page.text.split(f'id="{place}-help"')[1].split("</div>")[0]
        assert 'data-typed="外星人"' in page.text or field == place
        program = await browser.post(NEW, {"key": "k", **CALL, field: value}, **PROGRAM)
        assert (program.status, '"error":"bad_field"' in program.text) == (422, True)
    assert await _orders(bureau) == []


async def test_a_form_whose_key_is_none_is_said_and_can_be_sent_again(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        page = await browser.post(NEW, {"key": "不是编号\u0007", **CALL})
        assert (page.status, "请刷新页面后再试" in page.words) == (422, True)
        assert CALL["content"] in page.text
        assert (await browser.post(NEW, {"key": key_in(page), **CALL})).status == 303


async def test_a_form_sent_five_times_at_once_files_one_order(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        fields = {"key": key_in(await browser.get(NEW)), **CALL}
        sent = await asyncio.gather(*(browser.post(NEW, fields) for _ in range(5)))
    assert {(answer.status, answer.headers["location"]) for answer in sent} == {
        (303, f"{NEW}/filed?key={fields['key']}")
    }
    assert len(await _orders(bureau)) == 1


async def test_departments_enter_no_orders(bureau: Bureau) -> None:
    for who in ("east.urban handler", "east head"):
        async with bureau.browser_of(who) as browser:
            for path in (NEW, f"{NEW}/filed?key=x"):
                assert (await browser.get(path)).status == 403
            assert (await browser.post(NEW, {"key": "k", **CALL})).status == 403
            assert "登记工单" not in (await browser.get("/staff/orders")).words


async def test_a_stale_form_files_nothing_and_comes_back_filled_in(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        fields = {"key": "k", **CALL, "csrf": "old"}
        stale = await browser.post(NEW, fields, **OURS)
        assert stale.status == 403
        assert CALL["content"] in stale.words
        assert await _orders(bureau) == []
        await browser.post(NEW, {**fields, "csrf": stale.csrf})
    assert len(await _orders(bureau)) == 1


# ------------------------------------------------------------------------------------------- for a citizen at the desk


DRAFT = {
    "kind": "complain",
    "content": "工地噪音太大",
    "address": "东区幸福小区",
    "time": "昨晚",
    "target": "某工地",
    "name": "张建国",
    "phone": "13800138000",
    "confidential": "True",
}


async def test_what_the_bot_took_down_stands_in_the_form_and_the_citizen_gets_number_and_code(bureau: Bureau) -> None:
    conversation = await bureau.says("工地太吵了", Reply("为您转接"), handoff="asked", draft=DRAFT)
    async with bureau.browser_of("agent") as browser:
        desk = await browser.get(f"/staff/desk/{conversation.id}")
        assert f'href="{NEW}?conversation={conversation.id}"' in desk.text
        form = await browser.get(f"{NEW}?conversation={conversation.id}")
        assert re.search(r'value="complain" checked', form.text)
        assert re.search(r'name="confidential" value="1" checked', form.text)
        for value in ("东区幸福小区", "昨晚", "某工地", "张建国", "13800138000"):
            assert f'value="{value}"' in form.text
        assert "工地噪音太大</textarea>" in form.text
        assert 'name="source"' not in form.text
        fields = {"kind": "complain", "content": "工地噪音太大", "address": "东区幸福小区", "reporter_name": "张建国"}
        sent = {"key": key_in(form), "conversation": conversation.id, **fields}
        answers = await asyncio.gather(*(browser.post(NEW, sent) for _ in range(3)))
        receipt = await browser.get(answers[0].headers["location"])
        assert "受理号和查询码已经发给市民" in receipt.words
    (order,) = await _orders(bureau)
    assert (order.channel, order.conversation_id, order.contact_id) == (
        "webchat",
        conversation.id,
        conversation.contact_id,
    )
    told = [text for text in await bureau.said(conversation.id) if order.number in text]
    assert len(told) == 1
    assert order.query_code in told[0]
    assert "已转交东区城市管理局办理" in told[0]
    async with bureau.town.runtime.database.read() as session:
        proof = CitizenProof(contact_id=conversation.contact_id)
        assert await progress(session, order.number, proof) is not None


async def test_staff_who_read_the_talk_do_not_read_the_code(bureau: Bureau) -> None:
    conversation = await bureau.says("工地太吵了")
    async with bureau.browser_of("agent") as browser:
        form = await browser.get(f"{NEW}?conversation={conversation.id}")
        fields = {"kind": "complain", "content": "东区工地噪音太大", "conversation": conversation.id}
        await browser.post(NEW, {"key": key_in(form), **fields})
        (order,) = await _orders(bureau)
        for path in (f"/staff/orders/{order.number}", f"/staff/desk/{conversation.id}"):
            page = await browser.get(path)
            assert page.status == 200
            assert order.query_code not in page.text


async def test_a_citizen_whose_talk_has_ended_is_told_in_a_new_one(bureau: Bureau) -> None:
    conversation = await bureau.says("工地太吵了")
    async with bureau.town.runtime.database.write() as session:
        locked = await conversations.lock(session, conversation.id)
        await conversations.close(session, locked, "system", bureau.now)
    async with bureau.browser_of("agent") as browser:
        fields = {"kind": "complain", "content": "东区工地噪音太大", "conversation": conversation.id}
        assert (await browser.post(NEW, {"key": "k", **fields})).status == 303
    async with bureau.town.runtime.database.read() as session:
        count = select(func.count()).select_from(conversations.Conversation)
        assert await session.scalar(count) == 2


async def test_an_unknown_conversation_is_not_found_and_nothing_is_filed(bureau: Bureau) -> None:
    async with bureau.browser_of("agent") as browser:
        for wrong in ("00000000-0000-4000-8000-000000000000", "abc", "%00"):
            assert (await browser.get(f"{NEW}?conversation={wrong}")).status == 404
        fields = {"key": "k", **CALL, "conversation": "00000000-0000-4000-8000-000000000000"}
        assert (await browser.post(NEW, fields)).status == 404
    assert await _orders(bureau) == []


async def test_markup_in_the_form_stays_text(bureau: Bureau) -> None:
    evil = '"><script>alert(1)</script>'
    async with bureau.browser_of("agent") as browser:
        page = await _file(browser, {name: evil for name in CALL})
    assert page.status == 422
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
