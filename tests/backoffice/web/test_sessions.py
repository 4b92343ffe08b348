"""Sessions end by idling, by age, by signing out anywhere, with the password and with the account (I5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backoffice.staff import Staff
from backoffice.staff_sessions import StaffSession
from core.clock import FrozenClock
from core.conversations import Owner
from tests.backoffice.web.office import PASSWORD, Office

NEW = "otter-bridge-seven"


async def test_a_session_ends_after_idling_but_not_while_somebody_works(office: Office, clock: FrozenClock) -> None:
    async with office.browser_of("agent") as browser:
        for _ in range(3):
            clock.move(timedelta(minutes=50))
            assert (await browser.get("/staff/desk")).status == 200
        clock.move(timedelta(minutes=61))
        answer = await browser.get("/staff/desk?x=1")
    assert answer.status == 303
    assert answer.headers["location"] == "/staff/sign-in?next=/staff/desk%3Fx%3D1"


async def test_a_session_ends_after_a_working_day_however_busy(office: Office, clock: FrozenClock) -> None:
    async with office.browser_of("agent") as browser:
        for _ in range(9):
            clock.move(timedelta(minutes=50))
            assert (await browser.get("/staff/desk")).status == 200
        clock.move(timedelta(minutes=31))
        assert (await browser.get("/staff/desk")).status == 303


async def test_what_a_page_asks_by_itself_keeps_no_session_alive_unless_a_person_is_at_it(
    office: Office, clock: FrozenClock
) -> None:
    async with office.browser_of("agent") as browser, office.browser_of("second") as worker:
        for _ in range(2):
            clock.move(timedelta(minutes=35))
            await browser.get("/staff/navigation", HX_Request="true")
            await worker.get("/staff/navigation", HX_Request="true", X_Huiyin_Active="1")
        assert (await browser.get("/staff/desk")).status == 303
        assert (await worker.get("/staff/desk")).status == 200


async def test_signing_out_ends_the_session_at_the_server(office: Office) -> None:
    async with office.browser_of("agent") as browser, office.stranger() as other:
        token = browser.session_token
        assert (await browser.post("/staff/sign-out")).status == 303
        assert (await other.get("/staff/desk", Cookie=f"huiyin-staff={token}")).status == 303


async def test_signing_out_with_the_last_session_is_off_duty_and_conversations_wait_again(office: Office) -> None:
    conversation_id = await office.waiting()
    async with office.browser_of("agent") as browser, office.browser_of("agent") as second_window:
        await browser.post(f"/staff/desk/{conversation_id}/take")
        await second_window.post("/staff/sign-out")
        assert (await office.conversation(conversation_id)).owner == Owner.PERSON.value
        await browser.post("/staff/sign-out")
    assert (await office.conversation(conversation_id)).owner == Owner.WAITING.value
    async with office.server.runtime.database.read() as session:
        agent = (await session.scalars(select(Staff).where(Staff.username == "agent"))).one()
    assert agent.on_duty_since is None


async def test_my_other_sessions_can_be_ended_one_by_one_and_all_at_once(office: Office) -> None:
    async with (
        office.browser_of("agent") as here,
        office.browser_of("agent") as one,
        office.browser_of("agent") as two,
        office.browser_of("agent") as three,
    ):
        async with office.server.runtime.database.read() as session:
            ids = list(await session.scalars(select(StaffSession.id).order_by(StaffSession.id)))
        assert (await here.post(f"/staff/account/sessions/{ids[1]}/end")).status == 303
        assert [(await browser.get("/staff/desk")).status for browser in (here, one, two)] == [200, 303, 200]
        assert (await here.post("/staff/account/sessions/end-others")).status == 303
        assert [(await browser.get("/staff/desk")).status for browser in (here, two, three)] == [200, 303, 303]


async def test_nobody_ends_the_session_of_somebody_else(office: Office) -> None:
    async with office.browser_of("agent") as browser, office.browser_of("administrator") as other:
        async with office.server.runtime.database.read() as session:
            theirs = (await session.scalars(select(StaffSession.id).order_by(StaffSession.id.desc()))).first()
        assert (await browser.post(f"/staff/account/sessions/{theirs}/end")).status == 404
        assert (await other.get("/staff/desk")).status == 200


async def test_switching_an_account_off_ends_its_sessions(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        async with office.server.runtime.database.write() as session:
            await session.execute(update(Staff).where(Staff.username == "agent").values(active=False))
        assert (await browser.get("/staff/desk")).status == 303


async def test_a_new_password_works_at_once_and_ends_every_other_session(office: Office) -> None:
    async with office.browser_of("agent") as here, office.browser_of("agent") as elsewhere:
        changed = await here.post("/staff/account/password", {"old": PASSWORD, "new": NEW, "again": NEW})
        assert changed.status == 303
        assert (await here.get("/staff/desk")).status == 200
        assert (await elsewhere.get("/staff/desk")).status == 303
    async with office.stranger() as browser:
        assert (await browser.sign_in("agent")).status == 422
        assert (await browser.sign_in("agent", NEW)).status == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "reason"),
    [
        ("not-my-password", NEW, NEW, "现在的密码不对"),
        (PASSWORD, NEW, NEW + "!", "两次输入的新密码不一样"),
        (PASSWORD, "short-one", "short-one", "至少要 10 个字符"),
        (PASSWORD, "1234567890", "1234567890", "太常见"),
        (PASSWORD, "woaini5201314", "woaini5201314", "太常见"),
        (PASSWORD, "agentagent", "agentagent", "不能是用户名"),
        (PASSWORD, "x" * 129, "x" * 129, "不能超过 128"),
        (PASSWORD, PASSWORD, PASSWORD, "不能和现在的密码一样"),
    ],
)
async def test_a_password_that_may_not_be_is_refused_at_its_field_and_shown_nowhere(
    office: Office, old: str, new: str, again: str, reason: str
) -> None:
    async with office.browser_of("agent") as browser:
        answer = await browser.post("/staff/account/password", {"old": old, "new": new, "again": again})
        assert answer.status == 422
        assert reason in answer.words
        assert new not in answer.text
        assert old not in answer.text
    async with office.stranger() as browser:
        assert (await browser.sign_in("agent")).status == 303


async def test_guessing_the_present_password_at_an_open_screen_locks_and_signs_out(office: Office) -> None:
    async with office.browser_of("agent") as browser:
        for _ in range(5):
            await browser.post("/staff/account/password", {"old": "guess-guess-1", "new": NEW, "again": NEW})
        assert (await browser.get("/staff/account")).status == 303
        assert (await browser.sign_in("agent")).status == 422
