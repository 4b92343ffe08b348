"""Citizens who wait to be called back: listed with how long, taken by one person, done with a result."""

from __future__ import annotations

from datetime import timedelta

from backoffice import calls
from backoffice.calls import Call, Ending, FollowUp
from core import history
from core.clock import FrozenClock
from tests.backoffice.web.office import Office
from tests.fixtures.calls import CALLER, call_that_was


async def follow_up(office: Office, why: FollowUp = FollowUp.CALL_BACK, *, caller: str | None = CALLER) -> str:
    conversation = await office.citizen_says("我要投诉噪音")
    runtime = office.server.runtime
    call_id = await call_that_was(runtime, conversation.id, ending=Ending.CALL_BACK, caller=caller)
    async with runtime.database.write() as session:
        await calls.want_follow_up(session, call_id, why)
    return call_id


async def stored(office: Office, call_id: str) -> Call:
    async with office.server.runtime.database.read() as session:
        return await session.get_one(Call, call_id)


async def test_who_waits_is_listed_with_why_and_how_long_and_counted_in_the_navigation(
    office: Office, clock: FrozenClock
) -> None:
    async with office.browser_of("agent") as browser:
        page = await browser.get("/staff/calls")
        assert "没有人等回电" in page.words
        call_id = await follow_up(office, FollowUp.VOICEMAIL)
        clock.move(timedelta(minutes=50))
        page = await browser.get("/staff/calls")
        assert "有留言" in page.words
        assert "等了 50 分钟" in page.words
        assert "138****8000" in page.words
        assert CALLER not in page.text
        assert f'href="/staff/calls/{call_id}">听留言' in page.text
        assert 'aria-label="1 位市民在等回电"' in page.text
        assert call_id in (await browser.get("/staff/calls?view=all")).text
        assert call_id not in (await browser.get("/staff/calls?view=done")).text


async def test_one_person_takes_it_sees_the_number_and_says_what_came_of_it(office: Office) -> None:
    call_id = await follow_up(office)
    path = f"/staff/calls/{call_id}"
    async with office.browser_of("agent") as agent, office.browser_of("second") as second:
        assert (await agent.post(f"{path}/take")).status == 303
        assert f'href="tel:{CALLER}"' in (await agent.get("/staff/calls")).text
        page = await second.get("/staff/calls")
        assert "话务员甲（工号 1000）正在回电" in page.words
        assert CALLER not in page.text
        page = await second.post(f"{path}/done", {"result": "reached", "remark": "我写的"})
        assert page.status == 409
        assert "请先接下这个回电" in page.words
        assert (await agent.post(f"{path}/done", {"result": "rubbish"})).status == 409
        assert (await agent.post(f"{path}/done", {"result": "reached", "remark": "已解释"})).status == 303
        assert "没有人等回电" in (await second.get("/staff/calls")).words
        page = await second.get("/staff/calls?view=done")
        assert "已联系上" in page.words
        assert "已解释" in page.words
        page = await second.post(f"{path}/take")
        assert "已经有人回过了" in page.words
    async with office.server.runtime.database.read() as session:
        actions = [entry.action for entry in await history.of(session, "call", call_id)]
    assert actions == ["follow_up_taken", "follow_up_done"]


async def test_whoever_does_not_answer_waits_again_and_the_tries_are_counted(office: Office) -> None:
    call_id = await follow_up(office)
    async with office.browser_of("agent") as agent, office.browser_of("second") as second:
        await agent.post(f"/staff/calls/{call_id}/take")
        await agent.post(f"/staff/calls/{call_id}/done", {"result": "no_answer", "remark": "下午再打"})
        page = await second.get("/staff/calls")
        assert "打过 1 次没有人接" in page.words
        assert "下午再打" in page.words
        assert (await second.post(f"/staff/calls/{call_id}/take")).status == 303
        await second.post(f"/staff/calls/{call_id}/give-back")
    call = await stored(office, call_id)
    assert (call.taken_by, call.attempts, call.followed_at) == (None, 1, None)


async def test_a_colleague_who_is_there_keeps_it_and_a_supervisor_may_take_it_over(office: Office) -> None:
    call_id = await follow_up(office)
    async with office.browser_of("agent") as agent:
        await agent.post("/staff/duty", {"on": "1", "next": "/staff/calls"})
        await agent.post(f"/staff/calls/{call_id}/take")
        async with office.browser_of("second") as second:
            page = await second.post(f"/staff/calls/{call_id}/take")
            assert page.status == 409
            assert "正在回电" in page.words
        async with office.browser_of("supervisor") as supervisor:
            assert (await supervisor.post(f"/staff/calls/{call_id}/take")).status == 303
    assert (await stored(office, call_id)).taken_by == office.people["supervisor"].id


async def test_departments_do_not_see_who_called_and_dispatchers_only_read(office: Office) -> None:
    call_id = await follow_up(office, caller=None)
    async with office.browser_of("handler") as handler:
        assert (await handler.get("/staff/calls")).status == 403
        assert (await handler.post(f"/staff/calls/{call_id}/take")).status == 403
    async with office.browser_of("dispatcher") as dispatcher:
        page = await dispatcher.get("/staff/calls")
        assert "没有号码" in page.words
        assert "我来回电" not in page.words
        assert (await dispatcher.post(f"/staff/calls/{call_id}/take")).status == 403
