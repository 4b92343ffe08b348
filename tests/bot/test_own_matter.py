"""A citizen who tells of their own order again adds to it, however much they say, and files no second one (B5)."""

from __future__ import annotations

from sqlalchemy import select

from backoffice import orders
from backoffice.kinds import Kind
from backoffice.order_fields import REMARK_LIMIT
from backoffice.order_tables import Order, OrderRemark
from backoffice.orders import OrderDraft
from bot.services import Services
from bot.situation import Situation
from core import contacts, conversations
from core.contacts import Sender
from core.runtime import Runtime
from huiyin.preparing import prepare
from knowledge.answering import Answering


async def test_a_report_longer_than_a_remark_is_added_whole_to_the_citizens_own_order(runtime: Runtime) -> None:
    await prepare(runtime)
    now = runtime.clock.now()
    sender = Sender("webchat", "main", "visitor")
    async with runtime.database.write() as session:
        contact = await contacts.find_or_create(session, sender, now)
        talk = await conversations.open_conversation(session, contact, "webchat", "main", now)
        mine = OrderDraft(Kind.COMPLAIN, "工地半夜打桩", "webchat", talk.id, contact.id, reporter_name="王小明")
        number = (await orders.file(session, mine, key="first", now=now)).order.number
    long = "".join(f"第{n}次半夜打桩。" for n in range(REMARK_LIMIT // 5))
    values = {"content": long, "address": "幸福小区8栋", "name": "王小明", "phone": "13800138000"}
    told = Situation(Kind.COMPLAIN, None, values, None, 0, now)
    services = await Services.load(runtime, Answering(runtime))
    filed = await services.file_order(
        told,
        key=f"{talk.id}:1",
        conversation_id=talk.id,
        metadata={"channel": "webchat", "contact_id": contact.id},
        photos=(),
        same_as={"number": number, "own": True},
    )
    async with runtime.database.read() as session:
        assert list(await session.scalars(select(Order.number))) == [number]
        remarks = await session.scalars(select(OrderRemark.text).order_by(OrderRemark.id))
        assert "".join(remarks) == f"{long}\n地点：幸福小区8栋"
    assert filed.number == number
