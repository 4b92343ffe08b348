"""Demo orders: a believable year that the rules of the house would have allowed."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice import demo, orders
from backoffice.demo_material import read_material, split_result
from backoffice.order_clocks import Timekeeping, events_of, recompute_open
from backoffice.order_fields import CONTENT_LIMIT
from backoffice.order_numbers import FIRST_NUMBER
from backoffice.order_sheet import sheet_for
from backoffice.order_tables import Order, OrderAnswer
from backoffice.pack_problems import CityPackRefused
from backoffice.staff import Staff
from backoffice.workflow import OPEN, Action, Status, Who, move, walk
from core import history
from core.conversations import Message
from core.history import HistoryEntry
from core.runtime import Runtime
from core.settings import ROOT, Settings
from tests.backoffice.conftest import SMALL_CITY, Town, town_of

COUNT = 150


async def load(town: Town, *, seed: int = 1, count: int = COUNT) -> int:
    async with town.runtime.database.write() as session:
        return await demo.load_demo(session, SMALL_CITY, town.clock.now(), seed=seed, count=count)


async def everything(town: Town) -> list[Order]:
    async with town.runtime.database.read() as session:
        return list(await session.scalars(select(Order).order_by(Order.id)))


async def test_every_demo_order_walked_the_table_of_moves_in_time_and_with_the_right_people(any_town: Town) -> None:
    town = any_town
    assert await load(town) == COUNT
    found = await everything(town)
    assert len(found) == COUNT
    assert [order.number for order in found] == [str(FIRST_NUMBER + n) for n in range(COUNT)]
    async with town.runtime.database.read() as session:
        people = {f"staff:{person.id}": person.role.value for person in await session.scalars(select(Staff))}
        assert await history.verify(session, "order") is None
        for order in found:
            entries = await history.of(session, "order", order.number)
            status: Status | None = None
            for entry in entries:
                who = people.get(entry.actor, entry.actor)
                status = move(status, Action(entry.action), Who(who))
                assert entry.data["status"] == status.value
            assert order.status == walk(Action(entry.action) for entry in entries).value  # type: ignore[union-attr]
            assert (order.created_at, order.updated_at) == (entries[0].at, entries[-1].at)
            assert all(earlier.at <= later.at for earlier, later in pairwise(entries))
            assert entries[-1].at <= town.clock.now()


async def test_demo_orders_are_marked_spread_over_a_year_and_of_every_sort(town: Town) -> None:
    await load(town, count=400)
    found = await everything(town)
    assert all(order.demo for order in found)
    assert len({order.query_code for order in found}) == 400
    age = town.clock.now() - found[0].created_at
    assert timedelta(days=355) < age < timedelta(days=366)
    statuses = Counter(order.status for order in found)
    assert statuses[Status.CLOSED.value] > 200
    assert any(statuses[status.value] for status in OPEN)
    assert statuses[Status.PENDING_DISPATCH.value] > 0, "the dispatcher's desk is empty"
    assert len({order.channel for order in found}) >= 3
    assert all(
        order.answered_at is not None for order in found if order.status in (Status.ANSWERED.value, Status.CLOSED.value)
    )
    async with town.runtime.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 0  # nobody is told of them


async def test_their_clocks_are_what_the_history_says(town: Town) -> None:
    await load(town)
    async with town.runtime.database.write() as session:
        assert await recompute_open(session) == 0
    async with town.runtime.database.read() as session:
        keeping = await Timekeeping.load(session)
        for order in await session.scalars(select(Order)):
            entries = await history.of(session, "order", order.number)
            promised = keeping.standing_of(order, events_of(entries)).promised
            assert promised is not None
            assert order.promised_at == promised.due_at


async def test_the_same_seed_and_hour_give_the_same_year(town: Town, tmp_path: Path, migrated_sqlite: Path) -> None:
    async def told(where: Town, seed: int) -> list[object]:
        await load(where, seed=seed)
        found = await everything(where)
        return [
            (o.number, o.query_code, o.status, o.title, o.updated_at, o.reporter_name, o.department_id) for o in found
        ]

    async def elsewhere(seed: int) -> list[object]:
        folder = tmp_path / f"other-{seed}"
        folder.mkdir()
        shutil.copy(migrated_sqlite, folder / "huiyin.db")
        runtime = Runtime.start(Settings(_env_file=None, data_dir=folder, port=0), town.clock)  # type: ignore[call-arg]
        try:
            return await told(await town_of(runtime, town.clock), seed)
        finally:
            await runtime.database.close()

    first = await told(town, 1)
    assert await elsewhere(1) == first
    assert await elsewhere(2) != first


async def test_loading_again_adds_nothing_and_new_orders_go_on_counting(town: Town) -> None:
    assert await load(town) == COUNT
    assert await load(town, seed=2) == 0
    assert (await town.file()).order.number == str(FIRST_NUMBER + COUNT)
    async with town.runtime.database.read() as session:
        assert await history.verify(session, "order") is None


async def test_open_demo_orders_can_be_worked_on(town: Town) -> None:
    await load(town, count=400)
    waiting = next(order for order in await everything(town) if order.status == Status.HANDLING.value)
    async with town.runtime.database.write() as session:
        head = await session.scalar(select(Staff).where(Staff.username == "user1"))
        assert head is not None
        head.role, head.department_id = town.staff["police handler"].role, waiting.department_id
        await session.flush()
        await orders.answer(session, waiting.number, head, town.answer(), now=town.clock.now())
    async with town.runtime.database.read() as session:
        sheet = await sheet_for(session, town.staff["supervisor"], waiting.number, town.clock.now())
    assert sheet.status is Status.ANSWERED
    assert sheet.demo


async def test_progress_is_told_up_to_the_end(town: Town) -> None:
    told: list[tuple[int, int]] = []
    async with town.runtime.database.write() as session:
        await demo.load_demo(
            session, SMALL_CITY, town.clock.now(), count=250, progress=lambda done, total: told.append((done, total))
        )
    assert told == [(100, 250), (200, 250), (250, 250)]


async def test_demo_history_names_people_who_cannot_sign_in(town: Town) -> None:
    await load(town)
    async with town.runtime.database.read() as session:
        actors = set(await session.scalars(select(HistoryEntry.actor).where(HistoryEntry.actor.startswith("staff:"))))
        people = list(await session.scalars(select(Staff).where(Staff.username.startswith("demo-"))))
        answers = await session.scalar(select(func.count()).select_from(OrderAnswer))
    assert actors <= {f"staff:{person.id}" for person in people}
    assert all(not person.active for person in people)
    assert answers


def test_results_are_taken_apart() -> None:
    assert split_result("办理情况：到场检查。办理结果：责令停工。") == ("到场检查。", "责令停工。")
    assert split_result("已电话告知。") == ("已电话告知。", "已答复来电人。")


def test_material_of_the_demo_city_can_be_read_and_filled() -> None:
    material = read_material(ROOT / "cities" / "yunzhou")
    words = dict.fromkeys(("district", "road", "estate", "landmark", "company", "when", "howlong"), "某")
    for matter in material.matters:
        assert matter.templates
        assert matter.results
        for template in matter.templates:
            assert 0 < len(template.format_map(words)) < CONTENT_LIMIT


def test_material_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path
    with pytest.raises(CityPackRefused):
        read_material(folder)
    (folder / "past_orders.yml").write_text(
        (SMALL_CITY / "past_orders.yml").read_text().replace("kind: 投诉", "kind: 闲聊")
    )
    with pytest.raises(CityPackRefused, match="闲聊"):
        read_material(folder)
