"""The life of an order: every step, what the citizen hears and may do, what is refused (C2, A13)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from backoffice import orders
from backoffice.order_tables import Order, OrderAnswer
from backoffice.orders import SYSTEM, Answer, CitizenProof
from backoffice.refusals import BadField, NoSuchOrder, NotAllowed, NotForYou, Refused
from backoffice.workflow import Status
from core import conversations
from core.clock import CHINA
from core.conversations import Message
from core.outbox import OutboxRow
from tests.backoffice.conftest import UNCLEAR, Town
from tests.backoffice.test_orders import HANDLER, actions, count, notices

# ------------------------------------------------------------------------------------- a whole life, told


async def test_the_citizen_hears_of_signing_answer_and_closing_in_the_same_conversation(any_town: Town) -> None:
    town = any_town
    citizen = await town.citizen()
    number = (await town.file(**citizen)).order.number
    await town.do(orders.sign, number, HANDLER)
    town.wait(days=1)
    await town.do(
        orders.answer, number, HANDLER, Answer("东区城市管理局", date(2026, 11, 17), "到现场检查", "已责令停工")
    )
    await town.do(orders.close, number, HANDLER)
    signed, answered, closed = await notices(town, citizen["conversation_id"])
    assert signed.text == f"东区城市管理局已签收您反映的事项（受理号 {number}），正在办理，将于 12月7日前答复您。"
    assert answered.card == {
        "kind": "order",
        "number": number,
        "title": "东区幸福小区旁边工地噪音太大",
        "status": "已答复",
        "department": "东区城市管理局",
        "due": "2026-12-07T17:30:00+08:00",
        "answer": {
            "unit": "东区城市管理局",
            "handled_on": "2026-11-17",
            "situation": "到现场检查",
            "result": "已责令停工",
        },
    }
    for part in (number, "东区城市管理局", "2026年11月17日", "到现场检查", "已责令停工"):
        assert part in answered.text
    assert closed.card is not None
    assert closed.card["status"] == "已办结"


async def test_on_a_channel_without_a_page_the_notice_goes_into_the_outbox(town: Town) -> None:
    citizen = await town.citizen("13800138000", channel="sms")
    number = (await town.file(**citizen)).order.number
    await town.answered(number)
    assert await count(town, OutboxRow) == 2


async def test_an_answer_reaches_the_citizen_after_their_conversation_was_closed(town: Town) -> None:
    citizen = await town.citizen()
    number = (await town.file(**citizen)).order.number
    async with town.runtime.database.write() as session:
        conversation = await conversations.lock(session, citizen["conversation_id"])
        await conversations.close(session, conversation, "system", town.clock.now())
    await town.answered(number)
    async with town.runtime.database.read() as session:
        told = list(await session.scalars(select(Message).where(Message.author == "system")))
    assert len(told) == 2
    assert {message.conversation_id for message in told} != {citizen["conversation_id"]}


async def test_sending_back_is_not_told_but_the_next_department_is(town: Town) -> None:
    citizen = await town.citizen()
    number = (await town.file(**citizen)).order.number
    await town.do(orders.send_back, number, HANDLER, "不属于本局职责")
    assert await notices(town, citizen["conversation_id"]) == []
    await town.do(orders.dispatch, number, "dispatcher", "police", note="请公安办理")
    (told,) = await notices(town, citizen["conversation_id"])
    assert "已转交小城市公安局办理" in told.text
    order = await town.order(number)
    assert (order.status, order.send_backs, order.handler_id) == (Status.PENDING_SIGN.value, 1, None)


async def test_a_refusal_tells_the_reason(town: Town) -> None:
    citizen = await town.citizen()
    number = (await town.file(UNCLEAR, **citizen)).order.number
    await town.do(orders.refuse, number, "dispatcher", "该事项正在诉讼中,请以法院裁判为准。")
    (told,) = await notices(town, citizen["conversation_id"])
    assert told.card is not None
    assert told.card["status"] == "不予受理"
    assert "请以法院裁判为准" in told.text


async def test_reopening_goes_back_to_the_same_handler_and_takes_the_answer_back(town: Town) -> None:
    citizen = await town.citizen()
    filed = await town.file(**citizen)
    number = filed.order.number
    await town.answered(number)
    await town.do(orders.close, number, "agent")
    await town.do(orders.reopen, number, "agent", "市民不满意")
    order = await town.order(number)
    assert (order.status, order.handler_id) == (Status.HANDLING.value, town.staff[HANDLER].id)
    assert (order.answered_at, order.closed_at) == (None, None)
    async with town.runtime.database.read() as session:
        view = await orders.progress(session, number, CitizenProof(query_code=filed.query_code))
    assert view is not None
    assert view.answer is None
    await town.do(orders.answer, number, HANDLER, Answer("东区城市管理局", date(2026, 11, 16), "再次检查", "已整改"))
    assert await count(town, OrderAnswer) == 2


async def test_the_hotline_answers_by_itself_what_needs_no_department(town: Town) -> None:
    number = (await town.file(UNCLEAR)).order.number
    await town.do(orders.answer, number, "agent", Answer("12345热线中心", date(2026, 11, 16), "已解释", "市民知悉"))
    assert (await town.order(number)).status == Status.ANSWERED.value


async def test_the_system_closes_what_was_answered(town: Town) -> None:
    number = (await town.file()).order.number
    await town.answered(number)
    async with town.runtime.database.write() as session:
        await orders.close(session, number, SYSTEM, now=town.clock.now())
    assert (await town.order(number)).status == Status.CLOSED.value


async def test_clocks_stand_beside_the_order_and_stop_with_the_answer(town: Town) -> None:
    number = (await town.file()).order.number
    order = await town.order(number)
    assert (order.clock, order.due_at) == ("sign", datetime(2026, 11, 17, 17, 30, tzinfo=CHINA))
    assert order.promised_at == datetime(2026, 12, 7, 17, 30, tzinfo=CHINA)
    await town.do(orders.sign, number, HANDLER)
    order = await town.order(number)
    assert (order.clock, order.due_at) == ("answer", order.promised_at)
    await town.do(orders.answer, number, HANDLER, town.answer())
    order = await town.order(number)
    assert (order.clock, order.due_at, order.yellow_at) == (None, None, None)


# -------------------------------------------------------------------------------------- what citizens do


async def test_a_citizen_urges_adds_and_withdraws_with_the_code_or_as_the_contact(town: Town) -> None:
    citizen = await town.citizen()
    filed = await town.file(**citizen)
    number = filed.order.number
    async with town.runtime.database.write() as session:
        now = town.clock.now()
        by_code, by_contact = CitizenProof(query_code=filed.query_code), CitizenProof(contact_id=citizen["contact_id"])
        await orders.urge(session, number, by_contact, now=now)
        await orders.supplement(session, number, by_code, "补充:还有灰尘", attachments=({"path": "b.jpg"},), now=now)
        await orders.urge(session, number, by_code, text="快点", now=now)
    async with town.runtime.database.read() as session:
        order = (await session.scalars(select(Order).where(Order.number == number))).one()
        await session.refresh(order, ["attachments", "search_text"])
    assert (order.urges, order.status) == (2, Status.PENDING_SIGN.value)
    assert order.attachments == {"files": [{"path": "b.jpg"}]}
    assert "还有灰尘" in order.search_text
    async with town.runtime.database.write() as session:
        await orders.withdraw(session, number, by_code, reason="已经解决", now=town.clock.now())
    assert (await town.order(number)).status == Status.WITHDRAWN.value


@pytest.mark.parametrize(
    "proof",
    [CitizenProof(), CitizenProof(query_code="WRONG2"), CitizenProof(query_code=""), CitizenProof(contact_id=99999)],
)
async def test_without_proof_an_order_looks_as_if_it_were_not_there(town: Town, proof: CitizenProof) -> None:
    number = (await town.file(**await town.citizen())).order.number
    for target in (number, "99999999"):
        async with town.runtime.database.write() as session:
            assert await orders.progress(session, target, proof) is None
            for change in (orders.urge, orders.withdraw):
                with pytest.raises(NoSuchOrder):
                    await change(session, target, proof, now=town.clock.now())
    assert await actions(town, number) == ["file", "dispatch"]


async def test_an_order_without_a_contact_does_not_belong_to_everybody_without_one(town: Town) -> None:
    number = (await town.file()).order.number
    async with town.runtime.database.read() as session:
        assert await orders.progress(session, number, CitizenProof(contact_id=None)) is None


async def test_on_the_keys_of_a_telephone_and_only_there_a_letter_is_the_digit_it_stands_on(town: Town) -> None:
    filed = await town.file()
    async with town.runtime.database.write() as session:
        order = await session.get_one(Order, filed.order.id)
        order.query_code = "K7MZ2H"
    async with town.runtime.database.read() as session:
        for proof, proven in (
            (CitizenProof(query_code="576924", keyed=True), True),
            (CitizenProof(query_code="K7MZ2H", keyed=True), True),
            (CitizenProof(query_code="576925", keyed=True), False),
            (CitizenProof(query_code="576924"), False),
        ):
            shown = await orders.progress(session, filed.order.number, proof)
            assert (shown is not None) is proven, proof


@pytest.mark.parametrize("written", ["lower", "spaced", "full width"])
async def test_a_code_copied_by_hand_still_proves(town: Town, written: str) -> None:
    filed = await town.file()
    code = filed.query_code
    said = {
        "lower": code.lower(),
        "spaced": f" {code[:3]} - {code[3:]} ",
        "full width": "".join(chr(ord(c) + 0xFEE0) for c in code),
    }[written]
    async with town.runtime.database.read() as session:
        assert await orders.progress(session, filed.order.number, CitizenProof(query_code=said)) is not None


async def test_progress_tells_the_story_without_names_and_internals(town: Town) -> None:
    filed = await town.file(**await town.citizen(), reporter_name="张建国", reporter_phone="13812345678")
    number = filed.order.number
    town.wait(hours=1)
    await town.do(orders.send_back, number, HANDLER, "内部的退回理由")
    async with town.runtime.database.read() as session:
        waiting = await orders.progress(session, number, CitizenProof(query_code=filed.query_code))
    assert waiting is not None
    assert (waiting.status, waiting.department) == ("已受理", None)
    await town.do(orders.dispatch, number, "dispatcher", "police")
    await town.do(orders.sign, number, "police handler")
    await town.do(orders.answer, number, "police handler", town.answer())
    async with town.runtime.database.read() as session:
        view = await orders.progress(session, number, CitizenProof(query_code=filed.query_code))
    assert view is not None
    assert (view.kind, view.status, view.department, view.due_at) == ("投诉", "已答复", "小城市公安局", None)
    assert [what for _, what in view.timeline] == [
        "您的诉求已受理登记",
        "已转交东区城市管理局",
        "已转交小城市公安局",
        "小城市公安局已签收，正在办理",
        "小城市公安局已答复",
    ]
    assert view.timeline[0][0] == view.created_at
    assert view.answer == town.answer()
    for secret in ("张建国", "13812345678", "员工", "退回理由"):
        assert secret not in repr(view)


# ------------------------------------------------------------------------------------------------ refusals


async def test_moves_the_table_does_not_have_are_refused_in_words(town: Town) -> None:
    number = (await town.file()).order.number
    with pytest.raises(NotAllowed) as early:
        await town.do(orders.answer, number, HANDLER, town.answer())
    assert early.value.reason == "这件工单目前是“待签收”，不能答复。"
    await town.answered(number)
    async with town.runtime.database.write() as session:
        order = await session.get_one(Order, 1)
        with pytest.raises(NotAllowed) as late:
            await orders.urge(session, number, CitizenProof(query_code=order.query_code), now=town.clock.now())
    assert late.value.reason == "这件工单目前是“已答复”，不能催办。"


async def test_a_role_that_may_not_is_told_so(town: Town) -> None:
    number = (await town.file()).order.number
    for who in ("agent", "dispatcher", "supervisor", "administrator"):
        with pytest.raises(NotForYou):
            await town.do(orders.sign, number, who)
    with pytest.raises(NotForYou):
        await town.do(orders.dispatch, number, "agent", "police")
    assert await actions(town, number) == ["file", "dispatch"]


async def test_an_order_of_another_department_is_not_there(town: Town) -> None:
    number = (await town.file()).order.number
    for who in ("police handler", "west handler", "east.lake handler", "urban handler"):
        with pytest.raises(NoSuchOrder):
            await town.do(orders.sign, number, who)
    await town.do(orders.sign, number, "east head")  # the department above sees it


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Answer("", date(2026, 11, 16), "查", "办"), "unit"),
        (Answer("局", date(2026, 11, 16), " ", "办"), "situation"),
        (Answer("局", date(2026, 11, 16), "查", ""), "result"),
        (Answer("局", date(2026, 11, 17), "查", "办"), "handled_on"),
        (Answer("局", date(2026, 11, 16), "查" * 2001, "办"), "situation"),
    ],
)
async def test_an_answer_needs_its_four_parts(town: Town, given: Answer, field: str) -> None:
    number = (await town.file()).order.number
    await town.do(orders.sign, number, HANDLER)
    with pytest.raises(BadField) as refused:
        await town.do(orders.answer, number, HANDLER, given)
    assert refused.value.field == field
    assert (await town.order(number)).status == Status.HANDLING.value


@pytest.mark.parametrize("code", ["no.such", "abolished", "east.urban"])
async def test_dispatching_to_nowhere_or_to_where_it_is_is_refused(town: Town, code: str) -> None:
    number = (await town.file()).order.number
    with pytest.raises(BadField) as refused:
        await town.do(orders.dispatch, number, "dispatcher", code)
    assert refused.value.field == "department"


async def test_a_head_passes_orders_down_but_not_sideways(town: Town) -> None:
    number = (await town.file()).order.number
    with pytest.raises(NotForYou):
        await town.do(orders.dispatch, number, "east head", "police")
    await town.do(orders.dispatch, number, "east head", "east.lake")
    await town.do(orders.sign, number, "east.lake handler")


async def test_reasons_are_required(town: Town) -> None:
    number = (await town.file()).order.number
    with pytest.raises(BadField):
        await town.do(orders.send_back, number, HANDLER, "  ")
    assert (await town.order(number)).send_backs == 0


async def test_every_refusal_has_a_code_and_a_reason() -> None:
    for refusal in (NoSuchOrder(), NotAllowed("x"), NotForYou("x"), BadField("f", "x")):
        assert isinstance(refusal, Refused)
        assert refusal.code != "refused"
        assert refusal.reason
