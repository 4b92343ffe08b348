"""Whose telephone rings: one that can be reached and whose owner is on duty at the desk."""

from __future__ import annotations

import pytest

from backoffice import duty
from backoffice.call_takers import takers
from backoffice.staff import Role, Staff
from core.clock import FrozenClock
from core.runtime import Runtime

ON, OFF, GONE, NEVER, CLOSED, HANDLER, CHIEF = "1001", "1002", "1003", "1004", "1005", "1006", "9001"
TELEPHONES = (ON, OFF, GONE, NEVER, CLOSED, HANDLER, "1999")


@pytest.fixture
async def office(runtime: Runtime, clock: FrozenClock) -> Runtime:
    """Everybody a hotline may have: on duty, off duty at the desk, gone without a word, never signed in…"""
    now = clock.now()
    async with runtime.database.write() as session:
        for number in (ON, OFF, GONE, NEVER, CLOSED, HANDLER, CHIEF):
            role = {HANDLER: Role.DISPATCHER, CHIEF: Role.ADMINISTRATOR}.get(number, Role.AGENT)
            session.add(
                Staff(
                    username=number,
                    number=number,
                    name=number,
                    role=role,
                    password_hash="",
                    active=number != CLOSED,
                    failed_attempts=0,
                    created_at=now,
                    password_changed_at=now,
                    capacity=5,
                    on_duty_since=now if number in {ON, GONE, CLOSED, CHIEF} else None,
                    seen_at={NEVER: None, GONE: now - duty.PRESENCE}.get(number, now),
                )
            )
    return runtime


async def rung(office: Runtime, clock: FrozenClock, *telephones: str, without_desk: bool = False) -> list[str]:
    async with office.database.read() as session:
        return await takers(session, telephones, clock.now(), without_desk=without_desk)


async def test_a_call_goes_to_who_is_on_duty_and_has_a_telephone(office: Runtime, clock: FrozenClock) -> None:
    assert await rung(office, clock, *TELEPHONES) == [ON]
    assert await rung(office, clock, OFF) == []  # though the one with 9001 is on duty: without a telephone
    assert await rung(office, clock) == []


async def test_where_a_telephone_alone_is_enough_only_who_says_off_duty_is_left_alone(
    office: Runtime, clock: FrozenClock
) -> None:
    assert await rung(office, clock, *TELEPHONES, without_desk=True) == [ON, GONE, NEVER, "1999"]
