"""Signing in: who fails learns nothing, who guesses is locked out, who succeeds gets a fresh session (I5)."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backoffice import passwords
from backoffice.sign_in import lock_length
from backoffice.staff import Staff
from core.clock import FrozenClock
from core.history import HistoryEntry
from tests.backoffice.web.office import PASSWORD, Answer, Office


def _without_what_was_typed(answer: Answer) -> str:
    """The page without the token and the user name that was typed in."""
    text = re.sub(r'name="csrf" value="[^"]*"', "", answer.text)
    return re.sub(r'id="username" name="username" value="[^"]*"', "", text)


async def _history(office: Office) -> list[HistoryEntry]:
    async with office.server.runtime.database.read() as session:
        found = await session.scalars(
            select(HistoryEntry).where(HistoryEntry.subject == "staff").order_by(HistoryEntry.position)
        )
        return [entry for entry in found if entry.action != "create"]


async def test_the_right_password_opens_the_desk_and_the_wrong_one_does_not(office: Office) -> None:
    async with office.stranger() as browser:
        refused = await browser.sign_in("agent", "heron-lake-eighty")
        assert refused.status == 422
        assert "用户名或密码不对" in refused.words
        assert 'value="agent"' in refused.text  # what was typed is not lost
        assert (await browser.get("/staff/desk")).status == 303
        entered = await browser.sign_in("agent")
        assert entered.status == 303
        assert (await browser.get("/staff/desk")).status == 200


async def test_the_user_name_may_be_typed_in_capitals_and_with_spaces(office: Office) -> None:
    async with office.stranger() as browser:
        assert (await browser.sign_in("  AGENT ")).status == 303


async def test_the_session_cookie_is_for_staff_pages_only_and_out_of_reach_of_scripts(office: Office) -> None:
    async with office.stranger() as browser:
        cookie = (await browser.sign_in("agent")).headers["set-cookie"]
    assert "Path=/staff" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_unknown_wrong_inactive_and_locked_get_the_same_answer(office: Office) -> None:
    async with office.server.runtime.database.write() as session:
        await session.execute(update(Staff).where(Staff.username == "head").values(active=False))
        until = office.now + timedelta(minutes=5)
        await session.execute(update(Staff).where(Staff.username == "handler").values(locked_until=until))
    answers = []
    async with office.stranger() as browser:
        for username, password in (
            ("nobody-here", PASSWORD),
            ("agent", "heron-lake-eighty"),
            ("head", PASSWORD),
            ("handler", PASSWORD),
        ):
            answers.append(await browser.sign_in(username, password))
    assert {answer.status for answer in answers} == {422}
    assert len({_without_what_was_typed(answer) for answer in answers}) == 1


@pytest.mark.parametrize("username", ["nobody-here", "agent"])
async def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    office: Office, username: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    really = passwords._verify

    def counted(password_hash: str, password: str) -> bool:
        verified.append(password_hash)
        return really(password_hash, password)

    monkeypatch.setattr(passwords, "_verify", counted)
    async with office.stranger() as browser:
        await browser.sign_in(username, "heron-lake-eighty")
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$")


async def test_five_wrong_passwords_lock_the_account_and_time_opens_it(office: Office, clock: FrozenClock) -> None:
    async with office.stranger() as browser:
        for _ in range(5):
            await browser.sign_in("agent", "heron-lake-eighty")
        assert (await browser.sign_in("agent")).status == 422
        clock.move(timedelta(minutes=5, seconds=1))
        assert (await browser.sign_in("agent")).status == 303


async def test_the_lock_grows_with_every_further_wrong_password(office: Office, clock: FrozenClock) -> None:
    async with office.stranger() as browser:
        for _ in range(5):
            await browser.sign_in("agent", "heron-lake-eighty")
        clock.move(timedelta(minutes=5, seconds=1))
        await browser.sign_in("agent", "heron-lake-eighty")
        clock.move(timedelta(minutes=5, seconds=1))
        assert (await browser.sign_in("agent")).status == 422
        clock.move(timedelta(minutes=5))
        assert (await browser.sign_in("agent")).status == 303


def test_lock_lengths_double_up_to_an_hour() -> None:
    minutes = [length and length.total_seconds() / 60 for length in map(lock_length, range(4, 12))]
    assert minutes == [None, 5, 10, 20, 40, 60, 60, 60]


async def test_of_many_guesses_at_once_five_are_looked_at(office: Office) -> None:
    async def guess(number: int) -> int:
        async with office.stranger() as browser:
            return (await browser.sign_in("agent", f"heron-lake-{number}")).status

    statuses = await asyncio.gather(*(guess(number) for number in range(12)))
    assert set(statuses) == {422}
    async with office.server.runtime.database.read() as session:
        agent = (await session.scalars(select(Staff).where(Staff.username == "agent"))).one()
    assert agent.failed_attempts == 5
    assert agent.locked_until is not None


async def test_a_right_password_forgets_the_wrong_ones(office: Office) -> None:
    async with office.stranger() as browser:
        for _ in range(4):
            await browser.sign_in("agent", "heron-lake-eighty")
        assert (await browser.sign_in("agent")).status == 303
        await browser.session.close()
    async with office.stranger() as browser:
        await browser.sign_in("agent", "heron-lake-eighty")
        assert (await browser.sign_in("agent")).status == 303


async def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(office: Office) -> None:
    async with office.stranger() as browser, office.stranger() as other:
        door = await browser.get("/staff/sign-in")
        fields = {"username": "agent", "password": PASSWORD, "csrf": door.csrf}
        tokens = []
        for _ in range(2):
            assert (await browser.post("/staff/sign-in", fields)).status == 303
            tokens.append(browser.session_token)
        assert tokens[0] != tokens[1]
        assert (await other.get("/staff/desk", Cookie=f"huiyin-staff={tokens[0]}")).status == 303
        assert (await other.get("/staff/desk", Cookie=f"huiyin-staff={tokens[1]}")).status == 200


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/staff/desk?x=1", "/staff/desk?x=1"),
        ("https://evil.example/", "/staff/"),
        ("//evil.example/staff/", "/staff/"),
        ("/staff/\\evil.example", "/staff/"),
        ("/staff/\r\nSet-Cookie: a=b", "/staff/"),
        ("/chat", "/staff/"),
    ],
)
async def test_after_signing_in_one_is_led_only_to_our_own_staff_pages(
    office: Office, wanted: str, led_to: str
) -> None:
    async with office.stranger() as browser:
        assert (await browser.sign_in("agent", next=wanted)).headers["location"] == led_to


async def test_a_sign_in_form_of_a_foreign_page_is_refused_and_the_name_kept(office: Office) -> None:
    async with office.stranger() as browser:
        await browser.get("/staff/sign-in")
        for token in ("", "0" * 64):
            answer = await browser.post("/staff/sign-in", {"username": "agent", "password": PASSWORD, "csrf": token})
            assert answer.status == 403
            assert "过期" in answer.words
            assert 'value="agent"' in answer.text
            assert PASSWORD not in answer.text
        assert (await browser.get("/staff/desk")).status == 303


async def test_hammering_one_name_is_slowed_and_colleagues_behind_the_same_address_go_on(office: Office) -> None:
    async with office.stranger() as browser:
        statuses = [(await browser.sign_in("nobody-here", "x" * 12)).status for _ in range(21)]
        assert statuses == [422] * 20 + [429]
        assert (await browser.sign_in("agent")).status == 303


async def test_everything_at_the_door_is_history_without_what_was_typed(office: Office) -> None:
    async with office.stranger() as browser:
        await browser.sign_in("my-secret-typed-here", "another-secret")
        for _ in range(5):
            await browser.sign_in("agent", "third-secret-99")
        await browser.sign_in("agent")
        await browser.sign_in("second")
        await browser.post("/staff/sign-out")
    entries = await _history(office)
    agent, second = str(office.people["agent"].id), str(office.people["second"].id)
    assert [(entry.subject_id, entry.action) for entry in entries] == [
        ("-", "sign_in_failed"),
        *[(agent, "sign_in_failed")] * 5,
        (agent, "lock"),
        (agent, "sign_in_failed"),
        (second, "sign_in"),
        (second, "sign_out"),
    ]
    everything = " ".join(f"{entry.actor} {entry.data}" for entry in entries)
    assert "secret" not in everything
