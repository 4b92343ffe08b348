"""The order's page: what each reader sees and may do, and that looking at a reporter is written down (C10, I3, I4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from backoffice import orders
from backoffice.calendar_changes import set_calendar_day
from backoffice.order_sheet import OrderSheet, Reporter, sheet_for, unmask_reporter
from backoffice.refusals import NoSuchOrder, NotForYou
from backoffice.time_left import Colour
from backoffice.workflow import Action, Status
from core import history
from core.calendar import DayKind
from core.conversations import Message
from tests.backoffice.conftest import UNCLEAR, Town

HANDLER = "east.urban handler"
REPORTED = {
    "content": "东区噪音太大,我叫张建国,电话13812345678",
    "address": "幸福小区3号楼",
    "reporter_name": "张建国",
    "reporter_phone": "13812345678",
}


async def sheet(town: Town, who: str, number: str) -> OrderSheet:
    async with town.runtime.database.read() as session:
        return await sheet_for(session, town.staff[who], number, town.clock.now())


async def test_names_and_numbers_are_masked_until_somebody_asks_and_the_asking_is_written_down(any_town: Town) -> None:
    town = any_town
    number = (await town.file(**REPORTED, **await town.citizen())).order.number
    shown = await sheet(town, HANDLER, number)
    assert shown.reporter == Reporter("张**", "138****5678")
    assert (shown.concealed, shown.address) == (False, "幸福小区3号楼")
    assert shown.conversation_id is not None
    async with town.runtime.database.write() as session:
        full = await unmask_reporter(session, town.staff[HANDLER], number, town.clock.now())
    assert full == Reporter("张建国", "13812345678")
    last = (await sheet(town, HANDLER, number)).steps[-1]
    assert (last.action, last.label, last.actor) == ("unmask", "查看反映人信息", "008 员工8")


async def test_of_a_confidential_order_a_department_never_sees_the_reporter(any_town: Town) -> None:
    town = any_town
    filed = await town.file(**REPORTED, **await town.citizen(), confidential=True)
    number = filed.order.number
    async with town.runtime.database.write() as session:
        proof = orders.CitizenProof(query_code=filed.query_code)
        await orders.supplement(
            session, number, proof, "我是张建国，找张先生，另一个电话13900139000", now=town.clock.now()
        )
    await town.do(orders.sign, number, HANDLER)
    await town.do(orders.answer, number, HANDLER, replace(town.answer(), situation="已联系张建国（13812345678）"))
    for who in (HANDLER, "east head"):
        seen = await sheet(town, who, number)
        assert (seen.concealed, seen.reporter, seen.conversation_id) == (True, None, None)
        assert seen.address == "幸福小区3号楼", "where the matter is, not where somebody lives"
        assert seen.area == "东区"
        assert "噪音太大" in seen.content
        for secret in ("张", "1381234", "5678", "1390013", "9000", filed.query_code):
            assert secret not in repr(seen)
        async with town.runtime.database.write() as session:
            with pytest.raises(NotForYou):
                await unmask_reporter(session, town.staff[who], number, town.clock.now())
    for who in ("agent", "dispatcher", "supervisor", "administrator"):
        seen = await sheet(town, who, number)
        assert (seen.concealed, seen.address) == (False, "幸福小区3号楼")
        assert seen.reporter == Reporter("张**", "138****5678")


async def test_an_order_out_of_scope_has_no_page_and_no_reporter(town: Town) -> None:
    number = (await town.file(**REPORTED)).order.number
    with pytest.raises(NoSuchOrder):
        await sheet(town, "police handler", number)
    async with town.runtime.database.write() as session:
        with pytest.raises(NoSuchOrder):
            await unmask_reporter(session, town.staff["police handler"], number, town.clock.now())
    async with town.runtime.database.read() as session:
        assert [e.action for e in await history.of(session, "order", number)] == ["file", "dispatch"]


async def test_buttons_are_what_the_reader_may_do_now(town: Town) -> None:
    number = (await town.file()).order.number
    assert (await sheet(town, HANDLER, number)).actions == (Action.SIGN, Action.SEND_BACK)
    assert Action.SIGN not in (await sheet(town, "supervisor", number)).actions
    await town.answered(number)
    assert (await sheet(town, HANDLER, number)).actions == (Action.CLOSE,)


async def test_the_timeline_tells_who_did_what_with_reasons_and_answers(town: Town) -> None:
    number = (await town.file()).order.number
    await town.do(orders.send_back, number, HANDLER, "不属于本局职责")
    await town.do(orders.dispatch, number, "dispatcher", "police", note="请公安办理")
    await town.do(orders.sign, number, "police handler")
    await town.do(orders.answer, number, "police handler", town.answer())
    seen = await sheet(town, "supervisor", number)
    assert [(step.label, step.actor, step.department, step.remark) for step in seen.steps] == [
        ("受理登记", "机器人", "小城市12345热线中心", None),
        ("派单", "系统", "东区城市管理局", None),
        ("退回", "008 员工8", "小城市12345热线中心", "不属于本局职责"),
        ("派单", "002 员工2", "小城市公安局", "请公安办理"),
        ("签收", "006 员工6", "小城市公安局", None),
        ("答复", "006 员工6", "小城市公安局", None),
    ]
    assert seen.steps[-1].answer == seen.answer == town.answer()
    assert seen.status is Status.ANSWERED


async def test_clocks_show_what_runs_and_how_the_others_were_kept(town: Town) -> None:
    number = (await town.file()).order.number
    town.wait(days=2)  # signing was due on Tuesday
    await town.do(orders.sign, number, HANDLER)
    seen = await sheet(town, HANDLER, number)
    assert [(line.label, line.kept, line.left is not None) for line in seen.clocks] == [
        ("答复", None, True),
        ("派单", "按期", False),
        ("签收", "逾期 1 小时", False),
    ]
    assert seen.left.colour is Colour.GREEN
    assert seen.left.due_at == seen.promised_at


async def test_the_dispatcher_is_told_which_department_the_rules_lean_to(town: Town) -> None:
    number = (await town.file(UNCLEAR, content="广场上有一件事")).order.number
    seen = await sheet(town, "dispatcher", number)
    assert seen.status is Status.PENDING_DISPATCH
    assert seen.suggested == "police"


async def test_a_new_holiday_moves_deadlines_at_once_without_telling_anybody(any_town: Town) -> None:
    town = any_town
    citizen = await town.citizen()
    number = (await town.file(**citizen)).order.number
    answered = (await town.file(**citizen)).order.number
    await town.answered(answered)
    before = await sheet(town, HANDLER, number)
    told_before = await _messages(town)
    async with town.runtime.database.write() as session:
        now = town.clock.now()
        moved = await set_calendar_day(session, date(2026, 11, 17), DayKind.HOLIDAY, "市庆日", actor="staff:4", now=now)
    after = await sheet(town, HANDLER, number)
    assert moved == 1
    assert before.left.due_at is not None
    assert after.left.due_at is not None
    assert (after.left.due_at - before.left.due_at).days == 1
    order = await town.order(number)
    assert (order.updated_at, order.due_at) == (before.created_at, after.left.due_at)
    assert await _messages(town) == told_before
    assert [step.action for step in after.steps] == ["file", "dispatch"]
    async with town.runtime.database.write() as session:
        assert await set_calendar_day(session, date(2026, 11, 17), None, "", actor="staff:4", now=now) == 1
    assert (await sheet(town, HANDLER, number)).left == before.left


async def _messages(town: Town) -> int:
    async with town.runtime.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Message)) or 0
