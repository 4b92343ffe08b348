"""Whole intakes by text message, through Kannel and the real dialogue core: how many messages they take (A9), and one
that began in a call that broke off (A11)."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice.calls import Ending, Outcome
from backoffice.order_tables import Order
from channels.exchange import Exchange
from channels.voice.leaving import End, store
from channels.voice.link import Announced, Link
from core.clock import FrozenClock
from core.conversations import Conversation
from core.runtime import Runtime
from core.settings import Settings
from huiyin.dialogue import running_engine
from huiyin.preparing import prepare
from tests.channels.sms.conftest import CITIZEN
from tests.fixtures.app import running_app
from tests.fixtures.kannel import Arrived, Kannel, running_kannel, until
from tests.fixtures.model import shared_model_dir

NEIGHBOUR, CALLER = "13900139000", "13700137000"

pytestmark = pytest.mark.xdist_group("engine")


@dataclass
class Line:
    """The whole service with a Kannel before it."""

    kannel: Kannel
    runtime: Runtime
    bot: Exchange

    async def exchange(self, number: str, *texts: str, beside: int = 0) -> list[Arrived]:
        """Texts one after another, each once the one before is answered; gives what the phone of ``number`` got.

        ``beside``: texts it has got before these.
        """
        for n, text in enumerate(texts, beside + 1):
            await self.kannel.text(number, text)

            def answered(wanted: int = n) -> bool:
                return len(self.kannel.arrived(number)) >= wanted

            await until(answered, f"{text} was not answered")
        return self.kannel.arrived(number)


@pytest.fixture
async def line(sms_settings: Settings, clock: FrozenClock, tmp_path: Path) -> AsyncIterator[Line]:
    """云州市 with the real dialogue core, reached by text message."""
    (sms_settings.data_dir / "models").symlink_to(shared_model_dir())
    runtime = Runtime.start(sms_settings, clock)
    await prepare(runtime)
    await runtime.database.close()
    async with running_kannel(tmp_path, sms_settings.resolved_kannel_callback_url) as kannel:
        knowing = sms_settings.model_copy(update={"kannel_send_url": kannel.send_url})
        async with running_app(knowing, clock, make_engine=running_engine) as server:
            yield Line(kannel, server.runtime, server.app.ctx.exchange)


async def test_an_intake_takes_three_messages_each_way_and_two_where_all_is_told_at_once(line: Line) -> None:
    got = await line.exchange(CITIZEN, "幸福小区半夜施工太吵了，没人管", "王小明", "1")
    assert len(got) == 3, "one answer to a text, and none besides"
    assert "怎么称呼" in got[0].words
    assert all(told in got[1].words for told in ("幸福小区", "半夜", "王小明", CITIZEN)), "the sender's number is known"
    number, code = re.findall(r"(?<!\d)\d{8}(?!\d)|(?<![0-9A-Z])[0-9A-Z]{6}(?![0-9A-Z])", got[2].words)[:2]

    once = await line.exchange(NEIGHBOUR, "我要投诉人民路88号的烧烤摊昨天晚上占道经营，我叫张建国", "确认")
    assert len(once) == 2
    assert "张建国" in once[0].words
    assert max(text.parts for text in (*got, *once)) <= 3, "no answer is longer than three short messages"

    async with line.runtime.database.read() as session:
        orders = list(await session.scalars(select(Order).order_by(Order.number)))
        conversations = await session.scalar(select(func.count()).select_from(Conversation))
    assert conversations == 2, "one open conversation per number"
    assert [order.reporter_phone for order in orders] == [CITIZEN, NEIGHBOUR]
    assert (orders[0].number, orders[0].query_code) == (number, code)

    await a_call_that_broke_off_goes_on_by_text(line)


async def a_call_that_broke_off_goes_on_by_text(line: Line) -> None:
    """What was told in the call is in the order that the texts after it lead to."""
    call = Link(line.runtime, line.bot, Announced(str(uuid.uuid4()), "asterisk", CALLER, mobile=True), alone=True)
    await call.open(recording=None)
    await call.tell("我要投诉幸福小区半夜施工噪音太大")
    await line.bot.settled()
    [asked] = (await call.news()).replies
    await store(call, End(Outcome(Ending.HUNG_UP, None, 9, (), {}), line.runtime.clock.now()))
    await until(lambda: line.kannel.arrived(CALLER), "no text after the call")
    [offer] = line.kannel.arrived(CALLER)
    assert "通话断了" in offer.words
    assert asked.text.splitlines()[-1] in offer.words
    assert offer.parts <= 3
    _, likeness, _, last = await line.exchange(CALLER, "王小明", "2", "1", beside=1)
    assert "不是同一件" in likeness.words, "somebody else has reported the same"
    async with line.runtime.database.read() as session:
        order = (await session.scalars(select(Order).order_by(Order.number.desc()))).first()
        assert order is not None
        await session.refresh(order, ["content", "reporter_phone", "reporter_name"])
    assert order.number in last.words
    assert "施工噪音太大" in order.content
    assert (order.channel, order.address, order.happened) == ("sms", "幸福小区", "半夜")
    assert (order.reporter_name, order.reporter_phone) == ("王小明", CALLER)
