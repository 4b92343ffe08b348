"""A second city, told apart from the demo's by its pack alone: its name, its places, its numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from core.clock import FrozenClock
from huiyin.dialogues import Player
from tests.fixtures.second_city import SMALL_CITY, talking_in
from tests.fixtures.talking import Talking

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("engine")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talking]:
    clock = FrozenClock(datetime(2026, 11, 21, 10, 0))
    async with talking_in(SMALL_CITY, tmp_path_factory.mktemp("second"), clock) as started:
        yield started


async def _said(service: Talking, *turns: str) -> list[dict[str, Any]]:
    record = await Player(service.runtime, service.exchange).play({"id": turns[0], "turns": list(turns)})
    assert record.errors == []
    return [reply for exchange in record.exchanges for reply in exchange["replies"]]


async def test_it_greets_by_its_own_name(service: Talking) -> None:
    (greeting,) = await _said(service, "你好")
    assert "这里是小城市 12345 热线" in greeting["text"]


async def test_a_number_it_did_not_tell_is_not_spoken_of(service: Talking) -> None:
    alarm, over = await _said(service, "家里煤气漏了一屋子味儿", "关了阀门，没事了")
    assert (alarm["card"], "{" in alarm["text"], "None" in alarm["text"]) == ("danger", False, False)
    assert "到室外再拨打 119。" in alarm["text"]
    assert "等燃气公司检查过再用" in over["text"]


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("我在海南这边的小区停水三天了，没人管", False),
        ("我在海南这边的小区停水了", False),
        ("投诉海南移动乱扣费", False),
        ("我在三亚这边的小区停水三天了", True),
    ],
)
async def test_its_own_province_is_not_elsewhere(service: Talking, said: str, refused: bool) -> None:
    reply = (await _said(service, said))[-1]
    assert ("这件事不在小城市" in reply["text"]) is refused, reply


async def test_a_matter_is_filed_with_its_own_places(service: Talking) -> None:
    answers = {"time": "昨天", "name": "王小明", "phone": "13800138000"}
    talk = {"id": "filed", "opening": "平安小区停水了，我要投诉", "answers": answers}
    record = await Player(service.runtime, service.exchange).play(talk)
    assert record.order is not None
    assert record.order["fields"]["address"] == "平安小区"
    assert record.order["department"] == "water"
