"""The same matter reported again: offered, joined, heard of by everybody, told to nobody who has no business with it
(B5, C5)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backoffice import access, duplicates, likeness, orders
from backoffice.duplicates import Alike, Offer
from backoffice.kinds import Kind
from backoffice.likeness import Report
from backoffice.order_list import OrderFilter, list_orders
from backoffice.order_sheet import Reporter, sheet_for, unmask_reporter
from backoffice.order_tables import Order
from backoffice.orders import CitizenProof, OrderDraft
from backoffice.own_orders import open_numbers
from backoffice.refusals import NoSuchOrder, NotAllowed
from core import conversations, history
from tests.backoffice.conftest import Town

SITE = OrderDraft(
    kind=Kind.COMPLAIN,
    content="幸福小区旁边工地噪音太大，半夜打桩睡不着",
    channel="webchat",
    address="幸福小区3栋501",
    reporter_name="欧阳铁蛋",
    reporter_phone="13900001111",
)
AGAIN = "工地夜间施工，工地噪音吵得孩子睡不着"


async def offer(
    town: Town, content: str = AGAIN, address: str | None = "幸福小区", kind: Kind = Kind.COMPLAIN, **changes: Any
) -> Offer | None:
    async with town.runtime.database.read() as session:
        draft = OrderDraft(kind=kind, content=content, channel="webchat", address=address, **changes)
        return await duplicates.offer_for(session, draft, town.clock.now())


async def joined(town: Town, number: str, who: str = "visitor-2", *, key: str = "k", **changes: Any) -> Any:
    draft = replace(SITE, content=f"我也反映，{AGAIN}", reporter_name="李四", reporter_phone="13700002222", **changes)
    draft = replace(draft, **await town.citizen(who))
    async with town.runtime.database.write() as session:
        return await orders.join(session, number, draft, key=key, now=town.clock.now())


async def said_to(town: Town, citizen: dict[str, Any]) -> list[str]:
    async with town.runtime.database.read() as session:
        found = await conversations.messages_after(session, citizen["conversation_id"], 0)
    return [message.text for message in found]


async def test_the_same_matter_at_the_same_place_is_offered_without_a_word_of_who_reported_it(any_town: Town) -> None:
    filed = await any_town.file(SITE)
    found = await offer(any_town)
    assert found == Offer(filed.order.number, "施工噪声", "幸福小区", filed.order.created_at)


async def test_an_invented_order_of_the_demo_is_offered_to_nobody(town: Town) -> None:
    filed = await town.file(SITE)
    assert await offer(town) is not None
    async with town.runtime.database.write() as session:
        await session.execute(update(Order).where(Order.number == filed.order.number).values(demo=True))
    assert await offer(town) is None


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ("垃圾桶满了没人收，臭得很", "幸福小区"),  # same place, other matter
        ("广场舞音响太吵", "幸福小区"),  # same place, another noise
        (AGAIN, "湖边渔村"),  # same matter, other place
        (AGAIN, None),  # nobody says where
        (AGAIN, "幸福小区8栋"),  # another block
    ],
)
async def test_another_matter_or_another_place_is_not_offered(town: Town, content: str, address: str | None) -> None:
    await town.file(SITE)
    assert await offer(town, content, address) is None


async def test_a_place_no_gazetteer_lists_is_told_by_the_address_that_was_taken_down(town: Town) -> None:
    filed = await town.file(SITE, content="澜庭雅筑门口工地半夜打桩，噪音吵得睡不着", address="东区澜庭雅筑小区1期3栋")
    found = await offer(town, address="澜庭雅筑南门")
    assert found is not None
    assert (found.number, found.place) == (filed.order.number, "澜庭雅筑")
    for content, address in (
        (AGAIN, "西区澜庭雅筑"),  # another of that name
        (AGAIN, "澜庭雅筑二期"),
        (AGAIN, "云麓新苑3栋"),
        (AGAIN, "小区门口"),
        ("澜庭雅筑小区垃圾没人收", "澜庭雅筑"),
    ):
        assert await offer(town, content, address) is None, (content, address)


async def test_what_is_weeks_old_secret_or_done_with_is_not_offered(town: Town) -> None:
    number = (await town.file(SITE)).order.number
    town.wait(days=15)
    assert await offer(town) is None
    await town.file(replace(SITE, confidential=True))
    assert await offer(town) is None
    number = (await town.file(SITE)).order.number
    assert (await offer(town)).number == number  # type: ignore[union-attr]
    await town.do(orders.dispatch, number, "dispatcher", "urban")
    await town.answered(number, "urban handler")
    assert await offer(town) is None


async def test_what_happened_at_another_time_is_another_matter_and_at_the_same_time_the_same(town: Town) -> None:
    crash = town.clock.now()
    number = (await town.file(replace(SITE, happened_at=crash))).order.number
    assert await offer(town, happened_at=crash - timedelta(days=21)) is None  # filed on one day, of weeks apart
    assert (await offer(town)).number == number  # type: ignore[union-attr]
    town.wait(days=18)
    assert (await offer(town, happened_at=crash + timedelta(hours=3))).number == number  # type: ignore[union-attr]
    assert await offer(town, happened_at=crash + timedelta(days=17)) is None


async def test_what_is_to_be_kept_secret_and_what_belongs_to_no_place_is_compared_with_nothing(town: Town) -> None:
    await town.file(SITE)
    assert await offer(town, confidential=True) is None
    assert await offer(town, kind=Kind.SUGGEST) is None
    await town.file(replace(SITE, kind=Kind.CONSULT, address="湖边渔村"))
    assert await offer(town, address="湖边渔村") is None


async def test_a_citizens_own_order_is_offered_before_all_others_and_known_as_theirs(any_town: Town) -> None:
    town = any_town
    own = (await town.file(SITE, **await town.citizen("visitor-1"))).order.number
    other = (await town.file(replace(SITE, content=AGAIN))).order.number
    me = (await town.citizen("visitor-1"))["contact_id"]
    found = await offer(town, contact_id=me)
    assert found is not None
    assert (found.number, found.own) == (own, True)
    joiner = (await town.citizen("visitor-2"))["contact_id"]
    await joined(town, other)
    found = await offer(town, contact_id=joiner)
    assert found is not None
    assert (found.number, found.own) == (other, True)
    async with town.runtime.database.read() as session:
        assert await open_numbers(session, joiner) == [other]
        assert await open_numbers(session, None) == []


async def test_a_draft_to_be_kept_secret_joins_nothing(town: Town) -> None:
    number = (await town.file(SITE)).order.number
    with pytest.raises(NotAllowed):
        await joined(town, number, confidential=True)


async def test_every_reporter_hears_the_result_and_finds_the_order_by_a_code_of_their_own(any_town: Town) -> None:
    town = any_town
    first = await town.citizen("visitor-1")
    filed = await town.file(SITE, **first)
    number = filed.order.number
    second = await town.citizen("visitor-2")
    found = await joined(town, number)
    assert found.query_code != filed.query_code
    await town.do(orders.dispatch, number, "dispatcher", "urban")
    await town.answered(number, "urban handler")
    for citizen in (first, second):
        assert any("已责令停工" in text for text in await said_to(town, citizen)), citizen
    async with town.runtime.database.read() as session:
        view = await orders.progress(session, number, CitizenProof(query_code=found.query_code))
        own = await orders.progress(session, number, CitizenProof(contact_id=second["contact_id"]))
        assert await orders.progress(session, number, CitizenProof(query_code="AAAAAA")) is None
    assert view is not None
    assert view == own
    assert view.title.startswith("也反映") or "夜间施工" in view.title
    assert "打桩" not in view.title  # that is what the first one said
    assert all("并入" not in what for _, what in view.timeline)


async def test_joining_twice_is_joining_once(any_town: Town) -> None:
    number = (await any_town.file(SITE)).order.number
    codes = {(await joined(any_town, number, key=key)).query_code for key in ("k", "k", "another")}
    assert len(codes) == 1
    async with any_town.runtime.database.read() as session:
        entries = await history.of(session, "order", number)
    assert [entry.action for entry in entries].count("join") == 1
    assert "13700002222" not in str([entry.data for entry in entries])


async def test_photos_of_who_joins_are_kept_with_the_order(any_town: Town) -> None:
    photos = [{"id": "first"}, {"id": "second"}]
    number = (await any_town.file(replace(SITE, attachments=(photos[0],)))).order.number
    for _ in range(2):
        await joined(any_town, number, attachments=(photos[1],))
    async with any_town.runtime.database.read() as session:
        kept = await session.scalar(select(Order.attachments).where(Order.number == number))
    assert kept == {"files": photos}


async def test_the_reporter_of_an_order_does_not_join_it(town: Town) -> None:
    filed = await town.file(SITE, **await town.citizen("visitor-2"))
    assert (await joined(town, filed.order.number)).query_code == filed.query_code


async def test_what_is_answered_or_secret_cannot_be_joined(town: Town) -> None:
    number = (await town.file(SITE)).order.number
    await town.do(orders.dispatch, number, "dispatcher", "urban")
    await town.answered(number, "urban handler")
    secret = (await town.file(replace(SITE, confidential=True))).order.number
    for closed in (number, secret):
        with pytest.raises(NotAllowed):
            await joined(town, closed, key=closed)


async def test_who_joined_takes_back_only_their_own_report_and_then_hears_no_more(town: Town) -> None:
    first = await town.citizen("visitor-1")
    number = (await town.file(SITE, **first)).order.number
    standing = (await town.order(number)).status
    second = await town.citizen("visitor-2")
    await joined(town, number)
    now = town.clock.now()
    async with town.runtime.database.write() as session:
        with pytest.raises(NotAllowed, match="还有其他市民"):
            await orders.withdraw(session, number, CitizenProof(contact_id=first["contact_id"]), key="a", now=now)
    async with town.runtime.database.write() as session:
        with pytest.raises(NotAllowed, match="还有其他市民"):
            await orders.withdraw(session, number, town.staff["dispatcher"], reason="市民要求", key="s", now=now)
    async with town.runtime.database.write() as session:
        await orders.withdraw(session, number, CitizenProof(contact_id=second["contact_id"]), key="b", now=now)
    async with town.runtime.database.write() as session:  # said again after a restart: done, and once
        await orders.withdraw(session, number, CitizenProof(contact_id=second["contact_id"]), key="b", now=now)
        view = await orders.progress(session, number, CitizenProof(contact_id=second["contact_id"]))
        assert [entry.action for entry in await history.of(session, "order", number)].count("leave") == 1
    assert view is not None
    assert (view.status, view.answer, len(view.timeline)) == ("已撤回", None, 2)
    assert (await town.order(number)).status == standing
    before = await said_to(town, second)
    async with town.runtime.database.write() as session:
        with pytest.raises(NoSuchOrder):
            await orders.urge(session, number, CitizenProof(contact_id=second["contact_id"]), key="c", now=now)
    async with town.runtime.database.write() as session:
        await orders.withdraw(session, number, CitizenProof(contact_id=first["contact_id"]), key="d", now=now)
    assert await said_to(town, second) == before


async def test_dispatchers_see_what_is_alike_and_nobody_sees_orders_out_of_scope(town: Town) -> None:
    first, second = (await town.file(SITE)).order, (await town.file(replace(SITE, content=AGAIN))).order
    async with town.runtime.database.read() as session:
        order = await access.order_for(session, town.staff["dispatcher"], second.number)
        seen: list[Alike] = await duplicates.alike(session, town.staff["dispatcher"], order)
        hidden = await duplicates.alike(session, town.staff["west handler"], order)
    assert [other.number for other in seen] == [first.number]
    assert seen[0].percent >= 30
    assert hidden == []


async def test_where_when_and_whom_a_joiner_names_is_kept_with_the_order_as_they_said_it(any_town: Town) -> None:
    town = any_town
    number = (await town.file(SITE)).order.number
    said = {
        "content": "工地又开工了，工头13655556666",
        "address": "幸福小区8栋",
        "happened": "昨晚两点",
        "target": "宏远建设",
    }
    draft = replace(SITE, **said, **await town.citizen("visitor-2"))
    async with town.runtime.database.write() as session:
        await orders.join(session, number, draft, key="k", now=town.clock.now())
        sheet = await sheet_for(session, town.staff["dispatcher"], number, town.clock.now())
    assert (
        sheet.steps[-1].remark == "工地又开工了，工头13655556666\n地点：幸福小区8栋\n时间：昨晚两点\n反映对象：宏远建设"
    )


async def test_a_long_report_is_added_to_the_citizens_own_order_whole_and_once(any_town: Town) -> None:
    town = any_town
    me = await town.citizen("visitor-1")
    number = (await town.file(SITE, **me)).order.number
    long = "".join(f"第{n}次半夜打桩。" for n in range(500))
    draft = replace(SITE, content=long, address="幸福小区8栋", attachments=({"id": "photo"},), **me)
    proof = CitizenProof(contact_id=me["contact_id"])
    for _ in range(2):
        async with town.runtime.database.write() as session:
            await orders.add_report(session, number, proof, draft, key="k", now=town.clock.now())
    async with town.runtime.database.read() as session:
        sheet = await sheet_for(session, town.staff["dispatcher"], number, town.clock.now())
    added = "".join(step.remark or "" for step in sheet.steps if step.action == "supplement")
    assert added == f"{long}\n地点：幸福小区8栋"
    assert sheet.attachments == ({"id": "photo"},)


async def test_staff_see_masked_who_joined_find_the_order_by_their_number_and_looking_is_written_down(
    any_town: Town,
) -> None:
    town = any_town
    number = (await town.file(SITE)).order.number
    await joined(town, number)
    now, dispatcher = town.clock.now(), town.staff["dispatcher"]
    async with town.runtime.database.write() as session:
        masked = (await sheet_for(session, dispatcher, number, now)).reporter
        full = await unmask_reporter(session, dispatcher, number, now)
        assert [entry.action for entry in await history.of(session, "order", number)][-1] == "unmask"
        found = await list_orders(session, dispatcher, OrderFilter(text="137 0000 2222"), now)
        others = await list_orders(session, town.staff["west handler"], OrderFilter(text="13700002222"), now)
    assert masked is not None
    assert masked.others == (Reporter("李*", "137****2222"),)
    assert full.others == (Reporter("李四", "13700002222"),)
    assert [row.number for row in found.rows] == [number]
    assert others.total == 0


async def test_the_timeline_of_who_joined_begins_with_their_joining_and_tells_only_their_own_deeds(
    any_town: Town,
) -> None:
    town = any_town
    first = await town.citizen("visitor-1")
    number = (await town.file(SITE, **first)).order.number
    filed_at = town.clock.now()
    town.wait(minutes=7)
    second = await town.citizen("visitor-2")
    await joined(town, number)
    joined_at = town.clock.now()
    town.wait(minutes=5)
    proofs = [CitizenProof(contact_id=who["contact_id"]) for who in (first, second)]
    async with town.runtime.database.write() as session:
        await orders.urge(session, number, proofs[0], key="u", now=town.clock.now())
    town.wait(minutes=5)
    async with town.runtime.database.write() as session:
        await orders.supplement(session, number, proofs[1], "昨晚又打桩", key="s", now=town.clock.now())
    async with town.runtime.database.read() as session:
        views = [await orders.progress(session, number, proof) for proof in proofs]
    mine, theirs = (view for view in views if view is not None)
    assert (mine.created_at, theirs.created_at) == (filed_at, joined_at)
    assert theirs.timeline[0] == (joined_at, "您的诉求已受理登记")
    assert all(at >= joined_at for at, _ in theirs.timeline)
    assert [what for _, what in theirs.timeline if what.startswith("已")] == ["已补充情况"]
    words = [what for _, what in mine.timeline]
    assert "已催办" in words
    assert "已补充情况" not in words


async def test_orders_are_compared_beside_the_loop_and_only_at_the_same_place(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.file(SITE)
    threads: list[int] = []
    compare = likeness.matter_likeness

    def noted(one: Report, other: Report) -> float:
        threads.append(threading.get_ident())
        return compare(one, other)

    monkeypatch.setattr(likeness, "matter_likeness", noted)
    assert await offer(town) is not None
    assert threads
    assert threading.get_ident() not in threads
    threads.clear()
    here = Report("噪音", frozenset({"甲"}), frozenset(), frozenset(), (), town.clock.now())
    assert likeness.likeness(here, replace(here, sites=frozenset({"乙"}))) == 0.0
    assert threads == []
