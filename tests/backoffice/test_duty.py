"""Who is there: on duty counts only with a live page, and no citizen waits for somebody gone (trap 19)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from backoffice import desk, duty, passwords, staff
from backoffice.desk import DeskRefused
from backoffice.staff import NewStaff, Role, Staff
from core import conversations, history
from core.clock import FrozenClock
from core.contacts import Sender
from core.conversations import Conversation, Owner, TurnOutcome
from core.messages import InboundMessage
from core.runtime import Runtime


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is checked here; real hashes would only cost time."""

    async def hashed(_password: str) -> str:
        return "$argon2id$none"

    monkeypatch.setattr(passwords, "hashed", hashed)


async def _hire(runtime: Runtime, username: str, role: Role = Role.AGENT) -> Staff:
    async with runtime.database.write() as session:
        new = NewStaff(username, f"no-{username}", f"话务员{username}", role)
        return await staff.create(session, new, "heron-lake-ninety", "system", runtime.clock.now())


async def _waiting(runtime: Runtime, who: str, reason: str = "asked") -> str:
    now = runtime.clock.now()
    inbound = InboundMessage(Sender("webchat", "web", who), f"m-{who}", "转人工")
    async with runtime.database.write() as session:
        received, conversation = await conversations.receive(session, inbound, now)
        outcome = TurnOutcome((), None, handoff=reason)
        await conversations.finish_turn(session, received.message_id, conversation.epoch, outcome, now)
    return received.conversation_id


async def _on_duty(runtime: Runtime) -> int:
    async with runtime.database.read() as session:
        return await duty.on_duty_count(session, runtime.clock.now())


async def _go_on_duty(runtime: Runtime, person: Staff) -> None:
    async with runtime.database.write() as session:
        await duty.go_on_duty(session, person.id, runtime.clock.now())


async def _read(runtime: Runtime, conversation_id: str) -> Conversation:
    async with runtime.database.read() as session:
        return await session.get_one(Conversation, conversation_id)


async def test_a_closed_lid_is_off_duty_whatever_the_button_says(runtime: Runtime, clock: FrozenClock) -> None:
    person = await _hire(runtime, "one")
    assert await _on_duty(runtime) == 0
    await _go_on_duty(runtime, person)
    assert await _on_duty(runtime) == 1
    clock.move(duty.PRESENCE)
    assert await _on_duty(runtime) == 0


async def test_only_those_who_take_conversations_count_as_on_duty(runtime: Runtime) -> None:
    for role in (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR):
        await _go_on_duty(runtime, await _hire(runtime, role.value, role))
    assert await _on_duty(runtime) == 2


async def test_places_in_the_line_go_by_waiting_time_and_move_up(runtime: Runtime, clock: FrozenClock) -> None:
    ids = []
    for who in ("v1", "v2", "v3"):
        ids.append(await _waiting(runtime, who))
        clock.move(timedelta(minutes=1))
    person = await _hire(runtime, "one")

    async def places() -> list[int | None]:
        async with runtime.database.read() as session:
            return [await duty.queue_position(session, conversation_id) for conversation_id in ids]

    assert await places() == [1, 2, 3]
    async with runtime.database.write() as session:
        await desk.take(session, ids[0], person, clock.now())
    assert await places() == [None, 1, 2]
    async with runtime.database.read() as session:
        assert await duty.queue_position(session, "no-such-conversation") is None
        assert await duty.outlook(session, ids[2], clock.now()) == duty.Outlook(on_duty=1, position=2)


async def test_what_somebody_gone_holds_waits_again_after_a_while(any_runtime: Runtime, clock: FrozenClock) -> None:
    person = await _hire(any_runtime, "one")
    conversation_id = await _waiting(any_runtime, "v1")
    async with any_runtime.database.write() as session:
        await desk.take(session, conversation_id, person, clock.now())
    for minutes, released in ((9, 0), (1, 1), (1, 0)):
        clock.move(timedelta(minutes=minutes))
        async with any_runtime.database.write() as session:
            assert await duty.release_abandoned(session, clock.now()) == released
    conversation = await _read(any_runtime, conversation_id)
    assert (conversation.owner, conversation.staff_id) == (Owner.WAITING.value, None)
    async with any_runtime.database.read() as session:
        entries = await history.of(session, "conversation", conversation_id)
    assert [(entry.action, entry.actor) for entry in entries][-1] == ("release", "system")


async def test_going_off_duty_and_coming_back_is_history(runtime: Runtime, clock: FrozenClock) -> None:
    person = await _hire(runtime, "one")
    await _go_on_duty(runtime, person)
    await _go_on_duty(runtime, person)
    async with runtime.database.write() as session:
        assert await duty.go_off_duty(session, person.id, clock.now()) == 0
    async with runtime.database.read() as session:
        entries = await history.of(session, "staff", str(person.id))
    assert [entry.action for entry in entries] == ["create", "on_duty", "off_duty"]


async def test_of_ten_who_take_at_once_one_owns_it(any_runtime: Runtime) -> None:
    people = [await _hire(any_runtime, f"p{number}") for number in range(10)]
    conversation_id = await _waiting(any_runtime, "v1")

    async def take(person: Staff) -> int | str:
        try:
            async with any_runtime.database.write() as session:
                await desk.take(session, conversation_id, person, any_runtime.clock.now())
        except DeskRefused as refused:
            return refused.code
        return person.id

    outcomes = await asyncio.gather(*map(take, people))
    conversation = await _read(any_runtime, conversation_id)
    assert sorted(map(str, outcomes)) == sorted([str(conversation.staff_id), *["taken"] * 9])
    assert conversation.last_seq == 2  # the citizen's word and one greeting


async def test_handing_back_and_speaking_at_once_never_speaks_after_the_handing_back(any_runtime: Runtime) -> None:
    person = await _hire(any_runtime, "one")
    conversation_id = await _waiting(any_runtime, "v1")
    now = any_runtime.clock.now()
    async with any_runtime.database.write() as session:
        await desk.take(session, conversation_id, person, now)

    refusals = []

    async def say(number: int) -> None:
        try:
            async with any_runtime.database.write() as session:
                await desk.say(session, conversation_id, person, f"第 {number} 句", str(number), now, texts_from="")
        except DeskRefused as refused:
            refusals.append(refused.code)

    async def hand_back() -> None:
        async with any_runtime.database.write() as session:
            await desk.hand_back(session, conversation_id, person, now)

    await asyncio.gather(*(say(number) for number in range(4)), hand_back(), *(say(number) for number in range(4, 8)))
    async with any_runtime.database.read() as session:
        authors = [m.author for m in await conversations.messages_after(session, conversation_id, 0)]
    assert authors[-1] == "system"
    assert authors.count("system") == 2
    assert authors.count("staff") + len(refusals) == 8
    assert set(refusals) <= {"not_taken"}


async def test_taking_and_going_off_duty_at_once_do_not_block_each_other(any_runtime: Runtime) -> None:
    person = await _hire(any_runtime, "one")
    ids = [await _waiting(any_runtime, f"v{number}") for number in range(4)]
    now = any_runtime.clock.now()

    async def take(conversation_id: str) -> None:
        async with any_runtime.database.write() as session:
            await desk.take(session, conversation_id, person, now)

    async def leave() -> None:
        async with any_runtime.database.write() as session:
            await duty.go_off_duty(session, person.id, now)

    await asyncio.wait_for(asyncio.gather(*map(take, ids), leave(), leave()), timeout=20)


async def test_going_off_duty_waits_for_a_conversation_somebody_works_on_without_holding_them_up(
    any_runtime: Runtime,
) -> None:
    person = await _hire(any_runtime, "one")
    now = any_runtime.clock.now()
    ids = sorted([await _waiting(any_runtime, f"v{number}") for number in range(3)])
    for conversation_id in ids:
        async with any_runtime.database.write() as session:
            await desk.take(session, conversation_id, person, now)

    async def leave() -> int:
        async with any_runtime.database.write() as session:
            return await duty.go_off_duty(session, person.id, now)

    async with any_runtime.database.write() as session:
        last = await conversations.lock(session, ids[-1])
        leaving = asyncio.create_task(leave())
        await asyncio.sleep(0.3)  # long enough to lock what it can get
        await conversations.hand_back(session, last, person.id, now)
    assert await asyncio.wait_for(leaving, 20) == 2
    owners = [(await _read(any_runtime, conversation_id)).owner for conversation_id in ids]
    assert owners == [Owner.WAITING.value, Owner.WAITING.value, Owner.BOT.value]


async def test_coming_on_duty_by_taking_and_a_colleague_going_off_do_not_block_each_other(any_runtime: Runtime) -> None:
    one, other = await _hire(any_runtime, "one"), await _hire(any_runtime, "other")
    now = any_runtime.clock.now()
    conversation_id = await _waiting(any_runtime, "v1")
    async with any_runtime.database.write() as session:
        await desk.take(session, conversation_id, one, now)

    async def leave() -> int:
        async with any_runtime.database.write() as session:
            return await duty.go_off_duty(session, one.id, now)

    async with any_runtime.database.write() as session:  # as desk.take does it, for somebody who was off duty
        await duty.go_on_duty(session, other.id, now)
        leaving = asyncio.create_task(leave())
        await asyncio.sleep(0.3)
        await conversations.lock(session, conversation_id)
    assert await asyncio.wait_for(leaving, 20) == 1


async def test_nobody_takes_more_than_they_can_serve_not_even_with_two_hands_at_once(any_runtime: Runtime) -> None:
    person = await _hire(any_runtime, "one")
    ids = [await _waiting(any_runtime, f"v{number}") for number in range(person.capacity + 3)]
    now = any_runtime.clock.now()

    async def take(conversation_id: str) -> str:
        try:
            async with any_runtime.database.write() as session:
                await desk.take(session, conversation_id, person, now)
        except DeskRefused as refused:
            return refused.code
        return "mine"

    outcomes = await asyncio.gather(*map(take, ids))
    assert sorted(outcomes) == ["full"] * 3 + ["mine"] * person.capacity
    mine, left = ids[outcomes.index("mine")], ids[outcomes.index("full")]
    assert await take(mine) == "mine"  # it is theirs already
    async with any_runtime.database.write() as session:
        await desk.hand_back(session, mine, person, now)
    assert await take(left) == "mine"


async def test_a_danger_is_taken_whatever_one_holds(runtime: Runtime) -> None:
    person = await _hire(runtime, "one")
    ids = [await _waiting(runtime, f"v{number}") for number in range(person.capacity)]
    danger = await _waiting(runtime, "v-danger", reason="danger:fire")
    for conversation_id in [*ids, danger]:
        async with runtime.database.write() as session:
            await desk.take(session, conversation_id, person, runtime.clock.now())
    assert (await _read(runtime, danger)).staff_id == person.id
