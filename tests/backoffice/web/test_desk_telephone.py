"""A third party in the call one is in: who may invite whom, what is shown and kept, a PBX that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from backoffice import call_third, call_wishes, duty
from backoffice.calls import Call
from backoffice.departments import open_departments
from backoffice.third_party import Wish
from core import history
from core.clock import FrozenClock
from core.conversations import Conversation
from core.settings import Settings
from tests.backoffice.web.office import Answer, Browser, Office, open_office
from tests.fixtures.app import running_app
from tests.fixtures.pbx import SECRET, Pbx, answered_call


@pytest.fixture
async def office(sqlite_settings: Settings, clock: FrozenClock) -> AsyncIterator[Office]:
    """With a PBX, a department that has a telephone, and a colleague on duty."""
    settings = sqlite_settings.model_copy(update={"pbx_secret": SecretStr(SECRET)})
    async with running_app(settings, clock) as server:
        opened = await open_office(server)
        async with server.runtime.database.write() as session:
            (await open_departments(session))[0].phone = "0837-8000101"
            await duty.go_on_duty(session, opened.people["second"].id, opened.now)
        yield opened


async def presses(
    browser: Browser, conversation_id: str, wish: str, pbx: Pbx | None, **fields: str
) -> tuple[Answer, str]:
    """What the page answers, and what the PBX is told to do."""
    pressed = browser.post(f"/staff/desk/{conversation_id}/third/{wish}", fields)
    if pbx is None:
        return await pressed, ""
    answer, told = await asyncio.gather(pressed, pbx.takes())
    return answer, told


async def test_an_agent_invites_a_department_joins_it_and_leaves_and_all_is_kept(office: Office) -> None:
    conversation_id = await office.waiting("半夜施工太吵")
    pbx = await answered_call(office, conversation_id)
    desk, name = f"/staff/desk/{conversation_id}", "云州市住房和城乡建设局"
    async with office.browser_of("agent") as browser:
        assert "您和市民在通话" in (await browser.get(desk)).words
        answer, told = await presses(browser, conversation_id, "invite", pbx, third="department:1")
        assert (answer.status, told) == (303, "invite/08378000101")
        page = await browser.get(desk)
        assert f"正在呼叫{name}，市民在听音乐等候" in page.words.replace(" ", "")
        assert "转给部门" not in page.words
        await pbx.tells("answers")
        assert f"您和{name}在通话，市民在听音乐等候" in (await browser.get(desk)).words.replace(" ", "")
        assert (await presses(browser, conversation_id, "join", pbx))[1] == "join"
        assert f"三方通话：您、市民、{name}" in (await browser.get(desk)).words.replace(" ", "")
        async with office.server.runtime.database.write() as session:
            late = call_third.Asked(pbx.call_id, office.people["agent"].id, Wish.JOIN)  # on its way as it was joined
            assert not await call_third.is_taken(session, late, office.now)
        assert (await presses(browser, conversation_id, "leave", pbx))[1] == "leave"
        await pbx.tells("agent_leaves")
        await pbx.tells("agent_leaves")
        await pbx.tells("leaves")
        page = await browser.get(desk)
        assert "邀请第三方" not in page.words
        assert f"话务员退出，市民和{name}继续通话" in page.words
        sheet = (await browser.get(f"/staff/calls/{pbx.call_id}")).words
    for deed in (f"呼叫{name}", f"{name}接听", "三方通话", f"退出，由{name}和市民通话", f"{name}退出"):
        assert deed in sheet, deed
    async with office.server.runtime.database.read() as session:
        kept = [(entry.action, entry.actor) for entry in await history.of(session, "call", pbx.call_id)]
        assert (await session.get_one(Call, pbx.call_id)).with_staff is None
    agent = f"staff:{office.people['agent'].id}"
    assert kept == [
        ("invite", agent),
        ("third_answers", "system"),
        ("join", agent),
        ("agent_leaves", agent),
        ("third_leaves", "system"),
    ]


async def test_a_colleague_who_is_left_with_the_citizen_has_the_call_and_the_conversation(office: Office) -> None:
    conversation_id = await office.waiting("半夜施工太吵")
    pbx = await answered_call(office, conversation_id)
    async with office.browser_of("agent") as browser, office.browser_of("second") as other:
        colleague = office.people["second"]
        page = await browser.get(f"/staff/desk/{conversation_id}")
        assert f'value="staff:{colleague.id}"' in page.text
        assert f'value="staff:{office.people["supervisor"].id}"' not in page.text  # not on duty
        assert (await presses(browser, conversation_id, "invite", pbx, third=f"staff:{colleague.id}"))[
            1
        ] == "invite/2001"
        await pbx.tells("unreached", "BUSY")
        page = await browser.get(f"/staff/desk/{conversation_id}")
        assert "话务员乙（工号 2001）占线" in page.words.replace("</strong>", "")
        await presses(browser, conversation_id, "invite", pbx, third=f"staff:{colleague.id}")
        await pbx.tells("answers")
        await pbx.tells("agent_leaves")
        assert "您和市民在通话" in (await other.get(f"/staff/desk/{conversation_id}")).words
        answer, told = await presses(other, conversation_id, "invite", pbx, third="department:1")
        assert (answer.status, told) == (303, "invite/08378000101")
    async with office.server.runtime.database.read() as session:
        assert (await session.get_one(Conversation, conversation_id)).staff_id == colleague.id


async def test_nobody_else_invites_nobody_else_is_called_and_a_silent_pbx_is_told_of(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_wishes, "PATIENCE", 0.1)
    conversation_id = await office.waiting("半夜施工太吵")
    pbx = await answered_call(office, conversation_id)
    async with office.browser_of("agent") as browser, office.browser_of("supervisor") as other:
        assert "邀请第三方" not in (await other.get(f"/staff/desk/{conversation_id}")).words
        for who, wish, third, status, why in (
            (other, "invite", "department:1", 409, "没有和这位市民通电话"),
            (browser, "join", "", 409, "通话的情况已经变了"),
            (browser, "invite", "08378000101", 422, "请选一个有电话的部门"),
            (browser, "invite", "department:99", 422, "请选一个有电话的部门"),
            (browser, "invite", f"staff:{office.people['agent'].id}", 422, "请选一个有电话的部门"),
            (browser, "invite", "department:1", 503, "电话交换机没有应答"),
        ):
            answer, _ = await presses(who, conversation_id, wish, None, third=third)
            assert (answer.status, why in answer.words) == (status, True), answer.words
    async with office.server.runtime.database.read() as session:
        assert await history.of(session, "call", pbx.call_id) == []
