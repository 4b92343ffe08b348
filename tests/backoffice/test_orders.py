"""The write door: filing; a change is whole or not at all, and happens once (C1, C2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import access, orders
from backoffice.kinds import Kind
from backoffice.order_numbers import FIRST_NUMBER
from backoffice.order_tables import Order, OrderAnswer
from backoffice.orders import CitizenProof
from backoffice.proof import ALPHABET
from backoffice.refusals import BadField, NoSuchOrder, NotAllowed
from backoffice.workflow import Status
from core import history
from core.clock import CHINA
from core.conversations import Message
from core.messages import Reply
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
