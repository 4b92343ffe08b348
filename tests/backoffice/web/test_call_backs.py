"""Citizens who wait to be called back: listed with how long, taken by one person, done with a result."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from backoffice import call_people, call_served, calling_back, calls
from backoffice.calling_back import CallBackTickets, DialOut
from backoffice.calls import Call, Ending, FollowUp
from backoffice.web.calls_query import read_calls_query
from core import conversations, history
from core.clock import FrozenClock
from core.messages import Reply
from core.runtime import Runtime
from tests.backoffice.web.office import Office
from tests.fixtures.calls import CALLER, call_that_was


async def follow_up(
    office: Office, why: FollowUp = FollowUp.CALL_BACK, *, caller: str | None = CALLER, who: str = "v1"
) -> str:
    conversation = await office.citizen_says("我要投诉噪音", who=who)
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


async def test_calls_of_one_number_are_one_citizen_taken_and_done_with_together(
    office: Office, clock: FrozenClock
) -> None:
    ids = []
    for why in (FollowUp.MISSED, FollowUp.VOICEMAIL, FollowUp.MISSED):
        ids.append(await follow_up(office, why))
        clock.move(timedelta(minutes=10))
    other = await follow_up(office, FollowUp.MISSED, caller="13900139000")
    async with office.browser_of("agent") as agent:
        page = await agent.get("/staff/calls")
        assert 'aria-label="2 位市民在等回电"' in page.text
        assert "138****8000 打来 3 次" in page.words
        assert page.words.count("我来回电") == 2
        assert "等了 30 分钟" in page.words
        assert f'href="/staff/calls/{ids[1]}">听留言' in page.text
        assert (await agent.post(f"/staff/calls/{ids[2]}/take")).status == 303
        ids.append(await follow_up(office, FollowUp.MISSED))  # they try once more meanwhile
        await agent.post(f"/staff/calls/{ids[2]}/done", {"result": "reached", "remark": "已解释"})
        page = await agent.get("/staff/calls")
        assert "138****8000" not in page.words
        assert "139****9000" in page.words
        page = await agent.get("/staff/calls?view=done")
        assert page.words.count("已联系上") == 1
        assert (
            await agent.post(f"/staff/calls/{ids[3]}/amend", {"remark": "其实是忙音", "result": "no_answer"})
        ).status == 303
        page = await agent.get("/staff/calls")
        assert "138****8000 打来 4 次" in page.words
        assert "其实是忙音" in page.words
        assert (await agent.post(f"/staff/calls/{other}/amend", {"remark": "不是我的"})).status == 409


async def test_a_message_left_while_somebody_calls_back_waits_for_itself(office: Office, clock: FrozenClock) -> None:
    first = await follow_up(office, FollowUp.MISSED)
    async with office.browser_of("agent") as agent:
        await agent.post(f"/staff/calls/{first}/take")
        clock.move(timedelta(minutes=1))
        message = await follow_up(office, FollowUp.VOICEMAIL)
        await agent.post(f"/staff/calls/{first}/done", {"result": "reached", "remark": ""})
        assert (await stored(office, first)).followed_at is not None
        assert (await stored(office, message)).followed_at is None, "nobody has heard it"
        assert "138****8000" in (await agent.get("/staff/calls")).words


async def test_who_calls_again_and_is_answered_or_files_an_order_is_not_called_back_and_it_is_told_why(
    office: Office, clock: FrozenClock
) -> None:
    waits = [await follow_up(office, why) for why in (FollowUp.MISSED, FollowUp.VOICEMAIL)]
    other = await follow_up(office, FollowUp.MISSED, caller="13900139000", who="v2")
    asked_for = await follow_up(office, FollowUp.CALL_BACK, caller="13900139000", who="v5")
    clock.move(timedelta(minutes=30))
    runtime = office.server.runtime
    conversation = await office.citizen_says("路灯不亮", who="v3")
    again = await call_that_was(runtime, conversation.id, ending=Ending.TRANSFERRED)
    async with runtime.database.write() as session:
        await call_people.answered(session, again, office.people["agent"].number, office.now)
    unserved = await call_that_was(runtime, conversation.id, caller="13900139000")
    async with runtime.database.write() as session:
        await call_served.by_the_bot(session, unserved, office.now)
    assert (await stored(office, other)).followed_at is None  # they only talked
    async with runtime.database.write() as session:
        said = Reply("要带身份证。", card={"kind": "answer", "title": "怎么补办", "summary": "要带身份证。"})
        locked = await conversations.lock(session, conversation.id)
        await conversations.say(session, locked, "bot", said, office.now)
        await call_served.by_the_bot(session, unserved, office.now)
    async with office.browser_of("agent") as agent:
        assert (await stored(office, asked_for)).followed_at is None, (
            "an answer is not what they asked to be called for"
        )
        page = await agent.get("/staff/calls?view=done")
    assert page.words.count("市民又打来了") == 2
    assert "又打来，话务员甲（工号 1000）接听了。" in page.words
    assert "又打来，智能助手回答了他的问题。" in page.words
    async with runtime.database.read() as session:
        kept = [entry.action for entry in await history.of(session, "call", waits[1])]
    assert kept == ["follow_up_withdrawn"]


async def test_all_calls_are_found_by_day_number_end_and_agent_without_a_number_in_the_address_and_rubbish_is_told(
    office: Office,
) -> None:
    ids = [await follow_up(office, caller=caller) for caller in (CALLER, "13900139999")]
    async with office.browser_of("agent") as agent:
        days = {"since": "2026-11-16", "until": "2026-11-16"}
        found = await agent.post("/staff/calls/find", {"number": "13900139999", "ending": "call_back", **days})
        assert found.status == 303
        assert "9999" not in found.headers["location"]
        page = await agent.get(found.headers["location"])
        assert 'value="13900139999"' in page.text
        assert ids[1] in page.text
        assert ids[0] not in page.text
        assert "共 1 个" in page.words
        rubbish = {"number": "12", "since": "2026-11-17", "until": "2026-11-16", "staff": "x", "ending": "y"}
        page = await agent.get((await agent.post("/staff/calls/find", rubbish)).headers["location"] + "&page=-3")
        assert "结束日期早于开始日期" in page.words
        assert "只写最后四位" in page.words
        assert "共 2 个" in page.words
        page = await agent.get("/staff/calls?view=all&caller=v1:rubbish")
        assert "网址里的号码不完整" in page.words
        page = await agent.get("/staff/calls?view=all&number=9999")
        assert "号码不能写在网址里" in page.words
        assert "共 2 个" in page.words
        assert "没有符合这些条件的通话" in (await agent.get("/staff/calls?view=all&until=2026-11-15")).words


async def test_another_page_of_all_calls_is_of_the_same_number_and_so_is_the_next(runtime: Runtime) -> None:
    query = read_calls_query({"since": "2026-11-16", "caller": "v1:rubbish"})
    assert query.given == {"since": "2026-11-16"}
    query = replace(query, given={**query.given, "number": CALLER})
    for page in (2, 3):
        query = read_calls_query(dict(parse_qsl(urlsplit(query.address(page)).query)))
        assert (query.page, query.wanted.number, query.problems) == (page, CALLER, ())


async def test_supervisors_see_who_talks_with_whom_since_when_and_listen_from_there(
    office: Office, clock: FrozenClock
) -> None:
    runtime, agent = office.server.runtime, office.people["agent"]
    now = clock.now()
    async with runtime.database.write() as session:
        for name in ("bot", "rings", "talks", "over"):
            call = await calls.begin(
                session, name * 9, "asterisk", caller=CALLER, called="", channel="PJSIP/t-1", now=now
            )
            if name != "bot":
                await calls.end(session, call.id, calls.Outcome(Ending.TRANSFERRED), now)
            if name in {"rings", "talks"}:
                await call_people.rings(session, call.id, agent.number)
            if name == "talks":
                await call_people.answered(session, call.id, agent.number, now + timedelta(minutes=1))
    clock.move(timedelta(minutes=5))
    async with office.browser_of("supervisor") as supervisor, office.browser_of("agent") as other:
        page = await supervisor.get("/staff/calls?view=live")
        for words in ("和机器人通话 5 分钟", "话务员甲（工号 1000）的话机在响", "和话务员甲（工号 1000）通话 4 分钟"):
            assert words in page.words, page.words
        assert page.words.count("耳语") == 4  # of three calls, and what it means
        assert "和机器人通话" in (await supervisor.get("/staff/calls/live")).words
        assert "正在通话" not in (await other.get("/staff/calls?view=live")).words
        assert (await other.get("/staff/calls/live")).status == 403


async def test_only_who_has_taken_a_call_back_gets_a_ticket_and_only_their_telephone_uses_it_once(
    office: Office, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id, hidden = await follow_up(office), await follow_up(office, caller=None, who="v2")
    tickets: CallBackTickets = office.server.app.ctx.calling_back
    mine, other = office.people["agent"].number, office.people["second"].number
    async with office.browser_of("agent") as agent, office.browser_of("second") as second:
        await agent.post(f"/staff/calls/{call_id}/take")
        assert "回拨" not in (await agent.get("/staff/calls")).words  # there is no PBX
        monkeypatch.setattr(office.server.runtime.settings, "audiosocket_port", 9092)
        assert "回拨" in (await agent.get("/staff/calls")).words
        page = await second.post(f"/staff/calls/{call_id}/dial")
        assert (page.status, "请先接下这个回电" in page.words) == (409, True)
        await agent.post(f"/staff/calls/{hidden}/take")
        assert "没有显示号码" in (await agent.post(f"/staff/calls/{hidden}/dial")).words
        assert (await agent.post("/staff/calls/0f1e2d3c-0000-4000-8000-000000000000/dial")).status == 409
        codes = []
        for _ in range(2):
            page = await agent.post(f"/staff/calls/{call_id}/dial")
            codes += re.findall(r"\*8(\d{6})</a>", page.text)
    assert tickets.use(codes[0], other, clock.now()) is None
    assert tickets.use(codes[0], mine, clock.now()) == DialOut(call_id, CALLER)
    assert tickets.use(codes[0], mine, clock.now()) is None
    assert tickets.use(codes[1], mine, clock.now() + timedelta(minutes=3)) is None


async def test_what_the_pbx_tells_of_a_call_back_is_believed_once_and_putting_down_too_soon_costs_nothing(
    office: Office, clock: FrozenClock
) -> None:
    call_id, number = await follow_up(office), office.people["agent"].number
    async with office.browser_of("agent") as agent:
        await agent.post(f"/staff/calls/{call_id}/take")
        told = (("CANCEL", 0, 0, None), ("ANSWER", 2, 0, None), ("ANSWER", 9, 1, "reached"), ("BUSY", 0, 1, "reached"))
        for status, seconds, attempts, result in told:
            async with office.server.runtime.database.write() as session:
                await calling_back.called_back(session, call_id, number, status, seconds, clock.now())
            kept = await stored(office, call_id)
            assert (kept.attempts, kept.follow_result) == (attempts, result), status
