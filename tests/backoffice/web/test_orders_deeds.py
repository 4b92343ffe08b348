"""Acting on an order: done once, told to the citizen; refused with the reason, nothing typed is lost (C2, C8, D2)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import orders
from backoffice.order_tables import OrderAnswer
from backoffice.workflow import Status
from tests.backoffice.conftest import UNCLEAR
from tests.backoffice.web.bureau import HTMX, OURS, PROGRAM, Bureau, key_in
from tests.backoffice.web.office import Answer, Browser

EAST, POLICE = "east.urban handler", "police handler"
ANSWER = {
    "unit": "东区城市管理局",
    "handled_on": "2026-11-16",
    "situation": "当晚到现场检查，工地没有夜间施工许可。",
    "result": "已责令停工，并立案处罚。",
}


def _at(number: str, deed: str = "") -> str:
    return f"/staff/orders/{number}" + (f"/{deed}" if deed else "")


async def _do(browser: Browser, number: str, deed: str, fields: dict[str, Any] | None = None, **headers: str) -> Answer:
    """Opens the form of a deed and sends it."""
    page = await browser.get(_at(number) + f"?do={deed}")
    key = key_in(page, f'action="/staff/orders/{number}/{deed}"')
    return await browser.post(_at(number, deed), {"key": key, **(fields or {})}, **headers)


async def _told(bureau: Bureau, citizen: dict[str, Any]) -> str:
    return "\n".join(await bureau.said(citizen["conversation_id"]))


# ------------------------------------------------------------------------------------------------------ the usual way


async def test_a_handler_signs_and_answers_and_the_citizen_has_the_answer(bureau: Bureau) -> None:
    citizen = await bureau.town.citizen()
    number = (await bureau.town.file(**citizen)).order.number
    async with bureau.browser_of(EAST) as browser:
        page = await browser.get(_at(number))
        assert "签收以后由您经办。市民会立即在网页收到“正在办理”的通知。" in page.words
        signed = await _do(browser, number, "sign")
        assert (signed.status, signed.headers["location"]) == (303, f"/staff/orders/{number}?done=sign")
        page = await browser.get(signed.headers["location"])
        assert f"工单 {number} 已签收，现在由您经办。" in page.words
        form = await browser.get(_at(number) + "?do=answer")
        assert 'value="东区城市管理局"' in form.text
        assert 'type="date" id="handled_on" name="handled_on" value="2026-11-16"' in form.text
        assert "答复发出以后不能修改，计时随之停止。市民会立即在网页收到下面的全部内容。" in form.words
        answered = await _do(browser, number, "answer", ANSWER)
        page = await browser.get(answered.headers["location"])
        assert "的答复已经发出" in page.words
        assert "办理情况 当晚到现场检查，工地没有夜间施工许可。" in page.words
    told = await _told(bureau, citizen)
    assert "已签收您反映的事项" in told
    assert "已责令停工，并立案处罚。" in told
    assert (await bureau.town.order(number)).status == Status.ANSWERED.value


async def test_sent_back_with_reason_it_leaves_the_department_and_the_list_says_so(bureau: Bureau) -> None:
    citizen = await bureau.town.citizen()
    number = (await bureau.town.file(**citizen)).order.number
    async with bureau.browser_of(EAST) as browser:
        form = await browser.get(_at(number) + "?do=send_back")
        assert "工单会离开东区城市管理局，回到派单台重新派单" in form.words
        answer = await _do(browser, number, "send_back", {"reason": "不在本局职责范围，依据职责分工第六条。"})
        assert answer.headers["location"] == f"/staff/orders?done=send_back&number={number}"
        assert f"工单 {number} 已退回派单台。" in (await browser.get(answer.headers["location"])).words
        assert (await browser.get(_at(number))).status == 404
    async with bureau.browser_of("dispatcher") as browser:
        assert "依据职责分工第六条" in (await browser.get(_at(number))).words
    assert "退回" not in await _told(bureau, citizen)


async def test_a_dispatcher_sends_refuses_reopens_and_closes(bureau: Bureau) -> None:
    citizen = await bureau.town.citizen()
    sent, refused = [(await bureau.town.file(UNCLEAR, **citizen)).order.number for _ in range(2)]
    async with bureau.browser_of("dispatcher") as browser:
        await _do(browser, sent, "dispatch", {"other": "police", "note": "请尽快"})
        assert (await bureau.actions(sent))[-1] == "dispatch"
        await _do(browser, refused, "refuse", {"reason": "属于法院正在审理的案件，请等待判决。"})
        await bureau.town.answered(sent, POLICE)
        await _do(browser, sent, "reopen", {"reason": "市民说没有解决"})
        assert (await bureau.town.order(sent)).status == Status.HANDLING.value
        await bureau.town.do(orders.answer, sent, POLICE, bureau.town.answer())
        done = await _do(browser, sent, "close")
        assert f"工单 {sent} 已办结。" in (await browser.get(done.headers["location"])).words
    told = await _told(bureau, citizen)
    for words in ("已转交小城市公安局办理", "属于法院正在审理的案件", "重新办理", "已办结"):
        assert words in told
    assert (await bureau.town.order(refused)).status == Status.REFUSED.value


async def test_an_agent_urges_adds_and_withdraws_for_a_citizen_on_the_phone(bureau: Bureau) -> None:
    number = (await bureau.town.file(channel="phone")).order.number
    async with bureau.browser_of("agent") as browser:
        await _do(browser, number, "urge", {"note": "市民来电催办"})
        await _do(browser, number, "supplement", {"text": "车牌号云A12345"})
        page = await browser.get(_at(number))
        assert "催办 1" in page.words
        assert "车牌号云A12345" in page.words
        await _do(browser, number, "withdraw", {"note": "市民说已经解决"})
    assert (await bureau.actions(number))[-3:] == ["urge", "supplement", "withdraw"]


async def test_the_page_says_when_nobody_will_be_told_by_us(bureau: Bureau) -> None:
    number = (await bureau.town.file(channel="letter")).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        form = await browser.get(_at(number) + "?do=answer")
    assert "市民没有线上的联系方式，系统不会自动通知，请另行告知。" in form.words


async def test_a_head_passes_an_order_down_and_nowhere_else(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    async with bureau.browser_of("east head") as browser:
        form = await browser.get(_at(number) + "?do=dispatch")
        offered = form.text.split('name="other"')[1].split("</select>")[0]
        assert "湖边街道办事处" in offered
        assert "小城市公安局" not in offered
        elsewhere = await _do(browser, number, "dispatch", {"other": "police"})
        assert (elsewhere.status, "您只能把工单转给本部门的下级单位" in elsewhere.words) == (403, True)
        await _do(browser, number, "dispatch", {"other": "east.lake"})
    assert [e.data["department"] for e in await bureau.history(number)][-1] == "east.lake"


# ------------------------------------------------------------------------------------------------ what is not filled in


async def test_everything_missing_is_said_at_once_at_its_field_and_the_rest_stays(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        page = await _do(browser, number, "answer", {**ANSWER, "unit": " ", "handled_on": "", "result": ""})
        assert page.status == 422
        for words in ("请填写办理单位。", "请填写办理时间。", "请填写办理结果。"):
            assert words in page.words
        assert "请填写办理情况" not in page.words
        assert ANSWER["situation"] in page.text.split('id="situation"')[1]
        assert page.text.count('aria-invalid="true"') == 3
        key = key_in(page, 'class="deed"')
        sent = await browser.post(_at(number, "answer"), {"key": key, **ANSWER})
    assert sent.status == 303
    assert await bureau.actions(number) == ["file", "dispatch", "sign", "answer"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("handled_on", "2026-11-17", "办理时间不能晚于今天"),
        ("handled_on", "昨天", "请写成 2026-11-16 这样的日期"),
        ("handled_on", "2026-02-30", "请写成 2026-11-16 这样的日期"),
        ("situation", "长" * 2001, "办理情况太长"),
        ("unit", "局" * 81, "办理单位太长"),
    ],
)
async def test_a_wrong_value_is_said_at_its_field_and_stays_to_be_mended(
    bureau: Bureau, field: str, value: str, words: str
) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        page = await _do(browser, number, "answer", {**ANSWER, field: value})
    assert page.status == 422
    help_text = page.text.split(f'id="{field}-help"')[1].split("</div>")[0]
    assert words in help_text
    assert value in page.text
    assert ANSWER["result"] in page.text
    assert (await bureau.town.order(number)).status == Status.HANDLING.value


@pytest.mark.parametrize(
    ("deed", "words"),
    [("send_back", "请填写退回的理由和依据。"), ("dispatch", "请选择部门。")],
)
async def test_a_reason_or_a_department_must_be_given(bureau: Bureau, deed: str, words: str) -> None:
    number = (await bureau.town.file()).order.number
    async with bureau.browser_of("east head") as browser:
        page = await _do(browser, number, deed)
    assert (page.status, words in page.words) == (422, True)


async def test_a_department_that_does_not_exist_is_said_at_the_field(bureau: Bureau) -> None:
    number = (await bureau.town.file(UNCLEAR)).order.number
    async with bureau.browser_of("dispatcher") as browser:
        page = await _do(browser, number, "dispatch", {"other": "atlantis", "note": "请尽快"})
    assert page.status == 422
    assert "没有这个部门" in page.text.split('id="other-help"')[1]
    assert "请尽快</textarea>" in page.text


# -------------------------------------------------------------------------------------------------- somebody was faster


async def test_what_somebody_else_has_done_meanwhile_is_told_and_what_was_written_can_be_copied(
    bureau: Bureau,
) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        form = await browser.get(_at(number) + "?do=answer")
        key = key_in(form, 'class="deed"')
        await bureau.town.do(orders.answer, number, EAST, bureau.town.answer())
        page = await browser.post(_at(number, "answer"), {"key": key, **ANSWER})
    assert page.status == 409
    assert "这件工单目前是“已答复”" in page.words
    assert "刚才的操作没有执行" in page.words
    assert ANSWER["situation"] in page.words
    assert (await bureau.actions(number)).count("answer") == 1


async def test_an_order_that_was_taken_away_while_one_wrote_gives_the_words_back(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        form = await browser.get(_at(number) + "?do=answer")
        key = key_in(form, 'class="deed"')
        await bureau.town.do(orders.dispatch, number, "dispatcher", "police")
        page = await browser.post(_at(number, "answer"), {"key": key, **ANSWER})
    assert page.status == 404
    assert "工单刚刚转给了别的部门" in page.words
    assert ANSWER["situation"] in page.words
    assert "噪音" not in page.words


async def test_roles_are_refused_what_is_not_theirs_whatever_they_send(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    refused = {
        "dispatcher": ("sign", "answer", "send_back", "close"),
        "agent": ("sign", "dispatch", "refuse"),
        "supervisor": ("sign", "answer"),
        EAST: ("dispatch", "refuse", "reopen", "urge", "withdraw", "supplement"),
    }
    before = await bureau.actions(number)
    fields = {**ANSWER, "key": "k", "reason": "x", "text": "x", "department": "police"}
    for who, deeds in refused.items():
        async with bureau.browser_of(who) as browser:
            for deed in deeds:
                page = await browser.post(_at(number, deed), fields)
                assert page.status in (403, 409), (who, deed)
                program = await browser.post(_at(number, deed), fields, **PROGRAM)
                assert program.status == page.status
                assert '"error":"not_' in program.text
    assert await bureau.actions(number) == before


async def test_what_is_no_deed_is_not_found(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    async with bureau.browser_of("administrator") as browser:
        for deed in ("file", "delete", "%3Cb%3E"):
            assert (await browser.post(_at(number, deed), {"key": "k"})).status == 404


# ---------------------------------------------------------------------------------------------------------------- once


async def test_a_form_sent_five_times_at_once_answers_once_and_tells_the_citizen_once(bureau: Bureau) -> None:
    citizen = await bureau.town.citizen()
    number = (await bureau.town.file(**citizen)).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        form = await browser.get(_at(number) + "?do=answer")
        fields = {"key": key_in(form, 'class="deed"'), **ANSWER}
        sent = await asyncio.gather(*(browser.post(_at(number, "answer"), fields) for _ in range(5)))
    assert {answer.status for answer in sent} == {303}
    assert (await bureau.actions(number)).count("answer") == 1
    assert (await _told(bureau, citizen)).count("已责令停工，并立案处罚。") == 1
    async with bureau.town.runtime.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(OrderAnswer)) == 1


async def test_a_form_without_its_key_does_nothing(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    async with bureau.browser_of(EAST) as browser:
        page = await browser.post(_at(number, "sign"))
    assert page.status == 422
    assert "sign" not in await bureau.actions(number)


async def test_an_old_form_comes_back_filled_in_and_is_answered_with_one_press(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    await bureau.town.do(orders.sign, number, EAST)
    async with bureau.browser_of(EAST) as browser:
        form = await browser.get(_at(number) + "?do=answer")
        fields = {"key": key_in(form, 'class="deed"'), **ANSWER, "csrf": "old"}
        stale = await browser.post(_at(number, "answer"), fields, **OURS)
        assert stale.status == 403
        assert ANSWER["situation"] in stale.words
        assert "answer" not in await bureau.actions(number)
        for foreign in ({"Sec_Fetch_Site": "cross-site"}, {}, HTMX):
            assert (await browser.post(_at(number, "answer"), fields, **foreign)).status == 403
        again = await browser.post(_at(number, "answer"), {**fields, "csrf": stale.csrf})
        assert again.status == 303
    assert (await bureau.actions(number)).count("answer") == 1


async def test_the_page_never_says_done_of_what_was_not_done(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    async with bureau.browser_of(EAST) as browser:
        for address in (
            _at(number) + "?done=sign",
            _at(number) + "?done=nonsense",
            f"/staff/orders?done=send_back&number={number}",
            "/staff/orders?done=dispatch&number=99999999",
        ):
            assert "alert-good" not in (await browser.get(address)).text, address
        await bureau.town.do(orders.sign, number, "east head")
        assert "alert-good" not in (await browser.get(_at(number) + "?done=sign")).text


async def test_the_address_of_a_refused_form_opened_again_leads_to_its_page_with_that_form(bureau: Bureau) -> None:
    number = (await bureau.town.file()).order.number
    conversation = (await bureau.says("您好")).id
    desk = f"/staff/desk/{conversation}"
    async with bureau.browser_of(EAST) as browser:
        await _do(browser, number, "sign")
        refused = await _do(browser, number, "answer", {"unit": "东区"})
        assert refused.status == 422
        for sent_to, page in (
            *((_at(number, deed), _at(number) + f"?do={deed}") for deed in ("answer", "send_back", "sign")),
            (_at(number, "unmask"), _at(number)),
            (f"{desk}/say", desk),
            ("/staff/sign-out", "/staff"),
        ):
            again = await browser.get(sent_to)
            assert (again.status, again.headers["location"]) == (303, page)
        assert 'name="situation"' in (await browser.get(_at(number, "answer"), follow=True)).text
        program = await browser.get(_at(number, "answer"), **PROGRAM)
        assert (program.status, '"error":"method_not_allowed"' in program.text) == (405, True)
