"""One citizen is one contact, however many first words come in one moment and by whichever channel."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select

from core import contacts
from core.contacts import Contact, Sender
from core.runtime import Runtime

NUMBER = "13800138000"


async def first_word(runtime: Runtime, channel: str, number: str = NUMBER, *, phone: str | None = NUMBER) -> int:
    async with runtime.database.write() as session:
        sender = Sender(channel, "12345", number, phone=phone)
        found = await contacts.find_or_create(session, sender, runtime.clock.now())
        await asyncio.sleep(0.01)  # the others come in between
        return found.id


async def count(runtime: Runtime) -> int:
    async with runtime.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Contact)) or 0


async def test_a_first_text_and_a_first_call_in_one_moment_are_one_contact(any_runtime: Runtime) -> None:
    words = [first_word(any_runtime, channel) for channel in ("sms", "voice") * 8]
    assert len(set(await asyncio.gather(*words))) == 1
    assert await count(any_runtime) == 1


async def test_who_was_known_by_a_text_is_known_when_they_call(any_runtime: Runtime) -> None:
    assert await first_word(any_runtime, "sms") == await first_word(any_runtime, "voice")
    assert await count(any_runtime) == 1


async def test_other_numbers_and_callers_without_one_are_other_contacts(any_runtime: Runtime) -> None:
    known = await first_word(any_runtime, "sms")
    assert await first_word(any_runtime, "voice", "13900139000", phone="13900139000") != known
    assert await first_word(any_runtime, "voice", "call:1", phone=None) != known
    assert await count(any_runtime) == 3
