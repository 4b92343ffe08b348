"""The write door: filing, every step, what the citizen hears; a change is whole or not at all (C1, C2, A13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import access, orders
from backoffice.kinds import Kind
from backoffice.order_filing import FIRST_NUMBER
from backoffice.order_tables import Order, OrderAnswer
from backoffice.orders import SYSTEM, Answer, CitizenProof
from backoffice.proof import ALPHABET
from backoffice.refusals import BadField, NoSuchOrder, NotAllowed, NotForYou, Refused
from backoffice.workflow import Status
from core import conversations, history
from core.clock import CHINA
from core.conversations import Message
from core.messages import Reply
from core.outbox import OutboxRow
from tests.backoffice.conftest import NOISE, UNCLEAR, Town

HANDLER = "east.urban handler"


async def notices(town: Town, conversation_id: str) -> list[Reply]:
    """What the system told the citizen in their conversation."""
    async with town.runtime.database.read() as session:
        found = await session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.author == "system")
            .order_by(Message.seq)
        )
        return [Reply.from_payload(message.text, message.payload) for message in found]


async def actions(town: Town, number: str) -> list[str]:
    async with town.runtime.database.read() as session:
        return [entry.action for entry in await history.of(session, "order", number)]


async def count(town: Town, table: type[Any]) -> int:
    async with town.runtime.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# ------------------------------------------------------------------------------------------------ filing


async def test_filing_gives_an_eight_digit_number_and_a_query_code(any_town: Town) -> None:
    first, second = await any_town.file(), await any_town.file()
    assert (first.order.number, second.order.number) == (str(FIRST_NUMBER), str(FIRST_NUMBER + 1))
    assert len(first.query_code) == 6
    assert set(first.query_code) <= set(ALPHABET)
    assert first.query_code != second.query_code
    assert first.created


async def test_the_same_key_files_once(any_town: Town) -> None:
    first = await any_town.file(key="form-1")
    again = await any_town.file(key="form-1", content="别的内容,同一次提交")
    assert (again.order.number, again.query_code, again.created) == (first.order.number, first.query_code, False)
    assert await count(any_town, Order) == 1
    other = await any_town.file(key="form-2")
    assert other.order.number != first.order.number


async def test_what_was_said_is_kept_and_personal_data_is_not_readable_in_the_database(town: Town) -> None:
    filed = await town.file(
        reporter_name="张建国",
        reporter_phone="13812345678",
        address="东区人民路1号",
        happened="昨天晚上",
        happened_at=datetime(2026, 11, 15, 22, 0, tzinfo=CHINA),
        target="某工地",
        content="东区幸福小区工地噪音太大，我是张建国，电话13812345678",
        confidential=True,
        attachments=({"path": "a.jpg"},),
    )
    order = await town.order(filed.order.number)
    assert (order.reporter_name, order.reporter_phone, order.target) == ("张建国", "13812345678", "某工地")
    assert order.title == "东区幸福小区工地噪音太大，我是×××，电话×××"
    assert order.happened_at == datetime(2026, 11, 15, 22, 0, tzinfo=CHINA)
    async with town.runtime.database.connect() as connection:
        row = (await connection.exec_driver_sql("SELECT * FROM orders")).mappings().one()
    for value in row.values():
        assert "13812345678" not in str(value)
        assert "张建国" not in str(value)
        assert filed.query_code not in str(value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": " \n\t "}, "content"),
        ({"content": "\x00\x07"}, "content"),
        ({"content": "吵" * 5001}, "content"),
        ({"kind": "joke"}, "kind"),
        ({"address": "路" * 201}, "address"),
        ({"reporter_name": "名" * 41}, "reporter_name"),
        ({"key": ""}, "key"),
        ({"key": "k" * 121}, "key"),
    ],
)
async def test_what_is_missing_or_too_long_is_refused_and_nothing_is_filed(
    town: Town, changes: dict[str, Any], field: str
) -> None:
    key = changes.pop("key", "bad")
    draft = replace(NOISE, **changes)
    async with town.runtime.database.write() as session:
        with pytest.raises(BadField) as refused:
            await orders.file(session, draft, key=key, now=town.clock.now())
    assert refused.value.field == field
    assert await count(town, Order) == 0
    assert (await town.file(key="bad")).created  # the key was not used up


@pytest.mark.parametrize(
    "content",
    [
        "<script>alert(1)</script>东区噪音太吵",
        "'; DROP TABLE orders; -- 东区噪音太吵",
        "😡东区噪音太吵😡",
        "东区噪音\x00太吵",
    ],
)
async def test_strange_text_is_filed_as_text(any_town: Town, content: str) -> None:
    filed = await any_town.file(content=content)
    async with any_town.runtime.database.read() as session:
        order = (await session.scalars(select(Order).where(Order.number == filed.order.number))).one()
        await session.refresh(order, ["content"])
    assert order.content == content.replace("\x00", "")


async def test_staff_file_what_came_by_letter(town: Town) -> None:
    async with town.runtime.database.write() as session:
        filed = await orders.file(
            session,
            orders.OrderDraft(Kind.SUGGEST, "东区噪音太吵,建议限时", "letter"),
            key="letter-1",
            now=town.clock.now(),
            actor=town.staff["agent"],
        )
    assert filed.order.channel == "letter"
    async with town.runtime.database.read() as session:
        entries = await history.of(session, "order", filed.order.number)
    assert entries[0].actor == f"staff:{town.staff['agent'].id}"
    await town.answered(filed.order.number)  # nobody to tell on a channel: no error either


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


# ------------------------------------------------------------------------------------------- once and whole


async def test_the_same_key_does_a_step_once(any_town: Town) -> None:
    town = any_town
    citizen = await town.citizen()
    number = (await town.file(**citizen)).order.number
    for _ in range(3):
        await town.do(orders.sign, number, HANDLER, key="button-1")
    for _ in range(2):
        await town.do(orders.send_back, number, HANDLER, "退回", key="button-2")  # out of scope after the first
    assert await actions(town, number) == ["file", "dispatch", "sign", "send_back"]
    assert len(await notices(town, citizen["conversation_id"])) == 1


async def test_a_key_is_one_persons_and_one_orders(town: Town) -> None:
    first, second = (await town.file()).order.number, (await town.file()).order.number
    await town.do(orders.sign, first, HANDLER, key="same")
    await town.do(orders.sign, second, HANDLER, key="same")
    assert (await town.order(second)).status == Status.HANDLING.value
    with pytest.raises(NotAllowed):
        await town.do(orders.sign, first, "east head", key="same")


async def test_urging_twice_with_two_keys_counts_twice(town: Town) -> None:
    filed = await town.file()
    proof = CitizenProof(query_code=filed.query_code)
    for key in ("a", "a", "b"):
        async with town.runtime.database.write() as session:
            await orders.urge(session, filed.order.number, proof, key=key, now=town.clock.now())
    assert (await town.order(filed.order.number)).urges == 2


@pytest.mark.parametrize(
    "broken", ["core.history.append", "core.conversations.notify", "backoffice.order_clocks.Timekeeping.load"]
)
async def test_when_the_second_half_breaks_the_first_is_undone(
    any_town: Town, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    town = any_town
    citizen = await town.citizen()
    number = (await town.file(**citizen)).order.number
    await town.do(orders.sign, number, HANDLER)
    before = await town.order(number)
    told = len(await notices(town, citizen["conversation_id"]))

    async def breaks(*_: object, **__: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(broken, breaks)
        with pytest.raises(ConnectionError):
            await town.do(orders.answer, number, HANDLER, town.answer(), key="answer-1")
    after = await town.order(number)
    assert (after.status, after.answered_at, after.due_at, after.updated_at) == (
        before.status,
        None,
        before.due_at,
        before.updated_at,
    )
    assert await count(town, OrderAnswer) == 0
    assert len(await notices(town, citizen["conversation_id"])) == told
    assert await actions(town, number) == ["file", "dispatch", "sign"]
    await town.do(orders.answer, number, HANDLER, town.answer(), key="answer-1")  # and the key is still good
    assert (await town.order(number)).status == Status.ANSWERED.value


async def test_a_filing_that_breaks_leaves_nothing_and_gives_its_number_again(
    any_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr("core.history.append", breaks)
        with pytest.raises(ConnectionError):
            await any_town.file(key="form-1")
    assert await count(any_town, Order) == 0
    filed = await any_town.file(key="form-1")
    assert (filed.created, filed.order.number) == (True, str(FIRST_NUMBER))


async def test_the_chain_of_history_holds_after_a_mixed_life(any_town: Town) -> None:
    town = any_town
    citizen = await town.citizen()
    filed = await town.file(**citizen)
    number, proof = filed.order.number, CitizenProof(query_code=filed.query_code)
    other = (await town.file(UNCLEAR, content="断头规则")).order.number
    await town.do(orders.send_back, number, HANDLER, "退")
    await town.do(orders.dispatch, number, "dispatcher", "police")
    async with town.runtime.database.write() as session:
        await orders.urge(session, number, proof, now=town.clock.now())
        await orders.supplement(session, number, proof, "补充", now=town.clock.now())
    await town.do(orders.refuse, other, "supervisor", "不归热线管")
    await town.do(orders.sign, number, "police handler")
    town.wait(days=3)
    await town.do(orders.answer, number, "police handler", town.answer())
    await town.do(orders.reopen, number, "supervisor", "不满意")
    await town.do(orders.answer, number, "police handler", town.answer())
    await town.do(orders.close, number, "agent")
    assert await actions(town, number) == [
        "file", "dispatch", "send_back", "dispatch", "urge", "supplement",
        "sign", "answer", "reopen", "answer", "close",
    ]  # fmt: skip
    assert await actions(town, other) == ["file", "routing_alarm", "refuse"]
    async with town.runtime.database.read() as session:
        assert await history.verify(session, "order") is None
        said = repr([entry.data for entry in await history.of(session, "order", number)])
    for text in ("补充", "不满意", "退"):  # what people write is kept beside the history, not in it
        assert text not in said


async def test_history_keeps_the_instant_of_every_step(town: Town) -> None:
    begun = town.clock.now()
    number = (await town.file()).order.number
    town.wait(hours=2)
    await town.do(orders.sign, number, HANDLER)
    async with town.runtime.database.read() as session:
        entries = await history.of(session, "order", number)
    assert [entry.at - begun for entry in entries] == [timedelta(), timedelta(), timedelta(hours=2)]


NO_NUMBERS = ("", "1", "abc", "1000\x00001", "１００００００１", "10000001 OR 1=1", "9" * 10_000, "😀" * 8)


async def test_what_is_no_number_is_no_order(any_town: Town) -> None:
    await any_town.file()
    now, proof = any_town.clock.now(), CitizenProof(query_code="ABCDEF")
    async with any_town.runtime.database.write() as session:
        for number in NO_NUMBERS:
            assert await orders.progress(session, number, proof) is None
            with pytest.raises(NoSuchOrder):
                await orders.urge(session, number, proof, now=now)
            with pytest.raises(NoSuchOrder):
                await orders.sign(session, number, any_town.staff[HANDLER], now=now)
            with pytest.raises(NoSuchOrder):
                await access.order_for(session, any_town.staff["agent"], number)


@pytest.mark.parametrize("key", ["", "k" * 121, "a\x00b", "a\n "])
async def test_what_is_no_key_is_refused(any_town: Town, key: str) -> None:
    number = (await any_town.file()).order.number
    with pytest.raises(BadField) as refused:
        await any_town.do(orders.sign, number, HANDLER, key=key)
    assert refused.value.field == "key"
